// Freezes the live tree of an active replica into a new generation: a complete tree that
// shares no inode with live, with its manifest, and how it relates to the writes that went on
// meanwhile. When nothing changed, the last generation is confirmed instead, as of now. The
// caller holds the replica. One thread per replica.
#pragma once

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

Answer<Manifest> freeze(const Call& call, HeldReplica& held, bool behind_fence);

}  // namespace pasig::drivers::directory
