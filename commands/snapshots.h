// What the decisions about snapshots share: which one is meant, what a look at a replica says of
// its copies, what a change of replicas does to them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "commands/operations.h"

namespace pasig {

// "snapshot 1234 (nightly) of share 5678".
[[nodiscard]] std::string in_words(const SnapshotOfShare& place);

// The type may forbid snapshots, shares made of them, and going back to them by these specs.
[[nodiscard]] Allowed is_supported(const Share& share, const std::string& spec,
                                   const std::string& to_do);

// Takes snapshots and deletes them: the active replica; of a writable share, where all are, the
// one with the lowest id among those that work.
[[nodiscard]] const Replica* snapshot_taker(const Share& share);

// A new share of a snapshot is made where a complete copy lies, when there is room; else on
// another pool of the same driver, which reads the snapshot from there.
[[nodiscard]] Placement place_near(const PlacementRequest& request,
                                   const std::vector<PoolReport>& pools, const Share& source,
                                   SnapshotId snapshot);

// When a required copy has to be there: counted anew from the moment it was really taken, if it
// had to wait for its turn. Unset: it is not taken yet, and nobody can have a copy.
[[nodiscard]] Time copy_deadline(const Snapshot& snapshot);

// Snapshots that are available as a whole and on the active replica, but not on this one: while
// there is one, it is not in sync (replication.md 6).
[[nodiscard]] std::vector<SnapshotId> missing_snapshots(const Share& share, ReplicaId replica);
[[nodiscard]] std::string missing_in_words(const std::vector<SnapshotId>& missing);

// What one look found of the snapshots on one replica.
struct SnapshotsSeen {
  ReplicaId replica;
  std::vector<SnapshotId> held;     // of which a complete copy is there
  std::vector<SnapshotId> missing;  // that the log had there, or that were to go, and that are not
};
// Copies that came, were lost, or are gone; and the snapshots that go with their last copy.
[[nodiscard]] Events copies_seen(ReadView& view, const Share& share, const SnapshotsSeen& seen);
// Snapshots that would be lost with this replica: nobody else holds a complete copy.
[[nodiscard]] std::vector<const Snapshot*> only_copies(const Share& share, ReplicaId replica);
// A replica goes with its copies: snapshots that end by it, and those that nobody holds any more.
[[nodiscard]] Events copies_gone(ReadView& view, const Share& share, ReplicaId replica);

// The share as it is after these events.
[[nodiscard]] Share after(const Share& share, const Events& events, const Surroundings& now);
// Adds that replicas fell out of sync which lack a snapshot that these events make available.
void add_out_of_step(Events& events, const Share& share, const Surroundings& now);

// ---- promotion -------------------------------------------------------------------------------
// Operations that give way to a change of the active replica, and are done after it.
[[nodiscard]] bool comes_after_a_change(OperationKind kind);
// Whether an operation that ends undone is to be done after the change of the active replica that
// made it give way, instead of having failed.
[[nodiscard]] bool is_put_off(const Share& share, const PendingOperation& operation);
// What not_done says, unless it is put off.
[[nodiscard]] Events undone(const Share& share, const PendingOperation& operation,
                            const Failure& failure);
// The change is over, done or not, and `active` is the active replica: what was put off is asked
// for again there. `ended`: the change's operation; of any other one nothing follows.
[[nodiscard]] Events taken_up_again(ReadView& view, const Surroundings& now, const Share& share,
                                    const PendingOperation& ended, const Replica* active);

}  // namespace pasig
