// When a secondary counts as in sync (replication.md 3), and how often that may change: worse
// is told at once, better at most once a minute, so that a replica on the edge does not fill
// the log. Pure.
#pragma once

#include <string>

#include "commands/guards.h"

namespace pasig {

// A complete, verified copy as of a known moment that is not older than the RPO.
[[nodiscard]] bool is_fresh(const Surroundings& now, const Share& share, Time data_as_of);

// Whether the log already says that it is out of sync for this reason.
[[nodiscard]] bool says(const Replica& replica, OutOfSyncReason reason);

// Whether its state changed so lately, and for a reason that comes and goes, that a change to
// the better (or another reason) has to wait.
[[nodiscard]] bool has_to_settle(const Surroundings& now, const Replica& replica);

// The fact that it fell out of sync, or nothing: it is not in a state to, or it is known.
[[nodiscard]] Events fell_out_of_sync(const Surroundings& now, const ReplicaOfShare& place,
                                      const ReplicaFellOutOfSync& fact);

}  // namespace pasig
