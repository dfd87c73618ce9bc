// A share's size and its access rules: what people ask, what is stored, and what is so.
#include "tests/scenarios/verbs.h"

namespace pasig::scenario {
namespace {

constexpr std::uint64_t k_gib = std::uint64_t{1} << 30;

Result<std::uint64_t> number_at(const Statement& statement, std::size_t position) {
  const Statement one{.options = {{"number", statement.arguments.at(position)}}};
  return number_option(one, "number", 0);
}

Result<void> extend(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ShareId share, stage.names.find<ShareId>(statement.arguments[0]));
  PASIG_TRY(const std::uint64_t size, number_at(statement, 1));
  return ask(stage, statement, id_of(stage, statement),
             ExtendShare{share, size, statement.option("force") == "yes"});
}

Result<void> shrink(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ShareId share, stage.names.find<ShareId>(statement.arguments[0]));
  PASIG_TRY(const std::uint64_t size, number_at(statement, 1));
  return ask(stage, statement, id_of(stage, statement), ShrinkShare{share, size});
}

Result<void> reset_share(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ShareId share, stage.names.find<ShareId>(statement.arguments[0]));
  return ask(stage, statement, id_of(stage, statement), ResetShareTask{share});
}

Result<AccessLevel> level_at(const Statement& statement, std::size_t position) {
  if (statement.arguments.size() <= position) return AccessLevel::rw;
  return stored_word<AccessLevel>(statement.arguments[position]);
}

Result<void> grant(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ShareId share, stage.names.find<ShareId>(statement.arguments[0]));
  PASIG_TRY(const AccessLevel level, level_at(statement, 4));
  const std::string id = id_of(stage, statement);
  stage.names.bind(statement.arguments[1], derived_uuid(id, 0));
  return ask(stage, statement, id,
             GrantAccess{.share = share,
                         .type = statement.arguments[2],
                         .to = statement.arguments[3],
                         .level = level});
}

Result<void> revoke(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ShareId share, stage.names.find<ShareId>(statement.arguments[0]));
  PASIG_TRY(const AccessRuleId rule, stage.names.find<AccessRuleId>(statement.arguments[1]));
  return ask(stage, statement, id_of(stage, statement), RevokeAccess{share, rule});
}

Result<void> set_level(Stage& stage, const Statement& statement) {
  PASIG_TRY(const AccessRuleId rule, stage.names.find<AccessRuleId>(statement.arguments[0]));
  PASIG_TRY(const AccessLevel level, level_at(statement, 1));
  return ask(stage, statement, id_of(stage, statement), ChangeAccessLevel{rule, level});
}

// How much the replica holds, in GiB.
Result<void> fill(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ReplicaId replica, stage.names.find<ReplicaId>(statement.arguments[0]));
  PASIG_TRY(const std::uint64_t size, number_at(statement, 1));
  if (!stage.storage->set_used_bytes(replica, size * k_gib))
    return fail(ErrorCode::invalid, "there is no such replica on storage");
  return {};
}

Result<void> show_size(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ShareId id, stage.names.find<ShareId>(statement.arguments[0]));
  PASIG_TRY(const Node* node, stage.first_alive());
  const auto share = node->store().view()->share(id);
  if (!share) return fail(ErrorCode::invalid, "the share is gone");
  stage.say(statement.arguments[0] + " " + std::string(status_word(*share)) + ", " +
            std::to_string(share->size_gb) + " GiB" +
            (share->over_size_bytes == 0 ? "" : ", over its size") +
            (share->task_note.empty() ? "" : ", " + share->task_note));
  for (const Replica& one : share->replicas) {
    const auto stored = stage.storage->look(one.id);
    stage.say("  " + stage.names.of(one.id.uuid) + " " + std::string(word(one.state)) + ", " +
              (stored ? std::to_string(stored->size_gb) + " GiB on storage" : "not on storage"));
  }
  return {};
}

// What each rule is, and what storage itself lets in.
Result<void> show_access(Stage& stage, const Statement& statement) {
  PASIG_TRY(const ShareId id, stage.names.find<ShareId>(statement.arguments[0]));
  PASIG_TRY(const Node* node, stage.first_alive());
  const auto share = node->store().view()->share(id);
  if (!share) return fail(ErrorCode::invalid, "the share is gone");
  if (share->access_rules.empty()) stage.say(statement.arguments[0] + " has no access rules");
  for (const ShareAccessRule& rule : share->access_rules) {
    stage.say(stage.names.of(rule.id.uuid) + " " + rule.type + " " + rule.to + " " +
              std::string(word(rule.level)) + ": " + std::string(word(status_of(rule))));
    for (const AppliedRule& one : rule.replicas)
      stage.say("  " + stage.names.of(one.replica.uuid) + " " + std::string(word(one.state)) +
                (one.state == AccessState::active ? " " + std::string(word(one.level)) : "") +
                (one.words.empty() ? "" : ": " + one.words));
  }
  for (const Replica& one : share->replicas) {
    const auto stored = stage.storage->look(one.id);
    std::string let_in;
    if (stored)
      for (const drivers::AccessRule& rule : stored->access)
        let_in += " " + stage.names.of(rule.id.uuid) + " " + rule.level;
    if (!let_in.empty())
      stage.say("storage of " + stage.names.of(one.id.uuid) + " lets in:" + let_in);
  }
  return {};
}

}  // namespace

void add_size_and_access_verbs(Verbs& verbs) {
  const auto add = [&](const std::string& name, const std::string& usage, auto act) {
    verbs[name] = {usage + k_common_options, act};
  };
  add("extend", "SHARE GB force=yes", extend);
  add("shrink", "SHARE GB", shrink);
  add("reset-share", "SHARE", reset_share);
  add("grant", "SHARE RULE TYPE NAME [LEVEL]", grant);
  add("revoke", "SHARE RULE", revoke);
  add("set-level", "RULE LEVEL", set_level);
  verbs["fill"] = {"REPLICA GB", fill};
  verbs["size"] = {"SHARE", show_size};
  verbs["access"] = {"SHARE", show_access};
}

}  // namespace pasig::scenario
