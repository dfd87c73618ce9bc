// The copies of a snapshot on each replica: late, lost, found; and what a promotion does to them.
#include "tests/commands/story.h"

namespace pasig {
namespace {

// A dr share on a, in sync on b, with a snapshot that was taken and is not on b yet.
struct Taken : ::testing::Test {
  Story story;
  ShareId share = story.make_share("dr");
  ReplicaId active = story.share(share).active()->id;
  ReplicaId replica = story.make_replica(share, "z-b");
  SnapshotId id = request();

  Taken() {
    story.finish_first(share);
    story.later(60);
  }
  SnapshotId request() {
    const Events events = story.take(CreateSnapshot{.share = share});
    const auto* started = find<SnapshotCreationStarted>(events);
    return started == nullptr ? SnapshotId{} : started->snapshot;
  }
  ReportSync sync(std::vector<SnapshotId> held, std::vector<SnapshotId> missing = {}) const {
    return {.share = share,
            .replica = replica,
            .epoch = story.share(share).epoch,
            .generation = 5,
            .data_as_of = story.now.now,
            .snapshots = std::move(held),
            .snapshots_missing = std::move(missing)};
  }
  ReportStatus look(ReplicaId of, std::vector<SnapshotId> held,
                    std::vector<SnapshotId> missing = {}) const {
    return {.share = share,
            .replica = of,
            .epoch = story.share(share).epoch,
            .snapshots = std::move(held),
            .snapshots_missing = std::move(missing)};
  }
  const Snapshot& snapshot() const { return *story.share(share).find(id); }
  SnapshotStatus status() const { return status_of(snapshot()); }
};
using Copies = Taken;
using CopyDeadline = Taken;
using InSync = Taken;
using SnapshotsAndPromotion = Taken;

TEST_F(Copies, AreThereWhenASyncFoundThem) {
  EXPECT_EQ(names(story.take(sync({id}))), "SnapshotCopied");
  EXPECT_EQ(status(), SnapshotStatus::available);
}

TEST_F(Copies, AreToldOnce) {
  story.take(sync({id}));
  EXPECT_TRUE(story.take(sync({id})).empty());
  EXPECT_TRUE(story.take(look(replica, {id})).empty());
}

TEST_F(Copies, AreNotLostByALookThatBeganBeforeThem) {
  story.take(sync({id}));
  EXPECT_TRUE(story.take(look(replica, {})).empty());
}

TEST_F(Copies, AreLostWhenALookDoesNotFindThem) {
  story.take(sync({id}));
  EXPECT_EQ(names(story.take(look(replica, {}, {id}))), "SnapshotCopyLost ReplicaFellOutOfSync");
  EXPECT_EQ(story.replica(replica).state, ReplicaState::out_of_sync);
  EXPECT_TRUE(story.replica(replica).note.starts_with("snapshot_missing:"));
  EXPECT_EQ(status(), SnapshotStatus::available);
}

TEST_F(Copies, MakeTheReplicaInSyncAgainWhenTheyCome) {
  story.take(sync({id}));
  story.take(look(replica, {}, {id}));
  EXPECT_EQ(names(story.take(sync({id}))), "SnapshotCopied ReplicaCameInSync");
}

TEST_F(Copies, AreAnErrorWhenTheLastIsLost) {
  EXPECT_EQ(names(story.take(look(active, {}, {id}))), "SnapshotCopyLost SnapshotCreationFailed");
  EXPECT_EQ(status(), SnapshotStatus::error);
}

TEST_F(Copies, OfWhatIsNotTakenYetAreNotBelieved) {
  const SnapshotId second = request();
  EXPECT_TRUE(story.take(look(replica, {second})).empty());
}

TEST_F(CopyDeadline, PutsTheReplicaOutOfSync) {
  story.later(3600);
  EXPECT_EQ(names(story.take(ExpireSnapshotCopy{share, id, replica})),
            "SnapshotCopyOverdue ReplicaFellOutOfSync");
  EXPECT_EQ(status(), SnapshotStatus::available);
  EXPECT_TRUE(story.replica(replica).note.starts_with("snapshot_missing:"));
}

TEST_F(CopyDeadline, SaysNothingBeforeItsTime) {
  EXPECT_TRUE(story.take(ExpireSnapshotCopy{share, id, replica}).empty());
}

TEST_F(CopyDeadline, SaysNothingOfACopyThatCame) {
  story.take(sync({id}));
  story.later(7200);
  EXPECT_TRUE(story.take(ExpireSnapshotCopy{share, id, replica}).empty());
}

TEST_F(CopyDeadline, CountsFromTheTakingOfOneThatHadToWait) {
  const SnapshotId late = request();
  story.later(3000);
  story.finish_first(share);
  story.later(3000);
  EXPECT_TRUE(story.take(ExpireSnapshotCopy{share, late, replica}).empty());
  story.later(601);
  EXPECT_FALSE(story.take(ExpireSnapshotCopy{share, late, replica}).empty());
}

TEST_F(InSync, NeedsEverySnapshotThatTheActiveReplicaHolds) {
  story.later(3600);
  story.take(ExpireSnapshotCopy{share, id, replica});
  story.later(60);
  EXPECT_TRUE(story.take(sync({})).empty());
  EXPECT_EQ(names(story.take(sync({id}))), "SnapshotCopied ReplicaCameInSync");
}

TEST_F(InSync, IsNotWhatANewReplicaIsWithoutThem) {
  story.take(sync({id}));
  const ReplicaId third = story.request_replica(share, "z-c");
  const OperationId operation = story.start_first(share);
  Command report = done(story, operation);
  EXPECT_EQ(names(story.take(report)), "ReplicaAdded ReplicaFellOutOfSync OperationCompleted");
  EXPECT_TRUE(story.replica(third).note.starts_with("snapshot_missing:"));
}

TEST_F(InSync, IsWhatANewReplicaIsThatCameWithThem) {
  story.take(sync({id}));
  const ReplicaId third = story.request_replica(share, "z-c");
  const OperationId operation = story.start_first(share);
  ReportReplicaAdded report = std::get<ReportReplicaAdded>(done(story, operation));
  report.snapshots = std::vector{id};
  EXPECT_EQ(names(story.take(report)), "ReplicaAdded SnapshotCopied OperationCompleted");
  EXPECT_EQ(story.replica(third).state, ReplicaState::in_sync);
}

TEST_F(InSync, EndsForOneThatLacksWhatBecomesAvailable) {
  // The third came in sync after the snapshot was asked for, and is not waited for.
  const ReplicaId third = story.make_replica(share, "z-c");
  ASSERT_EQ(story.replica(third).state, ReplicaState::in_sync);
  EXPECT_EQ(names(story.take(sync({id}))), "SnapshotCopied ReplicaFellOutOfSync");
  EXPECT_EQ(story.replica(third).state, ReplicaState::out_of_sync);
}

// ---- promotion -------------------------------------------------------------------------------
TEST_F(SnapshotsAndPromotion, ARunningOneIsTakenByTheNewActive) {
  const SnapshotId second = request();
  const OperationId taking = story.start_first(share);
  story.take(SetActiveReplica{.replica = replica});
  EXPECT_EQ(names(story.take(ReportOperationCancelled{taking, 1, "asked to"})),
            "OperationCancelled");
  story.start_first(share);
  const Events events = story.take(done(story, story.first_in_line(share)));
  EXPECT_EQ(names(events), "ActiveReplicaChanged OperationCompleted OperationRequested");
  const auto* again = find<OperationRequested>(events);
  EXPECT_EQ(again->kind, OperationKind::create_snapshot);
  EXPECT_EQ(again->snapshot, second);
  EXPECT_EQ(again->runs_on, "b");
  story.finish_first(share);
  EXPECT_EQ(story.share(share).find(second)->find(replica)->status, SnapshotStatus::available);
}

TEST_F(SnapshotsAndPromotion, AWaitingOneComesAfterAForcedChange) {
  const SnapshotId second = request();
  EXPECT_EQ(names(story.take(SetActiveReplica{.replica = replica, .mode = ChangeMode::forced})),
            "OperationCancelled ActiveReplicaChangeStarted OperationRequested");
  EXPECT_EQ(status_of(*story.share(share).find(second)), SnapshotStatus::creating);
  story.start_first(share);
  EXPECT_NE(names(story.take(done(story, story.first_in_line(share)))).find("OperationRequested"),
            std::string::npos);
}

TEST_F(SnapshotsAndPromotion, IsTakenByTheOldActiveWhenTheChangeFails) {
  const SnapshotId second = request();
  story.take(SetActiveReplica{.replica = replica, .mode = ChangeMode::forced});
  const OperationId change = story.start_first(share);
  const Events events = story.take(ReportActiveReplicaChanged{
      .operation = change, .attempt = 1, .failure = Failure{.words = "it said so"}});
  const auto* again = find<OperationRequested>(events);
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->runs_on, "a");
  EXPECT_EQ(again->snapshot, second);
}

TEST_F(SnapshotsAndPromotion, ADeletionGoesOnAfterIt) {
  story.take(sync({id}));
  story.take(DeleteSnapshot{id});
  story.take(SetActiveReplica{.replica = replica, .mode = ChangeMode::forced});
  story.start_first(share);
  const Events events = story.take(done(story, story.first_in_line(share)));
  const auto* again = find<OperationRequested>(events);
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->kind, OperationKind::delete_snapshot);
  EXPECT_EQ(status(), SnapshotStatus::deleting);
}

TEST_F(SnapshotsAndPromotion, WhatIsThereIsNotTakenAgain) {
  story.take(sync({id}));
  story.take(SetActiveReplica{.replica = replica});
  story.start_first(share);
  EXPECT_EQ(names(story.take(done(story, story.first_in_line(share)))),
            "ActiveReplicaChanged OperationCompleted");
}

TEST_F(SnapshotsAndPromotion, TheOnlyCopyIsNotRemovedByTheWay) {
  // b never got it, and is made active by force; the old side holds the only copy.
  story.take(SetActiveReplica{.replica = replica, .mode = ChangeMode::forced});
  story.finish_first(share);
  EXPECT_EQ(story.refused(RemoveReplica{active}), "only_snapshot_copy");
  story.take(RemoveReplica{active, true});
  story.start_first(share);
  EXPECT_EQ(names(story.take(done(story, story.first_in_line(share)))),
            "OperationCompleted SnapshotCreationFailed ReplicaRemoved");
  EXPECT_EQ(status(), SnapshotStatus::error);
}

}  // namespace
}  // namespace pasig
