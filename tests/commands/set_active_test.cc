#include "tests/commands/story.h"

namespace pasig {
namespace {

// A dr share with its active replica on a, and two in sync on b and c.
struct ThreeReplicas : ::testing::Test {
  Story story;
  ShareId share = story.make_share("dr");
  ReplicaId first = story.share(share).active()->id;
  ReplicaId second = story.make_replica(share, "z-b");
  ReplicaId third = story.make_replica(share, "z-c");

  SetActiveReplica forced(bool accept_older = false) const {
    return {.replica = second, .mode = ChangeMode::forced, .accept_older = accept_older};
  }
  ReportActiveReplicaChanged changed(OperationId operation) const {
    return std::get<ReportActiveReplicaChanged>(done(story, operation));
  }
};
using SetActive = ThreeReplicas;
using ReportChange = ThreeReplicas;

TEST_F(SetActive, RunsOnTheNewActivesController) {
  const Events events = story.take(SetActiveReplica{.replica = second});
  EXPECT_EQ(names(events), "ActiveReplicaChangeStarted OperationRequested");
  EXPECT_EQ(find<ActiveReplicaChangeStarted>(events)->demoted, first);
  EXPECT_EQ(find<ActiveReplicaChangeStarted>(events)->quiesce_wait_seconds, 30U);
  EXPECT_EQ(find<OperationRequested>(events)->runs_on, "b");
  EXPECT_EQ(story.replica(second).status, ReplicaStatus::replication_change);
}

TEST_F(SetActive, SaysNothingForTheActiveOne) {
  EXPECT_TRUE(story.take(SetActiveReplica{.replica = first}).empty());
}

TEST_F(SetActive, IsRefusedDuringAnotherChange) {
  story.take(SetActiveReplica{.replica = second});
  EXPECT_EQ(story.refused(SetActiveReplica{.replica = third}), "share_is_busy");
  EXPECT_EQ(story.refused(SetActiveReplica{.replica = second}), "share_is_busy");
}

TEST_F(SetActive, NeedsAnAvailableReplica) {
  story.take(ResetReplicaStatus{second, ReplicaStatus::error});
  EXPECT_EQ(story.refused(SetActiveReplica{.replica = second}), "replica_not_available");
  story.take(RemoveReplica{third});
  EXPECT_EQ(story.refused(SetActiveReplica{.replica = third}), "replica_is_busy");
}

TEST_F(SetActive, NeedsAPlacedReplica) {
  story.now.pools.resize(1);
  EXPECT_EQ(story.refused(SetActiveReplica{.replica = story.request_replica(share)}),
            "replica_never_placed");
}

TEST_F(SetActive, NeedsAnAdminWhenItsCopyIsOlderThanTheRpo) {
  const auto rpo = static_cast<std::int64_t>(story.share(share).rpo_seconds);
  story.later(rpo + 60);
  story.as_member();
  EXPECT_EQ(story.refused(SetActiveReplica{.replica = second}), "needs_admin");
  story.now.copies = {{second, story.now.now.plus_seconds(-5), true}};
  EXPECT_EQ(story.refused(SetActiveReplica{.replica = second}), "accepted");
}

TEST_F(SetActive, NeedsAnAdminWhenItIsNotInSync) {
  for (const ReplicaState state : {ReplicaState::out_of_sync, ReplicaState::error}) {
    story.as_admin();
    story.take(ResetReplicaState{second, state});
    EXPECT_EQ(story.refused(SetActiveReplica{.replica = second}), "accepted");
    story.as_member();
    EXPECT_EQ(story.refused(SetActiveReplica{.replica = second}), "needs_admin");
    EXPECT_EQ(story.refused(SetActiveReplica{.replica = third}), "accepted");
  }
}

TEST_F(SetActive, NeedsAnAdminToLoseData) {
  story.as_member();
  EXPECT_EQ(story.refused(forced()), "needs_admin");
  EXPECT_EQ(story.refused(SetActiveReplica{.replica = second, .accept_older = true}),
            "needs_admin");
}

TEST_F(SetActive, NamesTheNewerReplicaThatCanBeReached) {
  story.now.copies = {{third, story.now.now, true}};
  EXPECT_EQ(story.refused(forced()), "newer_replica_reachable");
  EXPECT_NE(story.refusal(forced()).find(to_string(third)), std::string::npos);
  EXPECT_EQ(story.refused(forced(true)), "accepted");
  EXPECT_EQ(story.refused(SetActiveReplica{.replica = second}), "accepted");
}

TEST_F(SetActive, PassesOverANewerReplicaThatCannotBeReached) {
  story.now.copies = {{third, story.now.now, false}};
  EXPECT_EQ(story.refused(forced()), "accepted");
}

TEST_F(SetActive, DoesNotHoldTheActiveReplicaAgainstAForcedChange) {
  story.now.copies = {{first, story.now.now.plus_seconds(9), true}};
  EXPECT_EQ(story.refused(forced()), "accepted");
}

TEST_F(SetActive, CountsCopiesThatTheLogDoesNotKnowYet) {
  story.now.copies = {{third, story.now.now, true}, {second, story.now.now, true}};
  EXPECT_EQ(story.refused(forced()), "accepted");
}

TEST_F(SetActive, DoesNotForceOpenAReplicaWithoutAKnownCopy) {
  story.folded.world.shares.at(share).find(second)->data_as_of = {};
  EXPECT_EQ(story.refused(forced()), "replica_not_in_sync");
  EXPECT_EQ(story.refused(forced(true)), "accepted");
}

TEST_F(SetActive, AsksARunningOperationToStop) {
  story.take(RemoveReplica{third});
  const OperationId running = story.start_first(share);
  const Events events = story.take(SetActiveReplica{.replica = second});
  EXPECT_EQ(names(events),
            "OperationCancelRequested ActiveReplicaChangeStarted OperationRequested");
  EXPECT_TRUE(story.operation(running).cancel_requested);
}

TEST_F(SetActive, WaitsBehindWhatNobodyHasStartedUnlessForced) {
  story.take(RemoveReplica{third});
  EXPECT_EQ(names(*story.ask(SetActiveReplica{.replica = second})),
            "ActiveReplicaChangeStarted OperationRequested");
  story.take(forced());
  EXPECT_EQ(story.replica(third).status, ReplicaStatus::error_deleting);
  EXPECT_EQ(story.share(share).operations.size(), 1U);
}

TEST_F(SetActive, IsRefusedWhileTheShareIsDeleted) {
  const ShareId single = story.make_share("dr");
  story.take(DeleteShare{single});
  story.take(ResetReplicaStatus{story.share(single).active()->id, ReplicaStatus::available});
  EXPECT_EQ(story.refused(SetActiveReplica{.replica = story.request_replica(single)}),
            "share_is_busy");
}

TEST(SetActiveOfAWritableShare, HasNothingToChange) {
  Story story;
  const ShareId share = story.make_share("writable");
  const ReplicaId second = story.make_replica(share, "z-b");
  EXPECT_TRUE(story.take(SetActiveReplica{.replica = second}).empty());
  story.take(ReportStatus{.share = share,
                          .replica = second,
                          .epoch = 1,
                          .failure = Failure{.code = FailureCode::lost}});
  story.folded.world.shares.at(share).find(second)->state = ReplicaState::error;
  EXPECT_EQ(story.refused(SetActiveReplica{.replica = second}), "writable_has_no_change");
}

TEST_F(ReportChange, SwapsTheRolesInOneFact) {
  story.take(SetActiveReplica{.replica = second});
  const Events events = story.take(changed(story.start_first(share)));
  EXPECT_EQ(names(events), "ActiveReplicaChanged OperationCompleted");
  const auto* event = find<ActiveReplicaChanged>(events);
  EXPECT_EQ(event->epoch, 2U);
  EXPECT_TRUE(event->loss_window_known);
  EXPECT_EQ(event->loss_window_micros, 0);
  EXPECT_EQ(story.share(share).active()->id, second);
  EXPECT_EQ(story.replica(first).state, ReplicaState::out_of_sync);
}

TEST_F(ReportChange, KnowsWhatAForcedOneMayLose) {
  story.take(forced());
  ReportActiveReplicaChanged report = changed(story.start_first(share));
  report.effective_mode = ChangeMode::forced;
  report.data_as_of = story.now.now.plus_seconds(-40);
  const Events events = story.take(report);
  EXPECT_TRUE(find<ActiveReplicaChanged>(events)->loss_window_known);
  EXPECT_EQ(find<ActiveReplicaChanged>(events)->loss_window_micros, 40'000'000);
}

TEST_F(ReportChange, SaysThatTheLossIsUnknown) {
  story.take(forced());
  ReportActiveReplicaChanged report = changed(story.start_first(share));
  report.effective_mode = ChangeMode::forced;
  report.data_as_of = {};
  const Events events = story.take(report);
  EXPECT_FALSE(find<ActiveReplicaChanged>(events)->loss_window_known);
}

TEST_F(ReportChange, ListsWhatWasKeptAside) {
  story.take(SetActiveReplica{.replica = second});
  ReportActiveReplicaChanged report = changed(story.start_first(share));
  report.aside = {{.replica = first, .controller = "a", .path = "/aside", .files = 2}};
  EXPECT_EQ(names(story.take(report)),
            "ActiveReplicaChanged DivergedDataKeptAside OperationCompleted");
  EXPECT_EQ(story.share(share).aside.size(), 1U);
}

TEST_F(ReportChange, ChangesNothingWhenItFailed) {
  story.take(SetActiveReplica{.replica = second});
  ReportActiveReplicaChanged report = changed(story.start_first(share));
  report.failure = Failure{.words = "the final sync failed"};
  EXPECT_EQ(names(story.take(report)), "ActiveReplicaChangeFailed OperationFailed");
  EXPECT_EQ(story.share(share).active()->id, first);
  EXPECT_EQ(story.replica(second).status, ReplicaStatus::available);
  EXPECT_EQ(story.replica(second).state, ReplicaState::in_sync);
}

TEST_F(ReportChange, IsContradictedByAnotherEpoch) {
  story.take(SetActiveReplica{.replica = second});
  ReportActiveReplicaChanged report = changed(story.start_first(share));
  report.epoch = 7;
  EXPECT_EQ(names(story.take(report)),
            "ActiveReplicaChangeFailed ReportContradictedState OperationFailed");
  EXPECT_EQ(story.share(share).active()->id, first);
  EXPECT_EQ(story.replica(second).status, ReplicaStatus::available);
}

TEST_F(ReportChange, CountsThoughTheReplicaWasReset) {
  story.take(SetActiveReplica{.replica = second});
  const OperationId operation = story.start_first(share);
  story.take(ResetReplicaStatus{second, ReplicaStatus::error});
  EXPECT_EQ(names(story.take(changed(operation))),
            "ReportContradictedState ActiveReplicaChanged OperationCompleted");
  EXPECT_EQ(story.share(share).active()->id, second);
}

TEST_F(ReportChange, PromotesAnUnsyncedReplicaForAnAdmin) {
  for (const ReplicaState state : {ReplicaState::out_of_sync, ReplicaState::error}) {
    const ReplicaId target = story.share(share).active()->id == second ? third : second;
    story.take(ResetReplicaState{target, state});
    story.take(SetActiveReplica{.replica = target});
    story.take(changed(story.start_first(share)));
    EXPECT_EQ(story.share(share).active()->id, target);
  }
}

TEST_F(ReportChange, LetsTheNextChangeInAfterwards) {
  story.take(SetActiveReplica{.replica = second});
  story.take(changed(story.start_first(share)));
  EXPECT_EQ(story.refused(SetActiveReplica{.replica = third}), "accepted");
}

}  // namespace
}  // namespace pasig
