// What every driver promises of access rules, by one typed suite over both.
#include "tests/drivers/contract.h"

namespace pasig::drivers {
namespace {

template <class World>
class DriverAccess : public DriverContract<World> {
 protected:
  Answer<AccessApplied> apply() {
    return this->driver().update_access(this->share.ref(), this->share.next_call());
  }
  // What became of the rules on the n-th replica.
  const ReplicaAccess& on(std::size_t n, const AccessApplied& applied) {
    static const ReplicaAccess k_none;
    for (const ReplicaAccess& one : applied.replicas)
      if (one.replica == this->share.id(n)) return one;
    ADD_FAILURE() << "no answer for replica " << n;
    return k_none;
  }
  // Levels in the order of the rules.
  std::vector<std::string> levels_on(std::size_t n, const Answer<AccessApplied>& applied) {
    EXPECT_TRUE(applied) << words_of(applied);
    std::vector<std::string> levels;
    if (!applied) return levels;
    EXPECT_FALSE(on(n, *applied).failure);
    for (const AccessRule& rule : this->share.ref().access)
      for (const AccessOutcome& one : on(n, *applied).rules)
        if (one.rule == rule.id) levels.push_back(one.level);
    EXPECT_EQ(levels.size(), on(n, *applied).rules.size()) << "an answer for no rule";
    return levels;
  }
  // What becomes of a rule that only reads where others write: it never grants more, and says why
  // it does not hold.
  void expect_reads_or_does_not_hold(const Answer<AccessApplied>& applied) {
    const bool holds = World::k_has_readers_of_the_active;
    EXPECT_EQ(levels_on(0, applied), std::vector<std::string>{holds ? "ro" : ""});
    for (const AccessOutcome& one : on(0, *applied).rules)
      EXPECT_EQ(one.words.empty(), holds) << one.words;
  }
  void create_with_rule(const std::string& level) {
    this->create_with_replica();
    EXPECT_TRUE(this->write(0));
    EXPECT_TRUE(this->sync(1));
    this->share.allow("user", "nobody", level);
  }
};
TYPED_TEST_SUITE(DriverAccess, Worlds);

using Levels = std::vector<std::string>;

TYPED_TEST(DriverAccess, RuleOfAUserHoldsByTheRoleOfEachReplica) {
  this->create_with_rule("rw");
  const auto applied = this->apply();
  EXPECT_EQ(this->levels_on(0, applied), Levels{"rw"});
  EXPECT_EQ(this->levels_on(1, applied), Levels{"ro"});
}

TYPED_TEST(DriverAccess, ReadOnlyRuleIsReadOnlyOnAll) {
  this->create_with_rule("ro");
  const auto applied = this->apply();
  this->expect_reads_or_does_not_hold(applied);
  EXPECT_EQ(this->levels_on(1, applied), Levels{"ro"});
}

TYPED_TEST(DriverAccess, RuleIsCastToReadingWhenTheLogSaysSo) {
  this->create_with_rule("rw");
  this->share.ref().replicas.at(0).cast_rules_to_readonly = true;
  this->expect_reads_or_does_not_hold(this->apply());
}

TYPED_TEST(DriverAccess, RuleThatNothingEnforcesDoesNotHold) {
  this->create_with_rule("rw");
  this->share.allow("ip", "192.0.2.7", "rw");
  const auto applied = this->apply();
  EXPECT_EQ(this->levels_on(0, applied), (Levels{"rw", ""}));
  EXPECT_EQ(this->levels_on(1, applied), (Levels{"ro", ""}));
  const AccessRuleId unenforced = this->share.ref().access.back().id;
  for (const AccessOutcome& one : this->on(0, *applied).rules)
    EXPECT_EQ(one.words.empty(), one.rule != unenforced) << one.words;
}

TYPED_TEST(DriverAccess, RuleThatIsGoneIsNotAnswered) {
  this->create_with_rule("rw");
  ASSERT_TRUE(this->apply());
  this->share.ref().access.clear();
  EXPECT_EQ(this->levels_on(0, this->apply()), Levels{});
}

TYPED_TEST(DriverAccess, DeliveredAgainAnswersTheSame) {
  this->create_with_rule("rw");
  ASSERT_TRUE(this->apply());
  const auto again = this->driver().update_access(this->share.ref(), this->share.same_call());
  EXPECT_EQ(this->levels_on(0, again), Levels{"rw"});
  EXPECT_EQ(this->levels_on(1, again), Levels{"ro"});
}

TYPED_TEST(DriverAccess, LevelsFollowAChangeOfTheActiveReplica) {
  this->create_with_rule("rw");
  ASSERT_TRUE(this->apply());
  const auto changed = this->change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  this->share.record_active(1, *changed);
  const auto applied = this->apply();
  EXPECT_EQ(this->levels_on(0, applied), Levels{"ro"});
  EXPECT_EQ(this->levels_on(1, applied), Levels{"rw"});
}

TYPED_TEST(DriverAccess, ThreeReplicasWithOneAwayThroughout) {
  this->create_with_rule("rw");
  this->add("gamma");
  ASSERT_TRUE(this->sync(2));
  const auto applied = this->without("beta", [&] { return this->apply(); });
  EXPECT_EQ(this->levels_on(0, applied), Levels{"rw"});
  EXPECT_EQ(this->levels_on(2, applied), Levels{"ro"});
  const auto& away = this->on(1, *applied);
  ASSERT_TRUE(away.failure);
  EXPECT_EQ(away.failure->problem, Problem::unreachable);
  EXPECT_EQ(away.failure->controller, "beta");
  EXPECT_EQ(this->levels_on(1, this->apply()), Levels{"ro"}) << "it is back";
}

TYPED_TEST(DriverAccess, LowerTokenIsRefused) {
  this->create_with_rule("rw");
  EXPECT_EQ(problem_of(this->driver().update_access(this->share.ref(), this->share.older_call())),
            Problem::stale_token);
}

TYPED_TEST(DriverAccess, CancelledOrExpiredCallIsSaidToBe) {
  this->create_with_rule("rw");
  EXPECT_EQ(problem_of(this->driver().update_access(this->share.ref(), this->stopped_call())),
            Problem::cancelled);
  EXPECT_EQ(problem_of(this->driver().update_access(this->share.ref(), this->late_call())),
            Problem::expired);
}

}  // namespace
}  // namespace pasig::drivers
