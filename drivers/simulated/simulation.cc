#include "drivers/simulated/simulation.h"

#include <chrono>

namespace pasig::drivers::simulated {

void Simulation::set_reachable(const std::string& controller, bool reachable) {
  const std::scoped_lock lock(mutex_);
  unreachable_[controller] = !reachable;
}

void Simulation::fail(const std::string& call, CallFailure failure, std::uint32_t times) {
  const std::scoped_lock lock(mutex_);
  failing_[call] = {std::move(failure), times};
}

void Simulation::lose_answer(const std::string& call, bool took_effect) {
  const std::scoped_lock lock(mutex_);
  lost_[call] = {took_effect};
}

void Simulation::hold(const std::string& call) {
  const std::scoped_lock lock(mutex_);
  held_[call] = true;
}

void Simulation::release(const std::string& call) {
  const std::scoped_lock lock(mutex_);
  held_.erase(call);
  changed_.notify_all();
}

bool Simulation::wait_until_held(const std::string& call, std::chrono::seconds patience) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [&] { return waiting_[call] > 0; });
}

void Simulation::lie_about_copies(std::function<void(Copy&)> lie) {
  const std::scoped_lock lock(mutex_);
  copy_lie_ = std::move(lie);
}

void Simulation::lie_about_health(std::function<void(Health&)> lie) {
  const std::scoped_lock lock(mutex_);
  health_lie_ = std::move(lie);
}

void Simulation::lie_about_changes(std::function<void(ActiveChange&)> lie) {
  const std::scoped_lock lock(mutex_);
  change_lie_ = std::move(lie);
}

bool Simulation::write(ReplicaId replica) {
  const std::scoped_lock lock(mutex_);
  const auto found = replicas_.find(replica);
  if (found == replicas_.end() || !found->second.is_open) return false;
  ++found->second.version;
  return true;
}

std::optional<StoredReplica> Simulation::look(ReplicaId replica) const {
  const std::scoped_lock lock(mutex_);
  const auto found = replicas_.find(replica);
  return found == replicas_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string> Simulation::calls() const {
  const std::scoped_lock lock(mutex_);
  return calls_;
}

}  // namespace pasig::drivers::simulated
