// What a driver answers: plain values, and failures that say what is known of their effect.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "drivers/share_ref.h"

namespace pasig::drivers {

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
  too_small,      // what is stored is larger than the size that was asked for
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
  // All snapshots of which a complete, verified copy is on the replica now; none: not looked at.
  std::optional<std::vector<SnapshotId>> snapshots;
  std::optional<std::uint64_t> source_bytes;  // what the active replica held when it was frozen
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
  // All snapshots of which a complete, verified copy is on it; none: not looked at.
  std::optional<std::vector<SnapshotId>> snapshots;
};

// What one call came to on one of the replicas it acted on.
struct ReplicaAnswer {
  ReplicaId replica;
  std::optional<CallFailure> failure;  // none: done
};

struct SnapshotTaken {
  std::string digest;  // of its manifest, lower-case hex
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  Time taken_at;  // when the freeze began
  CopyConsistency consistency = CopyConsistency::unknown;
};
struct SnapshotDeleted {
  std::vector<ReplicaAnswer> replicas;  // every one that may hold it
};
struct Reverted {
  Copy base;                            // the active replica's new generation
  std::vector<ReplicaAnswer> replicas;  // the others
};
struct Resized {
  std::vector<ReplicaAnswer> replicas;  // all, the active included
};
// What became of one rule on one replica.
struct AccessOutcome {
  AccessRuleId rule;
  std::string level;  // the one that holds there; empty: it does not hold
  std::string words;  // why not
};
struct ReplicaAccess {
  ReplicaId replica;
  std::optional<CallFailure> failure;  // none: `rules` is what holds now, and nothing else does
  std::vector<AccessOutcome> rules;
};
struct AccessApplied {
  std::vector<ReplicaAccess> replicas;
};
struct Managed {  // an existing tree that is a share now
  std::vector<std::string> exports;
  std::uint64_t used_bytes = 0;
};
struct Unmanaged {
  std::string path;  // where its tree lies from now on, not Pasig's any more
};
struct SnapshotSource {  // of a new share: any replica that holds the snapshot
  const ShareRef& share;
  SnapshotId snapshot;
};

// Content that is not what its manifest says, or that cannot be read.
struct Damage {
  std::string where;  // live, generation 12, snapshot <id>
  std::string path;   // in the tree; bytes that are no UTF-8 are escaped
  std::string words;  // what is wrong
  bool is_repaired = false;
};
struct Scrubbed {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::vector<Damage> damage;  // at most 1,000
  std::uint64_t damaged = 0;   // all of them
  std::uint64_t repaired = 0;
  // Hold a good copy of all that is damaged here and was not repaired.
  std::vector<ReplicaId> good_copies;
};
struct AsideRestored {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
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

}  // namespace pasig::drivers
