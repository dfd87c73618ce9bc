#include "tests/commands/story.h"

namespace pasig {
namespace {

// A dr share with its active replica on a and one in sync on b, a quiet hour later.
struct InSync : ::testing::Test {
  Story story;
  ShareId share = story.make_share("dr");
  ReplicaId active = story.share(share).active()->id;
  ReplicaId replica = story.make_replica(share, "z-b");

  InSync() {
    story.as_worker();
    story.later(3600);
  }
  ReportSync good(std::uint64_t generation = 5) const {
    return {.share = share,
            .replica = replica,
            .epoch = story.share(share).epoch,
            .generation = generation,
            .data_as_of = story.now.now.plus_seconds(-5)};
  }
  ReportSync bad(OutOfSyncReason reason) const {
    ReportSync report = good();
    report.wrong = reason;
    report.words = "it said so";
    return report;
  }
  ReportStatus status(ReplicaId of) const {
    return {.share = share, .replica = of, .epoch = story.share(share).epoch};
  }
  ReportStatus failing(ReplicaId of, FailureCode code) const {
    ReportStatus report = status(of);
    report.failure = Failure{.code = code, .controller = "b", .words = "no answer"};
    return report;
  }
};
using Sync = InSync;
using Status = InSync;
using Confirmation = InSync;
using Reset = InSync;

TEST_F(Sync, SaysNothingWhileAllIsWell) { EXPECT_TRUE(story.take(good()).empty()); }

TEST_F(Sync, EndsAResyncOfAReplicaThatIsInSync) {
  story.as_admin();
  story.take(ResyncReplica{replica});
  story.as_worker();
  EXPECT_TRUE(story.take(good()).empty());  // it began before the resync was asked for
  story.later(10);
  EXPECT_EQ(names(story.take(good())), "ReplicaCameInSync");
  EXPECT_FALSE(story.replica(replica).accepts_mass_deletion);
}

TEST_F(Sync, TellsWorseAtOnce) {
  EXPECT_EQ(names(story.take(bad(OutOfSyncReason::sync_failed))), "ReplicaFellOutOfSync");
  EXPECT_EQ(story.replica(replica).note, "sync_failed: it said so");
}

TEST_F(Sync, TellsTheSameReasonOnce) {
  story.take(bad(OutOfSyncReason::sync_failed));
  story.later(120);
  EXPECT_TRUE(story.take(bad(OutOfSyncReason::sync_failed)).empty());
}

TEST_F(Sync, TellsAnotherReasonAfterAMinute) {
  story.take(bad(OutOfSyncReason::sync_failed));
  EXPECT_TRUE(story.take(bad(OutOfSyncReason::manifest_mismatch)).empty());
  story.later(61);
  EXPECT_EQ(names(story.take(bad(OutOfSyncReason::manifest_mismatch))), "ReplicaFellOutOfSync");
}

TEST_F(Sync, TellsBetterAfterAMinute) {
  story.take(bad(OutOfSyncReason::sync_failed));
  EXPECT_TRUE(story.take(good()).empty());
  story.later(61);
  EXPECT_EQ(names(story.take(good())), "ReplicaCameInSync");
  EXPECT_EQ(story.replica(replica).state, ReplicaState::in_sync);
}

TEST_F(Sync, FallsBehindWithACopyOlderThanTheRpo) {
  ReportSync old = good();
  old.data_as_of = story.now.now.plus_seconds(-601);
  const Events events = story.take(old);
  ASSERT_NE(find<ReplicaFellOutOfSync>(events), nullptr);
  EXPECT_EQ(find<ReplicaFellOutOfSync>(events)->reason, OutOfSyncReason::behind);
  EXPECT_EQ(find<ReplicaFellOutOfSync>(events)->words, "its copy is 601 s old, the RPO is 600 s");
}

TEST_F(Sync, IgnoresAnOlderGeneration) {
  story.take(bad(OutOfSyncReason::sync_failed));
  story.later(61);
  EXPECT_TRUE(story.take(good(0)).empty());
}

TEST_F(Sync, IgnoresAnotherEpoch) {
  ReportSync stale = bad(OutOfSyncReason::sync_failed);
  stale.epoch = 9;
  EXPECT_TRUE(story.take(stale).empty());
}

TEST_F(Sync, FollowsTheNewActiveWithoutWaiting) {
  story.take(SetActiveReplica{.replica = replica});
  story.finish_first(share);
  ReportSync reverse = good();
  reverse.replica = active;
  EXPECT_EQ(names(story.take(reverse)), "ReplicaCameInSync");
}

TEST_F(Sync, TakesAResyncedReplicaAtOnce) {
  story.take(bad(OutOfSyncReason::mass_deletion_suspected));
  story.take(ResyncReplica{replica});
  EXPECT_EQ(names(story.take(good())), "ReplicaCameInSync");
  EXPECT_FALSE(story.replica(replica).accepts_mass_deletion);
}

TEST_F(Sync, LeavesTheActiveAndBusyReplicasAlone) {
  ReportSync of_active = bad(OutOfSyncReason::sync_failed);
  of_active.replica = active;
  EXPECT_TRUE(story.take(of_active).empty());
  story.take(SetActiveReplica{.replica = replica});
  EXPECT_TRUE(story.take(bad(OutOfSyncReason::sync_failed)).empty());
}

TEST_F(Sync, BringsAReplicaInErrorBack) {
  story.take(ResetReplicaState{replica, ReplicaState::error});
  story.later(61);
  EXPECT_EQ(names(story.take(good())), "ReplicaCameInSync");
}

TEST_F(Sync, SaysWhatIsWrongWithAReplicaInError) {
  story.take(ResetReplicaState{replica, ReplicaState::error});
  story.later(61);
  EXPECT_EQ(names(story.take(bad(OutOfSyncReason::sync_failed))), "ReplicaFellOutOfSync");
}

TEST_F(Sync, IsRefusedAboutNothing) {
  ReportSync report = good();
  report.replica = {};
  EXPECT_EQ(story.refused(report), "report_does_not_fit");
}

TEST_F(Status, SaysNothingWhileAllIsWell) {
  EXPECT_TRUE(story.take(status(active)).empty());
  EXPECT_TRUE(story.take(status(replica)).empty());
}

TEST_F(Status, OfASecondaryOutOfReachIsOutOfSync) {
  const Events events = story.take(failing(replica, FailureCode::unreachable));
  ASSERT_NE(find<ReplicaFellOutOfSync>(events), nullptr);
  EXPECT_EQ(find<ReplicaFellOutOfSync>(events)->reason, OutOfSyncReason::unreachable);
  story.later(120);
  EXPECT_TRUE(story.take(failing(replica, FailureCode::unreachable)).empty());
}

TEST_F(Status, OfABrokenSecondaryIsError) {
  EXPECT_EQ(names(story.take(failing(replica, FailureCode::mismatch))), "ReplicaFailed");
  EXPECT_EQ(story.replica(replica).state, ReplicaState::error);
  EXPECT_TRUE(story.take(failing(replica, FailureCode::mismatch)).empty());
  EXPECT_EQ(names(story.take(failing(replica, FailureCode::lost))), "ReplicaFailed");
}

TEST_F(Status, OfABrokenSecondaryIsErrorEvenWhenItWasBehind) {
  story.take(bad(OutOfSyncReason::sync_failed));
  EXPECT_EQ(names(story.take(failing(replica, FailureCode::lost))), "ReplicaFailed");
}

TEST_F(Status, OfAShareThatWasNeverMadeSaysNothing) {
  story.as_admin();
  const ShareId other = story.request_share(story.make_type("dr"));
  const ReplicaId first = story.share(other).replicas[0].id;
  story.take(CancelOperation{story.first_in_line(other)});
  ReportStatus report{.share = other, .replica = first};
  EXPECT_TRUE(story.take(report).empty());
  report.failure = Failure{.code = FailureCode::lost};
  EXPECT_TRUE(story.take(report).empty());
}

TEST_F(Status, OfABrokenActiveKeepsItsRole) {
  EXPECT_EQ(names(story.take(failing(active, FailureCode::unreachable))), "ReplicaFailed");
  EXPECT_EQ(story.replica(active).status, ReplicaStatus::error);
  EXPECT_EQ(story.share(share).active()->id, active);
}

TEST_F(Status, OfAFoundReplicaIsAvailableAgain) {
  story.take(failing(active, FailureCode::unreachable));
  EXPECT_EQ(names(story.take(status(active))), "ReplicaRecovered");
  EXPECT_EQ(story.replica(active).status, ReplicaStatus::available);
}

TEST_F(Status, NeverHealsAFailedRemoval) {
  story.take(ResetReplicaStatus{replica, ReplicaStatus::error_deleting});
  EXPECT_TRUE(story.take(status(replica)).empty());
}

TEST_F(Status, SaysNothingAboutACallThatOnlyWentWrong) {
  for (const FailureCode code : {FailureCode::busy, FailureCode::expired, FailureCode::cancelled,
                                 FailureCode::stale_token, FailureCode::no_space})
    EXPECT_TRUE(story.take(failing(active, code)).empty());
}

TEST_F(Status, SaysNothingDuringAChange) {
  story.take(SetActiveReplica{.replica = replica});
  EXPECT_TRUE(story.take(failing(replica, FailureCode::lost)).empty());
}

TEST_F(Status, TellsAnotherRoleOnStorageOnce) {
  ReportStatus other = status(replica);
  other.role_fits = false;
  other.storage_words = "active in epoch 4";
  EXPECT_EQ(names(story.take(other)), "ReplicaFellOutOfSync ReportContradictedState");
  EXPECT_TRUE(story.take(other).empty());
}

TEST_F(Status, ExpectsOtherRolesDuringAChange) {
  story.take(SetActiveReplica{.replica = replica});
  ReportStatus other = status(active);
  other.role_fits = false;
  other.storage_words = "secondary in epoch 2";
  EXPECT_TRUE(story.take(other).empty());
}

TEST_F(Status, TellsThatAPendingFenceHolds) {
  ReportStatus fenced = status(replica);
  fenced.fenced = Fence{FenceState::enforced, FenceKind::mode, "writes answer EACCES"};
  EXPECT_EQ(names(story.take(fenced)), "ReplicaFenced");
  EXPECT_TRUE(story.take(fenced).empty());
}

TEST_F(Status, ExpectsTheOldRoleUntilThePendingFenceHolds) {
  story.fold({ReplicaFenced{share, replica, 1, {.state = FenceState::pending, .words = "busy"}}});
  ReportStatus other = status(replica);
  other.role_fits = false;
  other.storage_words = "secondary in epoch 1";
  EXPECT_TRUE(story.take(other).empty());
}

TEST_F(Status, TellsTheFenceBeforeWhatWasKeptAside) {
  ReportStatus report = status(replica);
  report.fenced = Fence{FenceState::enforced, FenceKind::mode, "writes answer EACCES"};
  report.aside = {{.replica = replica, .controller = "b", .path = "/aside"}};
  EXPECT_EQ(names(story.take(report)), "ReplicaFenced DivergedDataKeptAside");
}

TEST_F(Status, TellsWhatStorageDidEvenInAnotherEpoch) {
  story.fold({RelationDebrisLeft{share, replica, "c", 7, "left"}});
  ReportStatus report = failing(replica, FailureCode::lost);
  report.epoch = 9;
  report.aside = {{.replica = replica, .controller = "b", .path = "/aside"}};
  report.debris_cleaned = {{.replica = replica, .controller = "c"}};
  EXPECT_EQ(names(story.take(report)), "DivergedDataKeptAside RelationDebrisCleaned");
  EXPECT_TRUE(story.share(share).debris.empty());
}

// The call that moved it may have died before it could tell: every later one lists it.
TEST_F(Status, TellsOfDataKeptAsideOnceWhicheverCallMovedIt) {
  ReportStatus report = status(replica);
  report.aside = {{.replica = replica, .controller = "b", .path = "/aside/1", .files = 3}};
  EXPECT_EQ(names(story.take(report)), "DivergedDataKeptAside");
  EXPECT_EQ(story.share(share).aside.at(0).files, 3U);
  EXPECT_TRUE(story.take(report).empty());
  report.aside.push_back({.replica = replica, .controller = "b", .path = "/aside/2"});
  const Events events = story.take(report);
  EXPECT_EQ(names(events), "DivergedDataKeptAside");
  EXPECT_EQ(find<DivergedDataKeptAside>(events)->path, "/aside/2");
}

TEST_F(Status, TellsEqualPathsOfTwoControllersApart) {
  ReportStatus report = status(replica);
  report.aside = {{.replica = replica, .controller = "b", .path = "/aside"},
                  {.replica = replica, .controller = "c", .path = "/aside"}};
  EXPECT_EQ(names(story.take(report)), "DivergedDataKeptAside DivergedDataKeptAside");
}

TEST_F(Status, TellsNewExportsOnce) {
  ReportStatus report = status(replica);
  report.exports = {"host:/again"};
  EXPECT_EQ(names(story.take(report)), "ReplicaExportsChanged");
  EXPECT_EQ(story.replica(replica).exports, std::vector<std::string>{"host:/again"});
  EXPECT_TRUE(story.take(report).empty());
}

TEST_F(Status, KeepsTheExportsThatItDidNotLookAt) {
  ReportStatus report = failing(active, FailureCode::busy);
  report.exports = {"host:/other"};
  EXPECT_TRUE(story.take(report).empty());
  EXPECT_TRUE(story.take(status(active)).empty());
  EXPECT_EQ(story.replica(active).exports, std::vector<std::string>{"host:/export"});
}

TEST_F(Status, LeavesTheExportsAloneOfAReplicaWhoseRoleIsChanging) {
  story.take(SetActiveReplica{.replica = replica});
  ReportStatus report = status(replica);
  report.exports = {"host:/early"};
  EXPECT_TRUE(story.take(report).empty());
}

TEST_F(Status, IsRefusedAboutNothing) {
  EXPECT_EQ(story.refused(ReportStatus{.share = share}), "report_does_not_fit");
}

TEST_F(Confirmation, ThatStaysAwayEndsInSync) {
  ExpireConfirmation timer{share, replica, story.now.now.plus_seconds(-900)};
  EXPECT_TRUE(story.take(timer).empty());
  story.later(1);
  const Events events = story.take(timer);
  ASSERT_NE(find<ReplicaFellOutOfSync>(events), nullptr);
  EXPECT_EQ(find<ReplicaFellOutOfSync>(events)->reason, OutOfSyncReason::unverified);
  EXPECT_TRUE(story.take(timer).empty());
}

TEST_F(Confirmation, InTheLogCountsForANodeThatMissedIt) {
  story.take(bad(OutOfSyncReason::sync_failed));
  story.later(61);
  story.take(good());
  EXPECT_TRUE(story.take(ExpireConfirmation{share, replica, Time{1}}).empty());
}

TEST_F(Confirmation, IsNotAskedOfTheActive) {
  EXPECT_TRUE(story.take(ExpireConfirmation{share, active, Time{1}}).empty());
  EXPECT_TRUE(story.take(ExpireConfirmation{}).empty());
}

TEST_F(Reset, SetsEachStatusThatManilaLists) {
  story.as_admin();
  for (const ReplicaStatus from :
       {ReplicaStatus::available, ReplicaStatus::error, ReplicaStatus::creating,
        ReplicaStatus::deleting, ReplicaStatus::error_deleting})
    for (const ReplicaStatus to :
         {ReplicaStatus::available, ReplicaStatus::error, ReplicaStatus::creating,
          ReplicaStatus::deleting, ReplicaStatus::error_deleting}) {
      story.take(ResetReplicaStatus{replica, from});
      story.take(ResetReplicaStatus{replica, to});
      EXPECT_EQ(story.replica(replica).status, to);
    }
}

TEST_F(Reset, EndsAStuckChange) {
  for (const ReplicaStatus to :
       {ReplicaStatus::available, ReplicaStatus::error, ReplicaStatus::creating,
        ReplicaStatus::deleting, ReplicaStatus::error_deleting}) {
    Story stuck;
    const ShareId id = stuck.make_share("dr");
    const ReplicaId target = stuck.make_replica(id);
    stuck.take(SetActiveReplica{.replica = target});
    stuck.take(ResetReplicaStatus{target, to});
    EXPECT_EQ(stuck.replica(target).status, to);
  }
}

TEST_F(Reset, SetsEachStateOfASecondary) {
  for (const ReplicaState from :
       {ReplicaState::in_sync, ReplicaState::out_of_sync, ReplicaState::error})
    for (const ReplicaState to :
         {ReplicaState::in_sync, ReplicaState::out_of_sync, ReplicaState::error}) {
      story.take(ResetReplicaState{replica, from});
      story.take(ResetReplicaState{replica, to});
      EXPECT_EQ(story.replica(replica).state, to);
    }
}

TEST_F(Reset, RefusesWordsThatAreNoTarget) {
  EXPECT_EQ(story.refused(ResetReplicaStatus{replica, ReplicaStatus::replication_change}),
            "invalid_input");
  EXPECT_EQ(story.refused(ResetReplicaStatus{replica, ReplicaStatus::deleted}), "invalid_input");
  EXPECT_EQ(story.refused(ResetReplicaState{replica, ReplicaState::none}), "invalid_input");
}

TEST_F(Reset, NeverMakesASecondActive) {
  EXPECT_EQ(story.refused(ResetReplicaState{replica, ReplicaState::active}),
            "would_make_second_active");
}

TEST_F(Reset, NeverTakesTheRoleOfTheActive) {
  EXPECT_EQ(story.refused(ResetReplicaState{active, ReplicaState::in_sync}), "replica_is_active");
}

TEST_F(Reset, MakesAWritableReplicaActiveAgain) {
  story.as_admin();
  const ShareId writable = story.make_share("writable");
  const ReplicaId second = story.make_replica(writable);
  for (const ReplicaState from :
       {ReplicaState::error, ReplicaState::out_of_sync, ReplicaState::in_sync}) {
    story.folded.world.shares.at(writable).find(second)->state = from;
    story.take(ResetReplicaState{second, ReplicaState::active});
    EXPECT_EQ(story.replica(second).state, ReplicaState::active);
  }
}

TEST_F(Reset, NeedsAnAdmin) {
  story.as_member();
  EXPECT_EQ(story.refused(ResetReplicaStatus{replica, ReplicaStatus::error}), "needs_admin");
  EXPECT_EQ(story.refused(ResetReplicaState{replica, ReplicaState::error}), "needs_admin");
}

}  // namespace
}  // namespace pasig
