// What needs all kinds of facts at once: copies, comparisons, and an event made of each.
#include "events/event.h"

#include <utility>

namespace pasig {

Event::Event() = default;
template <class Kind>
requires(!std::is_base_of_v<Fact, Kind>) Event::Event(Kind fact)
    : Fact(std::in_place_type<Kind>, std::move(fact)) {}
Event::Event(const Event& other) = default;
Event::Event(Event&& other) noexcept = default;
Event& Event::operator=(const Event& other) = default;
Event& Event::operator=(Event&& other) noexcept = default;
Event::~Event() = default;

bool Event::operator==(const Event& other) const {
  return static_cast<const Fact&>(*this) == static_cast<const Fact&>(other);
}

// One line for each kind; a missing one does not link.
template Event::Event(LogCreated);
template Event::Event(CommandRejected);
template Event::Event(RefusalsSuppressed);
template Event::Event(ShareTypeCreated);
template Event::Event(ShareTypeDeleted);
template Event::Event(ShareCreated);
template Event::Event(ShareProvisioned);
template Event::Event(ShareRescheduled);
template Event::Event(ShareProvisionFailed);
template Event::Event(ShareDeletionStarted);
template Event::Event(ShareDeleted);
template Event::Event(ShareDeletionFailed);
template Event::Event(ReplicaAddStarted);
template Event::Event(ReplicaPlacementFailed);
template Event::Event(ReplicaAdded);
template Event::Event(ReplicaAddFailed);
template Event::Event(ReplicaRemovalStarted);
template Event::Event(ReplicaRemoved);
template Event::Event(ReplicaRemovalFailed);
template Event::Event(RelationDebrisLeft);
template Event::Event(RelationDebrisCleaned);
template Event::Event(ActiveReplicaChangeStarted);
template Event::Event(ActiveReplicaChanged);
template Event::Event(ActiveReplicaChangeFailed);
template Event::Event(ReplicaFenced);
template Event::Event(DivergedDataKeptAside);
template Event::Event(ReplicaCameInSync);
template Event::Event(ReplicaFellOutOfSync);
template Event::Event(ReplicaFailed);
template Event::Event(ReplicaRecovered);
template Event::Event(ReplicaResyncRequested);
template Event::Event(ReplicaStatusReset);
template Event::Event(ReplicaStateReset);
template Event::Event(ReportContradictedState);
template Event::Event(ReplicaExportsChanged);
template Event::Event(OperationRequested);
template Event::Event(OperationStarted);
template Event::Event(OperationLeaseRenewed);
template Event::Event(OperationRerouted);
template Event::Event(OperationCancelRequested);
template Event::Event(OperationCompleted);
template Event::Event(OperationFailed);
template Event::Event(OperationCancelled);
template Event::Event(OperationAbandonRequested);
template Event::Event(SnapshotCreationStarted);
template Event::Event(SnapshotTaken);
template Event::Event(SnapshotCopied);
template Event::Event(SnapshotCreationFailed);
template Event::Event(SnapshotCopyOverdue);
template Event::Event(SnapshotCopyLost);
template Event::Event(SnapshotDeletionStarted);
template Event::Event(SnapshotCopyDeleted);
template Event::Event(SnapshotDeletionFailed);
template Event::Event(SnapshotDeleted);
template Event::Event(SnapshotStatusReset);
template Event::Event(SnapshotUnmanageStarted);
template Event::Event(SnapshotUnmanaged);
template Event::Event(SnapshotUnmanageFailed);
template Event::Event(ShareRevertStarted);
template Event::Event(ShareReverted);
template Event::Event(ShareRevertFailed);
template Event::Event(ShareResizeStarted);
template Event::Event(ShareResized);
template Event::Event(ShareResizeFailed);
template Event::Event(ShareGrewOverItsSize);
template Event::Event(ShareCameWithinItsSize);
template Event::Event(ShareTaskReset);
template Event::Event(AccessRuleAdded);
template Event::Event(AccessLevelChanged);
template Event::Event(AccessRuleRemovalStarted);
template Event::Event(AccessRulesApplied);
template Event::Event(AccessRuleRemoved);
template Event::Event(AccessUpdateFailed);
template Event::Event(AccessMetadataChanged);
template Event::Event(ShareManaged);
template Event::Event(ShareManageFailed);
template Event::Event(ShareUnmanageStarted);
template Event::Event(ShareUnmanaged);
template Event::Event(ShareUnmanageFailed);
template Event::Event(ReplicaVerifyRequested);
template Event::Event(ReplicaVerified);
template Event::Event(ReplicaDamageFound);
template Event::Event(AsideDeletionStarted);
template Event::Event(AsideDataDeleted);
template Event::Event(AsideRestoreStarted);
template Event::Event(AsideDataRestored);
template Event::Event(AsideActionFailed);
template Event::Event(EffectsPaused);
template Event::Event(EffectsResumed);
template Event::Event(ShareEffectsPaused);
template Event::Event(ShareEffectsResumed);
template Event::Event(ControllerDrainStarted);
template Event::Event(ControllerDrainEnded);
template Event::Event(ControllerRetired);
template Event::Event(ControllerReinstated);
template Event::Event(ReplicationSuspended);
template Event::Event(ReplicationResumed);
template Event::Event(RelationDebrisForgotten);
template Event::Event(DebrisCleaningRequested);

}  // namespace pasig
