// The drivers' port: everything Pasig asks of storage. A driver is made with the configuration
// of every controller, because a replica's other end lies on another one (founding text). It
// decides nothing and keeps no truth: it acts, looks, and says what it found.
//
// Threads: any call from any thread, several at once; calls for one share are serialised by the
// driver itself (directory: flock). Every call with effects must be safe to deliver again after
// any crash: it reads how far it got from storage. A call answers before its deadline or soon
// after cancellation. Bytes are bytes; times are UTC.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"

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
  Role role = Role::none;              // by the log, before this call
  bool in_sync = false;                // by the log
  std::uint64_t generation = 0;        // last known by the log
  bool accepts_mass_deletion = false;  // an admin said so
  bool is_new = false;                 // being added
  bool fence_pending = false;          // by the log: demoted, and not known to be fenced
};

struct ShareRef {
  ShareId id;
  std::string name;
  std::uint64_t size_gb = 0;
  std::string protocol;
  Replication replication = Replication::none;
  std::uint64_t epoch = 0;  // by the log; a change of the active replica makes epoch + 1
  std::vector<ReplicaRef> replicas;

  [[nodiscard]] const ReplicaRef* find(ReplicaId id_wanted) const {
    for (const ReplicaRef& one : replicas)
      if (one.id == id_wanted) return &one;
    return nullptr;
  }
  [[nodiscard]] const ReplicaRef* active() const {
    for (const ReplicaRef& one : replicas)
      if (one.role == Role::active) return &one;
    return nullptr;
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

enum class Problem {
  failed,       // tried; the words say what storage answered
  unreachable,  // a controller does not answer: away, no marker, not mounted
  mismatch,     // it answers, but it is not what it was: wrong ids, replaced root
  no_space,
  stale_token,    // a newer operation was here: stop
  cancelled,      // asked to stop; nothing was changed
  unsupported,    // this driver lacks the call
  expired,        // the deadline passed
  busy,           // another operation holds the share's lock
  not_verified,   // the copy does not match its source's manifest; it was not published
  mass_deletion,  // more than half of the files are gone; an admin has to say resync
  lost,           // the only copy is gone
};

// Not done, or (unknown) perhaps done: then look before trying again; never report it failed.
struct CallFailure {
  Problem problem = Problem::failed;
  bool unknown = false;
  std::string controller;  // where, when it is one
  std::string words;       // the storage's own, one line
  std::string hint;        // what an operator can do
};

template <class T>
using Answer = tl::expected<T, CallFailure>;

// How a frozen copy relates to the writes that went on meanwhile (directory-driver 3).
enum class CopyConsistency { unknown, atomic, crash, settled, fuzzy };

struct FenceReport {
  bool enforced = false;  // else pending: the old side could not be reached
  std::string kind;       // immutable, mount, mode, simulated; empty while pending
  std::string words;      // what the probe showed, which writers it binds, or why it is pending
};

struct Aside {  // diverged data that was kept aside
  ReplicaId replica;
  std::string controller;
  std::string path;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t epoch = 0;  // under which it was written
};

struct Copy {  // a complete, verified, durable copy
  std::uint64_t generation = 0;
  Time data_as_of;  // when the freeze of its source began
  CopyConsistency consistency = CopyConsistency::unknown;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t skipped = 0;  // devices and sockets, which are not copied
  // Done by the same call, because a side that was away is fenced before anything else.
  std::optional<FenceReport> fenced_now;
  std::vector<Aside> aside;
  // All of the replica's, when the same call changed them: the first copy gives an export.
  std::optional<std::vector<std::string>> exports;
};

struct Remains {  // an end that could not be cleaned
  ReplicaId replica;
  std::string controller;
  std::uint64_t bytes = 0;
  std::string words;
};

struct Created {
  std::vector<std::string> exports;
};
struct Added {
  std::vector<std::string> exports;  // empty for dr, and while there is nothing to export
  std::optional<Copy> copy;          // none: the first sync is still to come
};
struct Removed {
  std::vector<Remains> remains;
};
struct ActiveChange {
  bool forced = false;  // auto that went on without the old side, or asked for
  std::uint64_t epoch = 0;
  Copy base;          // what the new active opened with
  FenceReport fence;  // of the demoted side
  std::vector<std::string> exports;
  std::vector<std::string> demoted_exports;
  std::vector<ReplicaId> diverged;  // hold newer data than the base; kept aside at their next sync
  std::vector<Aside> aside;         // put aside by this call
};
struct ActiveChangeRequest {
  ReplicaId replica;
  enum class Mode { automatic, planned, forced } mode = Mode::automatic;
  std::uint32_t quiesce_wait_seconds = 30;
  bool accept_older = false;
};

struct Health {
  std::uint64_t epoch_on_storage = 0;
  Role role_on_storage = Role::none;
  bool present = false;            // its directory, volume, … is there and is its own
  bool writable_probe_ok = false;  // read/write probe of the storage
  std::optional<Copy> latest;      // the newest complete copy on it
  std::vector<std::string> exports;
  std::optional<FenceReport> fenced_now;  // of a pending fence: it holds, whoever raised it
  std::vector<Aside> aside;               // all that is kept aside on it, by whichever call
  std::vector<std::string> repaired;      // in words
  std::uint64_t used_bytes = 0;
};

struct PoolStats {
  std::string pool;
  std::string file_system;  // equal for pools that share their space
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;
  std::string replication_domain;
  std::vector<Replication> replication;
  std::map<std::string, std::string> capabilities;
};

// What storage holds now; the way out of Unknown. Read-only.
struct Inspection {
  bool present = false;
  Role role = Role::none;
  std::uint64_t epoch = 0;
  FencingToken highest_token;
  std::optional<Copy> latest;
};

struct AccessRule {
  std::string id, type, to, level;
};
struct AccessChange {
  std::vector<AccessRule> all, added, removed, changed;
};

// One driver object serves all controllers of its kind; the others are reached through it.
class Driver {
 public:
  virtual ~Driver() = default;

  [[nodiscard]] virtual Answer<Created> create_share(const ShareRef& share, ReplicaId replica,
                                                     const CallContext& call) = 0;
  // Everything of every replica that can be reached goes; kept-aside data stays.
  [[nodiscard]] virtual Answer<Removed> delete_share(const ShareRef& share, bool force,
                                                     const CallContext& call) = 0;
  [[nodiscard]] virtual Answer<Added> add_replica(const ShareRef& share, ReplicaId replica,
                                                  const CallContext& call) = 0;
  [[nodiscard]] virtual Answer<Removed> remove_replica(const ShareRef& share, ReplicaId replica,
                                                       bool force, const CallContext& call) = 0;
  [[nodiscard]] virtual Answer<ActiveChange> set_active_replica(const ShareRef& share,
                                                                const ActiveChangeRequest& request,
                                                                const CallContext& call) = 0;
  // Looks, repairs what it can, fences what is pending. Once per replica, the active included.
  [[nodiscard]] virtual Answer<Health> update_replica_status(const ShareRef& share,
                                                             ReplicaId replica,
                                                             const CallContext& call) = 0;
  // Moves data from the active to this secondary and verifies it.
  [[nodiscard]] virtual Answer<Copy> sync_replica(const ShareRef& share, ReplicaId replica,
                                                  const CallContext& call) = 0;
  [[nodiscard]] virtual Answer<Inspection> inspect(const ShareRef& share, ReplicaId replica,
                                                   const CallContext& call) = 0;
  [[nodiscard]] virtual Answer<std::vector<PoolStats>> stats(const std::string& controller) = 0;

  // Calls that a driver may lack. A driver without one says so in its capabilities; the
  // default is the clear refusal.
  [[nodiscard]] virtual Answer<Created> create_share_from_snapshot(const ShareRef&, ReplicaId,
                                                                   const std::string& snapshot,
                                                                   const CallContext&);
  [[nodiscard]] virtual Answer<Copy> create_snapshot(const ShareRef&, const std::string& snapshot,
                                                     const CallContext&);
  [[nodiscard]] virtual Answer<Removed> delete_snapshot(const ShareRef&,
                                                        const std::string& snapshot,
                                                        const CallContext&);
  [[nodiscard]] virtual Answer<Copy> revert(const ShareRef&, const std::string& snapshot,
                                            const CallContext&);
  [[nodiscard]] virtual Answer<Created> extend(const ShareRef&, std::uint64_t new_size_gb,
                                               const CallContext&);
  [[nodiscard]] virtual Answer<Created> shrink(const ShareRef&, std::uint64_t new_size_gb,
                                               const CallContext&);
  [[nodiscard]] virtual Answer<std::map<std::string, std::string>> update_access(
      const ShareRef&, ReplicaId, const AccessChange&, const CallContext&);
  [[nodiscard]] virtual Answer<Created> manage(const ShareRef&, ReplicaId,
                                               const std::string& export_path, const CallContext&);
  [[nodiscard]] virtual Answer<Removed> unmanage(const ShareRef&, ReplicaId, const CallContext&);
};

}  // namespace pasig::drivers
