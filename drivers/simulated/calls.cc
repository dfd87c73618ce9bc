#include "drivers/simulated/calls.h"

#include <algorithm>

namespace pasig::drivers::simulated {

CallFailure failure(Problem problem, const std::string& controller, std::string words,
                    std::string hint) {
  return {.problem = problem,
          .unknown = false,
          .controller = controller,
          .words = std::move(words),
          .hint = std::move(hint)};
}

std::string export_of(const StoredReplica& replica, ReplicaId id) {
  return "simulated://" + replica.controller + "/" + to_string(replica.share) + "/" + to_string(id);
}

Answer<void> refuse_none_reached(const std::vector<ReplicaAnswer>& answers) {
  for (const ReplicaAnswer& one : answers)
    if (!one.failure || one.failure->problem != Problem::unreachable) return {};
  if (answers.empty()) return {};
  return tl::unexpected(*answers.front().failure);
}

Answer<void> SimulatedDriver::reach(const std::string& controller) const {
  const bool is_known = controllers_.contains(controller);
  const auto away = world_->unreachable_.find(controller);
  if (is_known && (away == world_->unreachable_.end() || !away->second)) return {};
  return tl::unexpected(failure(Problem::unreachable, controller,
                                "controller " + controller + " does not answer",
                                is_known ? "" : "it is not one of this driver's"));
}

Answer<const ReplicaRef*> SimulatedDriver::ref(const ShareRef& share, ReplicaId replica) const {
  const ReplicaRef* found = share.find(replica);
  if (found == nullptr)
    return tl::unexpected(failure(Problem::failed, {},
                                  "replica " + to_string(replica) + " is not one of the share's"));
  PASIG_CHECK(reach(found->controller));
  return found;
}

Answer<StoredReplica*> SimulatedDriver::find(const ShareRef& share, ReplicaId replica) {
  PASIG_TRY(const ReplicaRef* known, ref(share, replica));
  const auto found = world_->replicas_.find(replica);
  if (found != world_->replicas_.end()) return &found->second;
  if (!controllers_.at(known->controller).adopt || known->is_new || known->role == Role::none)
    return tl::unexpected(failure(Problem::mismatch, known->controller,
                                  "replica " + to_string(replica) + " is not there"));
  StoredReplica& adopted = world_->replicas_[replica];
  adopted.share = share.id;
  adopted.controller = known->controller;
  adopted.pool = known->pool;
  adopted.size_gb = share.size_gb;
  adopted.role = known->role;
  adopted.epoch = share.epoch;
  adopted.is_open = known->role == Role::active;
  for (const SnapshotRef& one : share.snapshots)
    if (std::ranges::find(one.taken_on, replica) != one.taken_on.end())
      adopted.snapshots[one.id].taken.digest = one.digest;
  grant(share, *known, adopted);
  if (known->generation > 0) {
    adopted.latest = Copy{.generation = known->generation, .data_as_of = clock_.now()};
    adopted.latest_epoch = share.epoch;
  }
  auto& generation = world_->generations_[share.id];
  generation = std::max(generation, known->generation);
  return &adopted;
}

Answer<StoredReplica*> SimulatedDriver::find_for(const ShareRef& share, ReplicaId replica,
                                                 const CallContext& call) {
  PASIG_TRY(StoredReplica * found, find(share, replica));
  if (call.token < found->highest_token)
    return tl::unexpected(failure(Problem::stale_token, found->controller,
                                  "a newer operation was at replica " + to_string(replica)));
  found->highest_token = call.token;
  return found;
}

Answer<void> SimulatedDriver::check_room(const ReplicaRef& replica, std::uint64_t size_gb) const {
  const Options& options = controllers_.at(replica.controller);
  std::uint64_t used = 0;
  for (const auto& [id, one] : world_->replicas_)
    if (one.controller == replica.controller && one.pool == replica.pool) used += one.size_gb;
  if (used + size_gb <= options.capacity_gb) return {};
  return tl::unexpected(failure(
      Problem::no_space, replica.controller,
      "pool " + replica.pool + " has " + std::to_string(options.capacity_gb - used) + " GiB free"));
}

Answer<void> SimulatedDriver::follow_script(const std::string& name,
                                            const std::string& controller) {
  const auto failing = world_->failing_.find(name);
  if (failing == world_->failing_.end()) return {};
  CallFailure scripted = failing->second.failure;
  const bool acts_on_all = name == k_delete_snapshot || name == k_revert || name == k_extend ||
                           name == k_shrink || name == k_update_access;
  if (controller != (acts_on_all ? scripted.controller : std::string())) return {};
  if (--failing->second.times == 0) world_->failing_.erase(failing);
  return tl::unexpected(std::move(scripted));
}

Answer<void> SimulatedDriver::refuse_stale(const ShareRef& share, const CallContext& call) const {
  for (const ReplicaRef& one : share.replicas) {
    const auto found = world_->replicas_.find(one.id);
    if (found == world_->replicas_.end() || !reach(one.controller)) continue;
    if (call.token < found->second.highest_token)
      return tl::unexpected(failure(Problem::stale_token, one.controller,
                                    "a newer operation was at replica " + to_string(one.id)));
    if (found->second.epoch > share.epoch)
      return tl::unexpected(failure(Problem::stale_token, one.controller,
                                    "storage is at epoch " + std::to_string(found->second.epoch) +
                                        ", this call is of epoch " + std::to_string(share.epoch),
                                    "a change of the active replica is being finished"));
  }
  return {};
}

Answer<const ReplicaRef*> SimulatedDriver::active_of(const ShareRef& share) const {
  const ReplicaRef* first = share.active();
  if (first == nullptr)
    return tl::unexpected(failure(Problem::failed, {}, "the share has no active replica",
                                  "make one of its replicas active first"));
  if (reach(first->controller)) return first;
  // Of writable replicas any will do.
  for (const ReplicaRef& one : share.replicas)
    if (one.role == Role::active && reach(one.controller)) return &one;
  return first;
}

Answer<StoredReplica*> SimulatedDriver::active_for(const ShareRef& share, const CallContext& call) {
  PASIG_TRY(const ReplicaRef* active, active_of(share));
  PASIG_CHECK(reach(active->controller));
  PASIG_CHECK(refuse_stale(share, call));
  PASIG_TRY(StoredReplica * found, find_for(share, active->id, call));
  if (found->role == Role::active) return found;
  return tl::unexpected(failure(Problem::mismatch, found->controller,
                                "replica " + to_string(active->id) + " is not active on storage",
                                "its status call finds out what it is"));
}

Answer<StoredReplica*> SimulatedDriver::visit(const ShareRef& share, const ReplicaRef& replica,
                                              const CallContext& call, const char* name) {
  PASIG_CHECK(reach(replica.controller));
  PASIG_CHECK(follow_script(name, replica.controller));
  PASIG_TRY(StoredReplica * found, find_for(share, replica.id, call));
  std::vector<Aside> put_aside;  // its status call tells of it
  if (replica.role != Role::active) PASIG_CHECK(settle(share, replica.id, *found, put_aside));
  return found;
}

Answer<StoredReplica*> SimulatedDriver::place(const ShareRef& share, const ReplicaRef& replica,
                                              const CallContext& call) {
  const auto found = world_->replicas_.find(replica.id);
  if (found == world_->replicas_.end()) PASIG_CHECK(check_room(replica, share.size_gb));
  else if (call.token < found->second.highest_token)
    return tl::unexpected(failure(Problem::stale_token, replica.controller,
                                  "a newer operation was at replica " + to_string(replica.id)));
  StoredReplica& made = world_->replicas_[replica.id];
  made.highest_token = call.token;
  if (made.role != Role::none) return &made;
  world_->released_.erase(replica.id);
  made.share = share.id;
  made.controller = replica.controller;
  made.pool = replica.pool;
  made.size_gb = share.size_gb;
  grant(share, replica, made);
  return &made;
}

Answer<Created> SimulatedDriver::create(const ShareRef& share, ReplicaId replica,
                                        const CallContext& call) {
  PASIG_TRY(const ReplicaRef* known, ref(share, replica));
  PASIG_TRY(StoredReplica * made, place(share, *known, call));
  if (made->role == Role::none) {
    made->role = Role::active;
    made->epoch = std::max<std::uint64_t>(share.epoch, 1);
    made->is_open = true;
  }
  return Created{{export_of(*made, replica)}};
}

Answer<Added> SimulatedDriver::add(const ShareRef& share, ReplicaId replica,
                                   const CallContext& call) {
  if (share.replication == Replication::none)
    return tl::unexpected(failure(Problem::unsupported, {}, "the share has no replication"));
  PASIG_TRY(const ReplicaRef* known, ref(share, replica));
  const bool is_writable = share.replication == Replication::writable;
  PASIG_TRY(StoredReplica * made, place(share, *known, call));
  if (made->role == Role::active && !is_writable)
    return tl::unexpected(
        failure(Problem::mismatch, known->controller, "the replica is active on storage"));
  made->role = is_writable ? Role::active : Role::secondary;
  made->is_open = is_writable;
  made->epoch = std::max(made->epoch, share.epoch);
  Added added;
  if (share.replication != Replication::dr) added.exports = {export_of(*made, replica)};
  added.copy = made->latest;
  return added;
}

Answer<Removed> SimulatedDriver::remove(const ShareRef& share, ReplicaId replica, bool force,
                                        const CallContext& call) {
  const ReplicaRef* known = share.find(replica);
  if (known == nullptr)
    return tl::unexpected(failure(Problem::failed, {}, "that replica is not the share's"));
  const auto found = world_->replicas_.find(replica);
  if (auto reached = reach(known->controller); !reached) {
    if (!force) return tl::unexpected(std::move(reached).error());
    const std::uint64_t bytes =
        found == world_->replicas_.end()
            ? 0
            : std::max(found->second.live.bytes, found->second.copied.bytes);
    return Removed{{{.replica = replica,
                     .controller = known->controller,
                     .bytes = bytes,
                     .words = "not removed: its controller does not answer"}}};
  }
  if (found != world_->replicas_.end() && call.token < found->second.highest_token)
    return tl::unexpected(
        failure(Problem::stale_token, known->controller, "a newer operation was here"));
  if (found != world_->replicas_.end()) {
    // What only this replica has goes aside first: its clients may have written to it after
    // another one became active.
    std::vector<Aside> put_aside;  // told with the rest below
    if (known->role == Role::secondary)
      PASIG_CHECK(settle(share, replica, found->second, put_aside));
    world_->replicas_.erase(found);
  }
  Removed removed;
  for (const Aside& one : world_->aside_)
    if (one.replica == replica)
      removed.remains.push_back({.replica = replica,
                                 .controller = one.controller,
                                 .bytes = one.bytes,
                                 .words = "data kept aside stays at " + one.path});
  return removed;
}

Answer<Removed> SimulatedDriver::remove_all(const ShareRef& share, bool force,
                                            const CallContext& call) {
  if (!force)
    for (const ReplicaRef& one : share.replicas)
      if (!one.controller.empty()) PASIG_CHECK(reach(one.controller));
  Removed all;
  for (const ReplicaRef& one : share.replicas) {
    if (one.controller.empty()) continue;
    PASIG_TRY(Removed removed, remove(share, one.id, force, call));
    for (Remains& rest : removed.remains) all.remains.push_back(std::move(rest));
  }
  world_->generations_.erase(share.id);
  return all;
}

Answer<Inspection> SimulatedDriver::look_inside(const ShareRef& share, ReplicaId replica) {
  PASIG_TRY(const ReplicaRef* known, ref(share, replica));
  Inspection seen;
  const auto found = world_->replicas_.find(known->id);
  if (found == world_->replicas_.end()) return seen;
  seen.present = true;
  seen.role = found->second.role;
  seen.epoch = found->second.epoch;
  seen.highest_token = found->second.highest_token;
  seen.latest = found->second.latest;
  return seen;
}

}  // namespace pasig::drivers::simulated
