// Operations: the objects themselves and each share's list of those that are not over.
#include <algorithm>

#include "statemachine/evolve_events.h"

namespace pasig::fold {
namespace {

Operation* find(const Place& at, OperationId id) {
  const auto found = at.world.operations.find(id);
  return found == at.world.operations.end() ? nullptr : &found->second;
}

Share* share_of(const Place& at, ShareId id) {
  const auto found = at.world.shares.find(id);
  return found == at.world.shares.end() ? nullptr : &found->second;
}

// What the operation was asked with: facts that the share noted earlier in the same record.
void take_parameters(Operation& operation, const Share& share) {
  switch (operation.kind) {
    case OperationKind::create_share:
    case OperationKind::add_replica:
    case OperationKind::create_snapshot:
    case OperationKind::delete_snapshot:
    case OperationKind::revert_share:
    case OperationKind::extend_share:
    case OperationKind::shrink_share:
    case OperationKind::update_access:
    case OperationKind::manage_share:
    case OperationKind::unmanage_share:
    case OperationKind::manage_snapshot:
    case OperationKind::unmanage_snapshot:
    case OperationKind::delete_aside:
    case OperationKind::restore_aside:
      return;
    case OperationKind::delete_share:
      operation.force = share.deletion_forced;
      return;
    case OperationKind::remove_replica: {
      const Replica* replica = share.find(operation.replica);
      operation.force = replica != nullptr && replica->removal_forced;
      return;
    }
    case OperationKind::set_active_replica: {
      if (!share.change || share.change->replica != operation.replica) return;
      operation.mode = share.change->mode;
      operation.quiesce_wait_seconds = share.change->quiesce_wait_seconds;
      operation.accept_older = share.change->accept_older;
      return;
    }
  }
}

// Ended operations leave the share's line and take their pending change with them.
Operation* end(const Place& at, OperationId id, OperationStatus status) {
  Operation* operation = find(at, id);
  if (operation == nullptr) return nullptr;
  operation->status = status;
  operation->ended_at = at.recorded.time;
  if (Share* share = share_of(at, operation->share)) {
    std::erase_if(share->operations, [&](const PendingOperation& one) { return one.id == id; });
    if (operation->kind == OperationKind::set_active_replica && share->change &&
        share->change->replica == operation->replica)
      share->change.reset();
  }
  return operation;
}

}  // namespace

void apply(const Place& at, const OperationRequested& event) {
  Operation operation{.id = event.operation,
                      .kind = event.kind,
                      .share = event.share,
                      .replica = event.replica,
                      .runs_on = event.runs_on,
                      .requested_at = at.recorded.time,
                      .claim_by = event.claim_by,
                      .deadline = event.deadline,
                      .command_id = at.recorded.command_id,
                      .snapshot = event.snapshot,
                      .size_gb = event.size_gb,
                      .path = event.path,
                      .to = event.to};
  if (Share* share = share_of(at, event.share)) {
    take_parameters(operation, *share);
    share->operations.push_back(
        {event.operation, event.kind, event.replica, event.snapshot, event.size_gb});
  }
  at.world.operations[event.operation] = std::move(operation);
}

void apply(const Place& at, const OperationStarted& event) {
  Operation* operation = find(at, event.operation);
  if (operation == nullptr) return;
  operation->status = OperationStatus::running;
  operation->node = event.node;
  operation->process = event.process;
  operation->attempt = event.attempt;
  operation->lease_seconds = event.lease_seconds;
  operation->claimed_at = at.recorded.time;
  operation->token_version = at.recorded.share_version;
}

void apply(const Place& at, const OperationLeaseRenewed& event) {
  Operation* operation = find(at, event.operation);
  if (operation == nullptr) return;
  operation->lease_seconds = event.lease_seconds;
}

void apply(const Place& at, const OperationRerouted& event) {
  Operation* operation = find(at, event.operation);
  if (operation == nullptr) return;
  operation->runs_on = event.to;
  operation->claim_by = event.claim_by;
}

void apply(const Place& at, const OperationCancelRequested& event) {
  Operation* operation = find(at, event.operation);
  if (operation == nullptr) return;
  operation->cancel_requested = true;
  operation->cancel_why = event.why;
}

void apply(const Place& at, const OperationAbandonRequested& event) {
  Operation* operation = find(at, event.operation);
  if (operation == nullptr) return;
  operation->abandon_requested = true;
  operation->abandon_why = event.why;
  operation->abandon_requested_at = at.recorded.time;
}

void apply(const Place& at, const OperationCompleted& event) {
  end(at, event.operation, OperationStatus::done);
}

void apply(const Place& at, const OperationFailed& event) {
  Operation* operation = end(at, event.operation, OperationStatus::failed);
  if (operation != nullptr) operation->failure = event.failure;
}

void apply(const Place& at, const OperationCancelled& event) {
  Operation* operation = end(at, event.operation, OperationStatus::cancelled);
  if (operation != nullptr) operation->cancel_why = event.why;
}

}  // namespace pasig::fold
