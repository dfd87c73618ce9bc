// Replicas: their life, their roles, and what removed or demoted ones leave behind.
#include <algorithm>

#include "statemachine/evolve_events.h"

namespace pasig::fold {
namespace {

// In readable and dr shares the active replica keeps its role whatever becomes of it, until
// another one takes it: never none active.
void lose_state(const Share& share, Replica& replica) {
  const bool keeps_role =
      share.replication != ReplicationType::writable && replica.state == ReplicaState::active;
  if (!keeps_role) replica.state = ReplicaState::error;
}

void set_role_of_new_active(Replica& replica, const ActiveReplicaChanged& event) {
  replica.status = ReplicaStatus::available;
  replica.state = ReplicaState::active;
  replica.cast_rules_to_readonly = false;
  replica.exports = event.exports;
  replica.generation = event.generation;
  replica.data_as_of = event.data_as_of;
  replica.consistency = event.consistency;
  replica.fence = {};
  replica.accepts_mass_deletion = false;
  replica.note.clear();
}

// Its status stays: a broken one stays broken until a status call finds it whole.
void set_role_of_demoted(Replica& replica, const ActiveReplicaChanged& event, bool readable) {
  replica.state = ReplicaState::out_of_sync;
  replica.cast_rules_to_readonly = readable;
  replica.exports = event.demoted_exports;
  replica.fence = event.fence;
  replica.note = "demoted: " + to_string(event.replica) + " became active; its first sync from " +
                 "there is to come";
  if (event.fence.state == FenceState::pending)
    replica.note += "; not fenced yet: " + event.fence.words;
}

void set_role_of_diverged(Replica& replica, const ActiveReplicaChanged& event) {
  if (replica.state == ReplicaState::in_sync) replica.state = ReplicaState::out_of_sync;
  replica.note =
      "diverged: it was ahead of " + to_string(event.replica) + " when that one became active";
}

void forget_change(Share& share, ReplicaId replica) {
  if (share.change && share.change->replica == replica) share.change.reset();
}

}  // namespace

// ---- added -----------------------------------------------------------------------------------
void apply(const Place& at, const ReplicaAddStarted& event) {
  Share* share = touch(at, event.share);
  if (share == nullptr) return;
  Replica replica{.id = event.replica,
                  .state = ReplicaState::out_of_sync,
                  .cast_rules_to_readonly = event.cast_rules_to_readonly,
                  .created_at = at.recorded.time,
                  .updated_at = at.recorded.time};
  put_on(replica, event.placement);
  join_parts(*share, replica, at.recorded.time);
  share->replicas.push_back(std::move(replica));
}

void apply(const Place& at, const ReplicaPlacementFailed& event) {
  Share* share = touch(at, event.share);
  if (share == nullptr) return;
  if (share->find(event.replica) == nullptr)
    share->replicas.push_back({.id = event.replica, .created_at = at.recorded.time});
  Replica& replica = *share->find(event.replica);
  put_on(replica, event.placement);
  replica.host.clear();
  replica.status = ReplicaStatus::error;
  lose_state(*share, replica);
  replica.note = in_words(event.failure);
  replica.updated_at = at.recorded.time;
}

void apply(const Place& at, const ReplicaAdded& event) {
  Replica* replica = touch(at, event.share, event.replica);
  if (replica == nullptr) return;
  replica->status = ReplicaStatus::available;
  replica->state = event.state;
  replica->exports = event.exports;
  replica->generation = event.generation;
  replica->data_as_of = event.data_as_of;
  replica->consistency = event.consistency;
  replica->note.clear();
}

void apply(const Place& at, const ReplicaAddFailed& event) {
  Replica* replica = touch(at, event.share, event.replica);
  if (replica == nullptr) return;
  replica->status = ReplicaStatus::error;
  lose_state(at.world.shares.at(event.share), *replica);
  replica->note = in_words(event.failure);
}

// ---- removed ---------------------------------------------------------------------------------
void apply(const Place& at, const ReplicaRemovalStarted& event) {
  Replica* replica = touch(at, event.share, event.replica);
  if (replica == nullptr) return;
  replica->status = ReplicaStatus::deleting;
  replica->removal_forced = event.force;
}

void apply(const Place& at, const ReplicaRemoved& event) {
  Share* share = touch(at, event.share);
  if (share == nullptr) return;
  std::erase_if(share->replicas, [&](const Replica& one) { return one.id == event.replica; });
  forget_change(*share, event.replica);
  leave_parts(*share, event.replica);
}

// Manila: the storage that could not be removed is no copy any more.
void apply(const Place& at, const ReplicaRemovalFailed& event) {
  Replica* replica = touch(at, event.share, event.replica);
  if (replica == nullptr) return;
  replica->status = ReplicaStatus::error_deleting;
  lose_state(at.world.shares.at(event.share), *replica);
  replica->note = in_words(event.failure);
}

void apply(const Place& at, const RelationDebrisLeft& event) {
  Share* share = touch(at, event.share);
  if (share == nullptr) return;
  share->debris.push_back({.replica = event.replica,
                           .controller = event.controller,
                           .bytes = event.bytes,
                           .words = event.words,
                           .since = at.recorded.time});
}

void apply(const Place& at, const RelationDebrisCleaned& event) {
  Share* share = touch(at, event.share);
  if (share == nullptr) return;
  std::erase_if(share->debris, [&](const Debris& one) {
    return one.replica == event.replica && one.controller == event.controller;
  });
}

// ---- roles -----------------------------------------------------------------------------------
void apply(const Place& at, const ActiveReplicaChangeStarted& event) {
  Replica* replica = touch(at, event.share, event.replica);
  if (replica == nullptr) return;
  replica->status = ReplicaStatus::replication_change;
  at.world.shares.at(event.share).change = {.replica = event.replica,
                                            .demoted = event.demoted,
                                            .mode = event.mode,
                                            .quiesce_wait_seconds = event.quiesce_wait_seconds,
                                            .accept_older = event.accept_older};
}

void apply(const Place& at, const ActiveReplicaChanged& event) {
  Share* share = touch(at, event.share);
  if (share == nullptr) return;
  const bool readable = share->replication == ReplicationType::readable;
  const auto is_diverged = [&](ReplicaId id) {
    return std::find(event.diverged.begin(), event.diverged.end(), id) != event.diverged.end();
  };
  for (Replica& replica : share->replicas) {
    if (replica.id == event.replica) set_role_of_new_active(replica, event);
    else if (replica.id == event.demoted) set_role_of_demoted(replica, event, readable);
    else if (is_diverged(replica.id)) set_role_of_diverged(replica, event);
    else continue;
    replica.updated_at = at.recorded.time;
  }
  // Roles decide what a rule grants.
  for (ShareAccessRule& rule : share->access_rules)
    for (AppliedRule& one : rule.replicas)
      if ((one.replica == event.replica || one.replica == event.demoted) && !rule.is_removed)
        one.state = AccessState::queued_to_apply;
  share->epoch = event.epoch;
  forget_change(*share, event.replica);
}

void apply(const Place& at, const ActiveReplicaChangeFailed& event) {
  Replica* replica = touch(at, event.share, event.replica);
  if (replica == nullptr) return;
  replica->status = ReplicaStatus::available;
  replica->note = "did not become active: " + in_words(event.failure);
  forget_change(at.world.shares.at(event.share), event.replica);
}

void apply(const Place& at, const ReplicaFenced& event) {
  Replica* replica = touch(at, event.share, event.replica);
  if (replica == nullptr) return;
  replica->fence = event.fence;
}

void apply(const Place& at, const DivergedDataKeptAside& event) {
  Share* share = touch(at, event.share);
  if (share == nullptr) return;
  share->aside.push_back({.replica = event.replica,
                          .controller = event.controller,
                          .path = event.path,
                          .files = event.files,
                          .bytes = event.bytes,
                          .epoch = event.epoch,
                          .since = at.recorded.time});
}

// ---- in and out of sync ----------------------------------------------------------------------
void apply(const Place& at, const ReplicaCameInSync& event) {
  Replica* replica = touch(at, event.share, event.replica);
  if (replica == nullptr) return;
  replica->state = ReplicaState::in_sync;
  replica->generation = event.generation;
  replica->data_as_of = event.data_as_of;
  replica->consistency = event.consistency;
  replica->accepts_mass_deletion = false;
  replica->note.clear();
}

void apply(const Place& at, const ReplicaFellOutOfSync& event) {
  Replica* replica = touch(at, event.share, event.replica);
  if (replica == nullptr) return;
  replica->state = ReplicaState::out_of_sync;
  if (event.data_as_of.is_set()) replica->data_as_of = event.data_as_of;
  replica->note = std::string(word(event.reason));
  if (!event.words.empty()) replica->note += ": " + event.words;
}

void apply(const Place& at, const ReplicaResyncRequested& event) {
  Replica* replica = touch(at, event.share, event.replica);
  if (replica == nullptr) return;
  if (replica->state == ReplicaState::error) replica->state = ReplicaState::out_of_sync;
  replica->accepts_mass_deletion = event.accept_mass_deletion;
}

// ---- broken, whole, reset --------------------------------------------------------------------
void apply(const Place& at, const ReplicaFailed& event) {
  Replica* replica = touch(at, event.share, event.replica);
  if (replica == nullptr) return;
  replica->status = ReplicaStatus::error;
  // An active one keeps its role in shares of every type: its data is the truth there is.
  if (replica->state != ReplicaState::active) replica->state = ReplicaState::error;
  replica->note = in_words(event.failure);
}

void apply(const Place& at, const ReplicaRecovered& event) {
  Replica* replica = touch(at, event.share, event.replica);
  if (replica == nullptr) return;
  replica->status = ReplicaStatus::available;
  replica->note.clear();
}

void apply(const Place& at, const ReplicaStatusReset& event) {
  Replica* replica = touch(at, event.share, event.replica);
  if (replica == nullptr) return;
  replica->status = event.to;
  replica->note = "status was reset from " + std::string(word(event.from)) + " to " +
                  std::string(word(event.to));
  if (event.from == ReplicaStatus::replication_change)
    forget_change(at.world.shares.at(event.share), event.replica);
}

void apply(const Place& at, const ReplicaStateReset& event) {
  Replica* replica = touch(at, event.share, event.replica);
  if (replica == nullptr) return;
  replica->state = event.to;
  replica->note = "replica_state was reset from " + std::string(word(event.from)) + " to " +
                  std::string(word(event.to));
}

void apply(const Place& at, const ReportContradictedState& event) {
  Replica* replica = touch(at, event.share, event.replica);
  if (replica == nullptr) return;
  replica->note = "storage reported " + event.report + " while the log said " + event.state;
}

void apply(const Place& at, const ReplicaExportsChanged& event) {
  Replica* replica = touch(at, event.share, event.replica);
  if (replica == nullptr) return;
  replica->exports = event.exports;
}

}  // namespace pasig::fold
