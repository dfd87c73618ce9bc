// The share's content becomes a snapshot's again (replication 6). On the active replica a new live
// tree is made beside the old one, and one step puts it in its place: a crash leaves the one or the
// other exported. What clients wrote since, and what they still write through files that they have
// open, is gone. The others get the new generation from their own copies of the snapshot. May be
// delivered again after a crash at any point: a tree that was put in place stays, with what was
// written to it. One thread.
#pragma once

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

Answer<Reverted> revert(const Call& call, SnapshotId id);

}  // namespace pasig::drivers::directory
