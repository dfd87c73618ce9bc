// Copies of the share's snapshots: every replica has each of them, from whichever replica holds
// it. A copy is taken over only when it is what the log's digest says. Where nobody in reach holds
// a good one, the snapshot is left out: the lists of the complete ones tell. One thread per
// replica.
#pragma once

#include "drivers/directory/snapshot_store.h"

namespace pasig::drivers::directory {

// A replica in reach that holds the snapshot.
struct SnapshotHolder {
  Side side;
  StoredSnapshot snapshot;
};

// The active replica first, then those that took it by the log, then the others; never `besides`.
std::vector<SnapshotHolder> holders_of(const Call& call, const SnapshotRef& snapshot,
                                       ReplicaId besides);

// Oldest first, all that the held replica lacks; those that are being deleted are removed.
Answer<void> bring_snapshots(const Call& call, HeldReplica& held);

// The active replica lacks what was taken on another one and did not get to it before a forced
// change. It is brought when that other side is synced, after the sync itself, whose success it
// does not touch: where it fails (no room), the next sync tries again, and until then the active
// replica does not list it.
void bring_back_snapshots(const Call& call, const ReplicaRef& active, const Side& side);

}  // namespace pasig::drivers::directory
