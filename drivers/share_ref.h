// What a driver is handed: controllers, the share with all of its replicas as the log has them,
// and the context of one call. Plain values; made by the worker (worker_words.h).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"

namespace pasig::drivers {

struct ControllerConfig {
  std::string name;
  std::string zone;
  std::string driver;
  std::map<std::string, std::string> options;  // the driver's own keys, e.g. root
};

enum class Replication { none, writable, readable, dr };
enum class Role { none, active, secondary };

struct ReplicaRef {
  ReplicaId id;
  std::string controller;
  std::string pool;
  std::string zone;
  Role role = Role::none;               // by the log, before this call
  bool in_sync = false;                 // by the log
  std::uint64_t generation = 0;         // last known by the log
  bool accepts_mass_deletion = false;   // an admin said so
  bool is_new = false;                  // being added
  bool fence_pending = false;           // by the log: demoted, and not known to be fenced
  bool cast_rules_to_readonly = false;  // its rules grant reading only, whatever their level
};

// A snapshot as the log has it. Its tree is named by its id on every replica.
struct SnapshotRef {
  SnapshotId id;
  // Of its manifest, lower-case hex: equal on every replica; empty while it is not taken yet.
  std::string digest;
  bool is_deleting = false;         // what a replica still holds of it is to go
  std::vector<ReplicaId> taken_on;  // holds a complete copy, by the log
};

// level: rw or ro, as asked for. What a replica really grants follows from its role.
struct AccessRule {
  AccessRuleId id;
  std::string type, to, level;
};

struct ShareRef {
  ShareId id;
  std::string name;
  std::uint64_t size_gb = 0;
  std::string protocol;
  Replication replication = Replication::none;
  std::uint64_t epoch = 0;  // by the log; a change of the active replica makes epoch + 1
  std::vector<ReplicaRef> replicas;
  std::vector<SnapshotRef> snapshots;  // oldest first
  std::vector<AccessRule> access;      // all that are to hold; none that is being removed
  // Someone granted access at some time: from then on only rules let users in. Before, the
  // tree's own permissions decide alone.
  bool is_access_ruled = false;

  [[nodiscard]] const ReplicaRef* find(ReplicaId id_wanted) const {
    for (const ReplicaRef& one : replicas)
      if (one.id == id_wanted) return &one;
    return nullptr;
  }
  // Of a writable share, where all are active, the one with the lowest id, as in the log's state.
  [[nodiscard]] const ReplicaRef* active() const {
    const ReplicaRef* found = nullptr;
    for (const ReplicaRef& one : replicas)
      if (one.role == Role::active && (found == nullptr || one.id < found->id)) found = &one;
    return found;
  }
};

// Rises over all operations of a share, and with every restored log. Kept at the target;
// a lower one is refused there (log-protocol 9).
struct FencingToken {
  std::uint64_t incarnation = 0;
  std::uint64_t share_version = 0;
  auto operator<=>(const FencingToken&) const = default;
};

struct Progress {
  std::string step;  // "copying", "verifying", …
  std::uint64_t bytes_done = 0;
  std::optional<std::uint64_t> bytes_total;
};

struct CallContext {
  OperationId operation;  // nil for syncs and status calls
  std::uint32_t attempt = 0;
  FencingToken token;
  Monotonic deadline = Monotonic::max();
  std::stop_token cancelled;  // asked to stop; the call answers Cancelled if nothing is done
  std::function<void(const Progress&)> progress;  // may be empty; cheap; any thread
};

}  // namespace pasig::drivers
