// Scrubs, and data that was kept aside.
#include "tests/commands/story.h"

namespace pasig {
namespace {

struct Scrub : ::testing::Test {
  Story story;
  ShareId share = story.make_share("readable");
  ReplicaId active = story.share(share).active()->id;
  ReplicaId other = story.make_replica(share, "z-b");

  Scrub() { story.later(3600); }
  ReportScrub clean(ReplicaId of) const {
    return {.share = share,
            .replica = of,
            .epoch = story.share(share).epoch,
            .files = 7,
            .bytes = 70,
            .began_at = story.now.now};
  }
  ReportScrub damaged(ReplicaId of, std::uint64_t count, std::uint64_t repaired = 0) const {
    ReportScrub report = clean(of);
    report.damaged = count;
    report.repaired = repaired;
    return report;
  }
  ReportSync synced() const {
    return {.share = share,
            .replica = other,
            .epoch = story.share(share).epoch,
            .generation = 9,
            .data_as_of = story.now.now.plus_seconds(-1)};
  }
};

TEST_F(Scrub, ThatIsCleanAndThatNobodyAskedForSaysNothing) {
  EXPECT_TRUE(story.take(clean(other)).empty());
}

TEST_F(Scrub, ThatWasAskedForSaysThatAllIsRight) {
  EXPECT_EQ(names(story.take(VerifyReplica{other})), "ReplicaVerifyRequested");
  EXPECT_TRUE(story.replica(other).verify_requested_at.is_set());
  EXPECT_EQ(names(story.take(clean(other))), "ReplicaVerified");
  EXPECT_FALSE(story.replica(other).verify_requested_at.is_set());
  EXPECT_EQ(story.replica(other).verified_at, story.now.now);
}

TEST_F(Scrub, ThatBeganBeforeItWasAskedForDoesNotAnswerThat) {
  const ReportScrub earlier = clean(other);
  story.later(10);
  story.take(VerifyReplica{other});
  EXPECT_TRUE(story.take(earlier).empty());
  EXPECT_TRUE(story.replica(other).verify_requested_at.is_set());
}

TEST_F(Scrub, IsAskedForOnce) {
  story.take(VerifyReplica{other});
  EXPECT_TRUE(story.take(VerifyReplica{other}).empty());
}

TEST_F(Scrub, IsAskedForByAdminsOnly) {
  story.as_member();
  EXPECT_EQ(story.refused(VerifyReplica{other}), "needs_admin");
}

TEST_F(Scrub, IsNotForAReplicaThatIsNotWhole) {
  story.take(RemoveReplica{other});
  EXPECT_EQ(story.refused(VerifyReplica{other}), "replica_not_available");
  EXPECT_EQ(story.refused(VerifyReplica{ReplicaId{random_uuid()}}), "replica_not_found");
}

TEST_F(Scrub, IsNotForASecondaryWhileReplicationIsSuspended) {
  story.take(SuspendReplication{.share = share, .why = "a risky change"});
  EXPECT_EQ(story.refused(VerifyReplica{other}), "replica_not_available");
  EXPECT_EQ(story.refused(VerifyReplica{active}), "accepted");
}

TEST_F(Scrub, IsNotWhereNobodyWouldReadIt) {
  story.take(ResetReplicaState{other, ReplicaState::error});
  EXPECT_EQ(story.refused(VerifyReplica{other}), "replica_not_available");
  story.take(ResetReplicaState{other, ReplicaState::out_of_sync});
  EXPECT_EQ(story.refused(VerifyReplica{other}), "accepted");
  story.take(RetireController{.controller = "a", .why = "it burnt"});
  EXPECT_EQ(story.refused(VerifyReplica{other}), "controller_retired");
}

TEST_F(Scrub, SaysNothingOfAGoodCopyThatComesAndGoes) {
  ReportScrub report = damaged(other, 2);
  report.good_copies = {active};
  story.take(report);
  EXPECT_TRUE(story.take(damaged(other, 2)).empty());
  EXPECT_TRUE(story.take(report).empty());
  EXPECT_EQ(story.replica(other).good_copies, std::vector{active});
}

TEST_F(Scrub, IsStillAwaitedOfADamagedReplicaThatFailed) {
  story.take(damaged(other, 2));
  story.take(ResetReplicaState{other, ReplicaState::error});
  story.later(120);
  EXPECT_EQ(names(story.take(synced())), "ReplicaFellOutOfSync");
  EXPECT_TRUE(story.replica(other).note.starts_with("damaged:"));
}

TEST_F(Scrub, IsAlsoForAShareWithoutReplication) {
  const ShareId plain = story.make_share("none");
  EXPECT_EQ(story.refused(VerifyReplica{story.share(plain).replicas.at(0).id}), "accepted");
}

TEST_F(Scrub, ThatRepairedAllTellsAndChangesNoState) {
  EXPECT_EQ(names(story.take(damaged(other, 2, 2))), "ReplicaDamageFound");
  EXPECT_EQ(story.replica(other).damaged, 0U);
  EXPECT_EQ(story.replica(other).state, ReplicaState::in_sync);
}

TEST_F(Scrub, ThatLeftDamageOnASecondaryTakesItOutOfSync) {
  EXPECT_EQ(names(story.take(damaged(other, 3, 1))), "ReplicaDamageFound ReplicaFellOutOfSync");
  EXPECT_EQ(story.replica(other).damaged, 2U);
  EXPECT_EQ(story.replica(other).state, ReplicaState::out_of_sync);
}

TEST_F(Scrub, LeavesTheActiveReplicaWhatItIs) {
  ReportScrub report = damaged(active, 1);
  report.good_copies = {other};
  EXPECT_EQ(names(story.take(report)), "ReplicaDamageFound");
  EXPECT_EQ(story.replica(active).state, ReplicaState::active);
  EXPECT_EQ(story.replica(active).status, ReplicaStatus::available);
  EXPECT_EQ(story.replica(active).good_copies, std::vector<ReplicaId>{other});
}

TEST_F(Scrub, TellsTheSameDamageOnce) {
  story.take(damaged(active, 1));
  EXPECT_TRUE(story.take(damaged(active, 1)).empty());
  EXPECT_EQ(names(story.take(damaged(active, 2))), "ReplicaDamageFound");
}

TEST_F(Scrub, TellsThatDamageIsGone) {
  story.take(damaged(active, 1));
  EXPECT_EQ(names(story.take(clean(active))), "ReplicaVerified");
  EXPECT_EQ(story.replica(active).damaged, 0U);
}

TEST_F(Scrub, ThatLeftDamageIsNotOverruledByASync) {
  story.take(damaged(other, 1));
  story.later(3600);
  EXPECT_TRUE(story.take(synced()).empty());
  story.take(clean(other));
  story.later(3600);
  EXPECT_EQ(names(story.take(synced())), "ReplicaCameInSync");
}

TEST_F(Scrub, OfAnEarlierEpochSaysNothing) {
  ReportScrub report = damaged(other, 1);
  report.epoch = 0;
  EXPECT_TRUE(story.take(report).empty());
}

TEST_F(Scrub, OfAReplicaThatIsGoneFitsNothing) {
  EXPECT_EQ(story.refused(clean(ReplicaId{random_uuid()})), "report_does_not_fit");
}

struct Asides : Scrub {
  const std::string path = "/srv/b/aside/epoch1";

  Asides() { story.fold({DivergedDataKeptAside{share, other, "b", path, 2, 8, 1}}); }
};

TEST_F(Asides, AreDeletedWhereTheyLie) {
  const Events events = story.take(DeleteAside{share, "b", path});
  EXPECT_EQ(names(events), "AsideDeletionStarted OperationRequested");
  EXPECT_EQ(find<OperationRequested>(events)->runs_on, "b");
  EXPECT_EQ(find<OperationRequested>(events)->path, path);
  story.finish_first(share);
  EXPECT_TRUE(story.share(share).aside.empty());
}

TEST_F(Asides, StayWhenTheyAreRestored) {
  const Events events = story.take(RestoreAside{share, "b", path, "/srv/restored/"});
  EXPECT_EQ(names(events), "AsideRestoreStarted OperationRequested");
  EXPECT_EQ(find<OperationRequested>(events)->to, "/srv/restored");
  story.finish_first(share);
  EXPECT_EQ(story.share(share).aside.size(), 1U);
}

TEST_F(Asides, OfAReplicaThatIsGoneAreDeletedToo) {
  story.take(RemoveReplica{other});
  story.finish_first(share);
  ASSERT_EQ(story.share(share).find(other), nullptr);
  story.take(DeleteAside{share, "b", path});
  story.finish_first(share);
  EXPECT_TRUE(story.share(share).aside.empty());
}

TEST_F(Asides, AreNotForgottenByTheRemovalOfTheirReplica) {
  story.take(RemoveReplica{other});
  story.take(DeleteAside{share, "b", path});
  story.finish_first(share);
  ASSERT_EQ(story.share(share).operations.size(), 1U);
  story.finish_first(share);
  EXPECT_TRUE(story.share(share).aside.empty());
}

TEST_F(Asides, SayWhyNothingWasDone) {
  story.take(RestoreAside{share, "b", path, "/srv/restored"});
  const OperationId operation = story.start_first(share);
  const Events events = story.take(
      ReportAsideRestored{.operation = operation,
                          .attempt = 1,
                          .failure = Failure{.code = FailureCode::failed, .words = "it is there"}});
  EXPECT_EQ(names(events), "AsideActionFailed OperationFailed");
  EXPECT_EQ(find<AsideActionFailed>(events)->path, path);
}

TEST_F(Asides, AreFoundByControllerAndPath) {
  EXPECT_EQ(story.refused(DeleteAside{share, "a", path}), "aside_not_found");
  EXPECT_EQ(story.refused(DeleteAside{share, "b", path + "x"}), "aside_not_found");
  EXPECT_EQ(story.refused(RestoreAside{share, "b", path, "restored"}), "invalid_input");
}

TEST_F(Asides, AreForAdmins) {
  story.as_member();
  EXPECT_EQ(story.refused(DeleteAside{share, "b", path}), "needs_admin");
  EXPECT_EQ(story.refused(RestoreAside{share, "b", path, "/srv/restored"}), "needs_admin");
}

}  // namespace
}  // namespace pasig
