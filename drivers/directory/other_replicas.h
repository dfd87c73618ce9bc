// What the replicas beside the two sides of a change hold, looked at without their locks: which
// of them is open already, newer, or ahead of the base that is chosen. One that does not answer
// says nothing. One thread.
#pragma once

#include <vector>

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

// stale_token where storage is ahead of the log: another change passed its point of no return.
Answer<void> refuse_other_open(const Call& call, const ActiveChangeRequest& request);

// A forced change opens the newest copy in reach, unless the older one is accepted.
Answer<void> refuse_older(const Call& call, const ActiveChangeRequest& request,
                          const ReplicaPlace& chosen);

// Replicas that had synced later than the base from the old line.
std::vector<ReplicaId> find_diverged(const Call& call, const ActiveChangeRequest& request,
                                     const Manifest& base);

}  // namespace pasig::drivers::directory
