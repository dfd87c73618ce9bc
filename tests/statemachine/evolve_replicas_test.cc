// Replicas: what each fact about them adds up to.
#include <gtest/gtest.h>

#include "tests/statemachine/facts.h"

namespace pasig {
namespace {

using namespace facts;

// ---- added and removed -----------------------------------------------------------------------
TEST(EvolveReplicas, AddingStartsWithAReplicaThatIsOutOfSync) {
  History history = provisioned(ReplicationType::readable);
  history.record({replica_add_started(k_second, "b")});
  const Replica& second = history.replica(k_second);
  EXPECT_EQ(second.status, ReplicaStatus::creating);
  EXPECT_EQ(second.state, ReplicaState::out_of_sync);
  EXPECT_EQ(second.host, "node@b#pool");
  EXPECT_EQ(second.zone, "zone-of-b");
  EXPECT_EQ(second.placement, on("b"));
  EXPECT_TRUE(second.cast_rules_to_readonly);
  EXPECT_EQ(second.created_at, history.time());
  EXPECT_EQ(second.updated_at, history.time());
}

TEST(EvolveReplicas, OneThatNoPoolTookIsInErrorAndHasNoHost) {
  History history = provisioned(ReplicationType::readable);
  Placement nowhere = on("b");
  nowhere.considered = 3;
  history.record({ReplicaPlacementFailed{k_share, k_second, nowhere,
                                         failure(FailureCode::no_valid_host, "no pool passed")}});
  const Replica& second = history.replica(k_second);
  EXPECT_EQ(second.status, ReplicaStatus::error);
  EXPECT_EQ(second.state, ReplicaState::error);
  EXPECT_EQ(second.host, "");
  EXPECT_EQ(second.placement.considered, 3U);
  EXPECT_EQ(second.note, "no_valid_host: no pool passed");
  EXPECT_EQ(second.created_at, history.time());
}

TEST(EvolveReplicas, OneThatNoFurtherPoolTookIsNotAddedTwice) {
  History history = provisioned(ReplicationType::readable);
  history.record({replica_add_started(k_second, "b")})
      .record({ReplicaPlacementFailed{.share = k_share, .replica = k_second}});
  EXPECT_EQ(history.share().replicas.size(), 2U);
  EXPECT_EQ(history.replica(k_second).state, ReplicaState::error);
  EXPECT_EQ(history.replica(k_second).host, "");
}

TEST(EvolveReplicas, AnAddedOneIsAvailableInTheStateThatItsDriverVerified) {
  History history = provisioned(ReplicationType::readable);
  history.record({replica_add_started(k_second, "b")})
      .record({ReplicaAdded{k_share,
                            k_second,
                            ReplicaState::in_sync,
                            {"b:/accounts"},
                            9,
                            Time{777},
                            Consistency::atomic}});
  const Replica& second = history.replica(k_second);
  EXPECT_EQ(second.status, ReplicaStatus::available);
  EXPECT_EQ(second.state, ReplicaState::in_sync);
  EXPECT_EQ(second.exports, std::vector<std::string>{"b:/accounts"});
  EXPECT_EQ(second.generation, 9U);
  EXPECT_EQ(second.data_as_of, Time{777});
  EXPECT_EQ(second.consistency, Consistency::atomic);
  EXPECT_EQ(second.updated_at, history.time());
}

TEST(EvolveReplicas, OneThatCouldNotBeAddedIsInError) {
  History history = provisioned(ReplicationType::readable);
  history.record({replica_add_started(k_second, "b")})
      .record({ReplicaAddFailed{k_share, k_second, failure(FailureCode::unreachable, "gone")}});
  EXPECT_EQ(history.replica(k_second).status, ReplicaStatus::error);
  EXPECT_EQ(history.replica(k_second).state, ReplicaState::error);
  EXPECT_EQ(history.replica(k_second).note, "unreachable: gone");
}

TEST(EvolveReplicas, RemovalStartsWithDeletingAndKeepsTheState) {
  History history = replicated();
  history.record({ReplicaRemovalStarted{k_share, k_second, true}});
  EXPECT_EQ(history.replica(k_second).status, ReplicaStatus::deleting);
  EXPECT_EQ(history.replica(k_second).state, ReplicaState::in_sync);
  EXPECT_TRUE(history.replica(k_second).removal_forced);
}

TEST(EvolveReplicas, RemovedOnesAreForgotten) {
  History history = replicated();
  history.record({ReplicaRemoved{k_share, k_second}});
  EXPECT_EQ(history.share().find(k_second), nullptr);
  EXPECT_EQ(history.share().replicas.size(), 2U);
}

TEST(EvolveReplicas, OneThatCouldNotBeRemovedIsNoCopyAnyMore) {
  History history = replicated();
  history.record({ReplicaRemovalStarted{k_share, k_second, false}})
      .record({ReplicaRemovalFailed{k_share, k_second, failure(FailureCode::failed, "busy")}});
  EXPECT_EQ(history.replica(k_second).status, ReplicaStatus::error_deleting);
  EXPECT_EQ(history.replica(k_second).state, ReplicaState::error);
  EXPECT_EQ(history.replica(k_second).note, "failed: busy");
}

TEST(EvolveReplicas, DebrisIsListedUntilItIsCleaned) {
  History history = replicated();
  history.record({ReplicaRemoved{k_share, k_second},
                  RelationDebrisLeft{k_share, k_second, "b", 4096, "b did not answer"}});
  const std::vector<Debris> expected = {{k_second, "b", 4096, "b did not answer", history.time()}};
  EXPECT_EQ(history.share().debris, expected);
  history.record({RelationDebrisCleaned{k_share, k_second, "b"}});
  EXPECT_TRUE(history.share().debris.empty());
}

TEST(EvolveReplicas, CleaningOneControllerLeavesTheDebrisOfOthers) {
  History history = replicated();
  history.record({RelationDebrisLeft{.share = k_share, .replica = k_second, .controller = "b"},
                  RelationDebrisLeft{.share = k_share, .replica = k_second, .controller = "c"},
                  RelationDebrisLeft{.share = k_share, .replica = k_third, .controller = "b"}});
  history.record({RelationDebrisCleaned{k_share, k_second, "b"}});
  ASSERT_EQ(history.share().debris.size(), 2U);
  EXPECT_EQ(history.share().debris[0].controller, "c");
  EXPECT_EQ(history.share().debris[1].replica, k_third);
}

// ---- roles -----------------------------------------------------------------------------------
TEST(EvolveRoles, StartingAChangeMovesOnlyTheTargetsStatus) {
  History history = replicated();
  history.record(
      {ActiveReplicaChangeStarted{k_share, k_second, k_first, ChangeMode::planned, 45, true}});
  EXPECT_EQ(history.replica(k_second).status, ReplicaStatus::replication_change);
  EXPECT_EQ(history.replica(k_second).state, ReplicaState::in_sync);
  EXPECT_EQ(history.replica(k_first).status, ReplicaStatus::available);
  EXPECT_EQ(history.replica(k_first).state, ReplicaState::active);
  EXPECT_EQ(history.share().epoch, 1U);
  EXPECT_EQ(history.share().change,
            (PendingChange{k_second, k_first, ChangeMode::planned, 45, true}));
}

TEST(EvolveRoles, AChangeGivesTheTargetTheRoleAndItsData) {
  History history = replicated();
  history
      .record(
          {ActiveReplicaChangeStarted{.share = k_share, .replica = k_second, .demoted = k_first}})
      .record({second_became_active()});
  const Replica& second = history.replica(k_second);
  EXPECT_EQ(second.status, ReplicaStatus::available);
  EXPECT_EQ(second.state, ReplicaState::active);
  EXPECT_FALSE(second.cast_rules_to_readonly);
  EXPECT_EQ(second.exports, std::vector<std::string>{"b:/accounts"});
  EXPECT_EQ(second.generation, 17U);
  EXPECT_EQ(second.data_as_of, Time{777});
  EXPECT_EQ(second.consistency, Consistency::settled);
  EXPECT_EQ(history.share().epoch, 2U);
  EXPECT_EQ(history.share().change, std::nullopt);
}

TEST(EvolveRoles, AChangeDemotesTheOldActiveReplicaInTheSameStep) {
  History history = replicated();
  history.record({second_became_active()});
  const Replica& first = history.replica(k_first);
  EXPECT_EQ(first.status, ReplicaStatus::available);
  EXPECT_EQ(first.state, ReplicaState::out_of_sync);
  EXPECT_TRUE(first.cast_rules_to_readonly);
  EXPECT_EQ(first.exports, std::vector<std::string>{"a:/accounts (read-only)"});
  EXPECT_EQ(first.fence, (Fence{FenceState::enforced, FenceKind::mode, "not writable"}));
  EXPECT_EQ(first.updated_at, history.time());
  EXPECT_EQ(first.note.find("not fenced"), std::string::npos);
}

TEST(EvolveRoles, DemotedReplicasOfDrSharesDoNotCastTheirRules) {
  History history = replicated(ReplicationType::dr);
  history.record({second_became_active()});
  EXPECT_FALSE(history.replica(k_first).cast_rules_to_readonly);
}

TEST(EvolveRoles, ADemotedReplicaInErrorStaysInError) {
  History history = replicated();
  ActiveReplicaChanged changed = second_became_active();
  changed.fence = {FenceState::pending, FenceKind::none, "a does not answer"};
  history.record({ReplicaFailed{k_share, k_first, failure(FailureCode::unreachable, "no answer")}})
      .record({changed});
  EXPECT_EQ(history.replica(k_first).status, ReplicaStatus::error);
  EXPECT_EQ(history.replica(k_first).state, ReplicaState::out_of_sync);
  EXPECT_NE(history.replica(k_first).note.find("not fenced yet: a does not answer"),
            std::string::npos);
}

TEST(EvolveRoles, OthersKeepTheirStateUnlessTheyAreDiverged) {
  History untouched = replicated();
  untouched.record({second_became_active()});
  EXPECT_EQ(untouched.replica(k_third).state, ReplicaState::in_sync);

  History diverged = replicated();
  ActiveReplicaChanged changed = second_became_active();
  changed.diverged = {k_third};
  diverged.record({changed});
  EXPECT_EQ(diverged.replica(k_third).state, ReplicaState::out_of_sync);
  EXPECT_EQ(diverged.replica(k_third).updated_at, diverged.time());
  EXPECT_NE(diverged.replica(k_third).note.find("ahead of " + to_string(k_second)),
            std::string::npos);
}

TEST(EvolveRoles, ADivergedReplicaInErrorStaysInError) {
  History history = replicated();
  ActiveReplicaChanged changed = second_became_active();
  changed.diverged = {k_third};
  history.record({ReplicaFailed{.share = k_share, .replica = k_third}}).record({changed});
  EXPECT_EQ(history.replica(k_third).state, ReplicaState::error);
}

TEST(EvolveRoles, ANewActiveReplicaIsNotFencedAndAcceptsNoMassDeletion) {
  History history = replicated();
  history.record({second_became_active()});
  history.record({ReplicaResyncRequested{k_share, k_first, true}});
  ActiveReplicaChanged back = second_became_active();
  back.replica = k_first;
  back.demoted = k_second;
  back.epoch = 3;
  history.record({back});
  EXPECT_EQ(history.replica(k_first).fence, Fence{});
  EXPECT_FALSE(history.replica(k_first).accepts_mass_deletion);
  EXPECT_EQ(history.replica(k_first).note, "");
  EXPECT_EQ(history.share().epoch, 3U);
}

TEST(EvolveRoles, AFailedChangeLeavesTheRolesAndSaysWhy) {
  History history = replicated();
  history
      .record(
          {ActiveReplicaChangeStarted{.share = k_share, .replica = k_second, .demoted = k_first}})
      .record({ActiveReplicaChangeFailed{k_share, k_second, k_first,
                                         failure(FailureCode::mismatch, "2 files differ")}});
  EXPECT_EQ(history.replica(k_second).status, ReplicaStatus::available);
  EXPECT_EQ(history.replica(k_second).state, ReplicaState::in_sync);
  EXPECT_EQ(history.replica(k_second).note, "did not become active: mismatch: 2 files differ");
  EXPECT_EQ(history.replica(k_first).state, ReplicaState::active);
  EXPECT_EQ(history.share().epoch, 1U);
  EXPECT_EQ(history.share().change, std::nullopt);
}

TEST(EvolveRoles, ALateFenceIsKeptOnTheReplica) {
  History history = replicated();
  const Fence fence{FenceState::enforced, FenceKind::mode, "it is back"};
  history.record({second_became_active()}).record({ReplicaFenced{k_share, k_first, 2, fence}});
  EXPECT_EQ(history.replica(k_first).fence, fence);
}

TEST(EvolveRoles, DivergedDataIsListedAndOutlivesItsReplica) {
  History history = replicated();
  history.record({DivergedDataKeptAside{k_share, k_third, "c", "/aside/1", 3, 4096, 1}});
  const std::vector<AsideData> expected = {{k_third, "c", "/aside/1", 3, 4096, 1, history.time()}};
  history.record({ReplicaRemoved{k_share, k_third}});
  EXPECT_EQ(history.share().aside, expected);
}

// ---- in and out of sync ----------------------------------------------------------------------
TEST(EvolveSync, FallingOutOfSyncSaysWhy) {
  History history = replicated();
  history.record({ReplicaFellOutOfSync{k_share, k_second, OutOfSyncReason::sync_failed,
                                       "rsync ended with 23", Time{555}}});
  EXPECT_EQ(history.replica(k_second).state, ReplicaState::out_of_sync);
  EXPECT_EQ(history.replica(k_second).status, ReplicaStatus::available);
  EXPECT_EQ(history.replica(k_second).note, "sync_failed: rsync ended with 23");
  EXPECT_EQ(history.replica(k_second).data_as_of, Time{555});
}

TEST(EvolveSync, FallingOutOfSyncWithoutACopyKeepsTheLastKnownMoment) {
  History history = provisioned(ReplicationType::dr);
  history.record({replica_add_started(k_second, "b")})
      .record({ReplicaAdded{.share = k_share,
                            .replica = k_second,
                            .state = ReplicaState::in_sync,
                            .data_as_of = Time{777}}})
      .record({ReplicaFellOutOfSync{
          .share = k_share, .replica = k_second, .reason = OutOfSyncReason::unverified}});
  EXPECT_EQ(history.replica(k_second).data_as_of, Time{777});
  EXPECT_EQ(history.replica(k_second).note, "unverified");
}

TEST(EvolveSync, ComingInSyncClearsTheReasonAndTheLeaveToDelete) {
  History history = replicated();
  history
      .record({ReplicaFellOutOfSync{.share = k_share,
                                    .replica = k_second,
                                    .reason = OutOfSyncReason::mass_deletion_suspected}})
      .record({ReplicaResyncRequested{k_share, k_second, true}});
  EXPECT_TRUE(history.replica(k_second).accepts_mass_deletion);
  history.record({ReplicaCameInSync{k_share, k_second, 21, Time{888}, Consistency::settled}});
  EXPECT_EQ(history.replica(k_second).state, ReplicaState::in_sync);
  EXPECT_EQ(history.replica(k_second).generation, 21U);
  EXPECT_EQ(history.replica(k_second).data_as_of, Time{888});
  EXPECT_EQ(history.replica(k_second).consistency, Consistency::settled);
  EXPECT_FALSE(history.replica(k_second).accepts_mass_deletion);
  EXPECT_EQ(history.replica(k_second).note, "");
}

TEST(EvolveSync, AResyncTakesAReplicaOutOfItsErrorState) {
  History history = replicated();
  history.record({ReplicaStateReset{k_share, k_second, ReplicaState::in_sync, ReplicaState::error}})
      .record({ReplicaResyncRequested{k_share, k_second, false}});
  EXPECT_EQ(history.replica(k_second).state, ReplicaState::out_of_sync);
  EXPECT_FALSE(history.replica(k_second).accepts_mass_deletion);
}

TEST(EvolveSync, AResyncLeavesAReplicaInSync) {
  History history = replicated();
  history.record({ReplicaResyncRequested{k_share, k_second, false}});
  EXPECT_EQ(history.replica(k_second).state, ReplicaState::in_sync);
}

// ---- broken, whole, reset --------------------------------------------------------------------
TEST(EvolveHealth, AFailedReplicaIsInErrorTwice) {
  History history = replicated();
  history.record({ReplicaFailed{
      k_share, k_second, {FailureCode::unreachable, "b", "no answer within 5 s", "start b"}}});
  EXPECT_EQ(history.replica(k_second).status, ReplicaStatus::error);
  EXPECT_EQ(history.replica(k_second).state, ReplicaState::error);
  EXPECT_EQ(history.replica(k_second).note, "unreachable on b: no answer within 5 s (start b)");
}

TEST(EvolveHealth, AFailedActiveReplicaKeepsItsRole) {
  for (const auto type : {ReplicationType::none, ReplicationType::writable,
                          ReplicationType::readable, ReplicationType::dr}) {
    History history = provisioned(type);
    history.record({ReplicaFailed{k_share, k_first, failure(FailureCode::lost, "disk")}});
    EXPECT_EQ(history.replica(k_first).status, ReplicaStatus::error) << word(type);
    EXPECT_EQ(history.replica(k_first).state, ReplicaState::active) << word(type);
  }
}

TEST(EvolveHealth, ARecoveredReplicaIsAvailableAndItsDataStaysInDoubt) {
  History history = replicated();
  history.record({ReplicaFailed{k_share, k_second, failure(FailureCode::lost, "disk")}})
      .record({ReplicaRecovered{k_share, k_second}});
  EXPECT_EQ(history.replica(k_second).status, ReplicaStatus::available);
  EXPECT_EQ(history.replica(k_second).state, ReplicaState::error);
  EXPECT_EQ(history.replica(k_second).note, "");
}

TEST(EvolveHealth, AStatusResetSetsTheStatusAlone) {
  History history = replicated();
  history.record({ReplicaStatusReset{k_share, k_second, ReplicaStatus::available,
                                     ReplicaStatus::error_deleting}});
  EXPECT_EQ(history.replica(k_second).status, ReplicaStatus::error_deleting);
  EXPECT_EQ(history.replica(k_second).state, ReplicaState::in_sync);
  EXPECT_EQ(history.replica(k_second).note, "status was reset from available to error_deleting");
}

TEST(EvolveHealth, AStatusResetEndsAPendingChange) {
  History history = replicated();
  history
      .record(
          {ActiveReplicaChangeStarted{.share = k_share, .replica = k_second, .demoted = k_first}})
      .record({ReplicaStatusReset{k_share, k_second, ReplicaStatus::replication_change,
                                  ReplicaStatus::available}});
  EXPECT_EQ(history.share().change, std::nullopt);
}

TEST(EvolveHealth, AStateResetSetsTheStateAlone) {
  History history = replicated();
  history.record(
      {ReplicaStateReset{k_share, k_second, ReplicaState::in_sync, ReplicaState::out_of_sync}});
  EXPECT_EQ(history.replica(k_second).state, ReplicaState::out_of_sync);
  EXPECT_EQ(history.replica(k_second).status, ReplicaStatus::available);
  EXPECT_EQ(history.replica(k_second).note, "replica_state was reset from in_sync to out_of_sync");
}

TEST(EvolveHealth, AContradictionIsNotedAndChangesNeitherStatusNorState) {
  History history = replicated();
  history.record({ReportContradictedState{k_share, k_second, k_operation, "it became active",
                                          "available, in_sync"}});
  EXPECT_EQ(history.replica(k_second).status, ReplicaStatus::available);
  EXPECT_EQ(history.replica(k_second).state, ReplicaState::in_sync);
  EXPECT_EQ(history.replica(k_second).note,
            "storage reported it became active while the log said available, in_sync");
}

TEST(EvolveHealth, NewExportsTakeThePlaceOfTheOldOnes) {
  History history = replicated();
  history.record({ReplicaExportsChanged{k_share, k_second, {"b:/again"}}});
  EXPECT_EQ(history.replica(k_second).exports, std::vector<std::string>{"b:/again"});
  EXPECT_EQ(history.replica(k_second).state, ReplicaState::in_sync);
}

}  // namespace
}  // namespace pasig
