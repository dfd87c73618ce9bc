// What became of taking a snapshot, or of taking one in that existed before.
#include "commands/reports.h"

namespace pasig {

Decision decide(ReadView& view, const Surroundings&, const ReportSnapshotTaken& command) {
  const Operation* asked = view.operation(command.operation);
  const bool is_managed = asked != nullptr && asked->kind == OperationKind::manage_snapshot;
  const std::string words = command.failure ? "snapshot not taken" : "snapshot taken";
  PASIG_FIT(reported,
            fit(view, {command.operation, command.attempt,
                       is_managed ? OperationKind::manage_snapshot : OperationKind::create_snapshot,
                       words}));
  const auto& [operation, share, replica] = reported;
  const Snapshot* snapshot = share->find(operation->snapshot);
  if (snapshot == nullptr) return contradicted(reported, words, "the snapshot is gone");
  const SnapshotStatus status = status_of(*snapshot);
  if (status != SnapshotStatus::creating)
    return contradicted(reported, words, "its status is " + std::string(word(status)));
  if (command.failure) return failed(reported, *command.failure);
  return Events{SnapshotTaken{.snapshot = snapshot->id,
                              .share = share->id,
                              .replica = replica->id,
                              .digest = command.digest,
                              .files = command.files,
                              .bytes = command.bytes,
                              .taken_at = command.taken_at,
                              .consistency = command.consistency},
                OperationCompleted{operation->id, share->id}};
}

}  // namespace pasig
