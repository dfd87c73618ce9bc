// Another size for the share, on every replica. A limit, where the file system has one, lies on the
// active replica's live tree; a secondary gets it when it becomes active, so that here it only has
// to be there, be its own and have the room, or hold no more than the new size. May be repeated
// after a crash at any point. One thread.
#pragma once

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

// Secondaries first. Fails when the active one cannot grow; what a secondary lacks is in its
// answer.
Answer<Resized> extend(const Call& call, std::uint64_t new_size_gb);

// The active one first. too_small, and nothing changed, when a replica that answers holds more.
Answer<Resized> shrink(const Call& call, std::uint64_t new_size_gb);

}  // namespace pasig::drivers::directory
