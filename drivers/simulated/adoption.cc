// Trees that become shares or snapshots, and the way back. A tree that was given back stands
// where look from outside finds it: Simulation::tree().
#include <algorithm>

#include "drivers/simulated/calls.h"

namespace pasig::drivers::simulated {
namespace {

constexpr std::uint64_t k_gib = std::uint64_t{1} << 30;

Answer<void> refuse_other_replicas(const ShareRef& share) {
  if (share.replicas.size() <= 1) return {};
  return tl::unexpected(failure(Problem::failed, {},
                                "share " + to_string(share.id) + " has " +
                                    std::to_string(share.replicas.size()) + " replicas",
                                "remove the others first"));
}

CallFailure no_tree(const std::string& controller, const std::string& path) {
  return failure(Problem::failed, controller, "there is no tree at " + path + " on " + controller,
                 "give the path of an existing directory");
}

}  // namespace

Answer<Managed> SimulatedDriver::adopt(const ShareRef& share, ReplicaId replica,
                                       const std::string& path, const CallContext& call) {
  PASIG_TRY(const ReplicaRef* known, ref(share, replica));
  const auto held = world_->replicas_.find(replica);
  const bool is_again = held != world_->replicas_.end() && held->second.role != Role::none;
  if (is_again && held->second.managed_path != path)
    return tl::unexpected(failure(Problem::failed, known->controller,
                                  "replica " + to_string(replica) + " holds another tree already"));
  const auto tree = world_->trees_.find({known->controller, path});
  if (!is_again && tree == world_->trees_.end())
    return tl::unexpected(no_tree(known->controller, path));
  PASIG_TRY(const Created created, create(share, replica, call));
  StoredReplica& made = world_->replicas_.at(replica);
  if (!is_again) {
    made.live = tree->second.tree;
    made.managed_path = path;
    made.size_gb = std::max(made.size_gb, (made.live.bytes + k_gib - 1) / k_gib);
    world_->trees_.erase(tree);
  }
  return Managed{.exports = created.exports, .used_bytes = made.live.bytes};
}

Answer<Unmanaged> SimulatedDriver::release(const ShareRef& share, ReplicaId replica,
                                           const CallContext& call) {
  PASIG_CHECK(refuse_other_replicas(share));
  PASIG_TRY(const ReplicaRef* known, ref(share, replica));
  const auto before = world_->released_.find(replica);
  if (before != world_->released_.end()) {
    if (call.token < before->second.token)
      return tl::unexpected(failure(Problem::stale_token, known->controller,
                                    "a newer operation was at replica " + to_string(replica)));
    return before->second.told;
  }
  if (known->role == Role::none && !world_->replicas_.contains(replica))
    return tl::unexpected(failure(Problem::lost, known->controller,
                                  "nothing of replica " + to_string(replica) + " is there"));
  PASIG_CHECK(refuse_stale(share, call));
  PASIG_TRY(StoredReplica * found, find_for(share, replica, call));
  if (!found->snapshots.empty())
    return tl::unexpected(failure(Problem::failed, known->controller,
                                  "replica " + to_string(replica) + " holds " +
                                      std::to_string(found->snapshots.size()) + " snapshots",
                                  "delete or unmanage them first"));
  if (std::ranges::any_of(world_->aside_, [&](const Aside& one) { return one.replica == replica; }))
    return tl::unexpected(failure(Problem::failed, known->controller,
                                  "replica " + to_string(replica) + " has data kept aside",
                                  "restore it elsewhere, or delete it"));
  const std::string path =
      found->managed_path.empty() ? export_of(*found, replica) : found->managed_path;
  world_->trees_[{known->controller, path}] = {.tree = found->live, .restored_by = {}};
  world_->released_[replica] = {.told = {path}, .token = call.token};
  world_->replicas_.erase(replica);
  return Unmanaged{path};
}

Answer<SnapshotTaken> SimulatedDriver::adopt_snapshot(const ShareRef& share, SnapshotId snapshot,
                                                      const std::string& path,
                                                      const CallContext& call) {
  PASIG_CHECK(refuse_other_replicas(share));
  PASIG_TRY(StoredReplica * active, active_for(share, call));
  const auto held = active->snapshots.find(snapshot);
  if (held != active->snapshots.end() && held->second.path == path) return held->second.taken;
  if (held != active->snapshots.end())
    return tl::unexpected(failure(Problem::failed, active->controller,
                                  "snapshot " + to_string(snapshot) + " is there already"));
  const auto tree = world_->trees_.find({active->controller, path});
  if (tree == world_->trees_.end()) return tl::unexpected(no_tree(active->controller, path));
  const StoredSnapshot adopted{
      .tree = tree->second.tree, .taken = take(tree->second.tree), .path = path};
  world_->trees_.erase(tree);
  active->released.erase(snapshot);
  active->snapshots[snapshot] = adopted;
  return adopted.taken;
}

Answer<Unmanaged> SimulatedDriver::release_snapshot(const ShareRef& share, SnapshotId snapshot,
                                                    const CallContext& call) {
  PASIG_CHECK(refuse_other_replicas(share));
  PASIG_TRY(const ReplicaRef* ref_of_active, active_of(share));
  PASIG_TRY(StoredReplica * active, active_for(share, call));
  const auto before = active->released.find(snapshot);
  if (before != active->released.end()) return before->second;
  const auto held = active->snapshots.find(snapshot);
  if (held == active->snapshots.end())
    return tl::unexpected(failure(Problem::lost, active->controller,
                                  "snapshot " + to_string(snapshot) + " is not there"));
  const std::string path = held->second.path.empty() ? export_of(*active, ref_of_active->id) +
                                                           "/snapshots/" + to_string(snapshot)
                                                     : held->second.path;
  world_->trees_[{active->controller, path}] = {.tree = held->second.tree, .restored_by = {}};
  active->released[snapshot] = {path};
  active->snapshots.erase(held);
  return Unmanaged{path};
}

}  // namespace pasig::drivers::simulated
