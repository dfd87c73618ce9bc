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

// ---- parts of several files ------------------------------------------------------------------
// Null when the world has no such share; stamps the share otherwise.
Share* touch(const Place& at, ShareId id);
// The replica of an event's share, both stamped; null when there is none.
Replica* touch(const Place& at, ShareId share, ReplicaId replica);
void put_on(Replica& replica, const Placement& placement);
// "unreachable on zone-b: it did not answer within 5 s (start it, or change by force)".
std::string in_words(const Failure& failure);

}  // namespace pasig::fold
