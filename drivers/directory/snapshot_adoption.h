// An existing directory becomes a snapshot of a share with one replica, and a snapshot becomes a
// directory of the operator's own. Both may be repeated after a crash at any point, and no step
// removes the only copy. One thread.
#pragma once

#include <string>

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

// The directory is moved, not copied: a real one, on the controller's file system, that nothing
// else has a hand in.
Answer<SnapshotTaken> manage_snapshot(const Call& call, SnapshotId id, const std::string& path);

// It lies at <root>/unmanaged/<id> afterwards, without seals, and shares no inode with anything.
Answer<Unmanaged> unmanage_snapshot(const Call& call, SnapshotId id);

}  // namespace pasig::drivers::directory
