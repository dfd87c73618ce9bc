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
    auto change = play<ActiveChange>("set_active_replica", call,
                                     [&] { return change_active(share, request, call); });
    const std::scoped_lock lock(world_->mutex_);
    if (change && world_->change_lie_) world_->change_lie_(*change);
    return change;
  }
  Answer<Health> update_replica_status(const ShareRef& share, ReplicaId replica,
                                       const CallContext& call) override {
    auto health = play<Health>("update_replica_status", call,
                               [&] { return look_after(share, replica, call); });
    const std::scoped_lock lock(world_->mutex_);
    if (health && world_->health_lie_) world_->health_lie_(*health);
    return health;
  }
  Answer<Copy> sync_replica(const ShareRef& share, ReplicaId replica,
                            const CallContext& call) override {
    auto copy = play<Copy>("sync_replica", call, [&] { return sync(share, replica, call); });
    const std::scoped_lock lock(world_->mutex_);
    if (copy && world_->copy_lie_) world_->copy_lie_(*copy);
    return copy;
  }
  Answer<Inspection> inspect(const ShareRef& share, ReplicaId replica,
                             const CallContext& call) override {
    return play<Inspection>("inspect", call, [&] { return look_inside(share, replica); });
  }
  Answer<std::vector<PoolStats>> stats(const std::string& controller) override;

 private:
  // Everything that the script can do to a call, around its effect. The effect runs under the
  // world's lock: calls take effect one after the other.
  template <class T, class Effect>
  Answer<T> play(const std::string& name, const CallContext& call, const Effect& effect) {
    std::unique_lock lock(world_->mutex_);
    PASIG_CHECK(wait(name, call, lock));
    if (const auto failing = world_->failing_.find(name); failing != world_->failing_.end()) {
      CallFailure scripted = failing->second.failure;
      if (--failing->second.times == 0) world_->failing_.erase(failing);
      return tl::unexpected(std::move(scripted));
    }
    const auto lost = world_->lost_.find(name);
    if (lost == world_->lost_.end()) {
      world_->calls_.push_back(name);
      return effect();
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

  // Latency first, then until the script lets go.
  Answer<void> wait(const std::string& name, const CallContext& call,
                    std::unique_lock<std::mutex>& lock);

  Answer<void> reach(const std::string& controller) const;
  Answer<const ReplicaRef*> ref(const ShareRef& share, ReplicaId replica) const;
  Answer<StoredReplica*> find(const ShareRef& share, ReplicaId replica);
  Answer<StoredReplica*> find_for(const ShareRef& share, ReplicaId replica,
                                  const CallContext& call);
  Answer<void> check_room(const ReplicaRef& replica, std::uint64_t size_gb) const;
  Copy freeze(const ShareRef& share, StoredReplica& active);
  static void receive(StoredReplica& target, const StoredReplica& source, const Copy& copy);
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

  const std::map<std::string, Options> controllers_;
  const Clock& clock_;
  const std::shared_ptr<Simulation> world_;
  std::chrono::milliseconds latency_{0};  // the longest that any controller has
};

}  // namespace pasig::drivers::simulated
