// What the events add up to: the state of shares, operations and types as plain values.
// Only evolve (statemachine/evolve.h) writes these. Deliberately not here: observations (lag,
// capacity, heartbeats), which are no events; see drivers/ and projections/observations.h.
// Stored with events/aggregate_codec.h in field order; state/ is disposable, so the order may
// change when k_fold_version (evolve.h) rises.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "events/event.h"

namespace pasig {

struct Replica {
  ReplicaId id;
  std::string host;  // node@controller#pool; empty: never placed
  std::string controller;
  std::string pool;
  std::string zone;
  ReplicaStatus status = ReplicaStatus::creating;
  ReplicaState state = ReplicaState::none;  // none: the first replica while it is created
  bool cast_rules_to_readonly = false;
  std::vector<std::string> exports;
  Time created_at;
  Time updated_at;
  // The last facts of the log about its data; the worker's observations may be newer.
  std::uint64_t generation = 0;
  Time data_as_of;
  Consistency consistency = Consistency::unknown;
  Fence fence;                         // of its storage, when it was demoted
  bool accepts_mass_deletion = false;  // an admin said resync; until it is in sync again
  std::string note;                    // why it is as it is: the last failure or reason, in words
  Placement placement;
  bool removal_forced = false;         // how its removal was asked for the last time
  Time verify_requested_at;            // its whole content is to be read; unset: nobody asked
  Time verified_at;                    // its content was last read, by request or with a finding
  std::uint64_t damaged = 0;           // files found damaged, not repaired since
  std::vector<ReplicaId> good_copies;  // hold what is damaged here
  std::string access_words;  // why its access rules could not be applied; empty: they were
  bool operator==(const Replica&) const = default;
};

struct PendingOperation {  // an operation that is not over
  OperationId id;
  OperationKind kind = OperationKind::create_share;
  ReplicaId replica;
  SnapshotId snapshot;        // that it is about; else nil
  std::uint64_t size_gb = 0;  // that the share is to have; else 0
  bool operator==(const PendingOperation&) const = default;
};

// A change of the active replica that was started and is not over: what it was asked with.
struct PendingChange {
  ReplicaId replica;  // to become active
  ReplicaId demoted;
  ChangeMode mode = ChangeMode::auto_;
  std::uint32_t quiesce_wait_seconds = 0;
  bool accept_older = false;
  bool operator==(const PendingChange&) const = default;
};

struct Debris {
  ReplicaId replica;
  std::string controller;
  std::uint64_t bytes = 0;
  std::string words;
  Time since;
  bool operator==(const Debris&) const = default;
};

struct AsideData {  // diverged data kept aside, never deleted by Pasig
  ReplicaId replica;
  std::string controller;
  std::string path;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t epoch = 0;
  Time since;
  bool operator==(const AsideData&) const = default;
};

// One replica's copy of a snapshot.
struct SnapshotCopy {
  ReplicaId replica;
  SnapshotStatus status = SnapshotStatus::creating;
  bool required = false;  // the snapshot waits for it to be available as a whole
  Time updated_at;
  std::string note;  // why it is as it is
  bool operator==(const SnapshotCopy&) const = default;
};

struct Snapshot {
  SnapshotId id;
  std::string name;
  std::string description;
  std::string user;
  std::vector<KeyValue> metadata;
  std::uint64_t size_gb = 0;  // of the share when it was taken
  Time created_at;
  Time updated_at;
  Time copy_by;        // required copies that are not there by then make their replica out of sync
  std::string digest;  // of its manifest, lower-case hex; empty: not taken yet
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  Time taken_at;
  Consistency consistency = Consistency::unknown;
  std::string managed_path;  // of a tree that existed before; else empty
  bool deletion_forced = false;
  std::vector<SnapshotCopy> copies;  // in the order of the share's replicas
  bool operator==(const Snapshot&) const = default;

  [[nodiscard]] const SnapshotCopy* find(ReplicaId replica) const {
    const auto at = std::find_if(copies.begin(), copies.end(),
                                 [&](const SnapshotCopy& one) { return one.replica == replica; });
    return at == copies.end() ? nullptr : &*at;
  }
  [[nodiscard]] SnapshotCopy* find(ReplicaId replica) {
    return const_cast<SnapshotCopy*>(static_cast<const Snapshot&>(*this).find(replica));
  }
};

// What one access rule is on one replica.
struct AppliedRule {
  ReplicaId replica;
  AccessState state = AccessState::queued_to_apply;
  AccessLevel level = AccessLevel::rw;  // that holds there, while active
  std::string words;                    // why it is an error
  bool operator==(const AppliedRule&) const = default;
};

struct ShareAccessRule {
  AccessRuleId id;
  std::string type;
  std::string to;
  AccessLevel level = AccessLevel::rw;  // as asked for
  std::vector<KeyValue> metadata;
  Time created_at;
  Time updated_at;
  bool is_removed = false;            // it is to go, and is gone when it holds nowhere
  std::vector<AppliedRule> replicas;  // every placed one
  bool operator==(const ShareAccessRule&) const = default;

  [[nodiscard]] const AppliedRule* find(ReplicaId replica) const {
    const auto at = std::find_if(replicas.begin(), replicas.end(),
                                 [&](const AppliedRule& one) { return one.replica == replica; });
    return at == replicas.end() ? nullptr : &*at;
  }
  [[nodiscard]] AppliedRule* find(ReplicaId replica) {
    return const_cast<AppliedRule*>(static_cast<const ShareAccessRule&>(*this).find(replica));
  }
};

// Who gave an order that holds until it is taken back, and when.
struct OrderGiven {
  std::string by;
  Time at;
  bool operator==(const OrderGiven&) const = default;
};

struct Share {
  ShareId id;
  std::string name;
  std::string description;
  std::string project;
  std::string user;
  std::string protocol;
  std::uint64_t size_gb = 0;
  bool is_public = false;
  std::vector<KeyValue> metadata;
  ShareTypeId type;
  std::string type_name;
  std::vector<KeyValue> extra_specs;
  ReplicationType replication = ReplicationType::none;
  std::uint32_t rpo_seconds = 0;
  std::uint32_t sync_interval_seconds = 0;
  std::string zone_asked;
  Time created_at;
  Time updated_at;
  std::uint64_t epoch = 0;        // rises with every change of the active replica
  std::vector<Replica> replicas;  // in the order they were added
  // In the order they were asked for; only the first one may run (one effect per share).
  std::vector<PendingOperation> operations;
  std::vector<Debris> debris;
  std::vector<AsideData> aside;
  std::uint32_t placement_attempts = 0;       // of the first replica
  std::vector<std::string> tried_hosts;       // those that had no space for it
  std::optional<PendingChange> change;        // at most one at a time
  bool deletion_forced = false;               // how its deletion was asked for the last time
  std::vector<Snapshot> snapshots;            // in the order they were asked for
  std::vector<ShareAccessRule> access_rules;  // in the order they were asked for
  bool is_access_ruled = false;  // a rule was added at some time: only rules let users in
  ShareTask task = ShareTask::none;
  std::string task_note;  // why the task failed
  SnapshotId source_snapshot;
  ShareId source_share;
  std::string managed_path;           // of a tree that existed before it was a share; else empty
  std::uint64_t over_size_bytes = 0;  // stored when that was found more than its size; 0: it fits
  bool effects_paused = false;
  std::string effects_paused_why;
  bool replication_suspended = false;
  std::string replication_suspended_why;
  std::uint64_t debris_cleanings = 0;  // how often it was asked for
  std::string managed_on;    // the controller that had the tree at managed_path; else empty
  OrderGiven effects_pause;  // while effects are paused
  Time effects_resumed_at;   // the last time
  OrderGiven replication_suspension;  // while replication is suspended
  bool operator==(const Share&) const = default;

  [[nodiscard]] const Snapshot* find(SnapshotId snapshot) const {
    const auto at = std::find_if(snapshots.begin(), snapshots.end(),
                                 [&](const Snapshot& one) { return one.id == snapshot; });
    return at == snapshots.end() ? nullptr : &*at;
  }
  [[nodiscard]] Snapshot* find(SnapshotId snapshot) {
    return const_cast<Snapshot*>(static_cast<const Share&>(*this).find(snapshot));
  }
  [[nodiscard]] const ShareAccessRule* find(AccessRuleId rule) const {
    const auto at = std::find_if(access_rules.begin(), access_rules.end(),
                                 [&](const ShareAccessRule& one) { return one.id == rule; });
    return at == access_rules.end() ? nullptr : &*at;
  }
  [[nodiscard]] ShareAccessRule* find(AccessRuleId rule) {
    return const_cast<ShareAccessRule*>(static_cast<const Share&>(*this).find(rule));
  }

  [[nodiscard]] const Replica* find(ReplicaId replica) const {
    const auto at = std::find_if(replicas.begin(), replicas.end(),
                                 [&](const Replica& one) { return one.id == replica; });
    return at == replicas.end() ? nullptr : &*at;
  }
  [[nodiscard]] Replica* find(ReplicaId replica) {
    return const_cast<Replica*>(static_cast<const Share&>(*this).find(replica));
  }
  // The active replica; for a share without replication, its only one. For writable shares,
  // where all are active, the one with the lowest id. Null while there is none.
  [[nodiscard]] const Replica* active() const {
    const Replica* found = nullptr;
    for (const Replica& one : replicas)
      if (one.state == ReplicaState::active && (found == nullptr || one.id < found->id))
        found = &one;
    return found;
  }
};

struct Operation {
  OperationId id;
  OperationKind kind = OperationKind::create_share;
  OperationStatus status = OperationStatus::requested;
  ShareId share;
  ReplicaId replica;
  std::string runs_on;  // the controller whose worker works on it
  Time requested_at;
  Time claim_by;
  Time deadline;
  std::string node;  // the claimant
  std::uint64_t process = 0;
  std::uint32_t attempt = 0;
  std::uint32_t lease_seconds = 0;
  Time claimed_at;
  // The share's version at the claim: with the log's incarnation, the fencing token.
  std::uint64_t token_version = 0;
  bool cancel_requested = false;
  std::string cancel_why;
  Failure failure;  // when it failed
  Time ended_at;
  std::string command_id;  // that asked for it
  // What set_active_replica was asked with.
  ChangeMode mode = ChangeMode::auto_;
  std::uint32_t quiesce_wait_seconds = 0;
  bool accept_older = false;
  bool force = false;  // remove_replica, delete_share
  // By its kind; else nil, 0, empty.
  SnapshotId snapshot;
  std::uint64_t size_gb = 0;
  std::string path;
  std::string to;
  bool abandon_requested = false;
  std::string abandon_why;
  Time abandon_requested_at;
  bool operator==(const Operation&) const = default;

  [[nodiscard]] bool is_over() const {
    return status == OperationStatus::done || status == OperationStatus::failed ||
           status == OperationStatus::cancelled;
  }
};

struct ShareType {
  ShareTypeId id;
  std::string name;
  std::string description;
  bool is_public = true;
  ReplicationType replication = ReplicationType::none;
  std::uint32_t rpo_seconds = 0;
  std::uint32_t sync_interval_seconds = 0;
  std::vector<KeyValue> extra_specs;
  Time created_at;
  bool operator==(const ShareType&) const = default;
};

// What operators decided about a controller, beside its configuration. The one with an empty
// name is about all of them.
struct ControllerOrders {
  std::string name;
  bool effects_paused = false;
  std::string effects_paused_why;
  bool is_drained = false;  // nothing new is placed there
  std::string drained_why;
  bool is_retired = false;  // gone for good
  std::string retired_why;
  Time updated_at;
  OrderGiven effects_pause;  // while effects are paused
  Time effects_resumed_at;   // the last time
  OrderGiven drain;          // while it is drained
  OrderGiven retirement;     // while it is retired
  bool operator==(const ControllerOrders&) const = default;
};

// A snapshot as a whole (replication.md 6): available when every required copy is; a replica
// that joins later does not take it back to creating.
[[nodiscard]] SnapshotStatus status_of(const Snapshot& snapshot);
// A rule as a whole: an error anywhere counts, then what is still to be done, then active.
[[nodiscard]] AccessState status_of(const ShareAccessRule& rule);

// The share's status as Manila derives it from its replicas (manila.md 2.2).
[[nodiscard]] ReplicaStatus status_of(const Share& share);
// The same as clients see it: what is being done with the share as a whole, or went wrong with
// it, comes before `available` (extending, reverting_error, manage_starting, …).
[[nodiscard]] std::string_view status_word(const Share& share);
// The replica that gives the share its status, zone and host; null for a share without one.
[[nodiscard]] const Replica* chosen_replica(const Share& share);

}  // namespace pasig
