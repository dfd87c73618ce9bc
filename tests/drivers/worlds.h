// Three controllers in three zones under one driver, the share as the log would have it, and
// the verbs of the users: the same for both drivers, so that one suite holds them to the same
// contract.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "drivers/directory/directory_driver.h"
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
  explicit DirectoryWorld(std::map<std::string, std::string> more = {}) {
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
    return directory_.path() + "/" + name;
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
  void set_reachable(const std::string& controller, bool reachable) const {
    const std::string away = root(controller) + ".away";
    if (reachable) std::filesystem::rename(away, root(controller));
    else std::filesystem::rename(root(controller), away);
  }

 private:
  TemporaryDirectory directory_;
  SystemClock clock_;
  std::unique_ptr<Driver> driver_;
  int writes_ = 0;
};

class SimulatedWorld {
 public:
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
