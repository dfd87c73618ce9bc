#include "tests/log/newer_facts.h"

namespace pasig {
namespace {

constexpr ShareId k_adopted{{0x5001, 3}};
constexpr ReplicaId k_adopted_replica{{0x6001, 4}};

void begin_snapshot(Teller& teller, SnapshotId id) {
  teller.tell<SnapshotCreationStarted>([id](auto& fact) {
    fact.snapshot = id;
    fact.required = {k_first, k_second};
  });
}

// About another snapshot than the first one.
template <class Fact>
void tell_of(Teller& teller, SnapshotId id) {
  teller.tell<Fact>([id](Fact& fact) { fact.snapshot = id; });
}

void tell_of_snapshots(Teller& teller) {
  begin_snapshot(teller, k_snapshot);
  teller.tell_of<SnapshotTaken>(k_first);
  teller.tell<SnapshotCopyOverdue>();
  teller.tell<SnapshotCopied>();
  teller.tell<SnapshotCopyLost>();
  teller.tell<SnapshotCopied>();
  begin_snapshot(teller, k_failed_snapshot);
  tell_of<SnapshotCreationFailed>(teller, k_failed_snapshot);
  teller.tell<SnapshotStatusReset>([](auto& fact) {
    fact.snapshot = k_failed_snapshot;
    fact.to = SnapshotStatus::available;
  });
  tell_of<SnapshotDeletionStarted>(teller, k_failed_snapshot);
  teller.tell<SnapshotCopyDeleted>([](auto& fact) { fact.snapshot = k_failed_snapshot; });
  tell_of<SnapshotDeletionFailed>(teller, k_failed_snapshot);
  begin_snapshot(teller, k_given_back);
  tell_of<SnapshotUnmanageStarted>(teller, k_given_back);
  tell_of<SnapshotUnmanageFailed>(teller, k_given_back);
  tell_of<SnapshotUnmanageStarted>(teller, k_given_back);
  tell_of<SnapshotUnmanaged>(teller, k_given_back);
  teller.tell<ShareRevertStarted>();
  teller.tell<ShareReverted>();
  teller.tell<ShareRevertStarted>();
  teller.tell<ShareRevertFailed>();
}

void tell_of_size_and_access(Teller& teller) {
  teller.tell<ShareResizeStarted>();
  teller.ask(k_broken, OperationKind::extend_share);
  teller.tell<OperationStarted>([](auto& fact) { fact.operation = k_broken; });
  teller.tell<OperationAbandonRequested>([](auto& fact) { fact.operation = k_broken; });
  teller.tell<ShareResizeFailed>();
  teller.tell<ShareTaskReset>([](auto& fact) { fact.to = ShareTask::none; });
  teller.tell<ShareResizeStarted>();
  teller.tell<ShareResized>();
  teller.tell<ShareGrewOverItsSize>();
  teller.tell<AccessRuleAdded>();
  teller.tell<AccessRulesApplied>([](auto& fact) {
    fact.outcomes.resize(1);
    fact.outcomes[0].rule = k_rule;
    fact.outcomes[0].state = AccessState::error;
  });
  teller.tell<AccessLevelChanged>();
  teller.tell<AccessMetadataChanged>();
  teller.tell<AccessUpdateFailed>();
}

void tell_of_adoption(Teller& teller) {
  teller.tell<ShareCreated>([](auto& fact) {
    fact.share = k_adopted;
    fact.replica = k_adopted_replica;
  });
  teller.tell<ShareManaged>([](auto& fact) {
    fact.share = k_adopted;
    fact.replica = k_adopted_replica;
  });
  teller.tell<ShareUnmanageStarted>([](auto& fact) { fact.share = k_adopted; });
  teller.tell<ShareUnmanageFailed>([](auto& fact) { fact.share = k_adopted; });
  teller.tell<ShareManageFailed>([](auto& fact) {
    fact.share = k_failed_share;
    fact.replica = k_third;
  });
  teller.tell<ShareUnmanageStarted>([](auto& fact) { fact.share = k_failed_share; });
  teller.tell<ShareUnmanaged>([](auto& fact) { fact.share = k_failed_share; });
}

void tell_of_scrubs_and_asides(Teller& teller) {
  teller.tell<ReplicaVerifyRequested>();
  teller.tell<ReplicaVerified>();
  teller.tell<ReplicaVerifyRequested>();
  teller.tell<ReplicaDamageFound>([](auto& fact) { fact.damaged = 9; });
  for (const char* path : {"kept", "given back"})
    teller.tell<DivergedDataKeptAside>([path](auto& fact) {
      fact.controller = "a";
      fact.path = path;
    });
  const auto here = [](auto& fact) {
    fact.controller = "a";
    fact.path = "given back";
  };
  teller.tell<AsideRestoreStarted>(here);
  teller.tell<AsideDataRestored>(here);
  teller.tell<AsideDeletionStarted>(here);
  teller.tell<AsideActionFailed>(here);
  teller.tell<AsideDataDeleted>(here);
}

// What holds at the end is in the state that the log adds up to, and what does not hold is not.
void tell_of_orders(Teller& teller) {
  teller.tell<EffectsPaused>([](auto& fact) { fact.controller = ""; });
  teller.tell<EffectsResumed>([](auto& fact) { fact.controller = ""; });
  teller.tell<EffectsPaused>([](auto& fact) { fact.controller = "a"; });
  teller.tell<ControllerDrainStarted>([](auto& fact) { fact.controller = "a"; });
  teller.tell<ControllerDrainStarted>([](auto& fact) { fact.controller = "b"; });
  teller.tell<ControllerDrainEnded>([](auto& fact) { fact.controller = "b"; });
  teller.tell<ControllerRetired>([](auto& fact) { fact.controller = "b"; });
  teller.tell<ControllerReinstated>([](auto& fact) { fact.controller = "b"; });
  teller.tell<ControllerRetired>([](auto& fact) { fact.controller = "c"; });
  teller.tell<ShareEffectsPaused>();
  teller.tell<ShareEffectsResumed>();
  teller.tell<ShareEffectsPaused>([](auto& fact) { fact.share = k_adopted; });
  teller.tell<ReplicationSuspended>();
  teller.tell<ReplicationResumed>();
  teller.tell<ReplicationSuspended>([](auto& fact) { fact.share = k_adopted; });
  teller.tell<DebrisCleaningRequested>();
  for (const char* controller : {"b", "c"})
    teller.tell<RelationDebrisLeft>([controller](auto& fact) { fact.controller = controller; });
  teller.tell<RelationDebrisForgotten>([](auto& fact) { fact.controller = "b"; });
}

}  // namespace

void tell_newer_facts(Teller& teller) {
  teller.tell<ReplicaAddStarted>();
  teller.tell<ReplicaAdded>([](auto& fact) { fact.state = ReplicaState::in_sync; });
  tell_of_snapshots(teller);
  tell_of_size_and_access(teller);
  tell_of_adoption(teller);
  tell_of_scrubs_and_asides(teller);
  tell_of_orders(teller);
  // Last, so that the rule and the snapshot are there while everything else is told.
  teller.tell<AccessRuleRemovalStarted>();
  teller.tell<AccessRuleAdded>([](auto& fact) { fact.rule = AccessRuleId{{0x2001, 2}}; });
  teller.tell<AccessRuleRemoved>();
  teller.tell<ShareCameWithinItsSize>();
  teller.tell<SnapshotDeletionStarted>();
  teller.tell<SnapshotDeleted>();
}

}  // namespace pasig
