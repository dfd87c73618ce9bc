// Snapshots: taken, deleted, reset, gone back to, made shares of.
#include "tests/commands/story.h"

namespace pasig {
namespace {

// A dr share with its active replica on a and one in sync on b.
struct SnapshotStory : ::testing::Test {
  Story story;
  ShareId share = story.make_share("dr");
  ReplicaId active = story.share(share).active()->id;
  ReplicaId replica = story.make_replica(share, "z-b");

  SnapshotId request(const std::string& name = "nightly") {
    const Events events = story.take(CreateSnapshot{.share = share, .name = name});
    const auto* started = find<SnapshotCreationStarted>(events);
    return started == nullptr ? SnapshotId{} : started->snapshot;
  }
  SnapshotId make(const std::string& name = "nightly") {
    const SnapshotId id = request(name);
    story.finish_first(share);
    copied(id);
    return id;
  }
  void copied(SnapshotId id) {
    story.take(ReportSync{.share = share,
                          .replica = replica,
                          .epoch = story.share(share).epoch,
                          .generation = 5,
                          .data_as_of = story.now.now,
                          .snapshots = std::vector{id}});
  }
  const Snapshot& snapshot(SnapshotId id) const { return *story.share(share).find(id); }
  SnapshotStatus status(SnapshotId id) const { return status_of(snapshot(id)); }
  SnapshotStatus status(SnapshotId id, ReplicaId of) const { return snapshot(id).find(of)->status; }
  OperationId failing(FailureCode code) {
    const OperationId id = story.start_first(share);
    failure = {.code = code, .controller = "a", .words = "it said so"};
    return id;
  }
  Failure failure;
};
using SnapshotCreation = SnapshotStory;
using SnapshotDeletion = SnapshotStory;
using SnapshotReset = SnapshotStory;
using Revert = SnapshotStory;
using ShareFromSnapshot = SnapshotStory;

// ---- taken -----------------------------------------------------------------------------------
TEST_F(SnapshotCreation, WaitsForTheActiveReplicaAndThoseInSync) {
  const Events events = story.take(CreateSnapshot{.share = share, .name = "nightly"});
  EXPECT_EQ(names(events), "SnapshotCreationStarted OperationRequested");
  EXPECT_EQ(find<SnapshotCreationStarted>(events)->required, (std::vector{active, replica}));
  EXPECT_EQ(find<OperationRequested>(events)->runs_on, "a");
}

TEST_F(SnapshotCreation, DoesNotWaitForAReplicaThatIsBehind) {
  const ReplicaId third = story.make_replica(share, "z-c");
  story.as_worker();
  story.take(ReportSync{
      .share = share, .replica = third, .epoch = 1, .wrong = OutOfSyncReason::unreachable});
  story.as_admin();
  const SnapshotId id = make();
  EXPECT_EQ(status(id), SnapshotStatus::available);
  EXPECT_EQ(status(id, third), SnapshotStatus::creating);
}

TEST_F(SnapshotCreation, IsAvailableWhenTheLastRequiredCopyIsThere) {
  const SnapshotId id = request();
  story.finish_first(share);
  EXPECT_EQ(status(id), SnapshotStatus::creating);
  copied(id);
  EXPECT_EQ(status(id), SnapshotStatus::available);
  EXPECT_EQ(snapshot(id).digest, "d1");
}

TEST_F(SnapshotCreation, IsAnErrorEverywhereWhenItCannotBeTaken) {
  const SnapshotId id = request();
  const OperationId operation = failing(FailureCode::no_space);
  EXPECT_EQ(names(story.take(ReportSnapshotTaken{operation, 1, failure})),
            "SnapshotCreationFailed OperationFailed");
  EXPECT_EQ(status(id), SnapshotStatus::error);
  EXPECT_NE(snapshot(id).copies.front().note.find("it said so"), std::string::npos);
}

TEST_F(SnapshotCreation, TakesOfTheSnapshotQuotas) {
  make();
  EXPECT_EQ(story.counter("snapshots-project-1"), 1);
  EXPECT_EQ(story.counter("snapshot_gigabytes-project-1"), 1);
  story.now.quotas.snapshots = 1;
  EXPECT_EQ(story.refused(CreateSnapshot{.share = share}), "over_quota");
}

TEST_F(SnapshotCreation, NeedsAShareThatIsAvailable) {
  story.take(SetActiveReplica{.replica = replica});
  EXPECT_EQ(story.refused(CreateSnapshot{.share = share}), "share_is_busy");
}

TEST_F(SnapshotCreation, IsRefusedByATypeThatSaysNo) {
  const ShareId plain = story.request_share(story.make_type("dr", {{"snapshot_support", "False"}}));
  story.finish_first(plain);
  EXPECT_EQ(story.refused(CreateSnapshot{.share = plain}), "snapshot_not_supported");
}

TEST_F(SnapshotCreation, LimitsItsName) {
  EXPECT_EQ(story.refused(CreateSnapshot{.share = share, .name = std::string(256, 'x')}),
            "invalid_input");
}

TEST_F(SnapshotCreation, IsNobodyElsesBusiness) {
  const SnapshotId id = make();
  story.as_member("project-2");
  EXPECT_EQ(story.refused(DeleteSnapshot{id}), "snapshot_not_found");
}

TEST_F(SnapshotCreation, IsTakenOnceByTheWritableReplicaWithTheLowestId) {
  const ShareId writable = story.make_share("writable");
  story.make_replica(writable, "z-b");
  const Events events = story.take(CreateSnapshot{.share = writable});
  EXPECT_EQ(find<SnapshotCreationStarted>(events)->required,
            std::vector{story.share(writable).active()->id});
}

TEST_F(SnapshotCreation, FailsWhenItIsCancelledBeforeItBegan) {
  const SnapshotId id = request();
  EXPECT_EQ(names(story.take(CancelOperation{story.first_in_line(share)})),
            "SnapshotCreationFailed OperationCancelled");
  EXPECT_EQ(status(id), SnapshotStatus::error);
}

// ---- deleted ---------------------------------------------------------------------------------
TEST_F(SnapshotDeletion, EndsWithTheLastCopyAndGivesTheQuotaBack) {
  const SnapshotId id = make();
  EXPECT_EQ(names(story.take(DeleteSnapshot{id})), "SnapshotDeletionStarted OperationRequested");
  story.start_first(share);
  EXPECT_EQ(names(story.take(done(story, story.first_in_line(share)))),
            "SnapshotCopyDeleted SnapshotCopyDeleted OperationCompleted SnapshotDeleted");
  EXPECT_TRUE(story.share(share).snapshots.empty());
  EXPECT_EQ(story.counter("snapshots-project-1"), 0);
  EXPECT_EQ(story.counter("snapshot_gigabytes-project-1"), 0);
}

TEST_F(SnapshotDeletion, WaitsForAReplicaThatIsOutOfReach) {
  const SnapshotId id = make();
  story.take(DeleteSnapshot{id});
  const OperationId operation = failing(FailureCode::unreachable);
  EXPECT_EQ(names(story.take(ReportSnapshotDeleted{
                operation, 1, {}, {{active, true, {}}, {replica, false, failure}}})),
            "SnapshotCopyDeleted OperationCompleted");
  EXPECT_EQ(status(id, replica), SnapshotStatus::deleting);
  EXPECT_EQ(names(story.take(ReportStatus{.share = share,
                                          .replica = replica,
                                          .epoch = 1,
                                          .snapshots = std::vector<SnapshotId>{},
                                          .snapshots_missing = {id}})),
            "SnapshotCopyDeleted SnapshotDeleted");
  EXPECT_EQ(story.counter("snapshots-project-1"), 0);
}

TEST_F(SnapshotDeletion, FailsWhenAReplicaCannot) {
  const SnapshotId id = make();
  story.take(DeleteSnapshot{id});
  const OperationId operation = failing(FailureCode::failed);
  EXPECT_EQ(names(story.take(ReportSnapshotDeleted{
                operation, 1, {}, {{active, true, {}}, {replica, false, failure}}})),
            "SnapshotCopyDeleted SnapshotDeletionFailed OperationFailed");
  EXPECT_EQ(status(id), SnapshotStatus::error_deleting);
  EXPECT_EQ(story.refused(DeleteSnapshot{id}), "accepted");
}

TEST_F(SnapshotDeletion, IsRefusedWhileItIsTaken) {
  EXPECT_EQ(story.refused(DeleteSnapshot{request()}), "snapshot_is_busy");
}

TEST_F(SnapshotDeletion, ByForceStopsItsTaking) {
  const SnapshotId id = request();
  EXPECT_EQ(names(story.take(DeleteSnapshot{id, true})),
            "OperationCancelled SnapshotDeletionStarted OperationRequested");
  story.finish_first(share);
  EXPECT_TRUE(story.share(share).snapshots.empty());
}

TEST_F(SnapshotDeletion, ByForceNeedsAnAdmin) {
  const SnapshotId id = make();
  story.as_member();
  EXPECT_EQ(story.refused(DeleteSnapshot{id, true}), "needs_admin");
}

TEST_F(SnapshotDeletion, ComesBeforeThatOfItsShare) {
  story.take(RemoveReplica{replica});
  story.finish_first(share);
  const SnapshotId id = request();
  story.finish_first(share);
  EXPECT_EQ(story.refused(DeleteShare{share}), "share_has_snapshots");
  EXPECT_EQ(story.refused(DeleteShare{share, true}), "share_has_snapshots");
  story.take(DeleteSnapshot{id});
  story.finish_first(share);
  EXPECT_EQ(story.refused(DeleteShare{share}), "accepted");
}

TEST_F(SnapshotDeletion, EndsWhenTheReplicaThatKeptItIsRemoved) {
  const SnapshotId id = make();
  story.take(DeleteSnapshot{id});
  const OperationId operation = failing(FailureCode::unreachable);
  story.take(
      ReportSnapshotDeleted{operation, 1, {}, {{active, true, {}}, {replica, false, failure}}});
  story.take(RemoveReplica{replica});
  story.start_first(share);
  EXPECT_EQ(names(story.take(done(story, story.first_in_line(share)))),
            "OperationCompleted SnapshotDeleted ReplicaRemoved");
  EXPECT_EQ(story.counter("snapshots-project-1"), 0);
}

// ---- reset -----------------------------------------------------------------------------------
TEST_F(SnapshotReset, SetsWhatTheLogSays) {
  const SnapshotId id = make();
  EXPECT_EQ(names(story.take(ResetSnapshotStatus{id, SnapshotStatus::error})),
            "SnapshotStatusReset");
  EXPECT_EQ(status(id), SnapshotStatus::error);
  story.take(ResetSnapshotStatus{id, SnapshotStatus::available});
  EXPECT_EQ(status(id), SnapshotStatus::available);
}

TEST_F(SnapshotReset, NeverDeletes) {
  const SnapshotId id = make();
  EXPECT_EQ(story.refused(ResetSnapshotStatus{id, SnapshotStatus::deleting}), "invalid_input");
}

TEST_F(SnapshotReset, MakesNothingAvailableThatWasNeverTaken) {
  const SnapshotId id = request();
  EXPECT_EQ(story.refused(ResetSnapshotStatus{id, SnapshotStatus::available}),
            "snapshot_not_available");
}

// ---- gone back to ----------------------------------------------------------------------------
TEST_F(Revert, GoesBackOnEveryReplica) {
  const SnapshotId id = make();
  EXPECT_EQ(names(story.take(RevertShare{share, id})), "ShareRevertStarted OperationRequested");
  EXPECT_EQ(status_word(story.share(share)), "reverting");
  EXPECT_EQ(status(id), SnapshotStatus::restoring);
  story.start_first(share);
  EXPECT_EQ(names(story.take(done(story, story.first_in_line(share)))),
            "ShareReverted OperationCompleted");
  EXPECT_EQ(story.replica(replica).generation, 9U);
  EXPECT_EQ(status(id), SnapshotStatus::available);
  EXPECT_EQ(status_word(story.share(share)), "available");
}

TEST_F(Revert, PutsAReplicaThatDidNotOutOfSync) {
  const SnapshotId id = make();
  story.take(RevertShare{share, id});
  const OperationId operation = failing(FailureCode::unreachable);
  EXPECT_EQ(names(story.take(ReportShareReverted{.operation = operation,
                                                 .attempt = 1,
                                                 .generation = 9,
                                                 .outcomes = {{replica, false, failure}}})),
            "ShareReverted ReplicaFellOutOfSync OperationCompleted");
  EXPECT_TRUE(story.replica(replica).note.starts_with("reverted:"));
  EXPECT_TRUE(story.replica(replica).accepts_mass_deletion);
}

TEST_F(Revert, LeavesTheShareInErrorWhenItFails) {
  const SnapshotId id = make();
  story.take(RevertShare{share, id});
  const OperationId operation = failing(FailureCode::failed);
  EXPECT_EQ(names(story.take(
                ReportShareReverted{.operation = operation, .attempt = 1, .failure = failure})),
            "ShareRevertFailed OperationFailed");
  EXPECT_EQ(status_word(story.share(share)), "reverting_error");
  EXPECT_EQ(status(id), SnapshotStatus::available);
}

TEST_F(Revert, LeavesNothingToRepairWhenItNeverBegan) {
  story.take(RevertShare{share, make()});
  story.take(CancelOperation{story.first_in_line(share)});
  EXPECT_EQ(status_word(story.share(share)), "available");
}

TEST_F(Revert, GoesToTheNewestOnly) {
  const SnapshotId older = make("older");
  make("newer");
  EXPECT_EQ(story.refused(RevertShare{share, older}), "snapshot_not_newest");
}

TEST_F(Revert, PassesOneThatWasNeverTaken) {
  const SnapshotId older = make("older");
  request("failed");
  story.take(ReportSnapshotTaken{failing(FailureCode::failed), 1, failure});
  EXPECT_EQ(story.refused(RevertShare{share, older}), "accepted");
}

TEST_F(Revert, WaitsUntilEverySnapshotIsWhole) {
  const SnapshotId id = request();
  story.finish_first(share);
  EXPECT_EQ(story.refused(RevertShare{share, id}), "snapshot_is_busy");
}

TEST_F(Revert, NeedsASnapshotOfTheShare) {
  const ShareId other = story.make_share("dr");
  EXPECT_EQ(story.refused(RevertShare{other, make()}), "snapshot_not_found");
}

// ---- made shares of --------------------------------------------------------------------------
TEST_F(ShareFromSnapshot, IsPlacedWhereACopyLies) {
  const SnapshotId id = make();
  const Events events = story.take(CreateShare{.name = "copy",
                                               .protocol = "nfs",
                                               .size_gb = 2,
                                               .type = story.share(share).type,
                                               .zone = "z-b",
                                               .source_snapshot = id});
  const auto* created = find<ShareCreated>(events);
  ASSERT_NE(created, nullptr);
  EXPECT_EQ(created->source_snapshot, id);
  EXPECT_EQ(created->source_share, share);
  EXPECT_EQ(created->placement.controller, "b");
}

TEST_F(ShareFromSnapshot, GoesElsewhereWhenThereIsNoRoom) {
  const SnapshotId id = make();
  const Events events = story.take(CreateShare{.protocol = "nfs",
                                               .size_gb = 1,
                                               .type = story.share(share).type,
                                               .zone = "z-c",
                                               .source_snapshot = id});
  EXPECT_EQ(find<ShareCreated>(events)->placement.controller, "c");
}

TEST_F(ShareFromSnapshot, IsNotSmallerThanTheSnapshot) {
  const ShareId large = story.request_share(story.share(share).type, 5);
  story.finish_first(large);
  const auto events = story.take(CreateSnapshot{.share = large});
  story.finish_first(large);
  EXPECT_EQ(story.refused(
                CreateShare{.protocol = "nfs",
                            .size_gb = 4,
                            .type = story.share(share).type,
                            .source_snapshot = find<SnapshotCreationStarted>(events)->snapshot}),
            "invalid_input");
}

TEST_F(ShareFromSnapshot, HasTheTypeOfItsSource) {
  const SnapshotId id = make();
  EXPECT_EQ(
      story.refused(CreateShare{
          .protocol = "nfs", .size_gb = 1, .type = story.make_type("dr"), .source_snapshot = id}),
      "invalid_input");
}

TEST_F(ShareFromSnapshot, NeedsASnapshotThatIsAvailable) {
  EXPECT_EQ(story.refused(CreateShare{.protocol = "nfs",
                                      .size_gb = 1,
                                      .type = story.share(share).type,
                                      .source_snapshot = request()}),
            "snapshot_not_available");
}

}  // namespace
}  // namespace pasig
