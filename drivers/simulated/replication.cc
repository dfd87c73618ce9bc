#include <algorithm>

#include "drivers/simulated/calls.h"

namespace pasig::drivers::simulated {
namespace {

FenceReport closed() {
  return {.enforced = true, .kind = "simulated", .words = "no client can write"};
}

}  // namespace

Copy SimulatedDriver::freeze(const ShareRef& share, StoredReplica& active) {
  const bool is_same = active.latest && active.copied.position == active.live.position;
  std::uint64_t& counter = world_->generations_[share.id];
  for (const ReplicaRef& one : share.replicas) counter = std::max(counter, one.generation);
  const std::uint64_t generation = is_same ? active.latest->generation : ++counter;
  active.latest = Copy{.generation = generation,
                       .data_as_of = clock_.now(),
                       .consistency = CopyConsistency::atomic,
                       .files = active.live.version,
                       .bytes = active.live.bytes};
  if (!is_same) active.latest_epoch = active.epoch;
  active.copied = active.live;
  return *active.latest;
}

void SimulatedDriver::receive(StoredReplica& target, const StoredReplica& source,
                              const Copy& copy) {
  target.latest = copy;
  target.copied = source.copied;
  target.latest_epoch = source.latest_epoch;
}

// Fences a side that storage has as active while the log moved on; keeps its own writes aside.
Answer<std::optional<FenceReport>> SimulatedDriver::settle(const ShareRef& share, ReplicaId id,
                                                           StoredReplica& replica,
                                                           std::vector<Aside>& aside) {
  std::optional<FenceReport> fenced;
  if (share.replication == Replication::writable || replica.epoch >= share.epoch) return fenced;
  if (replica.role == Role::active) {
    fenced = closed();
    replica.is_open = false;
    replica.role = Role::secondary;
  }
  std::uint64_t ahead = 0;
  for (const ReplicaRef& other : share.replicas) {
    const auto found = world_->replicas_.find(other.id);
    if (found == world_->replicas_.end() || found->second.role != Role::active) continue;
    if (found->second.epoch < share.epoch) continue;  // was active; nobody could tell it yet
    const std::uint64_t mine = std::max(replica.live.position, replica.copied.position);
    if (mine > found->second.base_position) ahead = mine - found->second.base_position;
  }
  if (ahead > 0) {
    Aside kept{.replica = id,
               .controller = replica.controller,
               .path = export_of(replica, id) + "/aside/epoch" + std::to_string(replica.epoch),
               .files = ahead,
               .bytes = ahead,
               .epoch = replica.epoch};
    world_->aside_.push_back(kept);
    aside.push_back(std::move(kept));
    replica.latest.reset();
    replica.copied = {};
  }
  replica.live = {};
  replica.epoch = share.epoch;
  return fenced;
}

Answer<Copy> SimulatedDriver::sync(const ShareRef& share, ReplicaId replica,
                                   const CallContext& call) {
  const ReplicaRef* active = share.active();
  if (active == nullptr || (active->id == replica && share.replication != Replication::writable))
    return tl::unexpected(failure(Problem::failed, {}, "there is no other active replica"));
  PASIG_TRY(StoredReplica * source, find_for(share, active->id, call));
  PASIG_TRY(StoredReplica * target, find_for(share, replica, call));
  if (source->epoch > share.epoch)
    return tl::unexpected(failure(Problem::stale_token, source->controller,
                                  "storage is at epoch " + std::to_string(source->epoch)));
  if (source->role != Role::active)
    return tl::unexpected(
        failure(Problem::mismatch, source->controller, "the source is not active on storage"));
  if (share.replication == Replication::writable) {
    const bool is_older = source->live.position < target->live.position;
    const Tree newer = is_older ? target->live : source->live;
    source->live = target->live = newer;
  } else if (target->role == Role::active && target->epoch >= share.epoch) {
    return tl::unexpected(
        failure(Problem::mismatch, target->controller, "the target is active on storage"));
  }
  std::vector<Aside> aside;
  PASIG_TRY(auto fenced, settle(share, replica, *target, aside));
  PASIG_CHECK(follow_size(share, *share.find(replica), *target));
  drop_deleted(share, *target);
  bring_snapshots(share, *target);
  Copy copy = freeze(share, *source);
  if (target != source) receive(*target, *source, copy);
  copy.snapshots = snapshots_on(share, *target);
  copy.source_bytes = source->live.bytes;
  if (call.progress) call.progress({"copying", copy.bytes, copy.bytes});
  copy.fenced_now = std::move(fenced);
  copy.aside = std::move(aside);
  return copy;
}

Answer<Health> SimulatedDriver::look_after(const ShareRef& share, ReplicaId replica,
                                           const CallContext& call) {
  PASIG_TRY(StoredReplica * found, find_for(share, replica, call));
  Health health;
  if (share.find(replica)->role != Role::active) {
    std::vector<Aside> put_aside;  // told with the rest below
    PASIG_TRY(health.fenced_now, settle(share, replica, *found, put_aside));
    const bool is_closed = found->role != Role::active && !found->is_open;
    if (share.find(replica)->fence_pending && is_closed) health.fenced_now = closed();
  } else if (found->role == Role::active && found->epoch == share.epoch && !found->is_open) {
    found->is_open = true;
    health.repaired.emplace_back("lifted the fence of a change that did not come about");
  }
  drop_deleted(share, *found);
  // Storage that merges writers brings their snapshots itself: nobody syncs an active replica.
  if (share.replication == Replication::writable) bring_snapshots(share, *found);
  // Without room for it the next sync says so.
  static_cast<void>(follow_size(share, *share.find(replica), *found));
  health.snapshots = snapshots_on(share, *found);
  health.epoch_on_storage = found->epoch;
  health.role_on_storage = found->role;
  health.present = true;
  health.writable_probe_ok = true;
  health.latest = found->latest;
  for (const Aside& one : world_->aside_)
    if (one.replica == replica) health.aside.push_back(one);
  if (found->role == Role::active || share.replication == Replication::readable)
    health.exports = {export_of(*found, replica)};
  health.used_bytes = found->tree().bytes;
  return health;
}

Answer<void> SimulatedDriver::refuse_older(const ShareRef& share,
                                           const ActiveChangeRequest& request,
                                           const StoredReplica& chosen) {
  if (!chosen.latest)
    return tl::unexpected(failure(Problem::failed, chosen.controller,
                                  "the replica holds no complete copy to open",
                                  "choose a replica that was in_sync"));
  for (const ReplicaRef& other : share.replicas) {
    if (other.id == request.replica || other.role == Role::active || request.accept_older) continue;
    const auto found = world_->replicas_.find(other.id);
    if (found == world_->replicas_.end() || !reach(other.controller)) continue;
    if (found->second.copied.position > chosen.copied.position)
      return tl::unexpected(
          failure(Problem::failed, chosen.controller,
                  "replica " + to_string(other.id) + " on " + other.controller + " is newer",
                  "choose that one, or accept the older one"));
  }
  return {};
}

void SimulatedDriver::open_chosen(const StoredReplica* old_side, StoredReplica& chosen,
                                  std::uint64_t epoch) {
  chosen.role = Role::active;
  chosen.epoch = epoch;
  chosen.base = *chosen.latest;
  if (old_side != nullptr) chosen.base.source_bytes = old_side->live.bytes;
  chosen.live = chosen.copied;
  chosen.base_position = chosen.copied.position;
  chosen.is_open = true;
}

Answer<ActiveChange> SimulatedDriver::change_active(const ShareRef& share,
                                                    const ActiveChangeRequest& request,
                                                    const CallContext& call) {
  using Mode = ActiveChangeRequest::Mode;
  if (share.replication == Replication::writable)
    return tl::unexpected(failure(Problem::unsupported, {}, "all replicas are active"));
  PASIG_TRY(StoredReplica * chosen, find_for(share, request.replica, call));
  const ReplicaRef* old_ref = share.active();
  if (old_ref != nullptr && old_ref->id == request.replica) old_ref = nullptr;
  ActiveChange change;
  change.epoch = share.epoch + 1;
  auto old_side = old_ref == nullptr
                      ? Answer<StoredReplica*>(tl::unexpected(
                            failure(Problem::unreachable, {}, "the share has no active replica")))
                      : find_for(share, old_ref->id, call);
  const bool is_open = chosen->role == Role::active && chosen->epoch == change.epoch;
  if (!is_open) {
    chosen->forced = request.mode == Mode::forced || !old_side;
    if (request.mode == Mode::planned && !old_side)
      return tl::unexpected(std::move(old_side).error());
    if (!chosen->forced) {
      drop_deleted(share, *chosen);
      bring_snapshots(share, *chosen);
      receive(*chosen, **old_side, freeze(share, **old_side));
    }
    PASIG_CHECK(refuse_older(share, request, *chosen));
    open_chosen(chosen->forced ? nullptr : *old_side, *chosen, change.epoch);
  }
  change.forced = chosen->forced;
  change.base = chosen->base;
  change.base.snapshots = snapshots_on(share, *chosen);
  change.exports = {export_of(*chosen, request.replica)};
  if (old_side) {
    (*old_side)->is_open = false;
    (*old_side)->role = Role::secondary;
    // After a forced change the status call compares what was written before it follows.
    if (!change.forced) (*old_side)->epoch = change.epoch;
    change.fence = closed();
    if (share.replication == Replication::readable)
      change.demoted_exports = {export_of(**old_side, old_ref->id)};
  } else {
    change.fence = {.enforced = false, .kind = {}, .words = old_side.error().words};
  }
  for (const ReplicaRef& other : share.replicas) {
    const auto found = world_->replicas_.find(other.id);
    const bool is_third = other.id != request.replica && &other != old_ref;
    if (is_third && found != world_->replicas_.end() &&
        found->second.copied.position > chosen->base_position)
      change.diverged.push_back(other.id);
  }
  return change;
}

}  // namespace pasig::drivers::simulated
