// Which other replicas hold a good copy of what is damaged on this one: it is read there, and
// compared with their own manifests. One that cannot be read says nothing. One thread.
#pragma once

#include <vector>

#include "drivers/directory/tree_repair.h"

namespace pasig::drivers::directory {

// Of everything in `broken` that is not repaired.
std::vector<ReplicaId> find_good_copies(const Call& call, ReplicaId damaged,
                                        const std::vector<BrokenTree>& broken);

}  // namespace pasig::drivers::directory
