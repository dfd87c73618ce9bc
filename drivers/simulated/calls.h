// The driver object: what every call does to the storage in memory, around it what the script
// does to the call. Calls take effect one after the other, under the simulation's lock.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "drivers/simulated/options.h"
#include "drivers/simulated/simulation.h"

namespace pasig::drivers::simulated {

CallFailure failure(Problem problem, const std::string& controller, std::string words,
                    std::string hint = {});
std::string export_of(const StoredReplica& replica, ReplicaId id);

// What became of a call on one of the replicas.
template <class T>
ReplicaAnswer answer_of(const ReplicaRef& replica, const Answer<T>& answer) {
  return {.replica = replica.id,
          .failure = answer ? std::nullopt : std::optional<CallFailure>(answer.error())};
}
// A call that found every controller away did nothing: another worker may do better.
Answer<void> refuse_none_reached(const std::vector<ReplicaAnswer>& answers);

struct SizeChange {
  std::uint64_t new_size_gb;
  const CallContext& call;
};

class SimulatedDriver final : public Driver {
 public:
  SimulatedDriver(std::map<std::string, Options> controllers, const Clock& clock,
                  std::shared_ptr<Simulation> simulation);

  Answer<Created> create_share(const ShareRef& share, ReplicaId replica,
                               const CallContext& call) override {
    return play<Created>("create_share", call, [&] { return create(share, replica, call); });
  }
  Answer<Removed> delete_share(const ShareRef& share, bool force,
                               const CallContext& call) override {
    return play<Removed>("delete_share", call, [&] { return remove_all(share, force, call); });
  }
  Answer<Added> add_replica(const ShareRef& share, ReplicaId replica,
                            const CallContext& call) override {
    return play<Added>("add_replica", call, [&] { return add(share, replica, call); });
  }
  Answer<Removed> remove_replica(const ShareRef& share, ReplicaId replica, bool force,
                                 const CallContext& call) override {
    return play<Removed>("remove_replica", call,
                         [&] { return remove(share, replica, force, call); });
  }
  Answer<ActiveChange> set_active_replica(const ShareRef& share, const ActiveChangeRequest& request,
                                          const CallContext& call) override {
    return play<ActiveChange>("set_active_replica", call,
                              [&] { return change_active(share, request, call); });
  }
  Answer<Health> update_replica_status(const ShareRef& share, ReplicaId replica,
                                       const CallContext& call) override {
    return play<Health>("update_replica_status", call,
                        [&] { return look_after(share, replica, call); });
  }
  Answer<Copy> sync_replica(const ShareRef& share, ReplicaId replica,
                            const CallContext& call) override {
    return play<Copy>("sync_replica", call, [&] { return sync(share, replica, call); });
  }
  Answer<Inspection> inspect(const ShareRef& share, ReplicaId replica,
                             const CallContext& call) override {
    return play<Inspection>("inspect", call, [&] { return look_inside(share, replica); });
  }
  Answer<std::vector<PoolStats>> stats(const std::string& controller) override;

  Answer<Created> create_share_from_snapshot(const ShareRef& share, ReplicaId replica,
                                             const SnapshotSource& source,
                                             const CallContext& call) override {
    return play<Created>("create_share_from_snapshot", call,
                         [&] { return create_from(share, replica, source, call); });
  }
  Answer<SnapshotTaken> create_snapshot(const ShareRef& share, SnapshotId snapshot,
                                        const CallContext& call) override {
    return play<SnapshotTaken>("create_snapshot", call,
                               [&] { return take_snapshot(share, snapshot, call); });
  }
  Answer<SnapshotDeleted> delete_snapshot(const ShareRef& share, SnapshotId snapshot,
                                          const CallContext& call) override {
    return play<SnapshotDeleted>(k_delete_snapshot, call,
                                 [&] { return drop_snapshot(share, snapshot, call); });
  }
  Answer<Reverted> revert(const ShareRef& share, SnapshotId snapshot,
                          const CallContext& call) override {
    return play<Reverted>(k_revert, call, [&] { return go_back(share, snapshot, call); });
  }
  Answer<Resized> extend(const ShareRef& share, std::uint64_t new_size_gb,
                         const CallContext& call) override {
    return play<Resized>(k_extend, call, [&] { return grow(share, new_size_gb, call); });
  }
  Answer<Resized> shrink(const ShareRef& share, std::uint64_t new_size_gb,
                         const CallContext& call) override {
    return play<Resized>(k_shrink, call, [&] { return lessen(share, new_size_gb, call); });
  }
  Answer<AccessApplied> update_access(const ShareRef& share, const CallContext& call) override {
    return play<AccessApplied>(k_update_access, call, [&] { return apply_access(share, call); });
  }
  Answer<Managed> manage(const ShareRef& share, ReplicaId replica, const std::string& path,
                         const CallContext& call) override {
    return play<Managed>("manage", call, [&] { return adopt(share, replica, path, call); });
  }
  Answer<Unmanaged> unmanage(const ShareRef& share, ReplicaId replica,
                             const CallContext& call) override {
    return play<Unmanaged>("unmanage", call, [&] { return release(share, replica, call); });
  }
  Answer<SnapshotTaken> manage_snapshot(const ShareRef& share, SnapshotId snapshot,
                                        const std::string& path, const CallContext& call) override {
    return play<SnapshotTaken>("manage_snapshot", call,
                               [&] { return adopt_snapshot(share, snapshot, path, call); });
  }
  Answer<Unmanaged> unmanage_snapshot(const ShareRef& share, SnapshotId snapshot,
                                      const CallContext& call) override {
    return play<Unmanaged>("unmanage_snapshot", call,
                           [&] { return release_snapshot(share, snapshot, call); });
  }
  Answer<Scrubbed> scrub_replica(const ShareRef& share, ReplicaId replica,
                                 const CallContext& call) override {
    return play<Scrubbed>("scrub_replica", call, [&] { return scrub(share, replica, call); });
  }
  Answer<void> delete_aside(const ShareRef& share, const Aside& aside,
                            const CallContext& call) override {
    return play<void>("delete_aside", call, [&] { return drop_aside(share, aside, call); });
  }
  Answer<AsideRestored> restore_aside(const ShareRef& share, const Aside& aside,
                                      const std::string& to, const CallContext& call) override {
    return play<AsideRestored>("restore_aside", call,
                               [&] { return copy_aside(share, aside, to, call); });
  }

 private:
  // Calls that act on every replica: the script can fail them on one controller.
  static constexpr const char* k_delete_snapshot = "delete_snapshot";
  static constexpr const char* k_revert = "revert";
  static constexpr const char* k_extend = "extend";
  static constexpr const char* k_shrink = "shrink";
  static constexpr const char* k_update_access = "update_access";

  // Everything that the script can do to a call, around its effect. The effect runs under the
  // world's lock: calls take effect one after the other.
  template <class T, class Effect>
  Answer<T> play(const std::string& name, const CallContext& call, const Effect& effect) {
    std::unique_lock lock(world_->mutex_);
    PASIG_CHECK(wait(name, call, lock));
    PASIG_CHECK(follow_script(name));
    const auto lost = world_->lost_.find(name);
    if (lost == world_->lost_.end()) {
      world_->calls_.push_back(name);
      return told<T>(effect());
    }
    const bool takes_effect = lost->second.took_effect;
    world_->lost_.erase(lost);
    if (takes_effect) {
      world_->calls_.push_back(name);
      if (auto answer = effect(); !answer) return answer;
    }
    CallFailure unknown = failure(Problem::failed, {}, "the connection broke before the answer",
                                  "look at the storage before trying again");
    unknown.unknown = true;
    return tl::unexpected(std::move(unknown));
  }

  template <class T>
  Answer<T> told(Answer<T> answer) const {
    if constexpr (Simulation::k_can_lie<T>) {
      const auto& lie = std::get<Lie<T>>(world_->lies_);
      if (answer && lie) lie(*answer);
    }
    return answer;
  }

  // The failure that the script has for the call as a whole, or on this controller.
  Answer<void> follow_script(const std::string& name, const std::string& controller = {});
  // Latency first, then until the script lets go.
  Answer<void> wait(const std::string& name, const CallContext& call,
                    std::unique_lock<std::mutex>& lock);

  Answer<void> reach(const std::string& controller) const;
  Answer<const ReplicaRef*> ref(const ShareRef& share, ReplicaId replica) const;
  Answer<StoredReplica*> find(const ShareRef& share, ReplicaId replica);
  Answer<StoredReplica*> find_for(const ShareRef& share, ReplicaId replica,
                                  const CallContext& call);
  Answer<void> check_room(const ReplicaRef& replica, std::uint64_t size_gb) const;
  // A new one, or the one that is there, with the share's size and rules.
  Answer<StoredReplica*> place(const ShareRef& share, const ReplicaRef& replica,
                               const CallContext& call);
  // The active replica to act on; it is the active one on storage too.
  Answer<const ReplicaRef*> active_of(const ShareRef& share) const;
  Answer<StoredReplica*> active_for(const ShareRef& share, const CallContext& call);
  // One replica of a call that acts on all: fenced first, when it was away.
  Answer<StoredReplica*> visit(const ShareRef& share, const ReplicaRef& replica,
                               const CallContext& call, const char* name);
  // Before a call acts anywhere: no replica that can be reached has seen a newer one.
  Answer<void> refuse_stale(const ShareRef& share, const CallContext& call) const;
  Copy freeze(const ShareRef& share, StoredReplica& active);
  static void receive(StoredReplica& target, const StoredReplica& source, const Copy& copy);
  // What the target lacks of the share's snapshots comes from a replica that holds it whole, the
  // active one first.
  void bring_snapshots(const ShareRef& share, StoredReplica& target) const;
  const StoredSnapshot* find_whole(const ShareRef& share, const SnapshotRef& wanted) const;
  static void drop_deleted(const ShareRef& share, StoredReplica& replica);
  static std::vector<SnapshotId> snapshots_on(const ShareRef& share, const StoredReplica& replica);
  SnapshotTaken take(const Tree& tree) const;
  std::vector<AccessOutcome> grant(const ShareRef& share, const ReplicaRef& ref,
                                   StoredReplica& replica) const;
  Answer<std::optional<FenceReport>> settle(const ShareRef& share, ReplicaId id,
                                            StoredReplica& replica, std::vector<Aside>& aside);

  Answer<Created> create(const ShareRef& share, ReplicaId replica, const CallContext& call);
  Answer<Added> add(const ShareRef& share, ReplicaId replica, const CallContext& call);
  Answer<Removed> remove(const ShareRef& share, ReplicaId replica, bool force,
                         const CallContext& call);
  Answer<Removed> remove_all(const ShareRef& share, bool force, const CallContext& call);
  Answer<Copy> sync(const ShareRef& share, ReplicaId replica, const CallContext& call);
  Answer<Health> look_after(const ShareRef& share, ReplicaId replica, const CallContext& call);
  Answer<Inspection> look_inside(const ShareRef& share, ReplicaId replica);
  Answer<ActiveChange> change_active(const ShareRef& share, const ActiveChangeRequest& request,
                                     const CallContext& call);
  Answer<void> refuse_older(const ShareRef& share, const ActiveChangeRequest& request,
                            const StoredReplica& chosen);
  void open_chosen(const StoredReplica* old_side, StoredReplica& chosen, std::uint64_t epoch);

  Answer<Created> create_from(const ShareRef& share, ReplicaId replica,
                              const SnapshotSource& source, const CallContext& call);
  Answer<StoredSnapshot> find_source(const SnapshotSource& source) const;
  Answer<SnapshotTaken> take_snapshot(const ShareRef& share, SnapshotId snapshot,
                                      const CallContext& call);
  Answer<SnapshotDeleted> drop_snapshot(const ShareRef& share, SnapshotId snapshot,
                                        const CallContext& call);
  Answer<Reverted> go_back(const ShareRef& share, SnapshotId snapshot, const CallContext& call);
  static Answer<void> go_back_on(StoredReplica& replica, SnapshotId snapshot,
                                 const StoredReplica& active);
  Answer<void> follow_size(const ShareRef& share, const ReplicaRef& ref,
                           StoredReplica& replica) const;
  std::optional<CallFailure> grow_on(const ShareRef& share, const ReplicaRef& ref,
                                     const SizeChange& change);
  Answer<Resized> grow(const ShareRef& share, std::uint64_t new_size_gb, const CallContext& call);
  Answer<Resized> lessen(const ShareRef& share, std::uint64_t new_size_gb, const CallContext& call);
  Answer<void> refuse_too_small(const ShareRef& share, std::uint64_t new_size_gb) const;
  Answer<AccessApplied> apply_access(const ShareRef& share, const CallContext& call);
  Answer<Managed> adopt(const ShareRef& share, ReplicaId replica, const std::string& path,
                        const CallContext& call);
  Answer<Unmanaged> release(const ShareRef& share, ReplicaId replica, const CallContext& call);
  Answer<SnapshotTaken> adopt_snapshot(const ShareRef& share, SnapshotId snapshot,
                                       const std::string& path, const CallContext& call);
  Answer<Unmanaged> release_snapshot(const ShareRef& share, SnapshotId snapshot,
                                     const CallContext& call);
  Answer<Scrubbed> scrub(const ShareRef& share, ReplicaId replica, const CallContext& call);
  std::vector<ReplicaId> good_copies(const ShareRef& share, ReplicaId replica,
                                     const std::vector<StoredDamage>& damaged) const;
  Answer<void> drop_aside(const ShareRef& share, const Aside& aside, const CallContext& call);
  Answer<AsideRestored> copy_aside(const ShareRef& share, const Aside& aside, const std::string& to,
                                   const CallContext& call);
  Answer<void> check_aside(const ShareRef& share, const Aside& aside, const CallContext& call);

  const std::map<std::string, Options> controllers_;
  const Clock& clock_;
  const std::shared_ptr<Simulation> world_;
  std::chrono::milliseconds latency_{0};  // the longest that any controller has
};

}  // namespace pasig::drivers::simulated
