// What holds on each replica by now. Storage was told all rules as they were when it was asked:
// what was asked since then stays queued, for the operation that waits behind this one.
#include <algorithm>

#include "commands/access_rules.h"
#include "commands/reports.h"

namespace pasig {
namespace {

using OfReplica = ReportAccessUpdated::OfReplica;

// A secondary lets nobody write, whatever the rule says.
bool is_level_of(AccessLevel told, const ShareAccessRule& rule, const Replica& replica) {
  if (told == AccessLevel::rw)
    return rule.level == AccessLevel::rw && !replica.cast_rules_to_readonly;
  return rule.level == AccessLevel::ro || replica.state != ReplicaState::active;
}

bool another_is_to_come(const Reported& reported) {
  return std::any_of(reported.share->operations.begin(), reported.share->operations.end(),
                     [&](const PendingOperation& one) {
                       return one.kind == OperationKind::update_access &&
                              one.id != reported.operation->id;
                     });
}

// Nothing: it was asked anew meanwhile.
std::optional<AccessOutcome> outcome_of(const Reported& reported, const ShareAccessRule& rule,
                                        const AppliedRule& held, AccessOutcome told) {
  const Replica* replica = reported.share->find(held.replica);
  if (replica == nullptr) return std::nullopt;
  if (rule.is_removed) return told;  // it holds, and is still to go
  if (told.state == AccessState::active && !is_level_of(told.level, rule, *replica)) {
    if (another_is_to_come(reported)) return std::nullopt;
    told.state = AccessState::error;
    told.words = "storage lets it in as " + std::string(word(told.level)) + ", not as " +
                 std::string(word(rule.level));
  }
  const auto after =
      next(held.state,
           told.state == AccessState::active ? AccessInput::applied : AccessInput::not_enforced);
  if (!after) return std::nullopt;
  told.state = *after;
  return told;
}

AccessRulesApplied applied_on(const Reported& reported, const OfReplica& answer) {
  AccessRulesApplied event{.share = reported.share->id, .replica = answer.replica};
  for (const ShareAccessRule& rule : reported.share->access_rules) {
    const AppliedRule* held = rule.find(answer.replica);
    const auto told = std::find_if(answer.rules.begin(), answer.rules.end(),
                                   [&](const AccessOutcome& one) { return one.rule == rule.id; });
    if (held == nullptr || told == answer.rules.end()) continue;
    if (const auto outcome = outcome_of(reported, rule, *held, *told))
      event.outcomes.push_back(*outcome);
  }
  return event;
}

// Where the driver enforces nothing at all, every rule is an error, and none is left to take away.
OfReplica nothing_enforced(const Share& share, ReplicaId replica, const Failure& failure) {
  OfReplica answer{.replica = replica};
  for (const ShareAccessRule& rule : share.access_rules)
    if (!rule.is_removed)
      answer.rules.push_back(
          {.rule = rule.id,
           .state = AccessState::error,
           .words = failure.words.empty() ? std::string(word(failure.code)) : failure.words});
  return answer;
}

std::vector<OfReplica> answers_of(const Share& share, const ReportAccessUpdated& command) {
  const auto is_unsupported = [](const std::optional<Failure>& failure) {
    return failure && failure->code == FailureCode::unsupported;
  };
  std::vector<OfReplica> answers;
  if (is_unsupported(command.failure)) {
    for (const Replica& one : share.replicas)
      if (!one.host.empty()) answers.push_back(nothing_enforced(share, one.id, *command.failure));
    return answers;
  }
  for (const OfReplica& one : command.replicas)
    if (share.find(one.replica) != nullptr)
      answers.push_back(
          is_unsupported(one.failure) ? nothing_enforced(share, one.replica, *one.failure) : one);
  return answers;
}

// Rules that were to go, and hold nowhere after these facts.
Events gone_everywhere(const Share& share, const Events& facts) {
  const auto went_from = [&](const ShareAccessRule& rule, ReplicaId replica) {
    return std::any_of(facts.begin(), facts.end(), [&](const Event& fact) {
      const auto* applied = std::get_if<AccessRulesApplied>(&fact);
      return applied != nullptr && applied->replica == replica &&
             std::none_of(applied->outcomes.begin(), applied->outcomes.end(),
                          [&](const AccessOutcome& one) { return one.rule == rule.id; });
    });
  };
  Events gone;
  for (const ShareAccessRule& rule : share.access_rules)
    if (rule.is_removed &&
        std::all_of(rule.replicas.begin(), rule.replicas.end(),
                    [&](const AppliedRule& one) { return went_from(rule, one.replica); }))
      gone.push_back(AccessRuleRemoved{share.id, rule.id});
  return gone;
}

}  // namespace

Decision decide(ReadView& view, const Surroundings&, const ReportAccessUpdated& command) {
  const std::string words = command.failure ? "access not updated" : "access updated";
  PASIG_FIT(reported,
            fit(view, {command.operation, command.attempt, OperationKind::update_access, words}));
  const Share& share = *reported.share;
  const bool is_supported = !command.failure || command.failure->code != FailureCode::unsupported;
  if (command.failure && is_supported) return failed(reported, *command.failure);
  Events events;
  std::optional<Failure> first_failure = command.failure;
  bool any_is_done = false;
  for (const OfReplica& one : answers_of(share, command)) {
    if (one.failure) {
      if (is_news_of_access(*share.find(one.replica), *one.failure))
        events.push_back(AccessUpdateFailed{share.id, one.replica, *one.failure});
      if (!first_failure) first_failure = one.failure;
    } else {
      events.push_back(applied_on(reported, one));
      any_is_done = true;
    }
  }
  append(events, gone_everywhere(share, events));
  if (is_supported && (any_is_done || !first_failure))
    events.push_back(OperationCompleted{reported.operation->id, share.id});
  else events.push_back(OperationFailed{reported.operation->id, share.id, *first_failure});
  return events;
}

}  // namespace pasig
