// Where parts of a share meet: its snapshots, its size, its access rules and its replicas are
// decided on in files of their own, and one share has them all at once.
#include <gtest/gtest.h>

#include "tests/commands/story.h"

namespace pasig {
namespace {

const Failure k_away{.code = FailureCode::unreachable, .controller = "b", .words = "no answer"};

// A dr share of 1 GiB: active on a, in sync on b.
struct MeetingPoints : testing::Test {
  Story story;
  ShareId share = story.make_share("dr");
  ReplicaId active = story.share(share).replicas.at(0).id;
  ReplicaId other = story.make_replica(share, "z-b");

  SnapshotId request_snapshot() {
    const Events events = story.take(CreateSnapshot{.share = share});
    const auto* started = find<SnapshotCreationStarted>(events);
    return started == nullptr ? SnapshotId{} : started->snapshot;
  }
  // Taken on the active replica, copied to the other one.
  SnapshotId make_snapshot() {
    const SnapshotId id = request_snapshot();
    story.finish_first(share);
    ReportSync copied{
        .share = share, .replica = other, .epoch = 1, .generation = 5, .data_as_of = story.now.now};
    copied.snapshots = {id};
    story.take(copied);
    return id;
  }
  AccessRuleId grant(const std::string& user) {
    story.take(GrantAccess{.share = share, .type = "user", .to = user});
    story.finish_first(share);
    return story.share(share).access_rules.back().id;
  }
  void retire(const std::string& controller) {
    story.take(RetireController{.controller = controller, .why = "it burnt"});
  }
  // The operation that takes the snapshot, by where it is to run; empty: there is none.
  [[nodiscard]] std::string taken_by(SnapshotId snapshot) const {
    for (const PendingOperation& one : story.share(share).operations)
      if (one.kind == OperationKind::create_snapshot && one.snapshot == snapshot)
        return story.operation(one.id).runs_on;
    return {};
  }
  // A change of the active replica to `other`, that made the taking of a snapshot give way.
  SnapshotId put_off_a_snapshot() {
    const SnapshotId id = request_snapshot();
    const OperationId taking = story.start_first(share);
    story.take(SetActiveReplica{.replica = other});
    story.take(ReportOperationCancelled{taking, 1, "as asked"});
    EXPECT_EQ(taken_by(id), "");
    return id;
  }
};

// ---- a change of the active replica ------------------------------------------------------------
TEST_F(MeetingPoints, AForcedChangeEndsAnExtensionAndTakesSnapshotsAndRulesToTheNewSide) {
  grant("anna");
  story.take(ExtendShare{.share = share, .new_size_gb = 5});
  EXPECT_EQ(story.counter("gigabytes-project-1"), 5);
  EXPECT_EQ(story.counter("replica_gigabytes-project-1"), 10);
  const Events asked = story.take(SetActiveReplica{.replica = other, .mode = ChangeMode::forced});
  EXPECT_EQ(names(asked),
            "ShareResizeFailed OperationCancelled ActiveReplicaChangeStarted OperationRequested");
  EXPECT_EQ(story.counter("gigabytes-project-1"), 1);
  EXPECT_EQ(story.counter("replica_gigabytes-project-1"), 2);
  EXPECT_EQ(story.share(share).size_gb, 1U);

  const Events changed = story.take(done(story, story.start_first(share)));
  EXPECT_EQ(names(changed), "ActiveReplicaChanged OperationCompleted OperationRequested");
  const auto* told = find<OperationRequested>(changed);
  EXPECT_EQ(told->kind, OperationKind::update_access);
  EXPECT_EQ(told->runs_on, "b");
  for (const AppliedRule& one : story.share(share).access_rules.at(0).replicas)
    EXPECT_EQ(one.state, AccessState::queued_to_apply);
}

TEST_F(MeetingPoints, AChangeTellsRulesBeforeItTakesTheSnapshotThatGaveWay) {
  grant("anna");
  const SnapshotId id = put_off_a_snapshot();
  const Events changed = story.take(done(story, story.start_first(share)));
  EXPECT_EQ(names(changed),
            "ActiveReplicaChanged OperationCompleted OperationRequested OperationRequested");
  EXPECT_EQ(taken_by(id), "b");
  ASSERT_EQ(story.share(share).operations.size(), 2U);
  EXPECT_EQ(story.share(share).operations[0].kind, OperationKind::update_access);
  story.finish_first(share);
  story.finish_first(share);
  const Snapshot* snapshot = story.share(share).find(id);
  ASSERT_NE(snapshot, nullptr);
  EXPECT_EQ(snapshot->find(other)->status, SnapshotStatus::available);
}

TEST_F(MeetingPoints, ASnapshotThatGaveWayIsTakenWhenTheChangeIsGivenUp) {
  const SnapshotId id = put_off_a_snapshot();
  const OperationId change = story.start_first(share);
  story.take(AbandonOperation{change, "it hangs"});
  const Events given_up = story.take(ReportOperationAbandoned{change, 1, "nobody could look"});
  EXPECT_EQ(names(given_up), "ActiveReplicaChangeFailed OperationFailed OperationRequested");
  EXPECT_EQ(taken_by(id), "a");
}

// ---- a controller that is gone -----------------------------------------------------------------
TEST_F(MeetingPoints, ASnapshotThatGaveWayIsTakenWhenTheChangeWasLostWithItsController) {
  const SnapshotId id = put_off_a_snapshot();
  retire("b");
  const Events lost = story.take(LoseReplicas{share, "b"});
  EXPECT_EQ(names(lost),
            "ActiveReplicaChangeFailed OperationFailed OperationRequested ReplicaFellOutOfSync");
  EXPECT_EQ(taken_by(id), "a");
}

TEST_F(MeetingPoints, WorkOfARetiredControllerGoesWhereNothingIsPaused) {
  const ReplicaId third = story.request_replica(share, "z-c");
  const OperationId adding = story.first_in_line(share);
  ASSERT_EQ(story.operation(adding).replica, third);
  ASSERT_EQ(story.operation(adding).runs_on, "a");
  story.take(PauseEffects{.controller = "b", .why = "a disk is changed"});
  retire("a");
  const Events lost = story.take(LoseReplicas{share, "a"});
  ASSERT_NE(find<OperationRerouted>(lost), nullptr);
  EXPECT_EQ(find<OperationRerouted>(lost)->to, "c");
}

TEST_F(MeetingPoints, ASnapshotLostBeforeAChangeIsTakenAfterIt) {
  const SnapshotId id = request_snapshot();
  story.take(SetActiveReplica{.replica = other});
  retire("a");
  EXPECT_EQ(names(story.take(LoseReplicas{share, "a"})), "OperationFailed ReplicaFailed");
  EXPECT_EQ(status_of(*story.share(share).find(id)), SnapshotStatus::creating);
  story.finish_first(share);
  EXPECT_EQ(story.share(share).active()->id, other);
  EXPECT_EQ(taken_by(id), "b");
}

TEST_F(MeetingPoints, ASnapshotLostWithoutAChangeHasFailed) {
  const SnapshotId id = request_snapshot();
  retire("a");
  EXPECT_EQ(names(story.take(LoseReplicas{share, "a"})),
            "SnapshotCreationFailed OperationFailed ReplicaFailed");
  EXPECT_EQ(status_of(*story.share(share).find(id)), SnapshotStatus::error);
}

// ---- a replica that goes -----------------------------------------------------------------------
// The only complete copy of a snapshot is on `other`, and a rule that was taken away holds only
// there still.
struct Leaving : MeetingPoints {
  SnapshotId snapshot = make_snapshot();
  AccessRuleId rule = grant("anna");

  Leaving() {
    story.take(ReportStatus{.share = share,
                            .replica = active,
                            .epoch = 1,
                            .snapshots = std::vector<SnapshotId>{},
                            .snapshots_missing = {snapshot}});
    story.take(RevokeAccess{share, rule});
    ReportAccessUpdated told{.operation = story.start_first(share), .attempt = 1};
    told.replicas = {{.replica = active}, {.replica = other, .failure = k_away}};
    story.take(told);
    EXPECT_NE(story.share(share).find(rule), nullptr);
  }
  void expect_gone() const {
    EXPECT_EQ(story.share(share).find(other), nullptr);
    EXPECT_EQ(story.share(share).find(rule), nullptr);
    EXPECT_EQ(status_of(*story.share(share).find(snapshot)), SnapshotStatus::error);
    EXPECT_EQ(story.counter("share_replicas-project-1"), 1);
    EXPECT_EQ(story.counter("snapshots-project-1"), 1);
  }
};

TEST_F(Leaving, IsRefusedForTheSakeOfTheOnlyCopy) {
  EXPECT_EQ(story.refused(RemoveReplica{other}), "only_snapshot_copy");
}

TEST_F(Leaving, ByForceTakesTheCopyAndTheRuleAlong) {
  story.take(RemoveReplica{other, true});
  const Events removed = story.take(done(story, story.start_first(share)));
  EXPECT_EQ(names(removed),
            "OperationCompleted SnapshotCreationFailed ReplicaRemoved AccessRuleRemoved");
  expect_gone();
}

TEST_F(Leaving, WithItsControllerTakesTheSameAlong) {
  retire("b");
  const Events removed = story.take(RemoveReplica{other, true});
  EXPECT_EQ(names(removed),
            "ReplicaRemovalStarted RelationDebrisLeft SnapshotCreationFailed ReplicaRemoved "
            "AccessRuleRemoved");
  expect_gone();
}

TEST_F(MeetingPoints, AReplicaThatGoesMayBeWhatASnapshotWaitedFor) {
  const ReplicaId third = story.make_replica(share, "z-c");
  const SnapshotId id = request_snapshot();
  story.finish_first(share);
  ReportSync copied{
      .share = share, .replica = third, .epoch = 1, .generation = 5, .data_as_of = story.now.now};
  copied.snapshots = {id};
  story.take(copied);
  EXPECT_EQ(status_of(*story.share(share).find(id)), SnapshotStatus::creating);
  retire("b");
  story.take(RemoveReplica{other});
  EXPECT_EQ(status_of(*story.share(share).find(id)), SnapshotStatus::available);
  EXPECT_EQ(story.replica(third).state, ReplicaState::in_sync);
}

// ---- a snapshot that goes with its controller
// ----------------------------------------------------
struct OnOneController : testing::Test {
  Story story;
  ShareId share = story.make_share("dr");
  ReplicaId only = story.share(share).replicas.at(0).id;
  SnapshotId snapshot;

  OnOneController() {
    const Events events = story.take(CreateSnapshot{.share = share});
    snapshot = find<SnapshotCreationStarted>(events)->snapshot;
    story.finish_first(share);
    EXPECT_EQ(status_of(*story.share(share).find(snapshot)), SnapshotStatus::available);
  }
  void retire() { story.take(RetireController{.controller = "a", .why = "it burnt"}); }
};

TEST_F(OnOneController, ASnapshotIsDeletedAtOnceWhenItsControllerIsGone) {
  retire();
  const Events deleted = story.take(DeleteSnapshot{snapshot});
  EXPECT_EQ(names(deleted), "SnapshotDeletionStarted RelationDebrisLeft SnapshotDeleted");
  EXPECT_EQ(find<RelationDebrisLeft>(deleted)->controller, "a");
  EXPECT_EQ(story.counter("snapshots-project-1"), 0);
  EXPECT_EQ(story.counter("snapshot_gigabytes-project-1"), 0);
  // And the share after it: its debris is on a controller that nobody will clean.
  EXPECT_EQ(names(story.take(DeleteShare{share, true})),
            "ShareDeletionStarted RelationDebrisLeft ShareDeleted");
  for (const auto& [name, value] : story.folded.counters) EXPECT_EQ(value, 0) << name;
}

TEST_F(OnOneController, ASnapshotThatAServingReplicaMayHaveIsDeletedByAnOperation) {
  story.make_replica(share, "z-b");
  retire();
  EXPECT_EQ(names(story.take(DeleteSnapshot{snapshot})),
            "SnapshotDeletionStarted OperationRequested");
}

TEST_F(OnOneController, ASnapshotThatIsNotThereAnyMoreIsAnError) {
  story.take(ReportStatus{.share = share,
                          .replica = only,
                          .epoch = 1,
                          .snapshots = std::vector<SnapshotId>{},
                          .snapshots_missing = {snapshot}});
  EXPECT_EQ(status_of(*story.share(share).find(snapshot)), SnapshotStatus::error);
}

// ---- debris ------------------------------------------------------------------------------------
TEST_F(MeetingPoints, AShareThatListsDebrisIsDeletedButNotUnmanaged) {
  story.take(RemoveReplica{other, true});
  ReportReplicaRemoved removed{.operation = story.start_first(share), .attempt = 1};
  removed.debris = {{.replica = other, .controller = "b", .words = "no answer"}};
  story.take(removed);
  EXPECT_EQ(story.refused(UnmanageShare{share}), "share_not_available");
  EXPECT_NE(story.refusal(UnmanageShare{share}).find("pasig debris clean"), std::string::npos);
  EXPECT_EQ(story.refused(DeleteShare{share}), "accepted");
  retire("b");
  EXPECT_EQ(story.refused(UnmanageShare{share}), "accepted");
}

// ---- a share that goes -------------------------------------------------------------------------
TEST(DeletionByForce, OfAShareOnARetiredControllerGivesBackWhatAnExtensionTook) {
  for (const bool running : {false, true}) {
    Story story;
    const ShareId share = story.make_share("dr");
    story.take(ExtendShare{.share = share, .new_size_gb = 5});
    if (running) story.start_first(share);
    story.take(RetireController{.controller = "a", .why = "it burnt"});
    story.take(DeleteShare{share, true});
    EXPECT_FALSE(story.folded.world.shares.contains(share));
    for (const auto& [name, value] : story.folded.counters) EXPECT_EQ(value, 0) << name;
    for (const auto& [id, operation] : story.folded.world.operations)
      EXPECT_TRUE(operation.is_over()) << word(operation.kind);
  }
}

TEST(DeletionByForce, TellsThatWhatRanIsLost) {
  Story story;
  const ShareId share = story.make_share("dr");
  story.take(ExtendShare{.share = share, .new_size_gb = 5});
  const OperationId running = story.start_first(share);
  story.take(RetireController{.controller = "a", .why = "it burnt"});
  story.take(DeleteShare{share, true});
  EXPECT_EQ(story.operation(running).status, OperationStatus::failed);
  EXPECT_EQ(story.operation(running).failure.code, FailureCode::lost);
}

TEST(DeletionByForce, GivesBackOnceWhatAWaitingExtensionTook) {
  Story story;
  const ShareId share = story.make_share("dr");
  story.take(ExtendShare{.share = share, .new_size_gb = 5});
  const Events asked = story.take(DeleteShare{share, true});
  EXPECT_EQ(names(asked),
            "ShareResizeFailed OperationCancelled ShareDeletionStarted OperationRequested");
  EXPECT_EQ(story.counter("gigabytes-project-1"), 1);
  story.finish_first(share);
  for (const auto& [name, value] : story.folded.counters) EXPECT_EQ(value, 0) << name;
}

}  // namespace
}  // namespace pasig
