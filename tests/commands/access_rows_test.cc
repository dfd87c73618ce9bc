// The rows of the machine of an access rule on a replica (machine_rows.h).
#include "tests/commands/machine_rows.h"

namespace pasig {
namespace {

Command granted(Stage& stage, const std::string& user) {
  return GrantAccess{.share = stage.share, .type = "user", .to = user};
}

AccessRuleId rule_of(const Stage& stage) {
  return stage.story.share(stage.share).access_rules.at(0).id;
}

Command rules_are(Stage& stage, AccessState state) {
  const OperationId id = stage.story.start_first(stage.share);
  auto report = std::get<ReportAccessUpdated>(done(stage.story, id));
  for (auto& replica : report.replicas)
    for (AccessOutcome& rule : replica.rules) rule.state = state;
  return report;
}

// One rule in this state on every replica of the share, and no operation in its line.
void bring_to(Stage& stage, AccessState state) {
  stage.story.take(granted(stage, "anna"));
  if (state == AccessState::queued_to_apply) stage.story.take(CancelOperation{stage.operation()});
  else stage.story.take(rules_are(stage, state));
}

Scene reported(AccessState from, AccessState told) {
  return [=](Stage& stage) {
    stage.provision();
    bring_to(stage, from);
    stage.story.take(granted(stage, "bernd"));
    return rules_are(stage, told);
  };
}

Scene asked(AccessState from, std::function<Command(Stage&)> then) {
  return [=](Stage& stage) {
    stage.provision();
    bring_to(stage, from);
    return then(stage);
  };
}

Command role_change(Stage& stage) {
  stage.story.take(SetActiveReplica{.replica = stage.replica});
  return finished(stage);
}

Scenes<AccessState, AccessInput> access_scenes() {
  using S = AccessState;
  using I = AccessInput;
  const std::string applied = "AccessRulesApplied OperationCompleted";
  Scenes<AccessState, AccessInput> scenes;
  for (const S from : {S::queued_to_apply, S::active, S::error}) {
    scenes[{from, I::applied}] = {"dr", applied, reported(from, S::active)};
    scenes[{from, I::not_enforced}] = {"dr", applied, reported(from, S::error)};
    scenes[{from, I::level_changed}] = {"dr", "AccessLevelChanged OperationRequested",
                                        asked(from, [](Stage& stage) {
                                          return ChangeAccessLevel{rule_of(stage), AccessLevel::ro};
                                        })};
    scenes[{from, I::removal_started}] = {"dr", "AccessRuleRemovalStarted OperationRequested",
                                          asked(from, [](Stage& stage) {
                                            return RevokeAccess{stage.share, rule_of(stage)};
                                          })};
    scenes[{from, I::role_changed}] = {
        "dr", "ActiveReplicaChanged OperationCompleted OperationRequested", [from](Stage& stage) {
          stage.provision();
          stage.add();
          bring_to(stage, from);
          return role_change(stage);
        }};
  }
  return scenes;
}

TEST(AccessRows, AreEachAskedForByADecision) {
  expect_each_row_asked(access_scenes(), k_access_inputs);
}

}  // namespace
}  // namespace pasig
