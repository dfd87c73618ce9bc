// Snapshots of trees in memory: taken on the active replica, brought to the others by their
// syncs, gone where they are to go.
#include <algorithm>

#include "base/digest.h"
#include "drivers/simulated/calls.h"

namespace pasig::drivers::simulated {
namespace {

bool is_damaged(const StoredReplica& replica, std::optional<SnapshotId> snapshot) {
  return std::ranges::any_of(replica.damaged,
                             [&](const StoredDamage& one) { return one.snapshot == snapshot; });
}

void forget_damage(StoredReplica& replica, std::optional<SnapshotId> snapshot) {
  std::erase_if(replica.damaged, [&](const StoredDamage& one) { return one.snapshot == snapshot; });
}

void drop(StoredReplica& replica, SnapshotId snapshot) {
  replica.snapshots.erase(snapshot);
  forget_damage(replica, snapshot);
}

CallFailure damaged_source(const StoredReplica& replica, SnapshotId snapshot) {
  return failure(Problem::not_verified, replica.controller,
                 "snapshot " + to_string(snapshot) + " is damaged on " + replica.controller,
                 "verify the replica: it is repaired where there is a good copy");
}

}  // namespace

SnapshotTaken SimulatedDriver::take(const Tree& tree) const {
  return {.digest = sha256(tree.digest).hex(),
          .files = tree.version,
          .bytes = tree.bytes,
          .taken_at = clock_.now(),
          .consistency = CopyConsistency::atomic};
}

void SimulatedDriver::drop_deleted(const ShareRef& share, StoredReplica& replica) {
  for (const SnapshotRef& one : share.snapshots)
    if (one.is_deleting) drop(replica, one.id);
}

const StoredSnapshot* SimulatedDriver::find_whole(const ShareRef& share,
                                                  const SnapshotRef& wanted) const {
  const StoredSnapshot* found = nullptr;
  for (const ReplicaRef& one : share.replicas) {
    const auto stored = world_->replicas_.find(one.id);
    if (stored == world_->replicas_.end() || !reach(one.controller)) continue;
    const auto held = stored->second.snapshots.find(wanted.id);
    // What cannot be verified is not copied: then it is not told as held either.
    if (held == stored->second.snapshots.end() || held->second.taken.digest != wanted.digest ||
        is_damaged(stored->second, wanted.id))
      continue;
    if (found == nullptr || one.role == Role::active) found = &held->second;
  }
  return found;
}

void SimulatedDriver::bring_snapshots(const ShareRef& share, StoredReplica& target) const {
  for (const SnapshotRef& one : share.snapshots) {
    if (one.is_deleting || one.digest.empty()) continue;
    const auto held = target.snapshots.find(one.id);
    if (held != target.snapshots.end() && held->second.taken.digest == one.digest) continue;
    const StoredSnapshot* whole = find_whole(share, one);
    if (whole == nullptr) continue;
    target.snapshots[one.id] = {.tree = whole->tree, .taken = whole->taken, .path = {}};
  }
}

std::vector<SnapshotId> SimulatedDriver::snapshots_on(const ShareRef& share,
                                                      const StoredReplica& replica) {
  std::vector<SnapshotId> held;
  for (const SnapshotRef& one : share.snapshots)
    if (replica.snapshots.contains(one.id)) held.push_back(one.id);
  for (const auto& [id, one] : replica.snapshots)
    if (std::ranges::find(held, id) == held.end()) held.push_back(id);
  return held;
}

Answer<SnapshotTaken> SimulatedDriver::take_snapshot(const ShareRef& share, SnapshotId snapshot,
                                                     const CallContext& call) {
  // Where all are active the log names the one that has it.
  if (share.active() != nullptr) PASIG_CHECK(reach(share.active()->controller));
  PASIG_TRY(StoredReplica * active, active_for(share, call));
  for (const SnapshotRef& one : share.snapshots)
    if (one.id == snapshot && one.is_deleting)
      return tl::unexpected(failure(Problem::stale_token, active->controller,
                                    "snapshot " + to_string(snapshot) + " is being deleted",
                                    "nothing to do: the deletion goes on"));
  const auto held = active->snapshots.find(snapshot);
  if (held != active->snapshots.end()) return held->second.taken;
  const StoredSnapshot taken{.tree = active->live, .taken = take(active->live)};
  active->snapshots[snapshot] = taken;
  return taken.taken;
}

Answer<SnapshotDeleted> SimulatedDriver::drop_snapshot(const ShareRef& share, SnapshotId snapshot,
                                                       const CallContext& call) {
  PASIG_CHECK(refuse_stale(share, call));
  SnapshotDeleted deleted;
  for (const ReplicaRef& one : share.replicas) {
    if (one.controller.empty()) continue;  // never placed
    if (one.is_new && !world_->replicas_.contains(one.id) && reach(one.controller)) {
      deleted.replicas.push_back({.replica = one.id, .failure = {}});
      continue;
    }
    const auto found = visit(share, one, call, k_delete_snapshot);
    if (found) drop(**found, snapshot);
    deleted.replicas.push_back(answer_of(one, found));
  }
  PASIG_CHECK(refuse_none_reached(deleted.replicas));
  return deleted;
}

Answer<void> SimulatedDriver::go_back_on(StoredReplica& replica, SnapshotId snapshot,
                                         const StoredReplica& active) {
  // Delivered again, or synced since.
  if (replica.copied.position >= active.reverted.tree.position) return {};
  if (!replica.snapshots.contains(snapshot))
    return tl::unexpected(failure(Problem::failed, replica.controller,
                                  "it does not hold snapshot " + to_string(snapshot),
                                  "its next sync brings the content"));
  if (is_damaged(replica, snapshot)) return tl::unexpected(damaged_source(replica, snapshot));
  replica.latest = active.reverted.base;
  replica.copied = active.reverted.tree;
  replica.latest_epoch = active.epoch;
  if (replica.role == Role::active) replica.live = replica.copied;
  forget_damage(replica, std::nullopt);
  return {};
}

Answer<Reverted> SimulatedDriver::go_back(const ShareRef& share, SnapshotId snapshot,
                                          const CallContext& call) {
  PASIG_TRY(const ReplicaRef* ref_of_active, active_of(share));
  PASIG_CHECK(reach(ref_of_active->controller));
  PASIG_CHECK(refuse_stale(share, call));
  PASIG_CHECK(follow_script(k_revert, ref_of_active->controller));
  PASIG_TRY(StoredReplica * active, active_for(share, call));
  const bool is_again = !call.operation.is_nil() && active->reverted.by == call.operation;
  if (!is_again) {
    bring_snapshots(share, *active);  // after a forced change only another replica may have it
    const auto held = active->snapshots.find(snapshot);
    if (held == active->snapshots.end())
      return tl::unexpected(
          failure(Problem::failed, active->controller,
                  "no replica in reach holds a complete copy of snapshot " + to_string(snapshot),
                  "nothing was changed; try again when the replica that has it "
                  "answers"));
    if (is_damaged(*active, snapshot)) return tl::unexpected(damaged_source(*active, snapshot));
    const std::uint64_t position = std::max(active->live.position, active->copied.position) + 1;
    active->live = held->second.tree;
    active->live.position = position;
    forget_damage(*active, std::nullopt);
    const Copy base = freeze(share, *active);
    active->reverted = {.by = call.operation, .base = base, .tree = active->live};
  }
  Reverted done{.base = active->reverted.base, .replicas = {}};
  for (const ReplicaRef& one : share.replicas) {
    if (one.id == ref_of_active->id || one.controller.empty()) continue;
    const auto reached = visit(share, one, call, k_revert).and_then([&](StoredReplica* replica) {
      return go_back_on(*replica, snapshot, *active);
    });
    done.replicas.push_back(answer_of(one, reached));
  }
  return done;
}

Answer<StoredSnapshot> SimulatedDriver::find_source(const SnapshotSource& source) const {
  CallFailure why = failure(Problem::failed, {},
                            "no replica of share " + to_string(source.share.id) +
                                " holds snapshot " + to_string(source.snapshot));
  for (const ReplicaRef& one : source.share.replicas) {
    if (auto reached = reach(one.controller); !reached) {
      why = std::move(reached).error();
      continue;
    }
    const auto found = world_->replicas_.find(one.id);
    if (found == world_->replicas_.end()) continue;
    const auto held = found->second.snapshots.find(source.snapshot);
    if (held == found->second.snapshots.end()) continue;
    if (!is_damaged(found->second, source.snapshot)) return held->second;
    why = damaged_source(found->second, source.snapshot);
  }
  return tl::unexpected(std::move(why));
}

Answer<Created> SimulatedDriver::create_from(const ShareRef& share, ReplicaId replica,
                                             const SnapshotSource& source,
                                             const CallContext& call) {
  PASIG_TRY(const ReplicaRef* known, ref(share, replica));
  const auto made = world_->replicas_.find(replica);
  const bool is_again = made != world_->replicas_.end() && made->second.role != Role::none;
  Tree content;
  if (!is_again) {
    PASIG_TRY(const StoredSnapshot found, find_source(source));
    content = found.tree;
  }
  PASIG_TRY(Created created, create(share, known->id, call));
  if (!is_again) world_->replicas_.at(replica).live = std::move(content);
  return created;
}

}  // namespace pasig::drivers::simulated
