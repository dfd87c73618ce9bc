// One sync: freeze the active replica, bring that generation to a secondary, verify it there.
// The active's lock is held for the freeze only, so that several secondaries copy side by
// side. One thread per replica.
#pragma once

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

Answer<Copy> sync(const Call& call, const ReplicaRef& replica);

}  // namespace pasig::drivers::directory
