// The new live tree of a replica that is to become active: made from its newest frozen
// generation before the switch, and opened after it. The caller holds the replica. One thread.
#pragma once

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

// Makes `prepared` from the newest generation and keeps its manifest as the base of the epoch.
Answer<Manifest> prepare_live(const Call& call, HeldReplica& held, std::uint64_t epoch);

}  // namespace pasig::drivers::directory
