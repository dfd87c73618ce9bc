// What storage made of the access rules, and what was asked for meanwhile.
#include "tests/commands/access_rules_of.h"

namespace pasig {
namespace {

TEST(ReportAccessUpdated, MakesARuleActiveWhereItHolds) {
  Rules rules;
  rules.add_replica();
  const AccessRuleId id = rules.grant("anna");
  const Events events = rules.story.take(rules.report());
  EXPECT_EQ(names(events), "AccessRulesApplied AccessRulesApplied OperationCompleted");
  EXPECT_EQ(rules.rule(id)->find(rules.first())->level, AccessLevel::rw);
  EXPECT_EQ(rules.rule(id)->find(rules.second)->level, AccessLevel::ro);
  EXPECT_EQ(status_of(*rules.rule(id)), AccessState::active);
}

TEST(ReportAccessUpdated, MakesARuleThatNothingEnforcesAnError) {
  Rules rules;
  const AccessRuleId id = rules.grant("anna");
  ReportAccessUpdated report = rules.report();
  report.replicas.at(0).rules.at(0) = {
      .rule = id, .state = AccessState::error, .words = "there is no such user"};
  rules.story.take(report);
  EXPECT_EQ(rules.state_on(id, rules.first()), "error");
  EXPECT_EQ(rules.rule(id)->find(rules.first())->words, "there is no such user");
}

TEST(ReportAccessUpdated, MakesALevelThatStorageDoesNotKeepAnError) {
  Rules rules;
  const AccessRuleId id = rules.grant("anna");
  ReportAccessUpdated report = rules.report();
  report.replicas.at(0).rules.at(0).level = AccessLevel::ro;
  rules.story.take(report);
  EXPECT_EQ(rules.state_on(id, rules.first()), "error");
}

TEST(ReportAccessUpdated, NeverLetsASecondaryOfAReadableShareBeWrittenTo) {
  Rules rules;
  rules.add_replica();
  const AccessRuleId id = rules.grant("anna");
  ReportAccessUpdated report = rules.report();
  report.replicas.at(1).rules.at(0).level = AccessLevel::rw;
  rules.story.take(report);
  EXPECT_EQ(rules.state_on(id, rules.second), "error");
}

TEST(ReportAccessUpdated, LeavesRulesQueuedWhereAReplicaWasAway) {
  Rules rules;
  rules.add_replica();
  const AccessRuleId id = rules.grant("anna");
  EXPECT_EQ(names(rules.story.take(rules.half_a_report())),
            "AccessRulesApplied AccessUpdateFailed OperationCompleted");
  EXPECT_EQ(rules.state_on(id, rules.first()), "active");
  EXPECT_EQ(rules.state_on(id, rules.second), "queued_to_apply");
  EXPECT_EQ(rules.story.replica(rules.second).access_words, "unreachable: it is away");
}

TEST(ReportAccessUpdated, SaysOnceWhyAReplicaDidNotTakeTheRules) {
  Rules rules;
  rules.add_replica();
  rules.grant("anna");
  rules.story.take(rules.half_a_report());
  EXPECT_EQ(names(rules.story.take(RequestAccessUpdate{rules.share})), "OperationRequested");
  EXPECT_EQ(names(rules.story.take(rules.half_a_report())),
            "AccessRulesApplied OperationCompleted");
  EXPECT_EQ(rules.story.replica(rules.second).access_words, "unreachable: it is away");
}

TEST(ReportAccessUpdated, IsNotAskedOfAControllerThatIsGone) {
  Rules rules;
  rules.add_replica();
  rules.grant("anna");
  rules.story.take(rules.half_a_report());
  rules.story.take(RetireController{.controller = "a", .why = "it burnt"});
  EXPECT_TRUE(rules.story.take(RequestAccessUpdate{rules.share}).empty());
}

TEST(ReportAccessUpdated, FailsWhenNoReplicaWasReached) {
  Rules rules;
  const AccessRuleId id = rules.grant("anna");
  ReportAccessUpdated report = rules.report();
  report.failure = Failure{.code = FailureCode::unreachable, .words = "all are away"};
  EXPECT_EQ(names(rules.story.take(report)), "AccessUpdateFailed OperationFailed");
  EXPECT_EQ(rules.state_on(id, rules.first()), "queued_to_apply");
}

TEST(ReportAccessUpdated, MakesAllRulesErrorsWhereTheDriverHasNone) {
  Rules rules;
  const AccessRuleId id = rules.grant("anna");
  ReportAccessUpdated report = rules.report();
  report.failure = Failure{.code = FailureCode::unsupported, .words = "no access rules here"};
  EXPECT_EQ(names(rules.story.take(report)), "AccessRulesApplied OperationFailed");
  EXPECT_EQ(rules.state_on(id, rules.first()), "error");
  rules.story.take(RevokeAccess{rules.share, id});
  report = rules.report();
  report.failure = Failure{.code = FailureCode::unsupported, .words = "no access rules here"};
  EXPECT_EQ(names(rules.story.take(report)),
            "AccessRulesApplied AccessRuleRemoved OperationFailed");
}

TEST(ReportAccessUpdated, DoesNotAnswerForALevelThatChangedMeanwhile) {
  Rules rules;
  const AccessRuleId id = rules.grant("anna");
  const ReportAccessUpdated report = rules.report();
  rules.story.take(ChangeAccessLevel{id, AccessLevel::ro});
  rules.story.take(report);
  EXPECT_EQ(rules.state_on(id, rules.first()), "queued_to_apply");
  rules.story.finish_first(rules.share);
  EXPECT_EQ(rules.state_on(id, rules.first()), "active");
}

TEST(ReportAccessUpdated, DoesNotAnswerForARuleThatCameMeanwhile) {
  Rules rules;
  rules.grant("anna");
  const ReportAccessUpdated report = rules.report();
  const AccessRuleId later = rules.grant("bernd");
  rules.story.take(report);
  EXPECT_EQ(rules.state_on(later, rules.first()), "queued_to_apply");
}

TEST(ReportAccessUpdated, KeepsARuleThatWasTakenAwayMeanwhileUntilItIsGone) {
  Rules rules;
  const AccessRuleId id = rules.grant("anna");
  const ReportAccessUpdated report = rules.report();
  rules.story.take(RevokeAccess{rules.share, id});
  rules.story.take(report);
  EXPECT_EQ(rules.state_on(id, rules.first()), "queued_to_deny");
  rules.story.finish_first(rules.share);
  EXPECT_EQ(rules.rule(id), nullptr);
}

}  // namespace
}  // namespace pasig
