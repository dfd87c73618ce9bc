// Taking and deleting snapshots (replication 6). Taken once, on the active replica, from a frozen
// tree; the others get their copies when they are synced (snapshot_copies.h). Both calls may be
// delivered again after a crash at any point. One thread.
#pragma once

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

Answer<SnapshotTaken> create_snapshot(const Call& call, SnapshotId id);
Answer<SnapshotDeleted> delete_snapshot(const Call& call, SnapshotId id);

// The active replica of a share that has one.
Answer<const ReplicaRef*> active_of(const ShareRef& share);

// Makes `tree` from a frozen one of the same replica, by hard links to its files.
struct LinkedTree {
  std::string frozen;
  const Manifest& manifest;  // of it
  std::string tree;
};
Answer<void> link_frozen(const Call& call, const HeldReplica& held, const LinkedTree& wanted);

}  // namespace pasig::drivers::directory
