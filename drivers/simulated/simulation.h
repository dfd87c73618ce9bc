// The world that the simulated driver acts on: storage in memory, and a script that says what
// goes wrong. Deterministic: waits end by a condition (released, cancelled, past the deadline
// of the clock that was handed in), never by a guess. All calls from any thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "drivers/driver.h"

namespace pasig::drivers::simulated {

// One replica as its controller has it. A version counts the writes that a tree holds.
struct StoredReplica {
  ShareId share;
  std::string controller;
  std::string pool;
  std::uint64_t size_gb = 0;
  Role role = Role::none;
  std::uint64_t epoch = 0;
  FencingToken highest_token;
  bool is_open = false;  // clients can write
  std::uint64_t version = 0;
  std::uint64_t base_version = 0;  // of the line it was last active in
  std::optional<Copy> latest;
  std::uint64_t latest_version = 0;
  std::uint64_t latest_epoch = 0;
  // The last change that made it active, for a redelivered call.
  bool forced = false;
  ReplicaId demoted;
  Copy base;
};

// Names of calls are those of the port: "sync_replica".
class Simulation {
 public:
  // ---- the script ----
  void set_reachable(const std::string& controller, bool reachable);
  // The next `times` calls of this name answer with this failure and do nothing. An empty
  // controller means any.
  void fail(const std::string& call, CallFailure failure, std::uint32_t times = 1);
  // The next call answers "unknown": it took effect, or it did not.
  void lose_answer(const std::string& call, bool took_effect);
  // Calls of this name wait before they do anything.
  void hold(const std::string& call);
  void release(const std::string& call);
  // True when one waits; false when none came in this time.
  bool wait_until_held(const std::string& call, std::chrono::seconds patience);
  // Changes what the storage reports: a lie.
  void lie_about_copies(std::function<void(Copy&)> lie);
  void lie_about_health(std::function<void(Health&)> lie);
  void lie_about_changes(std::function<void(ActiveChange&)> lie);

  // ---- the users and the storage, seen from outside ----
  bool write(ReplicaId replica);  // false: no such replica, or not open for writing
  [[nodiscard]] std::optional<StoredReplica> look(ReplicaId replica) const;
  [[nodiscard]] std::vector<std::string> calls() const;  // names, in the order of their effect

 private:
  friend class SimulatedDriver;

  struct Lost {
    bool took_effect = false;
  };
  struct Failing {
    CallFailure failure;
    std::uint32_t times = 0;
  };

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable_any changed_;
  std::map<ReplicaId, StoredReplica> replicas_;
  std::map<ShareId, std::uint64_t> generations_;
  std::vector<Aside> aside_;
  std::map<std::string, bool> unreachable_;
  std::map<std::string, Failing> failing_;
  std::map<std::string, Lost> lost_;
  std::map<std::string, bool> held_;
  std::map<std::string, std::uint32_t> waiting_;
  std::vector<std::string> calls_;
  std::function<void(Copy&)> copy_lie_;
  std::function<void(Health&)> health_lie_;
  std::function<void(ActiveChange&)> change_lie_;
};

}  // namespace pasig::drivers::simulated
