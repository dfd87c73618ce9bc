// What every driver promises of reading all content of a replica, by one typed suite over both.
#include "tests/drivers/contract.h"

namespace pasig::drivers {
namespace {

template <class World>
class DriverScrub : public DriverContract<World> {
 protected:
  Answer<Scrubbed> scrub(std::size_t n) {
    return this->driver().scrub_replica(this->share.ref(), this->share.id(n),
                                        this->share.next_call());
  }
  bool damage(std::size_t n) {
    return this->world.damage(this->share.ref().replicas.at(n), this->share.ref());
  }
  // One write on both.
  void create_copied() {
    this->create_with_replica();
    EXPECT_TRUE(this->write(0));
    EXPECT_TRUE(this->sync(1));
  }
};
TYPED_TEST_SUITE(DriverScrub, Worlds);

TYPED_TEST(DriverScrub, WholeContentHasNoDamage) {
  this->create_copied();
  for (const std::size_t n : {0U, 1U}) {
    const auto scrubbed = this->scrub(n);
    ASSERT_TRUE(scrubbed) << words_of(scrubbed);
    EXPECT_GE(scrubbed->files, 1U);
    EXPECT_GT(scrubbed->bytes, 0U);
    EXPECT_EQ(scrubbed->damaged, 0U);
    EXPECT_TRUE(scrubbed->damage.empty());
  }
}

TYPED_TEST(DriverScrub, WritesSinceTheLastCopyAreNoDamage) {
  this->create_copied();
  ASSERT_TRUE(this->write(0));
  const auto scrubbed = this->scrub(0);
  ASSERT_TRUE(scrubbed) << words_of(scrubbed);
  EXPECT_EQ(scrubbed->damaged, 0U);
}

TYPED_TEST(DriverScrub, DamageOnASecondaryIsRepaired) {
  this->create_copied();
  ASSERT_TRUE(this->damage(1));
  const auto scrubbed = this->scrub(1);
  ASSERT_TRUE(scrubbed) << words_of(scrubbed);
  EXPECT_EQ(scrubbed->damaged, 1U);
  EXPECT_EQ(scrubbed->repaired, 1U);
  ASSERT_EQ(scrubbed->damage.size(), 1U);
  EXPECT_TRUE(scrubbed->damage[0].is_repaired);
  EXPECT_FALSE(scrubbed->damage[0].where.empty());
  EXPECT_FALSE(scrubbed->damage[0].path.empty());
  EXPECT_FALSE(scrubbed->damage[0].words.empty());
  const auto after = this->scrub(1);
  ASSERT_TRUE(after) << words_of(after);
  EXPECT_EQ(after->damaged, 0U);
}

TYPED_TEST(DriverScrub, RepairedReplicaIsClosedAndFollows) {
  this->create_copied();
  ASSERT_TRUE(this->damage(1));
  ASSERT_TRUE(this->scrub(1));
  EXPECT_FALSE(this->write(1));
  ASSERT_TRUE(this->write(0));
  const auto copy = this->sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_EQ(copy->files, 2U);
}

TYPED_TEST(DriverScrub, DamageOnTheActiveReplicaIsReportedWithTheGoodCopies) {
  this->create_copied();
  ASSERT_TRUE(this->damage(0));
  for (int call = 0; call < 2; ++call) {
    const auto scrubbed = this->scrub(0);
    ASSERT_TRUE(scrubbed) << words_of(scrubbed);
    EXPECT_EQ(scrubbed->damaged, 1U) << "never overwritten";
    EXPECT_EQ(scrubbed->repaired, 0U);
    ASSERT_EQ(scrubbed->damage.size(), 1U);
    EXPECT_FALSE(scrubbed->damage[0].is_repaired);
    EXPECT_EQ(scrubbed->good_copies, std::vector<ReplicaId>{this->share.id(1)});
  }
}

TYPED_TEST(DriverScrub, DamageStaysWhileTheActiveReplicaIsAway) {
  this->create_copied();
  ASSERT_TRUE(this->damage(1));
  const auto scrubbed = this->without("alpha", [&] { return this->scrub(1); });
  ASSERT_TRUE(scrubbed) << words_of(scrubbed);
  EXPECT_EQ(scrubbed->damaged, 1U);
  EXPECT_EQ(scrubbed->repaired, 0U);
  EXPECT_TRUE(scrubbed->good_copies.empty());
  const auto repaired = this->scrub(1);
  ASSERT_TRUE(repaired) << words_of(repaired);
  EXPECT_EQ(repaired->repaired, 1U);
}

TYPED_TEST(DriverScrub, ThreeReplicasWithOneAwayThroughout) {
  this->create_copied();
  this->add("gamma");
  ASSERT_TRUE(this->sync(2));
  ASSERT_TRUE(this->damage(0));
  this->world.set_reachable("beta", false);
  const auto active = this->scrub(0);
  const auto away = this->scrub(1);
  this->world.set_reachable("beta", true);
  ASSERT_TRUE(active) << words_of(active);
  EXPECT_EQ(active->good_copies, std::vector<ReplicaId>{this->share.id(2)});
  EXPECT_EQ(problem_of(away), Problem::unreachable);
}

TYPED_TEST(DriverScrub, LowerTokenIsRefused) {
  this->create_copied();
  EXPECT_EQ(problem_of(this->driver().scrub_replica(this->share.ref(), this->share.id(1),
                                                    this->share.older_call())),
            Problem::stale_token);
}

TYPED_TEST(DriverScrub, CancelledOrExpiredCallRepairsNothing) {
  this->create_copied();
  ASSERT_TRUE(this->damage(1));
  const ReplicaId replica = this->share.id(1);
  EXPECT_EQ(
      problem_of(this->driver().scrub_replica(this->share.ref(), replica, this->stopped_call())),
      Problem::cancelled);
  EXPECT_EQ(problem_of(this->driver().scrub_replica(this->share.ref(), replica, this->late_call())),
            Problem::expired);
  EXPECT_EQ(this->scrub(1)->damaged, 1U);
}

}  // namespace
}  // namespace pasig::drivers
