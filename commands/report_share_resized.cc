// The outcome of another size. The share has it when its active replicas have; a secondary that
// did not follow is out of sync until it does.
#include <algorithm>

#include "commands/reports.h"
#include "commands/sync_state.h"

namespace pasig {
namespace {

// The failure of a replica that had to follow; null: all of those did.
const Failure* failure_of_active(const Share& share, const ReportShareResized& command) {
  for (const ReplicaOutcome& one : command.outcomes) {
    const Replica* replica = share.find(one.replica);
    if (!one.done && replica != nullptr && replica->state == ReplicaState::active)
      return &one.failure;
  }
  return nullptr;
}

Events not_followed(const Surroundings& now, const Share& share,
                    const ReportShareResized& command) {
  Events events;
  for (const ReplicaOutcome& one : command.outcomes) {
    const Replica* replica = share.find(one.replica);
    if (one.done || replica == nullptr || replica->state == ReplicaState::active) continue;
    std::string words = "it did not follow to the share's new size: " + one.failure.words;
    append(events, fell_out_of_sync(now, {&share, replica},
                                    {.share = share.id,
                                     .replica = replica->id,
                                     .reason = OutOfSyncReason::size,
                                     .words = std::move(words),
                                     .data_as_of = replica->data_as_of}));
  }
  return events;
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const ReportShareResized& command) {
  const std::string words = command.failure ? "share not resized" : "share resized";
  const Operation* asked = view.operation(command.operation);
  const OperationKind kind = asked != nullptr && asked->kind == OperationKind::shrink_share
                                 ? OperationKind::shrink_share
                                 : OperationKind::extend_share;
  PASIG_FIT(reported, fit(view, {command.operation, command.attempt, kind, words}));
  const auto& [operation, share, replica] = reported;
  if (share->task != ShareTask::extending && share->task != ShareTask::shrinking)
    return contradicted(reported, words, "it is " + std::string(status_word(*share)));
  if (command.failure) return failed(reported, *command.failure);
  if (const Failure* failure = failure_of_active(*share, command))
    return failed(reported, *failure);
  Events events = {ShareResized{.share = share->id,
                                .from_gb = share->size_gb,
                                .to_gb = operation->size_gb,
                                .outcomes = command.outcomes}};
  append(events, not_followed(now, *share, command));
  events.push_back(OperationCompleted{operation->id, share->id});
  return events;
}

}  // namespace pasig
