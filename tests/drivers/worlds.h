// Three controllers in three zones under one driver, the share as the log would have it, and
// the verbs of the users: the same for both drivers, so that one suite holds them to the same
// contract.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "drivers/directory/directory_driver.h"
#include "drivers/directory/files.h"
#include "drivers/simulated/simulated_driver.h"
#include "tests/drivers/directories.h"

namespace pasig::drivers {

inline const std::vector<std::string> k_controllers = {"alpha", "beta", "gamma"};

// What the log knows, and the calls that follow from it.
class ShareOnDriver {
 public:
  explicit ShareOnDriver(Replication replication) {
    share_.id = ShareId{random_uuid()};
    share_.name = "papers";
    share_.size_gb = 1;
    share_.protocol = "NFS";
    share_.replication = replication;
  }

  ReplicaRef& add(const std::string& controller) {
    share_.replicas.push_back({.id = ReplicaId{random_uuid()},
                               .controller = controller,
                               .pool = controller,
                               .zone = "zone_" + controller});
    return share_.replicas.back();
  }
  [[nodiscard]] ReplicaId id(std::size_t n) const { return share_.replicas.at(n).id; }
  ShareRef& ref() { return share_; }

  // A new operation with a higher token; redelivered: the same again.
  CallContext next_call() {
    ++version_;
    call_ =
        CallContext{.operation = OperationId{random_uuid()}, .attempt = 1, .token = {1, version_}};
    return call_;
  }
  [[nodiscard]] CallContext same_call() const { return call_; }
  [[nodiscard]] CallContext older_call() const {
    CallContext call = call_;
    call.token.share_version = 0;
    return call;
  }

  void record_provisioned() {
    share_.replicas.at(0).role = Role::active;
    share_.epoch = 1;
  }
  void record_added(std::size_t n) { share_.replicas.at(n).role = Role::secondary; }
  void record_snapshot(SnapshotId id, const std::string& digest) {
    share_.snapshots.push_back(
        {.id = id, .digest = digest, .is_deleting = false, .taken_on = {share_.active()->id}});
  }
  void record_deleting(SnapshotId id) {
    for (SnapshotRef& one : share_.snapshots) one.is_deleting |= one.id == id;
  }
  AccessRule& allow(const std::string& type, const std::string& to, const std::string& level) {
    share_.is_access_ruled = true;
    return share_.access.emplace_back(
        AccessRule{.id = AccessRuleId{random_uuid()}, .type = type, .to = to, .level = level});
  }
  void record_active(std::size_t n, const ActiveChange& change) {
    for (ReplicaRef& one : share_.replicas) {
      if (one.role == Role::active) one.fence_pending = !change.fence.enforced;
      one.role = Role::secondary;
    }
    share_.replicas.at(n).role = Role::active;
    share_.epoch = change.epoch;
  }

 private:
  ShareRef share_;
  CallContext call_;
  std::uint64_t version_ = 0;
};

class DirectoryWorld {
 public:
  // A door lets a user in, or not: behind it the tree of an active replica can be written to.
  static constexpr bool k_has_readers_of_the_active = false;

  // The roots are made below `base`, else below a directory of this world's own.
  explicit DirectoryWorld(std::map<std::string, std::string> more = {}, std::string base = {})
      : base_(std::move(base)) {
    std::vector<ControllerConfig> configs;
    for (const std::string& name : k_controllers) {
      ControllerConfig config{name, "zone_" + name, "directory", more};
      config.options["root"] = root(name);
      config.options["create"] = "true";
      configs.push_back(std::move(config));
    }
    auto made = make_directory_driver(configs, clock_);
    if (made) driver_ = std::move(*made);
    else ADD_FAILURE() << made.error().text();
  }

  Driver& driver() { return *driver_; }
  [[nodiscard]] std::string root(const std::string& name) const {
    return (base_.empty() ? directory_.path() : base_) + "/" + name;
  }
  [[nodiscard]] std::string top(const ReplicaRef& replica, const ShareRef& share) const {
    return root(replica.controller) + "/shares/" + to_string(share.id) + "/" +
           to_string(replica.id);
  }
  bool write(const ReplicaRef& replica, const ShareRef& share) {
    ++writes_;
    return write_file(top(replica, share) + "/export/file-" + std::to_string(writes_),
                      "text " + std::to_string(writes_));
  }
  // What users find at the replica's export; a dr secondary has none.
  [[nodiscard]] std::size_t files_on(const ReplicaRef& replica, const ShareRef& share) const {
    return files_below(top(replica, share) + "/export/");
  }
  // One more file, whose room is taken at once, though nothing is written.
  bool write_bytes(const ReplicaRef& replica, const ShareRef& share, std::uint64_t bytes) {
    const std::string path = top(replica, share) + "/export/large";
    const directory::Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    return file.is_open() && ::posix_fallocate(file.get(), 0, static_cast<off_t>(bytes)) == 0;
  }
  // Spoils one file of the newest frozen tree, behind the driver's back.
  bool damage(const ReplicaRef& replica, const ShareRef& share) {
    std::uint64_t newest = 0;
    const std::string frozen = top(replica, share) + "/frozen/";
    for (const auto& one : std::filesystem::directory_iterator(frozen))
      if (one.is_directory())
        newest = std::max<std::uint64_t>(newest, std::stoull(one.path().filename()));
    const std::string tree = frozen + std::to_string(newest);
    if (!directory::unseal_all(tree)) return false;
    for (const auto& one : std::filesystem::recursive_directory_iterator(tree)) {
      if (!one.is_regular_file()) continue;
      const auto written = one.last_write_time();
      std::string text = read_text(one.path());
      text.front() ^= 1;
      std::filesystem::permissions(one.path(), std::filesystem::perms::owner_write,
                                   std::filesystem::perm_options::add);
      const bool is_spoiled = write_file(one.path(), text);
      std::filesystem::last_write_time(one.path(), written);
      return is_spoiled;
    }
    return false;
  }
  // A tree that no share has, with one file.
  [[nodiscard]] std::string make_tree(const std::string& controller, const std::string& name) {
    const std::string path = new_path(controller, name);
    std::filesystem::create_directories(path);
    EXPECT_TRUE(write_file(path + "/file", "text"));
    return path;
  }
  [[nodiscard]] std::string new_path(const std::string& controller, const std::string& name) const {
    return root(controller) + "/" + name;
  }
  [[nodiscard]] std::size_t files_at(const std::string&, const std::string& path) const {
    return files_below(path);
  }
  void set_reachable(const std::string& controller, bool reachable) const {
    const std::string away = root(controller) + ".away";
    if (reachable) std::filesystem::rename(away, root(controller));
    else std::filesystem::rename(root(controller), away);
  }

 private:
  static std::size_t files_below(const std::string& path) {
    std::size_t files = 0;
    if (!std::filesystem::exists(path)) return files;
    for (const auto& one : std::filesystem::recursive_directory_iterator(path))
      if (one.is_regular_file()) ++files;
    return files;
  }

  TemporaryDirectory directory_;
  const std::string base_;
  SystemClock clock_;
  std::unique_ptr<Driver> driver_;
  int writes_ = 0;
};

class SimulatedWorld {
 public:
  static constexpr bool k_has_readers_of_the_active = true;

  SimulatedWorld() {
    std::vector<ControllerConfig> configs;
    for (const std::string& name : k_controllers)
      configs.push_back({name, "zone_" + name, "simulated", {{"adopt", "false"}}});
    auto made = make_simulated_driver(configs, clock_, simulation_);
    if (made) driver_ = std::move(*made);
    else ADD_FAILURE() << made.error().text();
  }

  Driver& driver() { return *driver_; }
  simulated::Simulation& simulation() { return *simulation_; }
  bool write(const ReplicaRef& replica, const ShareRef&) { return simulation_->write(replica.id); }
  [[nodiscard]] std::size_t files_on(const ReplicaRef& replica, const ShareRef&) const {
    const auto found = simulation_->look(replica.id);
    return found ? found->tree().version : 0;
  }
  bool write_bytes(const ReplicaRef& replica, const ShareRef&, std::uint64_t bytes) {
    return simulation_->set_used_bytes(replica.id, bytes);
  }
  bool damage(const ReplicaRef& replica, const ShareRef&) {
    return simulation_->damage(replica.id);
  }
  [[nodiscard]] std::string make_tree(const std::string& controller, const std::string& name) {
    simulation_->add_tree(controller, new_path(controller, name), 4);
    return new_path(controller, name);
  }
  [[nodiscard]] static std::string new_path(const std::string& controller,
                                            const std::string& name) {
    return "/" + controller + "/" + name;
  }
  [[nodiscard]] std::size_t files_at(const std::string& controller, const std::string& path) const {
    const auto found = simulation_->tree(controller, path);
    return found ? found->version : 0;
  }
  void set_reachable(const std::string& controller, bool reachable) {
    simulation_->set_reachable(controller, reachable);
  }

 private:
  SystemClock clock_;
  std::shared_ptr<simulated::Simulation> simulation_ = std::make_shared<simulated::Simulation>();
  std::unique_ptr<Driver> driver_;
};

// The problem of an answer, for comparisons that read well.
template <class T>
std::optional<Problem> problem_of(const Answer<T>& answer) {
  return answer ? std::nullopt : std::optional<Problem>(answer.error().problem);
}
template <class T>
std::string words_of(const Answer<T>& answer) {
  return answer ? std::string("done") : answer.error().words + " / " + answer.error().hint;
}

}  // namespace pasig::drivers
