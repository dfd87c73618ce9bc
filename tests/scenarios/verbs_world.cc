// What storage, processes and time do.
#include <algorithm>
#include <set>

#include "tests/scenarios/verbs.h"

namespace pasig::scenario {
namespace {

using drivers::Problem;

const std::map<std::string, Problem> k_problems = {{"failed", Problem::failed},
                                                   {"unreachable", Problem::unreachable},
                                                   {"mismatch", Problem::mismatch},
                                                   {"no_space", Problem::no_space},
                                                   {"stale_token", Problem::stale_token},
                                                   {"cancelled", Problem::cancelled},
                                                   {"unsupported", Problem::unsupported},
                                                   {"expired", Problem::expired},
                                                   {"busy", Problem::busy},
                                                   {"not_verified", Problem::not_verified},
                                                   {"mass_deletion", Problem::mass_deletion},
                                                   {"lost", Problem::lost},
                                                   {"too_small", Problem::too_small}};
const std::set<std::string> k_calls = {"create_share",
                                       "delete_share",
                                       "add_replica",
                                       "remove_replica",
                                       "set_active_replica",
                                       "update_replica_status",
                                       "sync_replica",
                                       "inspect",
                                       "extend",
                                       "shrink",
                                       "update_access",
                                       "manage",
                                       "unmanage",
                                       "manage_snapshot",
                                       "unmanage_snapshot",
                                       "scrub_replica",
                                       "delete_aside",
                                       "restore_aside",
                                       "create_snapshot",
                                       "delete_snapshot",
                                       "revert",
                                       "create_share_from_snapshot"};

Result<std::string> call_named(const std::string& name) {
  if (k_calls.contains(name)) return name;
  std::string all;
  for (const std::string& one : k_calls) all += (all.empty() ? "" : ", ") + one;
  return fail(ErrorCode::invalid, "the driver has no call " + name, "calls: " + all);
}

Result<void> add_controller(Stage& stage, const Statement& statement) {
  drivers::ControllerConfig controller{.name = statement.arguments[0], .driver = "simulated"};
  const std::string zone = statement.option("zone");
  controller.zone = zone.empty() ? "z" + controller.name : zone;
  if (const std::string capacity = statement.option("capacity"); !capacity.empty())
    controller.options["capacity_gb"] = capacity;
  stage.add_controller(std::move(controller));
  return {};
}

Result<void> fail_call(Stage& stage, const Statement& statement) {
  PASIG_TRY(const std::string call, call_named(statement.arguments[0]));
  const auto problem = k_problems.find(statement.arguments[1]);
  if (problem == k_problems.end())
    return fail(ErrorCode::invalid, "drivers have no problem " + statement.arguments[1]);
  PASIG_TRY(const std::uint64_t times, number_option(statement, "times", 1));
  const std::string words = statement.option("words");
  stage.storage->fail(call,
                      {.problem = problem->second,
                       .controller = statement.option("on"),
                       .words = words.empty() ? "scripted" : words},
                      static_cast<std::uint32_t>(times));
  return {};
}

Result<void> lose_answer(Stage& stage, const Statement& statement) {
  PASIG_TRY(const std::string call, call_named(statement.arguments[0]));
  const std::string& what = statement.arguments[1];
  if (what != "done" && what != "undone")
    return fail(ErrorCode::invalid, "\"" + what + "\": write done or undone");
  stage.storage->lose_answer(call, what == "done");
  return {};
}

Result<void> lie_about_copies(Stage& stage, const Statement& statement) {
  PASIG_TRY(const std::int64_t age, seconds_option(statement, "age", 0));
  stage.storage->lie_about_copies(
      [age](drivers::Copy& copy) { copy.data_as_of = copy.data_as_of.plus_seconds(-age); });
  return {};
}

Result<void> lie_about_health(Stage& stage, const Statement& statement) {
  PASIG_TRY(const std::uint64_t epoch, number_option(statement, "epoch", 1));
  const bool is_active = statement.option("role") == "active";
  stage.storage->lie_about_health([epoch, is_active](drivers::Health& health) {
    health.epoch_on_storage = epoch;
    health.role_on_storage = is_active ? drivers::Role::active : drivers::Role::secondary;
  });
  return {};
}

Result<void> lie(Stage& stage, const Statement& statement) {
  const std::string& about = statement.arguments[0];
  if (about == "copy") return lie_about_copies(stage, statement);
  if (about == "health") return lie_about_health(stage, statement);
  if (about == "change") {
    PASIG_TRY(const std::uint64_t epoch, number_option(statement, "epoch", 0));
    stage.storage->lie_about_changes(
        [epoch](drivers::ActiveChange& change) { change.epoch = epoch; });
    return {};
  }
  if (about != "off") return fail(ErrorCode::invalid, "write copy, health, change or off");
  stage.storage->lie_about_copies(nullptr);
  stage.storage->lie_about_health(nullptr);
  stage.storage->lie_about_changes(nullptr);
  return {};
}

// A command that comes while another thing is going on: what is wrong with it is only said.
std::function<void()> meanwhile(Stage& stage, const Statement& statement, bool look) {
  return [&stage, statement, look] {
    if (const auto done = play(stage, statement); !done) stage.say(done.error().text());
    for (Node& one : stage.nodes())
      if (look && one.is_alive()) one.worker().look();
  };
}

Result<void> during(Stage& stage, const Statement& statement) {
  PASIG_TRY(const std::string call, call_named(statement.words[0]));
  stage.script.during[call] = meanwhile(stage, statement.inner(1), true);
  return {};
}

Result<void> afterwards(Stage& stage, const Statement& statement) {
  PASIG_TRY(const std::string call, call_named(statement.words[0]));
  stage.script.afterwards[call] = meanwhile(stage, statement.inner(1), true);
  return {};
}

Result<void> overtake(Stage& stage, const Statement& statement) {
  Statement inner = statement.inner(1);
  inner.options["on"] = statement.words[0];
  stage.log().before_next_append = meanwhile(stage, inner, false);
  return {};
}

Result<void> mass_delete(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ShareId id, stage.names.find<ShareId>(statement.arguments[0]));
  PASIG_TRY(const Node* node, stage.first_alive());
  const auto share = node->store().view()->share(id);
  if (!share) return fail(ErrorCode::invalid, "the share is gone");
  for (const Replica& one : share->replicas)
    if (one.state != ReplicaState::active) stage.script.loses_most_files.insert(one.id);
  return {};
}

Result<void> write(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ReplicaId replica, stage.names.find<ReplicaId>(statement.arguments[0]));
  if (!stage.storage->write(replica)) stage.say(statement.arguments[0] + " takes no writes");
  return {};
}

Result<void> run(Stage& stage, const Statement& statement) {
  constexpr std::int64_t k_step_seconds = 10;
  PASIG_TRY(std::int64_t left, parse_seconds(statement.arguments[0]));
  while (left > 0) {
    const std::int64_t step = std::min(left, k_step_seconds);
    stage.advance(step);
    PASIG_CHECK(stage.settle());
    left -= step;
  }
  return {};
}

Result<Node*> node_of(Stage& stage, const Statement& statement) {
  return stage.node(statement.arguments.empty() ? "n1" : statement.arguments[0]);
}

Result<void> pause_worker(Stage& stage, const Statement& statement, bool paused) {
  PASIG_TRY(Node * node, node_of(stage, statement));
  node->worker_is_paused = paused;
  return {};
}

Result<void> fault_of_log(Stage& stage, const Statement& statement) {
  static const std::map<std::string, MemoryLog::Fault> k_faults = {
      {"unavailable", MemoryLog::Fault::unavailable},
      {"appears", MemoryLog::Fault::unknown_but_appears},
      {"lost", MemoryLog::Fault::unknown_and_lost}};
  const auto found = k_faults.find(statement.arguments[0]);
  if (found == k_faults.end())
    return fail(ErrorCode::invalid, "write unavailable, appears or lost");
  stage.log().memory.fail_next(found->second);
  return {};
}

void add_storage_verbs(Verbs& verbs) {
  verbs["controller"] = {"NAME zone=ZONE capacity=GB", add_controller, true};
  verbs["fail"] = {"CALL PROBLEM times=N on=CONTROLLER words=WORDS", fail_call};
  verbs["lose"] = {"CALL done|undone", lose_answer};
  verbs["lie"] = {"copy|health|change|off age=DURATION role=ROLE epoch=N", lie};
  verbs["during"] = {"CALL COMMAND ...", during};
  verbs["afterwards"] = {"CALL COMMAND ...", afterwards};
  verbs["mass-delete"] = {"SHARE", mass_delete};
  verbs["write"] = {"REPLICA", write};
  verbs["partition"] = {"CONTROLLER", [](Stage& stage, const Statement& statement) -> Result<void> {
                          stage.storage->set_reachable(statement.arguments[0], false);
                          return {};
                        }};
  verbs["heal"] = {"CONTROLLER", [](Stage& stage, const Statement& statement) -> Result<void> {
                     stage.storage->set_reachable(statement.arguments[0], true);
                     return {};
                   }};
}

void add_process_verbs(Verbs& verbs) {
  verbs["node"] = {"NAME [CONTROLLER] ...",
                   [](Stage& stage, const Statement& statement) {
                     return stage.add_node(statement.words[0],
                                           {statement.words.begin() + 1, statement.words.end()});
                   },
                   true};
  verbs["crash-before"] = {"CALL", [](Stage& stage, const Statement& statement) -> Result<void> {
                             PASIG_TRY(const std::string call, call_named(statement.arguments[0]));
                             stage.script.ends_before.insert(call);
                             return {};
                           }};
  verbs["crash-after"] = {"CALL", [](Stage& stage, const Statement& statement) -> Result<void> {
                            PASIG_TRY(const std::string call, call_named(statement.arguments[0]));
                            stage.script.ends_after.insert(call);
                            return {};
                          }};
  verbs["crash"] = {"[NODE]", [](Stage& stage, const Statement& statement) -> Result<void> {
                      PASIG_TRY(Node * node, node_of(stage, statement));
                      stage.end(*node, {});
                      return {};
                    }};
  verbs["recover"] = {"[NODE]", [](Stage& stage, const Statement& statement) -> Result<void> {
                        PASIG_TRY(Node * node, node_of(stage, statement));
                        return stage.recover(*node);
                      }};
  verbs["pause-worker"] = {"[NODE]", [](Stage& stage, const Statement& statement) {
                             return pause_worker(stage, statement, true);
                           }};
  verbs["resume-worker"] = {"[NODE]", [](Stage& stage, const Statement& statement) {
                              return pause_worker(stage, statement, false);
                            }};
  verbs["overtake"] = {"NODE COMMAND ...", overtake};
  verbs["log-fault"] = {"unavailable|appears|lost", fault_of_log};
}

}  // namespace

void add_world_verbs(Verbs& verbs) {
  add_storage_verbs(verbs);
  add_process_verbs(verbs);
  verbs["settle"] = {"", [](Stage& stage, const Statement&) { return stage.settle(); }};
  verbs["tick"] = {"", [](Stage& stage, const Statement&) { return stage.tick(); }};
  verbs["advance"] = {"DURATION", [](Stage& stage, const Statement& statement) -> Result<void> {
                        PASIG_TRY(const std::int64_t seconds,
                                  parse_seconds(statement.arguments[0]));
                        stage.advance(seconds);
                        return {};
                      }};
  verbs["run"] = {"DURATION", run};
}

}  // namespace pasig::scenario
