// Reads everything that is kept of one replica and holds it against its manifests. Damage on a
// secondary is repaired from another replica's good copy, else by a fresh sync. On the active one
// nothing is overwritten: who holds good copies is told, and what is damaged is no longer shared
// with new generations. The replica's lock is held for repairs only, so that a scrub of days
// stands in nobody's way. One thread per replica.
#pragma once

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

Answer<Scrubbed> scrub(const Call& call, const ReplicaRef& replica);

}  // namespace pasig::drivers::directory
