// Freezes the live tree of an active replica into a new generation: a complete tree that
// shares no inode with live, with its manifest, and how it relates to the writes that went on
// meanwhile. When nothing changed, the last generation is confirmed instead, as of now. The
// caller holds the replica. One thread per replica.
#pragma once

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

Answer<Manifest> freeze(const Call& call, HeldReplica& held, bool behind_fence);

// no_space when the freeze behind a fence would be refused for want of room. Changes nothing.
Answer<void> check_room_behind_fence(const Call& call, HeldReplica& held);

}  // namespace pasig::drivers::directory
