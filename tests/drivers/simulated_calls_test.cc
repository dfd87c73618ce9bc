// The simulated driver's script for calls that act on every replica, what look() shows of them,
// and what only its types of replication and its options do.
#include "tests/drivers/worlds.h"

namespace pasig::drivers {
namespace {

constexpr std::uint64_t k_gib = std::uint64_t{1} << 30;

// One write, and a copy of it on beta.
class SimulatedCalls : public ::testing::Test {
 protected:
  explicit SimulatedCalls(Replication replication = Replication::readable) : share{replication} {
    share.add("alpha");
    EXPECT_TRUE(driver().create_share(share.ref(), share.id(0), share.next_call()));
    share.record_provisioned();
    share.add("beta");
    // Of writable replicas the one with the lowest id leads, which the others are synced with.
    while (share.id(1) < share.id(0)) share.ref().replicas.at(1).id = ReplicaId{random_uuid()};
    EXPECT_TRUE(driver().add_replica(share.ref(), share.id(1), share.next_call()));
    share.ref().replicas.at(1).role =
        replication == Replication::writable ? Role::active : Role::secondary;
    EXPECT_TRUE(script().write(share.id(0)));
    EXPECT_TRUE(sync(1));
  }
  Answer<Copy> sync(std::size_t n) {
    return driver().sync_replica(share.ref(), share.id(n), share.next_call());
  }
  Answer<SnapshotTaken> take(SnapshotId snapshot) {
    return driver().create_snapshot(share.ref(), snapshot, share.next_call());
  }
  void take_and_record() {
    const auto taken = take(id);
    ASSERT_TRUE(taken) << words_of(taken);
    share.record_snapshot(id, taken->digest);
  }
  Answer<Resized> extend(std::uint64_t to) {
    return driver().extend(share.ref(), to, share.next_call());
  }
  Answer<Resized> shrink(std::uint64_t to) {
    return driver().shrink(share.ref(), to, share.next_call());
  }
  std::uint64_t size_on(std::size_t n) { return script().look(share.id(n))->size_gb; }
  Driver& driver() { return world.driver(); }
  simulated::Simulation& script() { return world.simulation(); }

  SimulatedWorld world;
  ShareOnDriver share;
  const SnapshotId id{random_uuid()};
};

class SimulatedWritable : public SimulatedCalls {
 protected:
  SimulatedWritable() : SimulatedCalls(Replication::writable) {}
};

TEST_F(SimulatedCalls, FailureOnOneControllerIsThatReplicasAlone) {
  script().fail("extend", {.problem = Problem::no_space, .controller = "beta", .words = "full"});
  const auto resized = extend(2);
  ASSERT_TRUE(resized) << words_of(resized);
  ASSERT_EQ(resized->replicas.size(), 2U);
  EXPECT_EQ(resized->replicas.at(0).replica, share.id(1)) << "the secondaries come first";
  ASSERT_TRUE(resized->replicas.at(0).failure);
  EXPECT_EQ(resized->replicas.at(0).failure->words, "full");
  EXPECT_FALSE(resized->replicas.at(1).failure);
  EXPECT_EQ(size_on(0), 2U);
  EXPECT_EQ(size_on(1), 1U);
  EXPECT_FALSE(extend(2)->replicas.at(0).failure) << "it was for one time";
}

TEST_F(SimulatedCalls, FailureWithoutAControllerIsTheWholeCalls) {
  script().fail("extend", {.problem = Problem::failed, .words = "broken"});
  EXPECT_EQ(problem_of(extend(2)), Problem::failed);
  EXPECT_EQ(size_on(1), 1U);
}

TEST_F(SimulatedCalls, SecondariesAreExtendedBeforeTheActiveReplica) {
  script().fail("extend", {.problem = Problem::no_space, .controller = "alpha", .words = "full"});
  const auto resized = extend(2);
  ASSERT_TRUE(resized) << words_of(resized);
  EXPECT_TRUE(resized->replicas.at(1).failure);
  EXPECT_EQ(size_on(0), 1U);
  EXPECT_EQ(size_on(1), 2U);
}

TEST_F(SimulatedCalls, NothingShrinksBeforeTheActiveReplica) {
  ASSERT_TRUE(extend(3));
  script().fail("shrink", {.problem = Problem::failed, .controller = "alpha", .words = "broken"});
  EXPECT_EQ(problem_of(shrink(2)), Problem::failed);
  EXPECT_EQ(size_on(0), 3U);
  EXPECT_EQ(size_on(1), 3U);
  const auto resized = shrink(2);
  ASSERT_TRUE(resized) << words_of(resized);
  EXPECT_EQ(resized->replicas.at(0).replica, share.id(0));
  EXPECT_EQ(size_on(0), 2U);
  EXPECT_EQ(size_on(1), 2U);
}

TEST_F(SimulatedCalls, UsageOfASecondaryForbidsShrinking) {
  ASSERT_TRUE(extend(2));
  ASSERT_TRUE(script().set_used_bytes(share.id(1), k_gib + 1));
  const auto refused = shrink(1);
  ASSERT_EQ(problem_of(refused), Problem::too_small);
  EXPECT_EQ(refused.error().controller, "beta");
  EXPECT_NE(refused.error().words.find(to_string(share.id(1))), std::string::npos);
  EXPECT_EQ(size_on(0), 2U);
}

TEST_F(SimulatedCalls, PoolWithoutRoomIsThatReplicasAnswer) {
  const auto resized = extend(1001);
  ASSERT_TRUE(resized) << words_of(resized);
  for (const ReplicaAnswer& one : resized->replicas) {
    ASSERT_TRUE(one.failure);
    EXPECT_EQ(one.failure->problem, Problem::no_space);
  }
  EXPECT_EQ(size_on(0), 1U);
}

TEST_F(SimulatedCalls, CallThatReachesNothingFailsAsAWhole) {
  script().set_reachable("alpha", false);
  script().set_reachable("beta", false);
  EXPECT_EQ(problem_of(extend(2)), Problem::unreachable);
  EXPECT_EQ(problem_of(driver().update_access(share.ref(), share.next_call())),
            Problem::unreachable);
  EXPECT_EQ(problem_of(driver().delete_snapshot(share.ref(), id, share.next_call())),
            Problem::unreachable);
}

TEST_F(SimulatedCalls, LookShowsSnapshotsWithTheVersionTheyHold) {
  take_and_record();
  ASSERT_TRUE(script().write(share.id(0)));
  ASSERT_TRUE(sync(1));
  for (const std::size_t n : {0U, 1U}) {
    const auto seen = script().look(share.id(n));
    ASSERT_EQ(seen->snapshots.size(), 1U);
    EXPECT_EQ(seen->snapshots.at(id).tree.version, 1U);
    EXPECT_EQ(seen->snapshots.at(id).taken.digest, share.ref().snapshots.at(0).digest);
    EXPECT_EQ(seen->tree().version, 2U);
  }
}

TEST_F(SimulatedCalls, LostAnswerOfASnapshotThatWasTaken) {
  script().lose_answer("create_snapshot", true);
  const auto lost = take(id);
  ASSERT_FALSE(lost);
  EXPECT_TRUE(lost.error().unknown);
  ASSERT_TRUE(script().write(share.id(0)));
  const auto again = driver().create_snapshot(share.ref(), id, share.same_call());
  ASSERT_TRUE(again) << words_of(again);
  EXPECT_EQ(again->files, 1U);
}

TEST_F(SimulatedCalls, RevertDeliveredAgainKeepsLaterWrites) {
  take_and_record();
  ASSERT_TRUE(script().write(share.id(0)));
  ASSERT_TRUE(driver().revert(share.ref(), id, share.next_call()));
  ASSERT_TRUE(script().write(share.id(0)));
  const auto again = driver().revert(share.ref(), id, share.same_call());
  ASSERT_TRUE(again) << words_of(again);
  EXPECT_EQ(again->base.files, 1U);
  EXPECT_EQ(script().look(share.id(0))->live.version, 2U);
}

// A replica that missed the revert is behind it, not ahead: nothing of it is kept aside.
TEST_F(SimulatedCalls, ReplicaThatMissedARevertHasNotDiverged) {
  take_and_record();
  share.add("gamma");
  ASSERT_TRUE(driver().add_replica(share.ref(), share.id(2), share.next_call()));
  share.record_added(2);
  for (int write = 0; write < 3; ++write) ASSERT_TRUE(script().write(share.id(0)));
  ASSERT_TRUE(sync(2));
  script().set_reachable("gamma", false);
  ASSERT_TRUE(driver().revert(share.ref(), id, share.next_call()));
  ASSERT_TRUE(sync(1));
  const auto changed =
      driver().set_active_replica(share.ref(), {.replica = share.id(1)}, share.next_call());
  script().set_reachable("gamma", true);
  ASSERT_TRUE(changed) << words_of(changed);
  EXPECT_TRUE(changed->diverged.empty());
  share.record_active(1, *changed);
  const auto copy = sync(2);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_TRUE(copy->aside.empty());
  EXPECT_EQ(copy->files, 1U);
}

TEST_F(SimulatedCalls, DamagedSnapshotIsNeitherCopiedNorRevertedTo) {
  take_and_record();
  ASSERT_TRUE(script().damage(share.id(0), id));
  EXPECT_EQ(sync(1)->snapshots, std::vector<SnapshotId>{});
  EXPECT_EQ(problem_of(driver().revert(share.ref(), id, share.next_call())), Problem::not_verified);
}

TEST_F(SimulatedCalls, SnapshotThatOnlyASecondaryHoldsIsRevertedTo) {
  take_and_record();
  script().set_reachable("alpha", false);
  const auto changed = driver().set_active_replica(
      share.ref(), {.replica = share.id(1), .mode = ActiveChangeRequest::Mode::forced},
      share.next_call());
  ASSERT_TRUE(changed) << words_of(changed);
  share.record_active(1, *changed);
  EXPECT_EQ(problem_of(driver().revert(share.ref(), id, share.next_call())), Problem::failed);
  script().set_reachable("alpha", true);
  const auto reverted = driver().revert(share.ref(), id, share.next_call());
  ASSERT_TRUE(reverted) << words_of(reverted);
  EXPECT_TRUE(script().look(share.id(1))->snapshots.contains(id));
}

TEST_F(SimulatedCalls, DamagedSnapshotOnASecondaryIsRepaired) {
  take_and_record();
  ASSERT_TRUE(sync(1));
  ASSERT_TRUE(script().damage(share.id(1), id));
  EXPECT_EQ(script().look(share.id(1))->damaged.size(), 1U);
  const auto scrubbed = driver().scrub_replica(share.ref(), share.id(1), share.next_call());
  ASSERT_TRUE(scrubbed) << words_of(scrubbed);
  EXPECT_EQ(scrubbed->repaired, 1U);
  EXPECT_EQ(scrubbed->damage.at(0).where, "snapshot " + to_string(id));
  EXPECT_TRUE(script().look(share.id(1))->damaged.empty());
}

TEST_F(SimulatedCalls, DamageOnBothHasNoGoodCopy) {
  ASSERT_TRUE(script().damage(share.id(0)));
  ASSERT_TRUE(script().damage(share.id(1)));
  const auto scrubbed = driver().scrub_replica(share.ref(), share.id(1), share.next_call());
  ASSERT_TRUE(scrubbed) << words_of(scrubbed);
  EXPECT_EQ(scrubbed->repaired, 0U);
  EXPECT_TRUE(scrubbed->good_copies.empty());
}

TEST_F(SimulatedCalls, ThereIsNothingToDamageInAnEmptyPlace) {
  EXPECT_FALSE(script().damage(ReplicaId{random_uuid()}));
  EXPECT_FALSE(script().damage(share.id(0), id));
}

TEST_F(SimulatedCalls, TypesOfRulesThatHoldAreScripted) {
  share.allow("ip", "192.0.2.7", "rw");
  ASSERT_TRUE(driver().update_access(share.ref(), share.next_call()));
  EXPECT_TRUE(script().look(share.id(0))->access.empty());
  EXPECT_TRUE(script().look(share.id(0))->is_access_ruled) << "nobody is let in";
  script().set_access_types({"user", "ip"});
  ASSERT_TRUE(driver().update_access(share.ref(), share.next_call()));
  ASSERT_EQ(script().look(share.id(0))->access.size(), 1U);
  EXPECT_EQ(script().look(share.id(0))->access.at(0).level, "rw");
  EXPECT_EQ(script().look(share.id(1))->access.at(0).level, "ro");
}

TEST_F(SimulatedCalls, NewReplicaHasTheRulesFromTheStart) {
  share.allow("user", "ann", "rw");
  share.add("gamma");
  ASSERT_TRUE(driver().add_replica(share.ref(), share.id(2), share.next_call()));
  const auto seen = script().look(share.id(2));
  ASSERT_EQ(seen->access.size(), 1U);
  EXPECT_EQ(seen->access.at(0).level, "ro");
}

TEST_F(SimulatedCalls, LiesChangeEachAnswerAndNothingElse) {
  script().lie_about_snapshots([](SnapshotTaken& taken) { taken.digest = "00"; });
  EXPECT_EQ(take(id)->digest, "00");
  EXPECT_NE(script().look(share.id(0))->snapshots.at(id).taken.digest, "00");
  script().lie_about_sizes([](Resized& resized) { resized.replicas.clear(); });
  EXPECT_TRUE(extend(2)->replicas.empty());
  EXPECT_EQ(size_on(1), 2U);
  script().lie_about_access([](AccessApplied& applied) { applied.replicas.clear(); });
  EXPECT_TRUE(driver().update_access(share.ref(), share.next_call())->replicas.empty());
  script().lie_about_scrubs([](Scrubbed& scrubbed) { scrubbed.damaged = 7; });
  EXPECT_EQ(driver().scrub_replica(share.ref(), share.id(1), share.next_call())->damaged, 7U);
  script().lie_about_reverts([](Reverted& reverted) { reverted.base.generation = 999; });
  EXPECT_EQ(driver().revert(share.ref(), id, share.next_call())->base.generation, 999U);
  script().lie_about_deletions([](SnapshotDeleted& deleted) { deleted.replicas.clear(); });
  EXPECT_TRUE(driver().delete_snapshot(share.ref(), id, share.next_call())->replicas.empty());
  script().lie_about_snapshots(nullptr);
  EXPECT_NE(take(id)->digest, "00");
}

TEST_F(SimulatedWritable, SnapshotOfWritableReplicasReachesAll) {
  ASSERT_TRUE(script().write(share.id(1)));
  ASSERT_TRUE(sync(1));
  take_and_record();
  ASSERT_TRUE(sync(1));
  EXPECT_TRUE(script().look(share.id(1))->snapshots.contains(id));
  ASSERT_TRUE(script().write(share.id(1)));
  ASSERT_TRUE(sync(1));
  const auto reverted = driver().revert(share.ref(), id, share.next_call());
  ASSERT_TRUE(reverted) << words_of(reverted);
  EXPECT_EQ(script().look(share.id(0))->live.version, 2U);
  EXPECT_EQ(script().look(share.id(1))->live.version, 2U);
}

TEST_F(SimulatedWritable, RulesOfWritableReplicasAreWritableOnAll) {
  share.allow("user", "ann", "rw");
  const auto applied = driver().update_access(share.ref(), share.next_call());
  ASSERT_TRUE(applied) << words_of(applied);
  for (const ReplicaAccess& one : applied->replicas) EXPECT_EQ(one.rules.at(0).level, "rw");
}

// The log notes the snapshot as that one's: nobody else's answer would be true.
TEST_F(SimulatedWritable, SnapshotIsTakenOnTheOneThatLeadsAndOnNoOther) {
  script().set_reachable("alpha", false);
  EXPECT_EQ(problem_of(take(id)), Problem::unreachable);
  EXPECT_FALSE(script().look(share.id(1))->snapshots.contains(id));
  script().set_reachable("alpha", true);
  script().set_reachable("beta", false);
  ASSERT_TRUE(take(id));
  EXPECT_TRUE(script().look(share.id(0))->snapshots.contains(id));
  EXPECT_FALSE(script().look(share.id(1))->snapshots.contains(id));
}

TEST(SimulatedConfiguration, SnapshotsAndRulesOfAnEarlierProcessAreAdopted) {
  SystemClock clock;
  const auto storage = std::make_shared<simulated::Simulation>();
  const auto driver = make_simulated_driver({{"alpha", "z", "simulated", {}}}, clock, storage);
  ASSERT_TRUE(driver) << driver.error().text();
  ShareOnDriver share{Replication::readable};
  share.add("alpha");
  share.record_provisioned();
  share.allow("user", "ann", "rw");
  const SnapshotId id{random_uuid()};
  share.record_snapshot(id, "1234");
  const auto health = (*driver)->update_replica_status(share.ref(), share.id(0), share.next_call());
  ASSERT_TRUE(health) << words_of(health);
  EXPECT_EQ(health->snapshots, std::vector<SnapshotId>{id});
  EXPECT_EQ(storage->look(share.id(0))->access.size(), 1U);
}

}  // namespace
}  // namespace pasig::drivers
