// What clients ask for, as plain values; command.h says what binds all commands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "events/event.h"
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
  SnapshotId source_snapshot;  // nil: it begins empty
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

// ---- snapshots ------------------------------------------------------------------------------
struct CreateSnapshot {
  ShareId share;
  std::string name;
  std::string description;
  std::vector<KeyValue> metadata;
};
struct DeleteSnapshot {
  SnapshotId snapshot;
  bool force = false;
};
struct ResetSnapshotStatus {
  SnapshotId snapshot;
  SnapshotStatus status = SnapshotStatus::available;
};
struct RevertShare {
  ShareId share;
  SnapshotId snapshot;  // the newest one
};

// ---- size, access ---------------------------------------------------------------------------
struct ExtendShare {
  ShareId share;
  std::uint64_t new_size_gb = 0;
  bool force = false;  // Manila: without asking the scheduler whether there is room
};
struct ShrinkShare {
  ShareId share;
  std::uint64_t new_size_gb = 0;
};
struct ResetShareTask {  // out of extending_error and the like
  ShareId share;
};
struct GrantAccess {
  ShareId share;
  std::string type;
  std::string to;
  AccessLevel level = AccessLevel::rw;
  std::vector<KeyValue> metadata;
};
struct RevokeAccess {
  ShareId share;
  AccessRuleId rule;
};
struct ChangeAccessLevel {
  AccessRuleId rule;
  AccessLevel level = AccessLevel::rw;
};
struct ChangeAccessMetadata {
  AccessRuleId rule;
  std::vector<KeyValue> set;
  std::vector<std::string> unset;  // keys
};

// ---- adoption -------------------------------------------------------------------------------
struct ManageShare {
  std::string name;
  std::string description;
  std::string protocol;
  ShareTypeId type;
  bool is_public = false;
  std::string host;  // pasig@<controller>#<pool>
  std::string path;  // of the tree that is to become the share
};
struct UnmanageShare {
  ShareId share;
};
struct ManageSnapshot {
  ShareId share;
  std::string name;
  std::string description;
  std::string path;
};
struct UnmanageSnapshot {
  SnapshotId snapshot;
};

// ---- scrub, data kept aside -----------------------------------------------------------------
struct VerifyReplica {
  ReplicaId replica;
};
struct DeleteAside {
  ShareId share;
  std::string controller;
  std::string path;
};
struct RestoreAside {
  ShareId share;
  std::string controller;
  std::string path;
  std::string to;
};

// ---- the operator's ways out ------------------------------------------------------------------
struct PauseEffects {  // of a share, of a controller, or, with neither, of all
  std::optional<ShareId> share;
  std::string controller;
  std::string why;
};
struct ResumeEffects {
  std::optional<ShareId> share;
  std::string controller;
};
struct AbandonOperation {
  OperationId operation;
  std::string why;
};
struct DrainController {
  std::string controller;
  std::string why;
  bool end = false;  // the drain is over
};
struct RetireController {
  std::string controller;
  std::string why;
  bool reinstate = false;  // it was not gone after all
};
struct SuspendReplication {
  ShareId share;
  std::string why;
};
struct ResumeReplication {
  ShareId share;
};
struct CleanDebris {
  ShareId share;
};
struct ForgetDebris {
  ShareId share;
  ReplicaId replica;
  std::string controller;
  std::string why;
};

}  // namespace pasig
