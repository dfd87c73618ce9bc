// The outcome of a fail-over. Roles swap in one fact, with what it cost: the moment of the data
// that was opened, and how much may be lost.
#include <algorithm>

#include "commands/reports.h"

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

}  // namespace

Decision decide(ReadView& view, const Surroundings& now,
                const ReportActiveReplicaChanged& command) {
  const std::string words =
      command.failure ? "active replica not changed" : "active replica changed";
  PASIG_FIT(reported, fit(view, {command.operation, command.attempt,
                                 OperationKind::set_active_replica, words}));
  const auto& [operation, share, replica] = reported;
  if (command.failure) {
    if (!next(replica->status, StatusInput::change_failed))
      return contradicted(reported, words, "its status is " + std::string(word(replica->status)));
    return failed(reported, *command.failure);
  }
  if (const std::string why = misfit(reported, command); !why.empty())
    return contradicted(reported, words, why);
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
  return events;
}

}  // namespace pasig
