#include "drivers/worker_words.h"

#include <algorithm>

#include "drivers/worker.h"

namespace pasig::drivers {
namespace {

Replication replication_of(ReplicationType type) {
  switch (type) {
    case ReplicationType::none:
      return Replication::none;
    case ReplicationType::writable:
      return Replication::writable;
    case ReplicationType::readable:
      return Replication::readable;
    case ReplicationType::dr:
      return Replication::dr;
  }
  return Replication::none;
}

Role role_of(const Replica& replica) {
  if (replica.state == ReplicaState::active) return Role::active;
  return replica.state == ReplicaState::none ? Role::none : Role::secondary;
}

SnapshotRef snapshot_ref(const Snapshot& snapshot) {
  SnapshotRef ref{.id = snapshot.id, .digest = snapshot.digest};
  for (const SnapshotCopy& one : snapshot.copies) {
    // What could not be deleted waits for an order to: until then it is left alone.
    ref.is_deleting = ref.is_deleting || one.status == SnapshotStatus::deleting;
    if (one.status == SnapshotStatus::available || one.status == SnapshotStatus::restoring)
      ref.taken_on.push_back(one.replica);
  }
  return ref;
}

FailureCode code_of(Problem problem) {
  switch (problem) {
    case Problem::failed:
      return FailureCode::failed;
    case Problem::unreachable:
      return FailureCode::unreachable;
    case Problem::mismatch:
      return FailureCode::mismatch;
    case Problem::no_space:
      return FailureCode::no_space;
    case Problem::stale_token:
      return FailureCode::stale_token;
    case Problem::cancelled:
      return FailureCode::cancelled;
    case Problem::unsupported:
      return FailureCode::unsupported;
    case Problem::expired:
      return FailureCode::expired;
    case Problem::busy:
      return FailureCode::busy;
    case Problem::not_verified:
    case Problem::mass_deletion:
      return FailureCode::not_verified;
    case Problem::lost:
      return FailureCode::lost;
    case Problem::too_small:
      return FailureCode::too_small;
  }
  return FailureCode::failed;
}

}  // namespace

ShareRef share_ref(const Share& share) {
  ShareRef ref{.id = share.id,
               .name = share.name,
               .size_gb = share.size_gb,
               .protocol = share.protocol,
               .replication = replication_of(share.replication),
               .epoch = share.epoch};
  for (const Replica& one : share.replicas) {
    if (one.host.empty()) continue;  // never placed: nothing of it is anywhere
    ref.replicas.push_back({.id = one.id,
                            .controller = one.controller,
                            .pool = one.pool,
                            .zone = one.zone,
                            .role = role_of(one),
                            .in_sync = one.state == ReplicaState::in_sync,
                            .generation = one.generation,
                            .accepts_mass_deletion = one.accepts_mass_deletion,
                            .is_new = one.status == ReplicaStatus::creating,
                            .fence_pending = one.fence.state == FenceState::pending,
                            .cast_rules_to_readonly = one.cast_rules_to_readonly});
  }
  ref.is_access_ruled = share.is_access_ruled;
  for (const ShareAccessRule& one : share.access_rules)
    if (!one.is_removed)
      ref.access.push_back({one.id, one.type, one.to, std::string(word(one.level))});
  for (const Snapshot& one : share.snapshots) ref.snapshots.push_back(snapshot_ref(one));
  return ref;
}

std::vector<SnapshotId> missing_of(const Share& share, ReplicaId replica,
                                   const std::vector<SnapshotId>& held) {
  std::vector<SnapshotId> missing;
  for (const Snapshot& one : share.snapshots) {
    const SnapshotCopy* copy = one.find(replica);
    if (copy == nullptr || std::find(held.begin(), held.end(), one.id) != held.end()) continue;
    const bool was_there = copy->status == SnapshotStatus::available;
    const bool was_to_go =
        copy->status == SnapshotStatus::deleting || copy->status == SnapshotStatus::error_deleting;
    if (was_there || was_to_go) missing.push_back(one.id);
  }
  return missing;
}

Failure failure_of(const CallFailure& failure) {
  return {code_of(failure.problem), failure.controller, failure.words, failure.hint};
}

Fence fence_of(const FenceReport& report) {
  Fence fence{.state = report.enforced ? FenceState::enforced : FenceState::pending,
              .words = report.words};
  if (report.enforced) fence.kind = parse_word<FenceKind>(report.kind).value_or(FenceKind::none);
  return fence;
}

AsideData aside_of(const Aside& aside) {
  return {aside.replica, aside.controller, aside.path, aside.files, aside.bytes, aside.epoch, {}};
}

Debris debris_of(const Remains& remains) {
  return {remains.replica, remains.controller, remains.bytes, remains.words, {}};
}

Consistency consistency_of(CopyConsistency consistency) {
  switch (consistency) {
    case CopyConsistency::unknown:
      return Consistency::unknown;
    case CopyConsistency::atomic:
      return Consistency::atomic;
    case CopyConsistency::crash:
      return Consistency::crash;
    case CopyConsistency::settled:
      return Consistency::settled;
    case CopyConsistency::fuzzy:
      return Consistency::fuzzy;
  }
  return Consistency::unknown;
}

ReplicationType replication_of(Replication replication) {
  switch (replication) {
    case Replication::none:
      return ReplicationType::none;
    case Replication::writable:
      return ReplicationType::writable;
    case Replication::readable:
      return ReplicationType::readable;
    case Replication::dr:
      return ReplicationType::dr;
  }
  return ReplicationType::none;
}

// The host is Manila's form, host@backend#pool. The first part is the same for all nodes: it is
// written into placements and counters, and a pool stays what it is whichever node reports it.
PoolObservation pool_observed(const WorkedController& controller, const PoolStats& pool, Time now) {
  PoolObservation one{.host = "pasig@" + controller.name + "#" + pool.pool,
                      .controller = controller.name,
                      .pool = pool.pool,
                      .zone = controller.zone,
                      .driver = controller.kind,
                      .file_system = pool.file_system,
                      .total_bytes = pool.total_bytes,
                      .free_bytes = pool.free_bytes,
                      .replication_domain = pool.replication_domain,
                      .capabilities = pool.capabilities,
                      .reported_at = now,
                      .up = true};
  for (const Replication type : pool.replication)
    one.replication_types.push_back(replication_of(type));
  return one;
}

std::optional<OutOfSyncReason> meaning_for_secondary(const CallFailure& failure,
                                                     const ShareRef& share, ReplicaId replica) {
  const ReplicaRef* active = share.active();
  const ReplicaRef* target = share.find(replica);
  const bool at_source = active != nullptr && target != nullptr && !failure.controller.empty() &&
                         failure.controller == active->controller &&
                         failure.controller != target->controller;
  switch (failure.problem) {
    case Problem::not_verified:
      return OutOfSyncReason::manifest_mismatch;
    case Problem::mass_deletion:
      return OutOfSyncReason::mass_deletion_suspected;
    case Problem::cancelled:
    case Problem::stale_token:
    case Problem::expired:
    case Problem::busy:
      return std::nullopt;
    case Problem::unreachable:
      return at_source ? std::nullopt : std::optional(OutOfSyncReason::unreachable);
    case Problem::failed:
    case Problem::no_space:
    case Problem::unsupported:
    case Problem::too_small:
      return at_source ? std::nullopt : std::optional(OutOfSyncReason::sync_failed);
    case Problem::mismatch:
    case Problem::lost:
      return at_source ? std::nullopt : std::optional(OutOfSyncReason::relation_broken);
  }
  return std::nullopt;
}

}  // namespace pasig::drivers
