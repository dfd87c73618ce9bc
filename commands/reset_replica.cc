// Admins set what the log says of a replica by hand; storage is not touched. Recorded with
// actor and reason, and looked after by a status call at once.
#include <algorithm>

#include "commands/guards.h"

namespace pasig {
namespace {

std::optional<StatusInput> input_for(ReplicaStatus to) {
  switch (to) {
    case ReplicaStatus::available:
      return StatusInput::reset_available;
    case ReplicaStatus::error:
      return StatusInput::reset_error;
    case ReplicaStatus::creating:
      return StatusInput::reset_creating;
    case ReplicaStatus::deleting:
      return StatusInput::reset_deleting;
    case ReplicaStatus::error_deleting:
      return StatusInput::reset_error_deleting;
    case ReplicaStatus::replication_change:
    case ReplicaStatus::deleted:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<StateInput> input_for(ReplicaState to) {
  switch (to) {
    case ReplicaState::active:
      return StateInput::reset_active;
    case ReplicaState::in_sync:
      return StateInput::reset_in_sync;
    case ReplicaState::out_of_sync:
      return StateInput::reset_out_of_sync;
    case ReplicaState::error:
      return StateInput::reset_error;
    case ReplicaState::none:
      return std::nullopt;
  }
  return std::nullopt;
}

// What was never placed has no storage that could be available or in sync.
Allowed is_somewhere(const ReplicaOfShare& place, bool needs_storage) {
  if (!needs_storage || !place.replica->host.empty()) return {};
  return refuse(Guard::replica_never_placed,
                "Share replica " + to_string(place.replica->id) + " of share " +
                    to_string(place.share->id) +
                    " has no host: it was never placed on a pool; remove it and add another one",
                stream_of(place.share->id));
}

Allowed keeps_its_role(const ReplicaOfShare& place, ReplicaState to) {
  const std::string id = to_string(place.replica->id);
  const std::string share = to_string(place.share->id);
  const bool is_writable = place.share->replication == ReplicationType::writable;
  if (place.replica->state == ReplicaState::active)
    return refuse(Guard::replica_is_active,
                  "Share replica " + id + " of share " + share +
                      " is active: its replica_state cannot be reset. " +
                      (is_writable ? "All replicas of a writable share are active; remove it if "
                                     "it is not to be: pasig replica remove"
                                   : "Make another one active instead: pasig replica set-active"),
                  stream_of(place.share->id));
  if (to != ReplicaState::active || is_writable) return {};
  const Replica* active = place.share->active();
  return refuse(Guard::would_make_second_active,
                "replica " + id + " cannot be reset to active: share " + share + " is " +
                    std::string(word(place.share->replication)) + ", and replica " +
                    (active == nullptr ? "none" : to_string(active->id)) +
                    " is its active one. Use pasig replica set-active",
                stream_of(place.share->id));
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const ResetReplicaStatus& command) {
  const auto input = input_for(command.status);
  if (!input)
    return refuse(Guard::invalid_input,
                  "Invalid state. Valid states: available, creating, deleting, error, "
                  "error_deleting.");
  PASIG_TRY(const ReplicaOfShare place, find_replica(view, now.actor, command.replica));
  const auto& [share, replica] = place;
  PASIG_CHECK(require_admin(now.actor, "reset the status of replica " + to_string(replica->id),
                            stream_of(share->id)));
  PASIG_CHECK(is_somewhere(place, command.status == ReplicaStatus::available));
  PASIG_CHECK(may_become(place, *input, "be reset to " + std::string(word(command.status))));
  return Events{ReplicaStatusReset{share->id, replica->id, replica->status, command.status}};
}

Decision decide(ReadView& view, const Surroundings& now, const ResetReplicaState& command) {
  const auto input = input_for(command.state);
  if (!input)
    return refuse(Guard::invalid_input,
                  "Invalid state. Valid states: active, error, in_sync, out_of_sync.");
  PASIG_TRY(const ReplicaOfShare place, find_replica(view, now.actor, command.replica));
  const auto& [share, replica] = place;
  PASIG_CHECK(require_admin(now.actor,
                            "reset the replica_state of replica " + to_string(replica->id),
                            stream_of(share->id)));
  PASIG_CHECK(keeps_its_role(place, command.state));
  PASIG_CHECK(is_somewhere(place, command.state == ReplicaState::in_sync));
  if (const auto after = next(replica->state, *input); !after)
    return refuse(guard_of(after.error()),
                  "replica " + to_string(replica->id) + " of share " + to_string(share->id) +
                      " cannot be reset from " + std::string(word(replica->state)) + " to " +
                      std::string(word(command.state)),
                  stream_of(share->id));
  return Events{ReplicaStateReset{share->id, replica->id, replica->state, command.state}};
}

}  // namespace pasig
