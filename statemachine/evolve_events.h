// The fold, one overload per event; evolve.h is what others call. Inside statemachine/ only.
#pragma once

#include "statemachine/evolve.h"

namespace pasig::fold {

// Where an event lands: the world, and what is known of the record around it.
struct Place {
  World& world;
  const Recorded& recorded;
};

// ---- evolve.cc: the log itself, types, shares ----------------------------------------------
void apply(const Place& at, const LogCreated& event);
void apply(const Place& at, const CommandRejected& event);
void apply(const Place& at, const RefusalsSuppressed& event);
void apply(const Place& at, const ShareTypeCreated& event);
void apply(const Place& at, const ShareTypeDeleted& event);
void apply(const Place& at, const ShareCreated& event);
void apply(const Place& at, const ShareProvisioned& event);
void apply(const Place& at, const ShareRescheduled& event);
void apply(const Place& at, const ShareProvisionFailed& event);
void apply(const Place& at, const ShareDeletionStarted& event);
void apply(const Place& at, const ShareDeleted& event);
void apply(const Place& at, const ShareDeletionFailed& event);

// ---- evolve_replicas.cc ----------------------------------------------------------------------
void apply(const Place& at, const ReplicaAddStarted& event);
void apply(const Place& at, const ReplicaPlacementFailed& event);
void apply(const Place& at, const ReplicaAdded& event);
void apply(const Place& at, const ReplicaAddFailed& event);
void apply(const Place& at, const ReplicaRemovalStarted& event);
void apply(const Place& at, const ReplicaRemoved& event);
void apply(const Place& at, const ReplicaRemovalFailed& event);
void apply(const Place& at, const RelationDebrisLeft& event);
void apply(const Place& at, const RelationDebrisCleaned& event);
void apply(const Place& at, const ActiveReplicaChangeStarted& event);
void apply(const Place& at, const ActiveReplicaChanged& event);
void apply(const Place& at, const ActiveReplicaChangeFailed& event);
void apply(const Place& at, const ReplicaFenced& event);
void apply(const Place& at, const DivergedDataKeptAside& event);
void apply(const Place& at, const ReplicaCameInSync& event);
void apply(const Place& at, const ReplicaFellOutOfSync& event);
void apply(const Place& at, const ReplicaFailed& event);
void apply(const Place& at, const ReplicaRecovered& event);
void apply(const Place& at, const ReplicaResyncRequested& event);
void apply(const Place& at, const ReplicaStatusReset& event);
void apply(const Place& at, const ReplicaStateReset& event);
void apply(const Place& at, const ReportContradictedState& event);
void apply(const Place& at, const ReplicaExportsChanged& event);

// ---- evolve_operations.cc --------------------------------------------------------------------
void apply(const Place& at, const OperationRequested& event);
void apply(const Place& at, const OperationStarted& event);
void apply(const Place& at, const OperationLeaseRenewed& event);
void apply(const Place& at, const OperationRerouted& event);
void apply(const Place& at, const OperationCancelRequested& event);
void apply(const Place& at, const OperationCompleted& event);
void apply(const Place& at, const OperationFailed& event);
void apply(const Place& at, const OperationCancelled& event);
void apply(const Place& at, const OperationAbandonRequested& event);

// ---- evolve_snapshots.cc ----------------------------------------------------------------------
void apply(const Place& at, const SnapshotCreationStarted& event);
void apply(const Place& at, const SnapshotTaken& event);
void apply(const Place& at, const SnapshotCopied& event);
void apply(const Place& at, const SnapshotCreationFailed& event);
void apply(const Place& at, const SnapshotCopyOverdue& event);
void apply(const Place& at, const SnapshotCopyLost& event);
void apply(const Place& at, const SnapshotDeletionStarted& event);
void apply(const Place& at, const SnapshotCopyDeleted& event);
void apply(const Place& at, const SnapshotDeletionFailed& event);
void apply(const Place& at, const SnapshotDeleted& event);
void apply(const Place& at, const SnapshotStatusReset& event);
void apply(const Place& at, const SnapshotUnmanageStarted& event);
void apply(const Place& at, const SnapshotUnmanaged& event);
void apply(const Place& at, const SnapshotUnmanageFailed& event);
void apply(const Place& at, const ShareRevertStarted& event);
void apply(const Place& at, const ShareReverted& event);
void apply(const Place& at, const ShareRevertFailed& event);

// ---- evolve_size_and_access.cc: size, access, adoption -----------------------------------------
void apply(const Place& at, const ShareResizeStarted& event);
void apply(const Place& at, const ShareResized& event);
void apply(const Place& at, const ShareResizeFailed& event);
void apply(const Place& at, const ShareGrewOverItsSize& event);
void apply(const Place& at, const ShareCameWithinItsSize& event);
void apply(const Place& at, const ShareTaskReset& event);
void apply(const Place& at, const AccessRuleAdded& event);
void apply(const Place& at, const AccessLevelChanged& event);
void apply(const Place& at, const AccessRuleRemovalStarted& event);
void apply(const Place& at, const AccessRulesApplied& event);
void apply(const Place& at, const AccessRuleRemoved& event);
void apply(const Place& at, const AccessUpdateFailed& event);
void apply(const Place& at, const AccessMetadataChanged& event);
void apply(const Place& at, const ShareManaged& event);
void apply(const Place& at, const ShareManageFailed& event);
void apply(const Place& at, const ShareUnmanageStarted& event);
void apply(const Place& at, const ShareUnmanaged& event);
void apply(const Place& at, const ShareUnmanageFailed& event);

// ---- evolve_care.cc: scrubs, data kept aside, the operator's ways out -------------------------
void apply(const Place& at, const ReplicaVerifyRequested& event);
void apply(const Place& at, const ReplicaVerified& event);
void apply(const Place& at, const ReplicaDamageFound& event);
void apply(const Place& at, const AsideDeletionStarted& event);
void apply(const Place& at, const AsideDataDeleted& event);
void apply(const Place& at, const AsideRestoreStarted& event);
void apply(const Place& at, const AsideDataRestored& event);
void apply(const Place& at, const AsideActionFailed& event);
void apply(const Place& at, const EffectsPaused& event);
void apply(const Place& at, const EffectsResumed& event);
void apply(const Place& at, const ShareEffectsPaused& event);
void apply(const Place& at, const ShareEffectsResumed& event);
void apply(const Place& at, const ControllerDrainStarted& event);
void apply(const Place& at, const ControllerDrainEnded& event);
void apply(const Place& at, const ControllerRetired& event);
void apply(const Place& at, const ControllerReinstated& event);
void apply(const Place& at, const ReplicationSuspended& event);
void apply(const Place& at, const ReplicationResumed& event);
void apply(const Place& at, const RelationDebrisForgotten& event);
void apply(const Place& at, const DebrisCleaningRequested& event);

// A replica joins: it is to get every snapshot and rule; one leaves with its copies of them.
void join_parts(Share& share, const Replica& replica, Time now);
void leave_parts(Share& share, ReplicaId replica);

// ---- parts of several files ------------------------------------------------------------------
// Null when the world has no such share; stamps the share otherwise.
Share* touch(const Place& at, ShareId id);
// The replica of an event's share, both stamped; null when there is none.
Replica* touch(const Place& at, ShareId share, ReplicaId replica);
void put_on(Replica& replica, const Placement& placement);
// "unreachable on zone-b: it did not answer within 5 s (start it, or change by force)".
std::string in_words(const Failure& failure);

}  // namespace pasig::fold
