// Snapshots: one tree, a copy of it on each replica, and reverts to it.
#include <algorithm>

#include "statemachine/evolve_events.h"

namespace pasig::fold {
namespace {

// Null when the share has no such snapshot; stamps both otherwise.
Snapshot* touch(const Place& at, ShareId share_id, SnapshotId id) {
  Share* share = fold::touch(at, share_id);
  Snapshot* snapshot = share == nullptr ? nullptr : share->find(id);
  if (snapshot != nullptr) snapshot->updated_at = at.recorded.time;
  return snapshot;
}

SnapshotCopy* touch(const Place& at, Snapshot* snapshot, ReplicaId replica) {
  SnapshotCopy* copy = snapshot == nullptr ? nullptr : snapshot->find(replica);
  if (copy != nullptr) copy->updated_at = at.recorded.time;
  return copy;
}

void set(const Place& at, SnapshotCopy& copy, SnapshotStatus status, std::string note) {
  copy.status = status;
  copy.note = std::move(note);
  copy.updated_at = at.recorded.time;
}

void set_all(const Place& at, Snapshot* snapshot, SnapshotStatus status, const std::string& note) {
  if (snapshot == nullptr) return;
  for (SnapshotCopy& one : snapshot->copies) set(at, one, status, note);
}

// Those in one status go to another.
void move_all(const Place& at, Snapshot* snapshot, SnapshotStatus from, SnapshotStatus to,
              const std::string& note) {
  if (snapshot == nullptr) return;
  for (SnapshotCopy& one : snapshot->copies)
    if (one.status == from) set(at, one, to, note);
}

void erase(const Place& at, ShareId share_id, SnapshotId id) {
  if (Share* share = fold::touch(at, share_id))
    std::erase_if(share->snapshots, [&](const Snapshot& one) { return one.id == id; });
}

// What is on its way out again stays so.
bool is_going(const Snapshot& snapshot) {
  const SnapshotStatus status = status_of(snapshot);
  return status == SnapshotStatus::deleting || status == SnapshotStatus::error_deleting ||
         status == SnapshotStatus::unmanaging;
}

void end_task(const Place& at, ShareId id, ShareTask task, std::string note) {
  Share* share = fold::touch(at, id);
  if (share == nullptr) return;
  share->task = task;
  share->task_note = std::move(note);
}

}  // namespace

// ---- taken -------------------------------------------------------------------------------------
void apply(const Place& at, const SnapshotCreationStarted& event) {
  Share* share = fold::touch(at, event.share);
  if (share == nullptr) return;
  Snapshot snapshot{.id = event.snapshot,
                    .name = event.name,
                    .description = event.description,
                    .user = event.user,
                    .metadata = event.metadata,
                    .size_gb = event.size_gb,
                    .created_at = at.recorded.time,
                    .updated_at = at.recorded.time,
                    .copy_by = event.copy_by,
                    .managed_path = event.managed_path};
  for (const Replica& replica : share->replicas) {
    if (replica.host.empty()) continue;  // never placed: nothing of it is anywhere
    const bool required =
        std::find(event.required.begin(), event.required.end(), replica.id) != event.required.end();
    snapshot.copies.push_back(
        {.replica = replica.id, .required = required, .updated_at = at.recorded.time});
  }
  share->snapshots.push_back(std::move(snapshot));
}

void apply(const Place& at, const SnapshotTaken& event) {
  Snapshot* snapshot = touch(at, event.share, event.snapshot);
  if (snapshot == nullptr) return;
  snapshot->digest = event.digest;
  snapshot->files = event.files;
  snapshot->bytes = event.bytes;
  snapshot->taken_at = event.taken_at;
  snapshot->consistency = event.consistency;
  if (SnapshotCopy* copy = touch(at, snapshot, event.replica))
    set(at, *copy, SnapshotStatus::available, {});
}

void apply(const Place& at, const SnapshotCopied& event) {
  if (SnapshotCopy* copy = touch(at, touch(at, event.share, event.snapshot), event.replica))
    set(at, *copy, SnapshotStatus::available, {});
}

void apply(const Place& at, const SnapshotCreationFailed& event) {
  set_all(at, touch(at, event.share, event.snapshot), SnapshotStatus::error,
          in_words(event.failure));
}

void apply(const Place& at, const SnapshotCopyOverdue& event) {
  SnapshotCopy* copy = touch(at, touch(at, event.share, event.snapshot), event.replica);
  if (copy == nullptr) return;
  copy->required = false;
  copy->note = "it was not copied in time";
}

void apply(const Place& at, const SnapshotCopyLost& event) {
  SnapshotCopy* copy = touch(at, touch(at, event.share, event.snapshot), event.replica);
  if (copy == nullptr) return;
  copy->required = false;
  set(at, *copy, SnapshotStatus::creating, "lost: " + event.words);
}

// ---- gone --------------------------------------------------------------------------------------
void apply(const Place& at, const SnapshotDeletionStarted& event) {
  Snapshot* snapshot = touch(at, event.share, event.snapshot);
  if (snapshot == nullptr) return;
  snapshot->deletion_forced = event.force;
  set_all(at, snapshot, SnapshotStatus::deleting, {});
}

void apply(const Place& at, const SnapshotCopyDeleted& event) {
  Snapshot* snapshot = touch(at, event.share, event.snapshot);
  if (snapshot == nullptr) return;
  std::erase_if(snapshot->copies,
                [&](const SnapshotCopy& one) { return one.replica == event.replica; });
}

void apply(const Place& at, const SnapshotDeletionFailed& event) {
  move_all(at, touch(at, event.share, event.snapshot), SnapshotStatus::deleting,
           SnapshotStatus::error_deleting, in_words(event.failure));
}

void apply(const Place& at, const SnapshotDeleted& event) {
  erase(at, event.share, event.snapshot);
}

void apply(const Place& at, const SnapshotStatusReset& event) {
  set_all(at, touch(at, event.share, event.snapshot), event.to,
          "status was reset from " + std::string(word(event.from)) + " to " +
              std::string(word(event.to)));
}

void apply(const Place& at, const SnapshotUnmanageStarted& event) {
  set_all(at, touch(at, event.share, event.snapshot), SnapshotStatus::unmanaging, {});
}

void apply(const Place& at, const SnapshotUnmanaged& event) {
  erase(at, event.share, event.snapshot);
}

void apply(const Place& at, const SnapshotUnmanageFailed& event) {
  move_all(at, touch(at, event.share, event.snapshot), SnapshotStatus::unmanaging,
           SnapshotStatus::available, "could not be unmanaged: " + in_words(event.failure));
}

// ---- reverted to -------------------------------------------------------------------------------
void apply(const Place& at, const ShareRevertStarted& event) {
  end_task(at, event.share, ShareTask::reverting, {});
  move_all(at, touch(at, event.share, event.snapshot), SnapshotStatus::available,
           SnapshotStatus::restoring, {});
}

void apply(const Place& at, const ShareReverted& event) {
  Share* share = fold::touch(at, event.share);
  if (share == nullptr) return;
  const auto is_done = [&](const Replica& replica) {
    return replica.state == ReplicaState::active ||
           std::any_of(
               event.outcomes.begin(), event.outcomes.end(),
               [&](const ReplicaOutcome& one) { return one.replica == replica.id && one.done; });
  };
  for (Replica& replica : share->replicas) {
    replica.updated_at = at.recorded.time;
    if (is_done(replica)) {
      replica.generation = event.generation;
      replica.data_as_of = event.data_as_of;
    } else {
      // What the revert took away is meant to go from it too.
      replica.accepts_mass_deletion = true;
    }
  }
  end_task(at, event.share, ShareTask::none, {});
  move_all(at, touch(at, event.share, event.snapshot), SnapshotStatus::restoring,
           SnapshotStatus::available, {});
}

void apply(const Place& at, const ShareRevertFailed& event) {
  // Cancelled: storage was not touched, so there is nothing to repair.
  const bool is_untouched = event.failure.code == FailureCode::cancelled;
  end_task(at, event.share, is_untouched ? ShareTask::none : ShareTask::reverting_error,
           is_untouched ? std::string() : in_words(event.failure));
  move_all(at, touch(at, event.share, event.snapshot), SnapshotStatus::restoring,
           SnapshotStatus::available, {});
}

// ---- replicas that come and go
// -------------------------------------------------------------------
void join_parts(Share& share, const Replica& replica, Time now) {
  if (replica.host.empty()) return;
  for (Snapshot& snapshot : share.snapshots)
    if (!is_going(snapshot)) snapshot.copies.push_back({.replica = replica.id, .updated_at = now});
  for (ShareAccessRule& rule : share.access_rules)
    if (!rule.is_removed) rule.replicas.push_back({.replica = replica.id});
}

void leave_parts(Share& share, ReplicaId replica) {
  for (Snapshot& snapshot : share.snapshots)
    std::erase_if(snapshot.copies, [&](const SnapshotCopy& one) { return one.replica == replica; });
  for (ShareAccessRule& rule : share.access_rules)
    std::erase_if(rule.replicas, [&](const AppliedRule& one) { return one.replica == replica; });
}

}  // namespace pasig::fold
