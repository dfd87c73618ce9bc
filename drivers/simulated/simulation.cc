#include "drivers/simulated/simulation.h"

#include <chrono>

#include "base/digest.h"

namespace pasig::drivers::simulated {

std::string level_on(const StoredReplica& replica, const AccessRule& rule) {
  const bool is_readonly = replica.role != Role::active || replica.casts_to_readonly;
  return is_readonly ? "ro" : rule.level;
}

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

void Simulation::change(Tree& tree, std::uint64_t bytes) {
  Sha256 digest;
  digest.add_text(tree.digest);
  digest.add_number(++writes_);
  tree.digest = digest.finish().hex();
  tree.bytes = bytes;
  ++tree.version;
  ++tree.position;
}

void Simulation::add_tree(const std::string& controller, const std::string& path,
                          std::uint64_t bytes) {
  const std::scoped_lock lock(mutex_);
  StoredTree& added = trees_[{controller, path}];
  added = {};
  change(added.tree, bytes);
}

bool Simulation::set_used_bytes(ReplicaId replica, std::uint64_t bytes) {
  const std::scoped_lock lock(mutex_);
  const auto found = replicas_.find(replica);
  if (found == replicas_.end()) return false;
  if (found->second.role == Role::active) change(found->second.live, bytes);
  else found->second.copied.bytes = bytes;
  if (found->second.role != Role::active && found->second.latest)
    found->second.latest->bytes = bytes;
  return true;
}

bool Simulation::damage(ReplicaId replica, std::optional<SnapshotId> snapshot) {
  const std::scoped_lock lock(mutex_);
  const auto found = replicas_.find(replica);
  if (found == replicas_.end()) return false;
  if (snapshot && !found->second.snapshots.contains(*snapshot)) return false;
  const Tree& tree = snapshot ? found->second.snapshots.at(*snapshot).tree : found->second.tree();
  if (tree.version == 0) return false;
  found->second.damaged.push_back({.snapshot = snapshot,
                                   .path = "file-" + std::to_string(tree.version),
                                   .position = tree.position});
  return true;
}

void Simulation::set_access_types(std::set<std::string> types) {
  const std::scoped_lock lock(mutex_);
  access_types_ = std::move(types);
}

bool Simulation::write(ReplicaId replica) {
  const std::scoped_lock lock(mutex_);
  const auto found = replicas_.find(replica);
  if (found == replicas_.end() || !found->second.is_open) return false;
  change(found->second.live, found->second.live.bytes + 1);
  return true;
}

std::optional<StoredReplica> Simulation::look(ReplicaId replica) const {
  const std::scoped_lock lock(mutex_);
  const auto found = replicas_.find(replica);
  if (found == replicas_.end()) return std::nullopt;
  StoredReplica seen = found->second;
  for (AccessRule& rule : seen.access) rule.level = level_on(seen, rule);
  return seen;
}

std::optional<Tree> Simulation::tree(const std::string& controller, const std::string& path) const {
  const std::scoped_lock lock(mutex_);
  const auto found = trees_.find({controller, path});
  return found == trees_.end() ? std::nullopt : std::optional(found->second.tree);
}

std::vector<std::string> Simulation::calls() const {
  const std::scoped_lock lock(mutex_);
  return calls_;
}

}  // namespace pasig::drivers::simulated
