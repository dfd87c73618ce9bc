// What people and tests look at: the log's view, its history, and storage itself.
#include "tests/scenarios/verbs.h"

namespace pasig::scenario {
namespace {

std::string line_of(Stage& stage, const Replica& one) {
  std::string line = "  " + stage.names.of(one.id.uuid) + " " + std::string(word(one.status)) +
                     " " + std::string(word(one.state));
  if (!one.controller.empty() && !one.host.empty()) line += " on " + one.controller;
  if (one.generation > 0)
    line += ", generation " + std::to_string(one.generation) + " as of " + told(one.data_as_of);
  if (one.damaged > 0) line += ", " + std::to_string(one.damaged) + " damaged";
  if (one.fence.state != FenceState::none) line += ", fence " + std::string(word(one.fence.state));
  return one.note.empty() ? line : line + ", " + one.note;
}

Result<void> show(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ShareId id, stage.names.find<ShareId>(statement.arguments[0]));
  PASIG_TRY(const Node* node, stage.first_alive());
  const auto view = node->store().view();
  const auto share = view->share(id);
  if (!share) {
    stage.say(statement.arguments[0] + " is gone");
    return {};
  }
  stage.say(statement.arguments[0] + " " + std::string(status_word(*share)) + " epoch " +
            std::to_string(share->epoch));
  for (const Replica& one : share->replicas) stage.say(line_of(stage, one));
  for (const PendingOperation& one : share->operations)
    if (const auto operation = view->operation(one.id))
      stage.say("  " + stage.names.of(one.id.uuid) + " " + std::string(word(one.kind)) + " " +
                stage.names.of(one.replica.uuid) + ": " + std::string(word(operation->status)) +
                " on " + operation->runs_on);
  for (const Snapshot& one : share->snapshots)
    stage.say("  snapshot " + stage.names.of(one.id.uuid) + " " +
              std::string(word(status_of(one))));
  for (const Debris& one : share->debris)
    stage.say("  debris of " + stage.names.of(one.replica.uuid) + " on " + one.controller + ": " +
              one.words);
  for (const AsideData& one : share->aside)
    stage.say("  kept aside of " + stage.names.of(one.replica.uuid) + " on " + one.controller +
              ": " + std::to_string(one.files) + " files of epoch " + std::to_string(one.epoch));
  return {};
}

Result<void> show_storage(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ReplicaId id, stage.names.find<ReplicaId>(statement.arguments[0]));
  const auto found = stage.storage->look(id);
  if (!found) {
    stage.say(statement.arguments[0] + ": nothing on storage");
    return {};
  }
  const std::string role = found->role == drivers::Role::active      ? "active"
                           : found->role == drivers::Role::secondary ? "secondary"
                                                                     : "no role";
  const std::string content =
      found->role == drivers::Role::active ? std::to_string(found->live.version) + " writes"
      : found->latest ? "a copy of " + std::to_string(found->copied.version) + " writes"
                      : "no copy";
  stage.say(statement.arguments[0] + ": " + role + " on " + found->controller + " epoch " +
            std::to_string(found->epoch) + (found->is_open ? ", takes writes, " : ", ") + content);
  return {};
}

Result<void> why(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ReplicaId id, stage.names.find<ReplicaId>(statement.arguments[0]));
  PASIG_TRY(const Node* node, stage.first_alive());
  PASIG_TRY(const std::string text, replay::why(*node->store().view(), stage.log(), id));
  stage.say(text);
  return {};
}

Result<void> history(Stage& stage, const Statement& statement) {
  constexpr std::size_t k_records_max = 1000;
  PASIG_TRY(const ShareId id, stage.names.find<ShareId>(statement.arguments[0]));
  std::optional<ReplicaId> replica;
  if (statement.arguments.size() > 1) {
    PASIG_TRY(replica, stage.names.find<ReplicaId>(statement.arguments[1]));
  }
  PASIG_TRY(const Node* node, stage.first_alive());
  PASIG_TRY(const replay::HistoryPage page,
            replay::history(*node->store().view(), stage.log(), stream_of(id), replica, 0,
                            k_records_max));
  for (const replay::HistoryEntry& entry : page.entries) {
    const Record& record = entry.record;
    stage.say(std::to_string(entry.ordinal) + " " + told(record.time) + " " + record.command +
              " by " + record.actor.name +
              (record.reason.empty() ? "" : " (" + record.reason + ")"));
    for (const Event& event : record.events) stage.say("  " + replay::sentence(event));
  }
  return {};
}

}  // namespace

void add_looking_verbs(Verbs& verbs) {
  verbs["notes"] = {"", [](Stage& stage, const Statement&) -> Result<void> {
                      for (const std::string& one : stage.take_notes()) stage.say("note: " + one);
                      return {};
                    }};
  verbs["show"] = {"SHARE", show};
  verbs["storage"] = {"REPLICA", show_storage};
  verbs["why"] = {"REPLICA", why};
  verbs["history"] = {"SHARE [REPLICA]", history};
}

}  // namespace pasig::scenario
