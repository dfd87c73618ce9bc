// Access rules: whom they may name, when they change, and what roles make of them.
#include "tests/commands/access_rules_of.h"

namespace pasig {
namespace {

// ---- the forms of a rule ------------------------------------------------------------------------
struct Form {
  std::string type;
  std::string to;
  bool is_taken;
};

class AccessForm : public testing::TestWithParam<Form> {};

TEST_P(AccessForm, IsTakenOrRefused) {
  Rules rules;
  EXPECT_EQ(rules.story.refused(
                GrantAccess{.share = rules.share, .type = GetParam().type, .to = GetParam().to}),
            GetParam().is_taken ? "accepted" : "invalid_input");
}

INSTANTIATE_TEST_SUITE_P(
    All, AccessForm,
    testing::Values(Form{"user", "anna", true}, Form{"user", "ann", false},
                    Form{"user", std::string(255, 'a'), true},
                    Form{"user", std::string(256, 'a'), false}, Form{"user", "an:na", false},
                    Form{"user", "an/na", false}, Form{"user", " .. ", false},
                    Form{"user", "an\nna", false}, Form{"user", "grün", true},
                    Form{"ip", "10.0.0.1", true}, Form{"ip", "10.0.0.0/24", true},
                    Form{"ip", "10.0.0.1/24", false}, Form{"ip", "10.0.0.0/33", false},
                    Form{"ip", "10.0.0.0/", false}, Form{"ip", "10.0.0", false},
                    Form{"ip", "2001:db8::/32", true}, Form{"ip", "2001:db8::1/32", false},
                    Form{"ip", "::1/129", false}, Form{"ip", "host.example", false},
                    Form{"ip", "::", true}, Form{"ip", "::ffff:10.0.0.1", true},
                    Form{"ip", "1::2::3", false}, Form{"ip", "1:2:3:4:5:6:7", false},
                    Form{"ip", "1:2:3:4:5:6:7::", true}, Form{"ip", "1:2:3:4:5:6:7:8::", false},
                    Form{"ip", "12345::", false}, Form{"ip", "010.0.0.1", false},
                    Form{"ip", "+1.0.0.0", false}, Form{"ip", "256.0.0.1", false},
                    Form{"cert", "client", true}, Form{"cert", " ", false},
                    Form{"cert", std::string(65, 'c'), false}, Form{"cephx", "alice", true},
                    Form{"cephx", "al.ice", false}, Form{"cephx", "", false},
                    Form{"cephx", "grün", false}, Form{"group", "staff", false}));

// ---- added
// ---------------------------------------------------------------------------------------
TEST(GrantAccess, IsQueuedOnEveryReplicaAndBroughtToThemByOneOperation) {
  Rules rules;
  rules.add_replica();
  const Events events = rules.story.take(rules.user("anna"));
  EXPECT_EQ(names(events), "AccessRuleAdded OperationRequested");
  EXPECT_EQ(find<OperationRequested>(events)->kind, OperationKind::update_access);
  EXPECT_EQ(find<OperationRequested>(events)->runs_on, "a");
  const AccessRuleId id = find<AccessRuleAdded>(events)->rule;
  EXPECT_EQ(rules.state_on(id, rules.first()), "queued_to_apply");
  EXPECT_EQ(rules.state_on(id, rules.second), "queued_to_apply");
  EXPECT_TRUE(rules.story.share(rules.share).is_access_ruled);
}

TEST(GrantAccess, NeedsNoOtherOperationWhileOneWaits) {
  Rules rules;
  rules.grant("anna");
  EXPECT_EQ(names(rules.story.take(rules.user("bernd"))), "AccessRuleAdded");
}

TEST(GrantAccess, NeedsAnotherOperationWhenOneRuns) {
  Rules rules;
  rules.grant("anna");
  rules.story.start_first(rules.share);
  EXPECT_EQ(names(rules.story.take(rules.user("bernd"))), "AccessRuleAdded OperationRequested");
}

TEST(GrantAccess, IsThereOnce) {
  Rules rules;
  rules.grant("anna");
  EXPECT_EQ(rules.story.refused(rules.user("anna")), "rule_exists");
  const GrantAccess address{.share = rules.share, .type = "ip", .to = "10.0.0.1"};
  rules.story.take(address);
  EXPECT_EQ(
      rules.story.refused(GrantAccess{.share = rules.share, .type = "ip", .to = "10.0.0.1/32"}),
      "rule_exists");
}

TEST(GrantAccess, WaitsForReplicasThatAreMadeOrRemoved) {
  Rules rules;
  rules.story.request_replica(rules.share, "z-b");
  EXPECT_EQ(rules.story.refused(rules.user("anna")), "share_is_busy");
  EXPECT_EQ(rules.story.refusal(rules.user("anna"))
                .find("New access rules cannot be applied while the share or any of its replicas "
                      "or migration copies lacks a valid host or is in an invalid state."),
            0U);
}

TEST(GrantAccess, WaitsForAChangeOfSize) {
  Rules rules;
  rules.story.take(ExtendShare{rules.share, 9});
  EXPECT_EQ(rules.story.refused(rules.user("anna")), "share_is_busy");
}

TEST(GrantAccess, DoesNotWaitForAChangeOfTheActiveReplica) {
  Rules rules;
  rules.add_replica();
  rules.story.take(SetActiveReplica{.replica = rules.second});
  EXPECT_EQ(rules.story.refused(rules.user("anna")), "accepted");
}

TEST(GrantAccess, NeedsEveryReplicaToBeSomewhere) {
  Rules rules;
  rules.story.now.pools.resize(1);
  rules.story.request_replica(rules.share);
  EXPECT_EQ(rules.story.refused(rules.user("anna")), "replica_never_placed");
}

TEST(GrantAccess, IsTheOwnersToGive) {
  Rules rules;
  rules.story.as_member("project-2");
  EXPECT_EQ(rules.story.refused(rules.user("anna")), "share_not_found");
}

TEST(GrantAccess, ChecksItsMetadata) {
  Rules rules;
  GrantAccess command = rules.user("anna");
  command.metadata = {{"", "value"}};
  EXPECT_EQ(rules.story.refused(command), "invalid_input");
  command.metadata = {{"key", std::string(1024, 'v')}};
  EXPECT_EQ(rules.story.refused(command), "invalid_input");
}

// ---- taken away, changed
// --------------------------------------------------------------------------
TEST(RevokeAccess, IsDoneWhenNoReplicaHasTheRule) {
  Rules rules;
  rules.add_replica();
  const AccessRuleId id = rules.granted("anna");
  EXPECT_EQ(names(rules.story.take(RevokeAccess{rules.share, id})),
            "AccessRuleRemovalStarted OperationRequested");
  EXPECT_EQ(names(rules.story.take(rules.half_a_report())),
            "AccessRulesApplied AccessUpdateFailed OperationCompleted");
  EXPECT_EQ(rules.state_on(id, rules.second), "queued_to_deny");
  EXPECT_EQ(names(rules.story.take(RequestAccessUpdate{rules.share})), "OperationRequested");
  EXPECT_EQ(names(rules.story.take(rules.report())),
            "AccessRulesApplied AccessRulesApplied AccessRuleRemoved OperationCompleted");
  EXPECT_EQ(rules.rule(id), nullptr);
}

TEST(RevokeAccess, IsDoneWithTheLastReplicaThatHadTheRule) {
  Rules rules;
  rules.add_replica();
  const AccessRuleId id = rules.granted("anna");
  rules.story.take(RevokeAccess{rules.share, id});
  rules.story.take(rules.half_a_report());
  rules.story.take(RemoveReplica{rules.second, true});
  rules.story.start_first(rules.share);
  const Events events = rules.story.take(done(rules.story, rules.story.first_in_line(rules.share)));
  EXPECT_EQ(names(events), "OperationCompleted ReplicaRemoved AccessRuleRemoved");
  EXPECT_EQ(rules.rule(id), nullptr);
}

TEST(RevokeAccess, OnceMoreTriesAgain) {
  Rules rules;
  rules.add_replica();
  const AccessRuleId id = rules.granted("anna");
  rules.story.take(RevokeAccess{rules.share, id});
  EXPECT_EQ(names(rules.story.take(RevokeAccess{rules.share, id})), "");
  rules.story.take(rules.half_a_report());
  EXPECT_EQ(names(rules.story.take(RevokeAccess{rules.share, id})), "OperationRequested");
}

TEST(RevokeAccess, KnowsTheSharesOwnRulesAlone) {
  Rules rules;
  const AccessRuleId id = rules.granted("anna");
  const ShareId other = rules.story.make_share("dr");
  EXPECT_EQ(rules.story.refused(RevokeAccess{other, id}), "rule_not_found");
  EXPECT_EQ(rules.story.refused(RevokeAccess{rules.share, AccessRuleId{random_uuid()}}),
            "rule_not_found");
}

TEST(ChangeAccessLevel, IsAppliedAnew) {
  Rules rules;
  const AccessRuleId id = rules.granted("anna");
  EXPECT_EQ(names(rules.story.take(ChangeAccessLevel{id, AccessLevel::ro})),
            "AccessLevelChanged OperationRequested");
  rules.story.finish_first(rules.share);
  EXPECT_EQ(rules.rule(id)->find(rules.first())->level, AccessLevel::ro);
}

TEST(ChangeAccessLevel, DoesNothingWhenItHoldsAlready) {
  Rules rules;
  const AccessRuleId id = rules.granted("anna");
  EXPECT_EQ(names(rules.story.take(ChangeAccessLevel{id, AccessLevel::rw})), "");
}

TEST(ChangeAccessLevel, TriesAgainWhereARuleIsAnError) {
  Rules rules;
  const AccessRuleId id = rules.grant("anna");
  ReportAccessUpdated report = rules.report();
  report.replicas.at(0).rules.at(0).state = AccessState::error;
  rules.story.take(report);
  EXPECT_EQ(names(rules.story.take(ChangeAccessLevel{id, AccessLevel::rw})),
            "AccessLevelChanged OperationRequested");
}

TEST(ChangeAccessLevel, DoesNotTouchARuleThatIsToGo) {
  Rules rules;
  const AccessRuleId id = rules.granted("anna");
  rules.story.take(RevokeAccess{rules.share, id});
  EXPECT_EQ(rules.story.refused(ChangeAccessLevel{id, AccessLevel::ro}), "share_is_busy");
}

TEST(ChangeAccessMetadata, SetsAndUnsetsKeys) {
  Rules rules;
  const AccessRuleId id = rules.granted("anna");
  rules.story.take(ChangeAccessMetadata{.rule = id, .set = {{"b", "1"}, {"a", "2"}}});
  rules.story.take(ChangeAccessMetadata{.rule = id, .set = {{"b", "3"}}, .unset = {"a"}});
  EXPECT_EQ(rules.rule(id)->metadata, (std::vector<KeyValue>{{"b", "3"}}));
  EXPECT_EQ(rules.story.refused(ChangeAccessMetadata{.rule = id, .set = {}, .unset = {"a"}}),
            "rule_not_found");
  EXPECT_EQ(names(rules.story.take(ChangeAccessMetadata{.rule = id, .set = {{"b", "3"}}})), "");
}

// ---- replicas and roles -------------------------------------------------------------------------
TEST(RequestAccessUpdate, IsNothingWithoutRules) {
  Rules rules;
  EXPECT_EQ(names(rules.story.take(RequestAccessUpdate{rules.share})), "");
}

TEST(RequestAccessUpdate, HearsAnewOfRulesThatWereThoughtToHold) {
  Rules rules;
  rules.granted("anna");
  EXPECT_EQ(names(rules.story.take(RequestAccessUpdate{rules.share})), "OperationRequested");
}

TEST(RequestAccessUpdate, IsNothingWhileAnOperationWaits) {
  Rules rules;
  rules.grant("anna");
  EXPECT_EQ(names(rules.story.take(RequestAccessUpdate{rules.share})), "");
}

TEST(ReportReplicaAdded, AsksForItsRules) {
  Rules rules;
  const AccessRuleId id = rules.granted("anna");
  rules.second = rules.story.request_replica(rules.share, "z-b");
  const OperationId adding = rules.story.start_first(rules.share);
  EXPECT_EQ(names(rules.story.take(done(rules.story, adding))),
            "ReplicaAdded OperationCompleted OperationRequested");
  EXPECT_EQ(rules.state_on(id, rules.second), "queued_to_apply");
  rules.story.finish_first(rules.share);
  EXPECT_EQ(rules.state_on(id, rules.second), "active");
}

TEST(ReportActiveReplicaChanged, AsksForTheRulesOfBothSidesOnTheNewOne) {
  Rules rules;
  rules.add_replica();
  const AccessRuleId id = rules.granted("anna");
  rules.story.take(SetActiveReplica{.replica = rules.second});
  const OperationId change = rules.story.start_first(rules.share);
  const Events events = rules.story.take(done(rules.story, change));
  EXPECT_EQ(names(events), "ActiveReplicaChanged OperationCompleted OperationRequested");
  EXPECT_EQ(find<OperationRequested>(events)->runs_on, "b");
  EXPECT_EQ(rules.state_on(id, rules.first()), "queued_to_apply");
  rules.story.finish_first(rules.share);
  EXPECT_EQ(rules.rule(id)->find(rules.first())->level, AccessLevel::ro);
  EXPECT_EQ(rules.rule(id)->find(rules.second)->level, AccessLevel::rw);
}

TEST(ReportActiveReplicaChanged, AsksForNothingWithoutRules) {
  Rules rules;
  rules.add_replica();
  rules.story.take(SetActiveReplica{.replica = rules.second});
  const OperationId change = rules.story.start_first(rules.share);
  EXPECT_EQ(names(rules.story.take(done(rules.story, change))),
            "ActiveReplicaChanged OperationCompleted");
}

TEST(UpdateAccess, LeavesRulesQueuedWhenItIsCancelled) {
  Rules rules;
  const AccessRuleId id = rules.grant("anna");
  EXPECT_EQ(names(rules.story.take(CancelOperation{rules.story.first_in_line(rules.share)})),
            "AccessUpdateFailed OperationCancelled");
  EXPECT_EQ(rules.state_on(id, rules.first()), "queued_to_apply");
}

TEST(UpdateAccess, MakesWayForAForcedChangeAndIsAskedForAfterIt) {
  Rules rules;
  rules.add_replica();
  rules.granted("anna");
  rules.grant("bernd");
  EXPECT_EQ(names(rules.story.take(
                SetActiveReplica{.replica = rules.second, .mode = ChangeMode::forced})),
            "AccessUpdateFailed AccessUpdateFailed OperationCancelled "
            "ActiveReplicaChangeStarted OperationRequested");
  const OperationId change = rules.story.start_first(rules.share);
  EXPECT_EQ(names(rules.story.take(done(rules.story, change))),
            "ActiveReplicaChanged OperationCompleted OperationRequested");
}

}  // namespace
}  // namespace pasig
