// The simulated driver's script: failures, lost answers, held calls and lies, and the types of
// replication that only it offers.
#include <chrono>
#include <thread>

#include "tests/drivers/worlds.h"

namespace pasig::drivers {
namespace {

class SimulatedScript : public ::testing::Test {
 protected:
  SimulatedScript() {
    share.add("alpha");
    EXPECT_TRUE(driver().create_share(share.ref(), share.id(0), share.next_call()));
    share.record_provisioned();
    share.add("beta");
    EXPECT_TRUE(driver().add_replica(share.ref(), share.id(1), share.next_call()));
    share.record_added(1);
  }
  Answer<Copy> sync(std::size_t n) {
    return driver().sync_replica(share.ref(), share.id(n), share.next_call());
  }
  Driver& driver() { return world.driver(); }
  simulated::Simulation& script() { return world.simulation(); }

  SimulatedWorld world;
  ShareOnDriver share{Replication::readable};
};

TEST_F(SimulatedScript, FailureIsAnsweredAsOftenAsSaid) {
  script().fail("sync_replica", {.problem = Problem::no_space, .words = "full"}, 2);
  EXPECT_EQ(problem_of(sync(1)), Problem::no_space);
  EXPECT_EQ(problem_of(sync(1)), Problem::no_space);
  EXPECT_TRUE(sync(1));
}

TEST_F(SimulatedScript, LostAnswerOfACallThatTookEffect) {
  script().lose_answer("set_active_replica", true);
  const auto lost =
      driver().set_active_replica(share.ref(), {.replica = share.id(1)}, share.next_call());
  ASSERT_FALSE(lost);
  EXPECT_TRUE(lost.error().unknown);
  EXPECT_EQ(script().look(share.id(1))->role, Role::active);
  const auto again =
      driver().set_active_replica(share.ref(), {.replica = share.id(1)}, share.same_call());
  EXPECT_TRUE(again) << words_of(again);
}

TEST_F(SimulatedScript, LostAnswerOfACallThatTookNone) {
  script().lose_answer("sync_replica", false);
  const auto lost = sync(1);
  ASSERT_FALSE(lost);
  EXPECT_TRUE(lost.error().unknown);
  EXPECT_FALSE(script().look(share.id(1))->latest);
}

TEST_F(SimulatedScript, HeldCallWaitsUntilItIsReleased) {
  script().hold("sync_replica");
  Answer<Copy> copy;
  std::thread other([&] { copy = sync(1); });
  EXPECT_TRUE(script().wait_until_held("sync_replica", std::chrono::seconds(60)));
  EXPECT_FALSE(script().look(share.id(1))->latest);
  script().release("sync_replica");
  other.join();
  EXPECT_TRUE(copy) << words_of(copy);
}

TEST_F(SimulatedScript, HeldCallEndsWhenItIsCancelled) {
  script().hold("sync_replica");
  std::stop_source stop;
  CallContext call = share.next_call();
  call.cancelled = stop.get_token();
  Answer<Copy> copy;
  std::thread other([&] { copy = driver().sync_replica(share.ref(), share.id(1), call); });
  EXPECT_TRUE(script().wait_until_held("sync_replica", std::chrono::seconds(60)));
  stop.request_stop();
  other.join();
  EXPECT_EQ(problem_of(copy), Problem::cancelled);
}

TEST_F(SimulatedScript, LiesChangeOnlyTheReport) {
  ASSERT_TRUE(script().write(share.id(0)));
  script().lie_about_copies([](Copy& copy) { copy.generation = 999; });
  EXPECT_EQ(sync(1)->generation, 999U);
  EXPECT_EQ(script().look(share.id(1))->latest->generation, 1U);
}

TEST_F(SimulatedScript, CallsAreListedInTheOrderOfTheirEffect) {
  ASSERT_TRUE(sync(1));
  EXPECT_EQ(script().calls(),
            (std::vector<std::string>{"create_share", "add_replica", "sync_replica"}));
}

TEST(SimulatedReplication, WritableReplicasAreAllOpenAndNoneIsPromoted) {
  SimulatedWorld world;
  ShareOnDriver share{Replication::writable};
  share.add("alpha");
  ASSERT_TRUE(world.driver().create_share(share.ref(), share.id(0), share.next_call()));
  share.record_provisioned();
  share.add("beta");
  ASSERT_TRUE(world.driver().add_replica(share.ref(), share.id(1), share.next_call()));
  EXPECT_TRUE(world.simulation().write(share.id(0)));
  EXPECT_TRUE(world.simulation().write(share.id(1)));
  EXPECT_EQ(problem_of(world.driver().set_active_replica(share.ref(), {.replica = share.id(1)},
                                                         share.next_call())),
            Problem::unsupported);
}

TEST(SimulatedConfiguration, FullPoolHasNoSpace) {
  SystemClock clock;
  const auto driver =
      make_simulated_driver({{"alpha", "z", "simulated", {{"capacity_gb", "1"}}}}, clock);
  ASSERT_TRUE(driver) << driver.error().text();
  ShareOnDriver share{Replication::none};
  share.add("alpha");
  share.ref().size_gb = 2;
  EXPECT_EQ(problem_of((*driver)->create_share(share.ref(), share.id(0), share.next_call())),
            Problem::no_space);
}

TEST(SimulatedConfiguration, ReplicaOfAnEarlierProcessIsAdopted) {
  SystemClock clock;
  const auto driver = make_simulated_driver({{"alpha", "z", "simulated", {}}}, clock);
  ASSERT_TRUE(driver) << driver.error().text();
  ShareOnDriver share{Replication::readable};
  share.add("alpha").generation = 5;
  share.record_provisioned();
  const auto health = (*driver)->update_replica_status(share.ref(), share.id(0), share.next_call());
  ASSERT_TRUE(health) << words_of(health);
  EXPECT_EQ(health->role_on_storage, Role::active);
  EXPECT_EQ(health->latest->generation, 5U);
}

TEST(SimulatedConfiguration, PoolsAreNamedByTheOption) {
  SystemClock clock;
  const auto driver =
      make_simulated_driver({{"alpha", "z", "simulated", {{"pools", "gold, silver"}}}}, clock);
  ASSERT_TRUE(driver) << driver.error().text();
  const auto pools = (*driver)->stats("alpha");
  ASSERT_TRUE(pools);
  ASSERT_EQ(pools->size(), 2U);
  EXPECT_EQ(pools->at(1).pool, "silver");
}

TEST(SimulatedConfiguration, UnknownOptionIsAnError) {
  SystemClock clock;
  const auto driver = make_simulated_driver({{"alpha", "z", "simulated", {{"speed", "9"}}}}, clock);
  ASSERT_FALSE(driver);
  EXPECT_NE(driver.error().message.find("speed"), std::string::npos);
}

}  // namespace
}  // namespace pasig::drivers
