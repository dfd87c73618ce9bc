// The outcome of a fail-over. Roles swap in one fact, with what it cost: the moment of the data
// that was opened, and how much may be lost.
#include <algorithm>

#include "commands/access_rules.h"
#include "commands/reports.h"
#include "commands/snapshots.h"

namespace pasig {
namespace {

// Why the storage's change cannot be the next one of this share; empty: it is.
std::string misfit(const Reported& reported, const ReportActiveReplicaChanged& command) {
  const auto& [operation, share, replica] = reported;
  const Replica* active = share->active();
  if (active == nullptr) return "the share has no active replica";
  const bool synced =
      replica->state == ReplicaState::in_sync && operation->mode != ChangeMode::forced;
  if (!next(replica->state, synced ? StateInput::promoted : StateInput::promoted_unsynced))
    return "its replica_state is " + std::string(word(replica->state));
  if (!next(active->state, StateInput::demoted))
    return "replica " + to_string(active->id) + " cannot be demoted";
  if (command.epoch != share->epoch + 1)
    return "the share's epoch is " + std::to_string(share->epoch) + ", the report's " +
           std::to_string(command.epoch);
  return {};
}

ActiveReplicaChanged changed(const Surroundings& now, const Reported& reported,
                             const ReportActiveReplicaChanged& command) {
  ActiveReplicaChanged event{.share = reported.share->id,
                             .replica = reported.replica->id,
                             .demoted = reported.share->active()->id,
                             .mode = reported.operation->mode,
                             .effective_mode = command.effective_mode,
                             .epoch = command.epoch,
                             .generation = command.generation,
                             .data_as_of = command.data_as_of,
                             .consistency = command.consistency,
                             .fence = command.fence,
                             .exports = command.exports,
                             .demoted_exports = command.demoted_exports,
                             .diverged = command.diverged};
  const bool planned = command.effective_mode != ChangeMode::forced;
  event.loss_window_known = planned || command.data_as_of.is_set();
  if (!planned && command.data_as_of.is_set())
    event.loss_window_micros = std::max<std::int64_t>(0, now.now.micros_since(command.data_as_of));
  return event;
}

// Roles decide what a rule grants: what holds on both sides is told anew by storage. The change
// itself already left nobody writing on the demoted side.
bool rules_follow_roles(const Reported& reported) {
  const ReplicaId demoted = reported.share->active()->id;
  return std::any_of(
      reported.share->access_rules.begin(), reported.share->access_rules.end(),
      [&](const ShareAccessRule& rule) {
        return std::any_of(rule.replicas.begin(), rule.replicas.end(), [&](const AppliedRule& one) {
          return (one.replica == reported.replica->id || one.replica == demoted) &&
                 next(one.state, AccessInput::role_changed).has_value();
        });
      });
}

// On the controller of the replica that is active from now on.
Events update_access_of(ReadView& view, const Surroundings& now, const Reported& reported) {
  Events events = update_access(view, now, *reported.share, 0);
  for (Event& event : events)
    if (auto* asked = std::get_if<OperationRequested>(&event)) {
      asked->replica = reported.replica->id;
      asked->runs_on = reported.replica->controller;
    }
  return events;
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now,
                const ReportActiveReplicaChanged& command) {
  const std::string words =
      command.failure ? "active replica not changed" : "active replica changed";
  PASIG_FIT(reported, fit(view, {command.operation, command.attempt,
                                 OperationKind::set_active_replica, words}));
  const auto& [operation, share, replica] = reported;
  const PendingOperation line = in_line(*operation);
  const auto not_changed = [&](Events told) {
    append(told, taken_up_again(view, now, *share, line, share->active()));
    return told;
  };
  if (command.failure) {
    if (!next(replica->status, StatusInput::change_failed))
      return not_changed(
          contradicted(reported, words, "its status is " + std::string(word(replica->status))));
    return not_changed(failed(reported, *command.failure));
  }
  if (const std::string why = misfit(reported, command); !why.empty())
    return not_changed(contradicted(reported, words, why));
  Events events;
  // An admin reset its status meanwhile. Storage has changed sides all the same, and clients write
  // there: the log follows, and says that it had not waited for it.
  if (!next(replica->status, StatusInput::change_done))
    events.push_back(
        ReportContradictedState{share->id, replica->id, operation->id, words,
                                "its status is " + std::string(word(replica->status))});
  events.push_back(changed(now, reported, command));
  append(events, kept_aside(*share, command.aside));
  events.push_back(OperationCompleted{operation->id, share->id});
  if (rules_follow_roles(reported)) append(events, update_access_of(view, now, reported));
  append(events, taken_up_again(view, now, *share, line, replica));
  return events;
}

}  // namespace pasig
