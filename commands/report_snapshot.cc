// What became of taking a snapshot, of deleting one, and of going back to one; and the deadline
// of its copies.
#include <algorithm>

#include "commands/reports.h"
#include "commands/snapshots.h"
#include "commands/sync_state.h"
#include "commands/usage.h"

namespace pasig {
namespace {

// Where it was taken: the replica that was asked for, unless its role has gone since.
const Replica* taken_on(const Reported& reported) {
  const bool is_still =
      reported.replica != nullptr && reported.replica->state == ReplicaState::active;
  return is_still ? reported.replica : snapshot_taker(*reported.share);
}

std::string state_of(const Share& share, SnapshotId id) {
  const Snapshot* snapshot = share.find(id);
  return snapshot == nullptr ? "the snapshot is gone"
                             : "the snapshot is " + std::string(word(status_of(*snapshot)));
}

// The first failure that waiting does not heal: a replica out of reach does it when it answers.
const Failure* lasting_failure(const std::vector<ReplicaOutcome>& outcomes) {
  const auto found = std::find_if(outcomes.begin(), outcomes.end(), [](const ReplicaOutcome& one) {
    return !one.done && one.failure.code != FailureCode::unreachable;
  });
  return found == outcomes.end() ? nullptr : &found->failure;
}

Events deleted_copies(const Share& share, const Snapshot& snapshot,
                      const std::vector<ReplicaOutcome>& outcomes) {
  Events events;
  for (const ReplicaOutcome& one : outcomes) {
    const SnapshotCopy* copy = snapshot.find(one.replica);
    if (one.done && copy != nullptr && next(copy->status, SnapshotInput::removed))
      events.push_back(SnapshotCopyDeleted{snapshot.id, share.id, one.replica});
  }
  return events;
}

// They hold what the share held before: their next sync makes them follow.
Events not_reverted(const Surroundings& now, const Share& share,
                    const ReportShareReverted& command) {
  Events events;
  for (const Replica& one : share.replicas) {
    if (one.state != ReplicaState::in_sync) continue;
    std::string words = "the share went back to a snapshot, and it did not yet";
    bool is_done = false;
    for (const ReplicaOutcome& outcome : command.outcomes) {
      if (outcome.replica != one.id) continue;
      is_done = outcome.done;
      if (!outcome.failure.words.empty()) words += ": " + outcome.failure.words;
    }
    if (is_done) continue;
    append(events, fell_out_of_sync(now, {&share, &one},
                                    {.share = share.id,
                                     .replica = one.id,
                                     .reason = OutOfSyncReason::reverted,
                                     .words = words}));
  }
  return events;
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const ReportSnapshotTaken& command) {
  const std::string words = command.failure ? "snapshot not taken" : "snapshot taken";
  const Operation* asked = view.operation(command.operation);
  const bool is_managed = asked != nullptr && asked->kind == OperationKind::manage_snapshot;
  PASIG_FIT(reported,
            fit(view, {command.operation, command.attempt,
                       is_managed ? OperationKind::manage_snapshot : OperationKind::create_snapshot,
                       words}));
  const auto& [operation, share, replica] = reported;
  const Snapshot* snapshot = share->find(operation->snapshot);
  if (command.failure && snapshot != nullptr) return failed(reported, *command.failure);
  const Replica* holder = taken_on(reported);
  const SnapshotCopy* copy =
      snapshot == nullptr || holder == nullptr ? nullptr : snapshot->find(holder->id);
  if (copy == nullptr || !next(copy->status, SnapshotInput::taken))
    return contradicted(reported, words, state_of(*share, operation->snapshot));
  Events events = {SnapshotTaken{.snapshot = snapshot->id,
                                 .share = share->id,
                                 .replica = holder->id,
                                 .digest = command.digest,
                                 .files = command.files,
                                 .bytes = command.bytes,
                                 .taken_at = command.taken_at,
                                 .consistency = command.consistency},
                   OperationCompleted{operation->id, share->id}};
  add_out_of_step(events, *share, now);
  return events;
}

Decision decide(ReadView& view, const Surroundings&, const ReportSnapshotDeleted& command) {
  const std::string words = command.failure ? "snapshot not deleted" : "snapshot deleted";
  PASIG_FIT(reported,
            fit(view, {command.operation, command.attempt, OperationKind::delete_snapshot, words}));
  const auto& [operation, share, replica] = reported;
  const Snapshot* snapshot = share->find(operation->snapshot);
  if (snapshot == nullptr || status_of(*snapshot) != SnapshotStatus::deleting)
    return contradicted(reported, words, state_of(*share, operation->snapshot));
  if (command.failure) return failed(reported, *command.failure);
  Events events = deleted_copies(*share, *snapshot, command.outcomes);
  if (events.size() == snapshot->copies.size()) {
    events.push_back(OperationCompleted{operation->id, share->id});
    events.push_back(SnapshotDeleted{snapshot->id, share->id});
    give_back_snapshots(view, *share, {snapshot});
    return events;
  }
  if (const Failure* failure = lasting_failure(command.outcomes)) {
    append(events, failed(reported, *failure));
    return events;
  }
  events.push_back(OperationCompleted{operation->id, share->id});
  return events;
}

Decision decide(ReadView& view, const Surroundings& now, const ReportShareReverted& command) {
  const std::string words = command.failure ? "share not reverted" : "share reverted";
  PASIG_FIT(reported,
            fit(view, {command.operation, command.attempt, OperationKind::revert_share, words}));
  const auto& [operation, share, replica] = reported;
  const Snapshot* snapshot = share->find(operation->snapshot);
  const bool is_expected = share->task == ShareTask::reverting && snapshot != nullptr &&
                           next(status_of(*snapshot), SnapshotInput::revert_ended).has_value();
  if (!is_expected) return contradicted(reported, words, state_of(*share, operation->snapshot));
  if (command.failure) return failed(reported, *command.failure);
  Events events = {ShareReverted{.share = share->id,
                                 .snapshot = snapshot->id,
                                 .generation = command.generation,
                                 .data_as_of = command.data_as_of,
                                 .outcomes = command.outcomes}};
  append(events, not_reverted(now, *share, command));
  events.push_back(OperationCompleted{operation->id, share->id});
  return events;
}

Decision decide(ReadView& view, const Surroundings& now, const ExpireSnapshotCopy& command) {
  const Share* share = view.share(command.share);
  const Snapshot* snapshot = share == nullptr ? nullptr : share->find(command.snapshot);
  const SnapshotCopy* copy = snapshot == nullptr ? nullptr : snapshot->find(command.replica);
  if (copy == nullptr || !copy->required || !next(copy->status, SnapshotInput::overdue))
    return Events{};
  const Time deadline = copy_deadline(*snapshot);
  if (!deadline.is_set() || now.now <= deadline) return Events{};
  Events events = {SnapshotCopyOverdue{snapshot->id, share->id, copy->replica}};
  const Replica* replica = share->find(copy->replica);
  if (replica != nullptr && replica->state == ReplicaState::in_sync)
    append(events, fell_out_of_sync(now, {share, replica},
                                    {.share = share->id,
                                     .replica = replica->id,
                                     .reason = OutOfSyncReason::snapshot_missing,
                                     .words = missing_in_words({snapshot->id}) +
                                              "; it was to be there by " + to_string(deadline)}));
  add_out_of_step(events, *share, now);
  return events;
}

}  // namespace pasig
