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
#include <set>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "drivers/driver.h"

namespace pasig::drivers::simulated {

template <class T>
using Lie = std::function<void(T&)>;

// What a tree holds. A version counts the writes in it; each adds bytes.
struct Tree {
  std::uint64_t version = 0;
  std::uint64_t bytes = 0;
  std::string digest;          // differs for trees that differ; lower-case hex
  std::uint64_t position = 0;  // rises with every change, a revert included
};

struct StoredSnapshot {
  Tree tree;
  SnapshotTaken taken;
  std::string path;  // where it was adopted from; empty: taken here, or copied
};

// Content that is not what was written. In the newest write that there was.
struct StoredDamage {
  std::optional<SnapshotId> snapshot;  // none: of the replica's own tree
  std::string path;
  std::uint64_t position = 0;
};

struct StoredRevert {
  OperationId by;
  Copy base;
  Tree tree;
};

// One replica as its controller has it.
struct StoredReplica {
  ShareId share;
  std::string controller;
  std::string pool;
  std::uint64_t size_gb = 0;
  Role role = Role::none;
  std::uint64_t epoch = 0;
  FencingToken highest_token;
  bool is_open = false;             // clients can write
  Tree live;                        // while it is active
  std::uint64_t base_position = 0;  // of the line it was last active in
  std::optional<Copy> latest;
  Tree copied;  // what `latest` holds
  std::uint64_t latest_epoch = 0;
  std::map<SnapshotId, StoredSnapshot> snapshots;
  std::map<SnapshotId, Unmanaged> released;  // snapshots that are not Pasig's any more
  std::vector<StoredDamage> damaged;
  std::string managed_path;  // where its tree lay before it was adopted
  // The rules that hold; look() gives each the level that it has here.
  std::vector<AccessRule> access;
  bool is_access_ruled = false;
  bool casts_to_readonly = false;
  // The last change that made it active, and the last revert, for a redelivered call.
  bool forced = false;
  Copy base;
  StoredRevert reverted;

  // What users and copies find on it.
  [[nodiscard]] const Tree& tree() const { return role == Role::active ? live : copied; }
};

// The level that a rule has on this replica: what was asked for, or less by its role.
std::string level_on(const StoredReplica& replica, const AccessRule& rule);

// Names of calls are those of the port: "sync_replica".
class Simulation {
 public:
  // ---- the script ----
  void set_reachable(const std::string& controller, bool reachable);
  // The next `times` calls of this name answer with this failure and do nothing. Of a call that
  // acts on every replica, a failure with a controller is that of the replicas there.
  void fail(const std::string& call, CallFailure failure, std::uint32_t times = 1);
  // The next call answers "unknown": it took effect, or it did not.
  void lose_answer(const std::string& call, bool took_effect);
  // Calls of this name wait before they do anything.
  void hold(const std::string& call);
  void release(const std::string& call);
  // True when one waits; false when none came in this time.
  bool wait_until_held(const std::string& call, std::chrono::seconds patience);
  // Changes what the storage reports: a lie. Nothing: the truth again.
  void lie_about_copies(Lie<Copy> lie) { tell(std::move(lie)); }
  void lie_about_health(Lie<Health> lie) { tell(std::move(lie)); }
  void lie_about_changes(Lie<ActiveChange> lie) { tell(std::move(lie)); }
  void lie_about_snapshots(Lie<SnapshotTaken> lie) { tell(std::move(lie)); }
  void lie_about_deletions(Lie<SnapshotDeleted> lie) { tell(std::move(lie)); }
  void lie_about_reverts(Lie<Reverted> lie) { tell(std::move(lie)); }
  void lie_about_sizes(Lie<Resized> lie) { tell(std::move(lie)); }
  void lie_about_access(Lie<AccessApplied> lie) { tell(std::move(lie)); }
  void lie_about_scrubs(Lie<Scrubbed> lie) { tell(std::move(lie)); }
  // A tree that no share has yet.
  void add_tree(const std::string& controller, const std::string& path, std::uint64_t bytes);
  // The replica holds that much from now on; false: there is no such replica.
  bool set_used_bytes(ReplicaId replica, std::uint64_t bytes);
  // Spoils content of the replica, or of a snapshot on it; false: it is not there, or empty.
  bool damage(ReplicaId replica, std::optional<SnapshotId> snapshot = std::nullopt);
  // Types of rules that storage knows; "user" alone until it is told others.
  void set_access_types(std::set<std::string> types);

  // ---- the users and the storage, seen from outside ----
  bool write(ReplicaId replica);  // false: no such replica, or not open for writing
  [[nodiscard]] std::optional<StoredReplica> look(ReplicaId replica) const;
  // A tree that is no share's: not adopted yet, given back, or restored from data kept aside.
  [[nodiscard]] std::optional<Tree> tree(const std::string& controller,
                                         const std::string& path) const;
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
  struct StoredTree {
    Tree tree;
    OperationId restored_by;
  };
  struct Released {  // a replica that is not Pasig's any more
    Unmanaged told;
    FencingToken token;
  };
  using Place = std::pair<std::string, std::string>;  // controller, path

  template <class T>
  void tell(Lie<T> lie) {
    const std::scoped_lock lock(mutex_);
    std::get<Lie<T>>(lies_) = std::move(lie);
  }
  template <class T>
  static constexpr bool k_can_lie =
      std::is_same_v<T, Copy> || std::is_same_v<T, Health> || std::is_same_v<T, ActiveChange> ||
      std::is_same_v<T, SnapshotTaken> || std::is_same_v<T, SnapshotDeleted> ||
      std::is_same_v<T, Reverted> || std::is_same_v<T, Resized> ||
      std::is_same_v<T, AccessApplied> || std::is_same_v<T, Scrubbed>;
  // One more write on this tree.
  void change(Tree& tree, std::uint64_t bytes);

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable_any changed_;
  std::map<ReplicaId, StoredReplica> replicas_;
  std::map<ReplicaId, Released> released_;
  std::map<Place, StoredTree> trees_;
  std::map<ShareId, std::uint64_t> generations_;
  std::vector<Aside> aside_;
  std::map<std::string, bool> unreachable_;
  std::map<std::string, Failing> failing_;
  std::map<std::string, Lost> lost_;
  std::map<std::string, bool> held_;
  std::map<std::string, std::uint32_t> waiting_;
  std::vector<std::string> calls_;
  std::set<std::string> access_types_ = {"user"};
  std::uint64_t writes_ = 0;  // of all users, so that no two trees are alike by chance
  std::tuple<Lie<Copy>, Lie<Health>, Lie<ActiveChange>, Lie<SnapshotTaken>, Lie<SnapshotDeleted>,
             Lie<Reverted>, Lie<Resized>, Lie<AccessApplied>, Lie<Scrubbed>>
      lies_;
};

}  // namespace pasig::drivers::simulated
