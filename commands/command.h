// Everything that can be asked of Pasig, as plain values. Imperative verb + noun. Commands from
// clients first, then those of workers and timers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/digest.h"
#include "events/event.h"
#include "events/record.h"
#include "statemachine/state.h"

namespace pasig {

// ---- from clients ---------------------------------------------------------------------------
struct CreateShareType {
  std::string name;
  std::string description;
  bool is_public = true;
  std::vector<KeyValue> extra_specs;  // replication_type, pasig:rpo_seconds, … among them
};
struct DeleteShareType {
  ShareTypeId type;
};
struct CreateShare {
  std::string name;
  std::string description;
  std::string protocol;
  std::uint64_t size_gb = 0;
  ShareTypeId type;
  std::string zone;
  bool is_public = false;
  std::vector<KeyValue> metadata;
  std::string only_host;
};
struct DeleteShare {
  ShareId share;
  bool force = false;
};
struct AddReplica {
  ShareId share;
  std::string zone;
  std::string only_host;
};
struct RemoveReplica {
  ReplicaId replica;
  bool force = false;
};
struct SetActiveReplica {
  ReplicaId replica;
  ChangeMode mode = ChangeMode::auto_;
  std::uint32_t quiesce_wait_seconds = 0;  // 0: the service's default
  bool accept_older = false;
};
struct ResyncReplica {
  ReplicaId replica;
};
struct ResetReplicaStatus {
  ReplicaId replica;
  ReplicaStatus status = ReplicaStatus::available;
};
struct ResetReplicaState {
  ReplicaId replica;
  ReplicaState state = ReplicaState::out_of_sync;
};
struct CancelOperation {
  OperationId operation;
};

// ---- from workers ---------------------------------------------------------------------------
struct ClaimOperation {
  OperationId operation;
  std::string node;
  std::uint64_t process = 0;
  std::uint32_t lease_seconds = 0;
  std::uint32_t attempt = 1;  // the one this claim starts; 1 + the last one seen
};
struct RenewLease {
  OperationId operation;
  std::uint32_t attempt = 0;
  std::uint32_t lease_seconds = 0;
};

// What the driver said of an operation. A failure is set when it was not done; the other
// fields count when it was.
struct ReportShareCreated {
  OperationId operation;
  std::uint32_t attempt = 0;
  std::optional<Failure> failure;
  std::vector<std::string> exports;
};
struct ReportShareDeleted {
  OperationId operation;
  std::uint32_t attempt = 0;
  std::optional<Failure> failure;
  std::vector<Debris> debris;
};
struct ReportReplicaAdded {
  OperationId operation;
  std::uint32_t attempt = 0;
  std::optional<Failure> failure;
  std::vector<std::string> exports;
  bool verified = false;  // a complete, verified copy is on it
  std::uint64_t generation = 0;
  Time data_as_of;
  Consistency consistency = Consistency::unknown;
};
struct ReportReplicaRemoved {
  OperationId operation;
  std::uint32_t attempt = 0;
  std::optional<Failure> failure;
  std::vector<Debris> debris;
};
struct ReportActiveReplicaChanged {
  OperationId operation;
  std::uint32_t attempt = 0;
  std::optional<Failure> failure;
  ChangeMode effective_mode = ChangeMode::planned;
  std::uint64_t epoch = 0;
  std::uint64_t generation = 0;
  Time data_as_of;
  Consistency consistency = Consistency::unknown;
  Fence fence;
  std::vector<std::string> exports;
  std::vector<std::string> demoted_exports;
  std::vector<ReplicaId> diverged;
  std::vector<AsideData> aside;
};
struct ReportOperationCancelled {
  OperationId operation;
  std::uint32_t attempt = 0;
  std::string why;
};

// One sync of one secondary. Writes events only when the state changes.
struct ReportSync {
  ShareId share;
  ReplicaId replica;
  std::uint64_t epoch = 0;  // of the share when it was started
  std::optional<OutOfSyncReason> wrong;
  std::string words;
  std::uint64_t generation = 0;
  Time data_as_of;
  Consistency consistency = Consistency::unknown;
};
// One status call of one replica.
struct ReportStatus {
  ShareId share;
  ReplicaId replica;
  std::uint64_t epoch = 0;                          // of the share when it was started
  std::optional<Failure> failure;                   // it is broken or cannot be reached
  bool role_fits = true;                            // storage holds the role and epoch of the log
  std::string storage_words;                        // what storage says, when it does not fit
  std::optional<Fence> fenced;                      // a pending fence was enforced by this call
  std::vector<AsideData> aside;                     // all that is kept aside there
  std::vector<Debris> debris_cleaned;               // of earlier removals; nothing of it remains
  std::optional<std::vector<std::string>> exports;  // none: not looked at
};

// ---- from timers (any node's clock) -------------------------------------------------------
struct RerouteOperation {  // nobody claimed it in time
  OperationId operation;
  std::string to;
  std::string why;
};
struct ExpireOperation {  // its deadline passed
  OperationId operation;
};
struct ExpireConfirmation {  // nothing confirmed this replica for RPO + one status interval
  ShareId share;
  ReplicaId replica;
  Time last_confirmed;
};

using Command =
    std::variant<CreateShareType, DeleteShareType, CreateShare, DeleteShare, AddReplica,
                 RemoveReplica, SetActiveReplica, ResyncReplica, ResetReplicaStatus,
                 ResetReplicaState, CancelOperation, ClaimOperation, RenewLease, ReportShareCreated,
                 ReportShareDeleted, ReportReplicaAdded, ReportReplicaRemoved,
                 ReportActiveReplicaChanged, ReportOperationCancelled, ReportSync, ReportStatus,
                 RerouteOperation, ExpireOperation, ExpireConfirmation>;

// The command's name, e.g. AddReplica.
std::string_view name_of(const Command& command);
// Over the name and all fields: same id with another hash is refused (log-protocol 3).
Digest content_hash(const Command& command);

}  // namespace pasig
