// The operator's ways out, by name; and a change of the active replica that is foretold first and
// then done.
#include <algorithm>

#include "commands/plan_change.h"
#include "daemon/change_plans.h"
#include "daemon/surroundings.h"
#include "replay/sentences.h"
#include "tests/scenarios/verbs.h"

namespace pasig::scenario {
namespace {

std::string why_of(const Statement& statement) {
  const std::string given = statement.option("reason");
  return given.empty() ? "a test" : given == "none" ? "" : given;
}

Submission submission(Stage& stage, const Statement& statement, Command command) {
  const std::string user = statement.option("as");
  const bool is_admin = user.empty() || user == "admin";
  return {.command = std::move(command),
          .actor = {.kind = ActorKind::local,
                    .name = is_admin ? "admin" : user,
                    .project = "lab",
                    .admin = is_admin},
          .command_id = id_of(stage, statement)};
}

Result<void> submit(Stage& stage, const Statement& statement, Command command) {
  return stage.submit(statement.option("on"), submission(stage, statement, std::move(command)));
}

struct Scope {
  std::optional<ShareId> share;
  std::string controller;
};

Result<Scope> scope_of(Stage& stage, const Statement& statement) {
  const std::string& name = statement.arguments[0];
  if (name == "all") return Scope{};
  const auto controllers = stage.controllers();
  if (std::find(controllers.begin(), controllers.end(), name) != controllers.end())
    return Scope{.share = {}, .controller = name};
  PASIG_TRY(const ShareId share, stage.names.find<ShareId>(name));
  return Scope{.share = share, .controller = {}};
}

// Names of the events in their order, and what the plan must have got right of each: all fields
// but those that it says it cannot foretell.
std::string told(const Event& event) {
  std::string json = to_json(event);
  for (const std::string_view field : k_not_foretold) {
    const std::string key = "\"" + std::string(field) + "\":";
    for (std::size_t at = json.find(key); at != std::string::npos; at = json.find(key, at + 1)) {
      std::size_t end = at + key.size();
      int depth = 0;
      bool quoted = false;
      for (; end < json.size(); ++end) {
        const char c = json[end];
        if (c == '"' && json[end - 1] != '\\') quoted = !quoted;
        if (quoted) continue;
        if (c == '{' || c == '[') ++depth;
        if ((c == '}' || c == ']') && depth-- == 0) break;
        if (c == ',' && depth == 0) break;
      }
      json.replace(at + key.size(), end - at - key.size(), "*");
    }
  }
  return std::string(name_of(event)) + " " + json;
}

// Of the change alone: what waited before it has steps of its own.
bool is_of(const Event& event, OperationId change) {
  const auto* started = std::get_if<OperationStarted>(&event);
  const auto* completed = std::get_if<OperationCompleted>(&event);
  const auto* failed = std::get_if<OperationFailed>(&event);
  return (started != nullptr && started->operation == change) ||
         (completed != nullptr && completed->operation == change) ||
         (failed != nullptr && failed->operation == change);
}

Result<std::vector<std::string>> written_since(Stage& stage, Ordinal from) {
  PASIG_TRY(const Node* node, stage.first_alive());
  const auto view = node->store().view();
  std::vector<std::string> all;
  OperationId change;
  for (Ordinal at = from; at < view->head().next_ordinal; ++at) {
    PASIG_TRY(const auto entry, replay::record_at(*view, stage.log(), at));
    if (!entry.accepted) continue;
    if (entry.record.command == "SetActiveReplica")
      for (const Event& event : entry.record.events)
        if (const auto* asked = std::get_if<OperationRequested>(&event);
            asked != nullptr && asked->kind == OperationKind::set_active_replica)
          change = asked->operation;
    const bool is_step = entry.record.command == "SetActiveReplica" ||
                         std::any_of(entry.record.events.begin(), entry.record.events.end(),
                                     [&](const Event& event) { return is_of(event, change); });
    if (is_step)
      for (const Event& event : entry.record.events) all.push_back(told(event));
  }
  return all;
}

Result<ChangePlan> plan(Stage& stage, const Submission& as) {
  PASIG_TRY(const Node* node, stage.first_alive());
  const auto view = node->store().view();
  const auto& command = std::get<SetActiveReplica>(as.command);
  Surroundings now = stage.surroundings(*view, as.command);
  now.now = stage.now();
  now.actor = as.actor;
  now.command_id = as.command_id;
  const auto id = view->share_of(command.replica);
  if (!id) return fail(ErrorCode::invalid, "the replica is gone");
  return plan_change(*view, now, command, stage.look_at_sides(*view, *view->share(*id)));
}

void tell_price(Stage& stage, const ChangePlan& plan) {
  for (const Refusal& one : plan.refusals)
    stage.say("plan: refused: " + std::string(word(one.guard)) + ": " + one.message);
  if (plan.refusals.empty())
    stage.say("plan: " + std::string(word(plan.effective_mode)) + ", loses " +
              (plan.loses_nothing ? "nothing"
               : plan.loss_is_known
                   ? "at most " + std::to_string(plan.loss_micros / 1'000'000) + " s"
                   : "what nobody knows"));
  for (const ReplicaId one : plan.ahead) stage.say("plan: ahead: " + to_string(one));
  for (const std::string& one : plan.remarks) stage.say("plan: " + one);
}

Result<SetActiveReplica> change_of(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ReplicaId replica, stage.names.find<ReplicaId>(statement.arguments[0]));
  const std::string mode = statement.option("mode");
  PASIG_TRY(const ChangeMode parsed, stored_word<ChangeMode>(mode.empty() ? "auto" : mode));
  return SetActiveReplica{.replica = replica,
                          .mode = parsed,
                          .accept_older = statement.option("accept-older") == "yes"};
}

// All that was done to storage; to be looked at changes nothing there.
std::vector<std::string> effects_on_storage(Stage& stage) {
  std::vector<std::string> calls = stage.storage->calls();
  std::erase(calls, "inspect");
  return calls;
}

// Nothing is done: the log, the state and storage are as before.
Result<void> plan_only(Stage& stage, const Statement& statement) {
  PASIG_TRY(const auto command, change_of(stage, statement));
  PASIG_TRY(const Node* node, stage.first_alive());
  const StoreHead head = node->store().view()->head();
  const std::vector<std::string> effects = effects_on_storage(stage);
  PASIG_TRY(const std::uint64_t before, stage.log().end());
  PASIG_TRY(const ChangePlan planned, plan(stage, submission(stage, statement, command)));
  tell_price(stage, planned);
  for (const PlannedRecord& record : planned.records)
    for (const Event& event : record.events)
      stage.say("plan: " + std::string(name_of(event)) + ": " + replay::sentence(event));
  PASIG_TRY(const std::uint64_t after, stage.log().end());
  if (after != before) return fail(ErrorCode::corrupt, "a plan wrote to the log");
  if (node->store().view()->head() != head)
    return fail(ErrorCode::corrupt, "a plan moved the state");
  if (effects_on_storage(stage) != effects)
    return fail(ErrorCode::corrupt, "a plan touched storage");
  return {};
}

// Foretold, then done: every event has to be the foretold one.
Result<void> set_active_as_planned(Stage& stage, const Statement& statement) {
  PASIG_TRY(const auto command, change_of(stage, statement));
  const Submission as = submission(stage, statement, command);
  PASIG_TRY(const ChangePlan planned, plan(stage, as));
  tell_price(stage, planned);
  std::vector<std::string> foretold;
  for (const PlannedRecord& record : planned.records)
    for (const Event& event : record.events) foretold.push_back(told(event));
  PASIG_TRY(const std::uint64_t from, stage.log().end());
  PASIG_CHECK(stage.submit(statement.option("on"), as));
  for (Node& one : stage.nodes()) one.worker_is_paused = false;  // what waited runs first
  PASIG_CHECK(stage.settle());
  PASIG_TRY(const auto came, written_since(stage, from));
  for (std::size_t i = 0; i < std::max(came.size(), foretold.size()); ++i) {
    const std::string was = i < foretold.size() ? foretold[i] : "nothing";
    const std::string is = i < came.size() ? came[i] : "nothing";
    if (was != is) return fail(ErrorCode::corrupt, "foretold: " + was + "\ncame: " + is);
  }
  stage.say("all " + std::to_string(came.size()) + " events came as foretold");
  return {};
}

template <class C>
Result<void> about_share(Stage& stage, const Statement& statement, C command) {
  PASIG_TRY(command.share, stage.names.find<ShareId>(statement.arguments[0]));
  return submit(stage, statement, command);
}

}  // namespace

void add_order_verbs(Verbs& verbs) {
  const auto add = [&](const std::string& name, const std::string& usage, auto act) {
    verbs[name] = {usage + k_common_options, act};
  };
  add("pause", "SHARE|CONTROLLER|all",
      [](Stage& stage, const Statement& statement) -> Result<void> {
        PASIG_TRY(const Scope scope, scope_of(stage, statement));
        return submit(stage, statement,
                      PauseEffects{scope.share, scope.controller, why_of(statement)});
      });
  add("resume", "SHARE|CONTROLLER|all",
      [](Stage& stage, const Statement& statement) -> Result<void> {
        PASIG_TRY(const Scope scope, scope_of(stage, statement));
        return submit(stage, statement, ResumeEffects{scope.share, scope.controller});
      });
  add("abandon", "OPERATION", [](Stage& stage, const Statement& statement) -> Result<void> {
    PASIG_TRY(const OperationId operation, stage.names.find<OperationId>(statement.arguments[0]));
    return submit(stage, statement, AbandonOperation{operation, why_of(statement)});
  });
  for (const bool end : {false, true}) {
    add(end ? "undrain" : "drain", "CONTROLLER", [end](Stage& stage, const Statement& statement) {
      return submit(stage, statement,
                    DrainController{statement.arguments[0], end ? "" : why_of(statement), end});
    });
    add(end ? "reinstate" : "retire", "CONTROLLER",
        [end](Stage& stage, const Statement& statement) {
          return submit(
              stage, statement,
              RetireController{statement.arguments[0], end ? "" : why_of(statement), end});
        });
  }
  add("suspend", "SHARE", [](Stage& stage, const Statement& statement) {
    return about_share(stage, statement, SuspendReplication{.share = {}, .why = why_of(statement)});
  });
  add("unsuspend", "SHARE", [](Stage& stage, const Statement& statement) {
    return about_share(stage, statement, ResumeReplication{});
  });
  add("clean-debris", "SHARE", [](Stage& stage, const Statement& statement) {
    return about_share(stage, statement, CleanDebris{});
  });
  add("forget-debris", "SHARE REPLICA CONTROLLER",
      [](Stage& stage, const Statement& statement) -> Result<void> {
        PASIG_TRY(const ReplicaId replica, stage.names.find<ReplicaId>(statement.arguments[1]));
        return about_share(stage, statement,
                           ForgetDebris{.share = {},
                                        .replica = replica,
                                        .controller = statement.arguments[2],
                                        .why = why_of(statement)});
      });
  add("plan", "REPLICA mode=WORD accept-older=yes", plan_only);
  add("set-active-as-planned", "REPLICA mode=WORD accept-older=yes", set_active_as_planned);
}

}  // namespace pasig::scenario
