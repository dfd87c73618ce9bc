// A tree with a snapshot's content that may be written to: it shares no inode with the snapshot,
// is equal to its manifest, and is durable before it gets its name. The caller holds the replica
// that gets it. One thread per replica.
#pragma once

#include "drivers/directory/snapshot_copies.h"

namespace pasig::drivers::directory {

// In staging; answers where. Cloned or copied where the holder lies on the same controller, else
// brought by rsync. no_space before anything is copied.
Answer<std::string> copy_of(const Call& call, HeldReplica& held, const SnapshotHolder& holder);
// Moves it to its place; nothing of it stays in staging.
Answer<void> move_staged(const std::string& tree, const std::string& to);

// As <replica>/prepared.
Answer<void> prepare_from(const Call& call, HeldReplica& held, const SnapshotHolder& holder);

// The same from whichever replica of the source's share holds the snapshot, one on the same
// controller first.
Answer<void> prepare_from_any(const Call& call, HeldReplica& held, const SnapshotSource& source);

}  // namespace pasig::drivers::directory
