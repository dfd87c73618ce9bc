#include "commands/operations.h"

#include <algorithm>

#include "commands/access_rules.h"

namespace pasig {
namespace {

// Whether the replica is still in the state that the operation left it in.
bool still_fits(const Share& share, const PendingOperation& operation, StatusInput failure) {
  const Replica* replica = share.find(operation.replica);
  return replica != nullptr && next(replica->status, failure).has_value();
}

// Whether another pending operation does the same thing: a forced one after one that was asked
// to stop. Its outcome counts then.
bool is_repeated(const Share& share, const PendingOperation& operation) {
  return std::any_of(
      share.operations.begin(), share.operations.end(), [&](const PendingOperation& one) {
        return one.id != operation.id && one.kind == operation.kind &&
               (one.kind == OperationKind::delete_share ||
                one.kind == OperationKind::update_access ||
                (one.replica == operation.replica && one.snapshot == operation.snapshot));
      });
}

bool has_snapshot_in(const Share& share, SnapshotId id, SnapshotStatus status) {
  const Snapshot* snapshot = share.find(id);
  return snapshot != nullptr && status_of(*snapshot) == status;
}

bool any_is_being_deleted(const Share& share) {
  return std::any_of(share.replicas.begin(), share.replicas.end(),
                     [](const Replica& one) { return one.status == ReplicaStatus::deleting; });
}

// Their rules stay as they are: queued.
Events access_not_updated(const Share& share, const Failure& failure) {
  Events events;
  for (const Replica& one : share.replicas)
    if (has_queued_rules(share, one.id) && is_news_of_access(one, failure))
      events.push_back(AccessUpdateFailed{share.id, one.id, failure});
  return events;
}

// One that was never taken in is no better than it was before.
Events not_unmanaged(const Share& share, SnapshotId id, const Failure& failure) {
  Events events = {SnapshotUnmanageFailed{id, share.id, failure}};
  if (share.find(id)->digest.empty())
    events.push_back(SnapshotCreationFailed{id, share.id, failure});
  return events;
}

// Whether the snapshot as a whole is still in the state that the operation left it in.
bool is_in(const Share& share, SnapshotId id, SnapshotInput failure) {
  const Snapshot* snapshot = share.find(id);
  return snapshot != nullptr && next(status_of(*snapshot), failure).has_value();
}

}  // namespace

OperationRequested request(ReadView& view, const Surroundings& now, std::uint32_t n,
                           const Work& work) {
  const OperationId id{now.make_id(n)};
  view.expect_new(stream_of(id));
  return {.operation = id,
          .kind = work.kind,
          .share = work.share,
          .replica = work.replica,
          .runs_on = work.runs_on,
          .claim_by = now.now.plus_seconds(now.timings.claim_timeout_seconds),
          .deadline = now.now.plus_seconds(now.timings.operation_deadline_seconds),
          .snapshot = work.snapshot,
          .path = work.path,
          .to = work.to};
}

Events not_done(const Share& share, const PendingOperation& operation, const Failure& failure) {
  if (is_repeated(share, operation)) return {};
  switch (operation.kind) {
    case OperationKind::create_share:
      if (!still_fits(share, operation, StatusInput::add_failed)) return {};
      return {ShareProvisionFailed{share.id, operation.replica, failure}};
    case OperationKind::delete_share:
      if (!any_is_being_deleted(share)) return {};
      return {ShareDeletionFailed{share.id, failure}};
    case OperationKind::add_replica:
      if (!still_fits(share, operation, StatusInput::add_failed)) return {};
      return {ReplicaAddFailed{share.id, operation.replica, failure}};
    case OperationKind::remove_replica:
      if (!still_fits(share, operation, StatusInput::removal_failed)) return {};
      return {ReplicaRemovalFailed{share.id, operation.replica, failure}};
    case OperationKind::set_active_replica: {
      if (!still_fits(share, operation, StatusInput::change_failed)) return {};
      const Replica* active = share.active();
      return {ActiveReplicaChangeFailed{share.id, operation.replica,
                                        active == nullptr ? ReplicaId{} : active->id, failure}};
    }
    case OperationKind::create_snapshot:
      if (!is_in(share, operation.snapshot, SnapshotInput::creation_failed)) return {};
      return {SnapshotCreationFailed{operation.snapshot, share.id, failure}};
    case OperationKind::delete_snapshot:
      if (!is_in(share, operation.snapshot, SnapshotInput::deletion_failed)) return {};
      return {SnapshotDeletionFailed{operation.snapshot, share.id, failure}};
    case OperationKind::revert_share:
      if (share.task != ShareTask::reverting) return {};
      return {ShareRevertFailed{share.id, operation.snapshot, failure}};
    case OperationKind::extend_share:
      if (share.task != ShareTask::extending) return {};
      return {ShareResizeFailed{share.id, share.size_gb, operation.size_gb, failure}};
    case OperationKind::shrink_share:
      if (share.task != ShareTask::shrinking) return {};
      return {ShareResizeFailed{share.id, share.size_gb, operation.size_gb, failure}};
    case OperationKind::update_access:
      return access_not_updated(share, failure);
    case OperationKind::manage_share:
      if (share.task != ShareTask::manage_starting) return {};
      return {ShareManageFailed{share.id, operation.replica, failure}};
    case OperationKind::unmanage_share:
      if (share.task != ShareTask::unmanage_starting) return {};
      return {ShareUnmanageFailed{share.id, failure}};
    case OperationKind::manage_snapshot:
      if (!has_snapshot_in(share, operation.snapshot, SnapshotStatus::creating)) return {};
      return {SnapshotCreationFailed{operation.snapshot, share.id, failure}};
    case OperationKind::unmanage_snapshot:
      if (!has_snapshot_in(share, operation.snapshot, SnapshotStatus::unmanaging)) return {};
      return not_unmanaged(share, operation.snapshot, failure);
    case OperationKind::delete_aside:
    case OperationKind::restore_aside:
      return {};  // nothing waits for it
  }
  return {};
}

Events stop(ReadView& view, const Share& share, const PendingOperation& operation,
            const std::string& why) {
  const Operation* found = view.operation(operation.id);
  if (found == nullptr || found->is_over()) return {};
  if (found->status == OperationStatus::requested)
    return {OperationCancelled{operation.id, share.id, why}};
  if (found->cancel_requested) return {};
  return {OperationCancelRequested{operation.id, share.id, why}};
}

Events end_with_share(ReadView& view, const Share& share, const PendingOperation& operation,
                      const std::string& why) {
  const Operation* found = view.operation(operation.id);
  if (found == nullptr || found->status != OperationStatus::running)
    return stop(view, share, operation, why);
  return {OperationFailed{operation.id,
                          share.id,
                          {.code = FailureCode::lost,
                           .controller = found->runs_on,
                           .words = why + ", and the share went at once"}}};
}

bool is_about_one_replica(OperationKind kind) {
  return kind == OperationKind::create_share || kind == OperationKind::add_replica ||
         kind == OperationKind::remove_replica || kind == OperationKind::set_active_replica;
}

void append(Events& events, Events more) {
  for (Event& event : more) events.push_back(std::move(event));
}

PendingOperation in_line(const Operation& operation) {
  return {.id = operation.id,
          .kind = operation.kind,
          .replica = operation.replica,
          .snapshot = operation.snapshot,
          .size_gb = operation.size_gb};
}

}  // namespace pasig
