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
  bool removal_forced = false;  // how its removal was asked for the last time
  bool operator==(const Replica&) const = default;
};

struct PendingOperation {  // an operation that is not over
  OperationId id;
  OperationKind kind = OperationKind::create_share;
  ReplicaId replica;
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
  std::uint32_t placement_attempts = 0;  // of the first replica
  std::vector<std::string> tried_hosts;  // those that had no space for it
  std::optional<PendingChange> change;   // at most one at a time
  bool deletion_forced = false;          // how its deletion was asked for the last time
  bool operator==(const Share&) const = default;

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

// The share's status as Manila derives it from its replicas (manila.md 2.2).
[[nodiscard]] ReplicaStatus status_of(const Share& share);
// The replica that gives the share its status, zone and host; null for a share without one.
[[nodiscard]] const Replica* chosen_replica(const Share& share);

}  // namespace pasig
