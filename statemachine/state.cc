#include "statemachine/state.h"

#include <algorithm>

namespace pasig {
namespace {

// Manila's order of statuses when it chooses the instance that speaks for the share
// (manila.md 2.2): first what is being promoted, then what works, transitional ones last.
int rank(ReplicaStatus status) {
  switch (status) {
    case ReplicaStatus::replication_change:
      return 0;
    case ReplicaStatus::available:
      return 1;
    case ReplicaStatus::error:
      return 2;
    case ReplicaStatus::error_deleting:
      return 3;
    case ReplicaStatus::deleted:
      return 4;
    case ReplicaStatus::creating:
      return 5;
    case ReplicaStatus::deleting:
      return 6;
  }
  return 7;
}

// Whether a speaks for the share rather than b; equals keep the order they were added in.
bool comes_before(const Replica& a, const Replica& b) {
  const bool a_changes = a.status == ReplicaStatus::replication_change;
  const bool b_changes = b.status == ReplicaStatus::replication_change;
  if (a_changes != b_changes) return a_changes;
  const bool a_active = a.state == ReplicaState::active;
  const bool b_active = b.state == ReplicaState::active;
  if (!a_changes && a_active != b_active) return a_active;
  return rank(a.status) < rank(b.status);
}

}  // namespace

const Replica* chosen_replica(const Share& share) {
  const auto chosen = std::min_element(share.replicas.begin(), share.replicas.end(), comes_before);
  return chosen == share.replicas.end() ? nullptr : &*chosen;
}

SnapshotStatus status_of(const Snapshot& snapshot) {
  const auto any = [&](SnapshotStatus status, bool required_only) {
    return std::any_of(snapshot.copies.begin(), snapshot.copies.end(),
                       [&](const SnapshotCopy& one) {
                         return one.status == status && (one.required || !required_only);
                       });
  };
  for (const SnapshotStatus anywhere :
       {SnapshotStatus::unmanaging, SnapshotStatus::error_deleting, SnapshotStatus::deleting})
    if (any(anywhere, false)) return anywhere;
  if (any(SnapshotStatus::restoring, false)) return SnapshotStatus::restoring;
  // One that nobody holds is lost, wherever it was not waited for.
  const bool is_held = any(SnapshotStatus::available, false);
  if (any(SnapshotStatus::error, is_held)) return SnapshotStatus::error;
  if (any(SnapshotStatus::creating, true) || snapshot.digest.empty())
    return SnapshotStatus::creating;
  return SnapshotStatus::available;
}

AccessState status_of(const ShareAccessRule& rule) {
  if (rule.is_removed) return AccessState::queued_to_deny;
  bool is_waiting = false;
  for (const AppliedRule& one : rule.replicas) {
    if (one.state == AccessState::error) return AccessState::error;
    is_waiting = is_waiting || one.state != AccessState::active;
  }
  return is_waiting ? AccessState::queued_to_apply : AccessState::active;
}

ReplicaStatus status_of(const Share& share) {
  const Replica* chosen = chosen_replica(share);
  return chosen == nullptr ? ReplicaStatus::error : chosen->status;
}

std::string_view status_word(const Share& share) {
  const ReplicaStatus status = status_of(share);
  const bool is_managed =
      share.task == ShareTask::manage_starting || share.task == ShareTask::manage_error ||
      share.task == ShareTask::unmanage_starting || share.task == ShareTask::unmanage_error;
  const bool is_going =
      status == ReplicaStatus::deleting || status == ReplicaStatus::error_deleting;
  const bool tells_task = status == ReplicaStatus::available || (is_managed && !is_going);
  return share.task != ShareTask::none && tells_task ? word(share.task) : word(status);
}

}  // namespace pasig
