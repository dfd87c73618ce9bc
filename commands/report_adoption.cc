// What became of taking in trees that existed before, and of giving them back.
#include <algorithm>

#include "commands/reports.h"
#include "commands/usage.h"

namespace pasig {
namespace {

constexpr std::uint64_t k_gib = std::uint64_t{1} << 30;

// In whole GiB, at least one.
std::uint64_t size_of(std::uint64_t used_bytes) {
  return std::max<std::uint64_t>(1, used_bytes / k_gib + (used_bytes % k_gib == 0 ? 0 : 1));
}

std::string task_in_words(const Share& share) {
  return "the share is " + std::string(status_word(share));
}

// It was never taken in, and storage has nothing of it: there is nothing to give back. A mismatch
// is no such finding: another root in its place has nothing of it either.
bool is_nothing_there(const Share& share, const Failure& failure) {
  return share.epoch == 0 && failure.code == FailureCode::lost;
}

}  // namespace

Decision decide(ReadView& view, const Surroundings&, const ReportShareManaged& command) {
  const std::string words = command.failure ? "share not managed" : "share managed";
  PASIG_FIT(reported,
            fit(view, {command.operation, command.attempt, OperationKind::manage_share, words}));
  const auto& [operation, share, replica] = reported;
  const bool fits = share->task == ShareTask::manage_starting && replica != nullptr &&
                    next(replica->status, StatusInput::added) &&
                    next(replica->state, StateInput::first_provisioned);
  if (!fits) return contradicted(reported, words, task_in_words(*share));
  if (command.failure) return failed(reported, *command.failure);
  const std::uint64_t size_gb = size_of(command.used_bytes);
  take_size_of_managed(view, *share, size_gb);
  return Events{ShareManaged{.share = share->id,
                             .replica = replica->id,
                             .epoch = 1,
                             .exports = command.exports,
                             .size_gb = size_gb,
                             .used_bytes = command.used_bytes},
                OperationCompleted{operation->id, share->id}};
}

Decision decide(ReadView& view, const Surroundings&, const ReportShareUnmanaged& command) {
  const std::string words = command.failure ? "share not unmanaged" : "share unmanaged";
  PASIG_FIT(reported,
            fit(view, {command.operation, command.attempt, OperationKind::unmanage_share, words}));
  const auto& [operation, share, replica] = reported;
  if (share->task != ShareTask::unmanage_starting)
    return contradicted(reported, words, task_in_words(*share));
  const bool nothing_there = command.failure && is_nothing_there(*share, *command.failure);
  if (command.failure && !nothing_there) return failed(reported, *command.failure);
  Events events;
  for (const PendingOperation& one : share->operations)
    if (one.id != operation->id)
      append(events, stop(view, *share, one, "the share was given back"));
  events.push_back(OperationCompleted{operation->id, share->id});
  events.push_back(ShareUnmanaged{share->id, nothing_there ? share->managed_path : command.path});
  give_back_share(view, *share);
  return events;
}

Decision decide(ReadView& view, const Surroundings&, const ReportSnapshotUnmanaged& command) {
  const std::string words = command.failure ? "snapshot not unmanaged" : "snapshot unmanaged";
  PASIG_FIT(reported, fit(view, {command.operation, command.attempt,
                                 OperationKind::unmanage_snapshot, words}));
  const auto& [operation, share, replica] = reported;
  const Snapshot* snapshot = share->find(operation->snapshot);
  if (snapshot == nullptr) return contradicted(reported, words, "the snapshot is gone");
  const SnapshotStatus status = status_of(*snapshot);
  if (status != SnapshotStatus::unmanaging)
    return contradicted(reported, words, "its status is " + std::string(word(status)));
  // One that could not be taken in is nowhere, when its storage says so.
  const bool nothing_there =
      command.failure && snapshot->digest.empty() && command.failure->code == FailureCode::lost;
  if (command.failure && !nothing_there) return failed(reported, *command.failure);
  give_back_snapshots(view, *share, {snapshot});
  return Events{OperationCompleted{operation->id, share->id},
                SnapshotUnmanaged{snapshot->id, share->id,
                                  nothing_there ? snapshot->managed_path : command.path}};
}

}  // namespace pasig
