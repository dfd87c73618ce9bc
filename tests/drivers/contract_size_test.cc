// What every driver promises of a share's size, by one typed suite over both.
#include "tests/drivers/contract.h"

namespace pasig::drivers {
namespace {

constexpr std::uint64_t k_gib = std::uint64_t{1} << 30;

template <class World>
class DriverSizes : public DriverContract<World> {
 protected:
  Answer<Resized> extend(std::uint64_t to) {
    return this->driver().extend(this->share.ref(), to, this->share.next_call());
  }
  Answer<Resized> shrink(std::uint64_t to) {
    return this->driver().shrink(this->share.ref(), to, this->share.next_call());
  }
  // Two replicas of 2 GiB.
  void create_larger() {
    this->create_with_replica();
    EXPECT_TRUE(extend(2));
    this->share.ref().size_gb = 2;
  }
  bool write_bytes(std::uint64_t bytes) {
    return this->world.write_bytes(this->share.ref().replicas.at(0), this->share.ref(), bytes);
  }
};
TYPED_TEST_SUITE(DriverSizes, Worlds);

TYPED_TEST(DriverSizes, ExtensionAnswersForEveryReplica) {
  this->create_with_replica();
  const auto resized = this->extend(2);
  ASSERT_TRUE(resized) << words_of(resized);
  EXPECT_EQ(resized->replicas.size(), 2U);
  EXPECT_EQ(this->problem_on(0, resized->replicas), std::nullopt);
  EXPECT_EQ(this->problem_on(1, resized->replicas), std::nullopt);
}

TYPED_TEST(DriverSizes, ExtensionDeliveredAgainAnswersTheSame) {
  this->create_with_replica();
  ASSERT_TRUE(this->extend(2));
  const auto again = this->driver().extend(this->share.ref(), 2, this->share.same_call());
  ASSERT_TRUE(again) << words_of(again);
  EXPECT_EQ(this->problem_on(0, again->replicas), std::nullopt);
  EXPECT_EQ(this->problem_on(1, again->replicas), std::nullopt);
}

TYPED_TEST(DriverSizes, UnreachableReplicaIsNamed) {
  this->create_with_replica();
  const auto resized = this->without("beta", [&] { return this->extend(2); });
  ASSERT_TRUE(resized) << words_of(resized);
  EXPECT_EQ(this->problem_on(0, resized->replicas), std::nullopt);
  EXPECT_EQ(this->problem_on(1, resized->replicas), Problem::unreachable);
}

TYPED_TEST(DriverSizes, ExtendedShareIsStillWrittenAndCopied) {
  this->create_larger();
  ASSERT_TRUE(this->write(0));
  EXPECT_TRUE(this->sync(1));
  EXPECT_FALSE(this->write(1));
}

TYPED_TEST(DriverSizes, ShrinkAnswersForEveryReplica) {
  this->create_larger();
  ASSERT_TRUE(this->write(0));
  const auto resized = this->shrink(1);
  ASSERT_TRUE(resized) << words_of(resized);
  EXPECT_EQ(resized->replicas.size(), 2U);
  EXPECT_EQ(this->problem_on(0, resized->replicas), std::nullopt);
  EXPECT_EQ(this->problem_on(1, resized->replicas), std::nullopt);
  EXPECT_TRUE(this->driver().shrink(this->share.ref(), 1, this->share.same_call()));
}

TYPED_TEST(DriverSizes, ShrinkBelowWhatIsHeldIsRefused) {
  this->create_larger();
  ASSERT_TRUE(this->write_bytes(k_gib + 1));
  const auto refused = this->shrink(1);
  EXPECT_EQ(problem_of(refused), Problem::too_small) << words_of(refused);
  EXPECT_TRUE(this->write(0));
}

TYPED_TEST(DriverSizes, ThreeReplicasWithOneAwayThroughout) {
  this->create_with_replica();
  this->add("gamma");
  this->world.set_reachable("beta", false);
  const auto larger = this->extend(2);
  this->share.ref().size_gb = 2;
  const auto smaller = this->shrink(1);
  this->world.set_reachable("beta", true);
  ASSERT_TRUE(larger) << words_of(larger);
  ASSERT_TRUE(smaller) << words_of(smaller);
  for (const Resized* resized : {&*larger, &*smaller}) {
    EXPECT_EQ(this->problem_on(0, resized->replicas), std::nullopt);
    EXPECT_EQ(this->problem_on(1, resized->replicas), Problem::unreachable);
    EXPECT_EQ(this->problem_on(2, resized->replicas), std::nullopt);
  }
}

TYPED_TEST(DriverSizes, LowerTokenIsRefused) {
  this->create_larger();
  const CallContext older = this->share.older_call();
  EXPECT_EQ(problem_of(this->driver().extend(this->share.ref(), 3, older)), Problem::stale_token);
  EXPECT_EQ(problem_of(this->driver().shrink(this->share.ref(), 1, older)), Problem::stale_token);
}

TYPED_TEST(DriverSizes, CancelledOrExpiredCallsAreSaidToBe) {
  this->create_larger();
  EXPECT_EQ(problem_of(this->driver().extend(this->share.ref(), 3, this->stopped_call())),
            Problem::cancelled);
  EXPECT_EQ(problem_of(this->driver().shrink(this->share.ref(), 1, this->stopped_call())),
            Problem::cancelled);
  EXPECT_EQ(problem_of(this->driver().extend(this->share.ref(), 3, this->late_call())),
            Problem::expired);
  EXPECT_EQ(problem_of(this->driver().shrink(this->share.ref(), 1, this->late_call())),
            Problem::expired);
}

}  // namespace
}  // namespace pasig::drivers
