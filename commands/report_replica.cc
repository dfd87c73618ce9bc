// What became of adding and of removing a replica.
#include "commands/access_rules.h"
#include "commands/replica_gone.h"
#include "commands/reports.h"
#include "commands/snapshots.h"

namespace pasig {
namespace {

// In sync when a complete, verified copy is on it, and is no older than the RPO.
ReplicaState state_of(const Surroundings& now, const Share& share,
                      const ReportReplicaAdded& command) {
  if (share.replication == ReplicationType::writable) return ReplicaState::active;
  const bool fresh = command.verified && command.data_as_of.is_set() &&
                     now.now <= command.data_as_of.plus_seconds(share.rpo_seconds);
  return fresh ? ReplicaState::in_sync : ReplicaState::out_of_sync;
}

StateInput input_for(ReplicaState state) {
  switch (state) {
    case ReplicaState::active:
      return StateInput::first_provisioned;
    case ReplicaState::in_sync:
      return StateInput::added_in_sync;
    case ReplicaState::none:
    case ReplicaState::out_of_sync:
    case ReplicaState::error:
      return StateInput::added_behind;
  }
  return StateInput::added_behind;
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const ReportReplicaAdded& command) {
  const std::string words = command.failure ? "replica not added" : "replica added";
  PASIG_FIT(reported,
            fit(view, {command.operation, command.attempt, OperationKind::add_replica, words}));
  const auto& [operation, share, replica] = reported;
  const ReplicaState state = state_of(now, *share, command);
  if (!next(replica->status, StatusInput::added) || !next(replica->state, input_for(state)))
    return contradicted(reported, words,
                        "its status is " + std::string(word(replica->status)) +
                            ", its replica_state " + std::string(word(replica->state)));
  if (command.failure) return failed(reported, *command.failure);
  Events events = {ReplicaAdded{.share = share->id,
                                .replica = replica->id,
                                .state = state,
                                .exports = command.exports,
                                .generation = command.generation,
                                .data_as_of = command.data_as_of,
                                .consistency = command.consistency}};
  if (command.snapshots)
    append(events, copies_seen(view, *share, {replica->id, *command.snapshots, {}}));
  add_out_of_step(events, *share, now);
  events.push_back(OperationCompleted{operation->id, share->id});
  // It was made with the rules of the share; what became of them there is told by this.
  if (has_queued_rules(*share, replica->id)) append(events, update_access(view, now, *share, 0));
  return events;
}

Decision decide(ReadView& view, const Surroundings& now, const ReportReplicaRemoved& command) {
  const std::string words = command.failure ? "replica not removed" : "replica removed";
  PASIG_FIT(reported,
            fit(view, {command.operation, command.attempt, OperationKind::remove_replica, words}));
  const auto& [operation, share, replica] = reported;
  if (!next(replica->status, StatusInput::removed))
    return contradicted(reported, words, "its status is " + std::string(word(replica->status)));
  if (command.failure) return failed(reported, *command.failure);
  Events events = debris_left(share->id, command.debris);
  append(events, drop_waiting(view, reported, "the replica is removed"));
  events.push_back(OperationCompleted{operation->id, share->id});
  append(events, replica_gone(view, *share, *replica));
  add_out_of_step(events, *share, now);
  return events;
}

}  // namespace pasig
