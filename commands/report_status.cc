// One status call of one replica: what storage says, against what the log says. Records only
// what changes the state, and what storage did by itself (fences, data kept aside, debris).
#include <algorithm>

#include "commands/reports.h"
#include "commands/resize.h"
#include "commands/snapshots.h"
#include "commands/sync_state.h"

namespace pasig {
namespace {

// How a failure of a status call reads on the replica it was about.
enum class Finding { nothing, out_of_reach, broken };

Finding finding_of(FailureCode code) {
  switch (code) {
    case FailureCode::unreachable:
      return Finding::out_of_reach;
    case FailureCode::failed:
    case FailureCode::mismatch:
    case FailureCode::not_verified:
    case FailureCode::lost:
      return Finding::broken;
    // About this call, or about room, not about the replica: the next call tells.
    case FailureCode::no_space:
    case FailureCode::stale_token:
    case FailureCode::cancelled:
    case FailureCode::unsupported:
    case FailureCode::expired:
    case FailureCode::busy:
    case FailureCode::no_valid_host:
    case FailureCode::too_small:
    case FailureCode::abandoned:
      return Finding::nothing;
  }
  return Finding::nothing;
}

std::string in_words(const Failure& failure) {
  return failure.controller.empty() ? failure.words : failure.controller + ": " + failure.words;
}

Events broken(const ReplicaOfShare& place, const Failure& failure) {
  const Replica& replica = *place.replica;
  if (!next(replica.status, StatusInput::failed) || !next(replica.state, StateInput::failed))
    return {};
  const bool is_known =
      replica.status == ReplicaStatus::error && replica.note.starts_with(word(failure.code));
  // Where it could not be made it is not there: what counts is why it could not be made.
  const bool was_never_made = replica.status == ReplicaStatus::error && replica.generation == 0 &&
                              replica.exports.empty() && failure.code == FailureCode::mismatch;
  if (is_known || was_never_made) return {};
  return {ReplicaFailed{place.share->id, replica.id, failure}};
}

Events of_failure(const Surroundings& now, const ReplicaOfShare& place, const Failure& failure) {
  switch (finding_of(failure.code)) {
    case Finding::nothing:
      return {};
    case Finding::broken:
      return broken(place, failure);
    case Finding::out_of_reach: {
      if (place.replica->state == ReplicaState::active) return broken(place, failure);
      if (place.replica->status != ReplicaStatus::available) return {};
      // Its copy is as good as it was; it only cannot be confirmed.
      return fell_out_of_sync(now, place,
                              {.share = place.share->id,
                               .replica = place.replica->id,
                               .reason = OutOfSyncReason::unreachable,
                               .words = in_words(failure)});
    }
  }
  return {};
}

std::string role_in_words(const ReplicaOfShare& place) {
  return "replica_state " + std::string(word(place.replica->state)) + " in epoch " +
         std::to_string(place.share->epoch);
}

// Storage holds another role or epoch. Told once; a replica that was in sync no longer counts
// as that. During a change of the active replica it is to be expected.
Events of_other_role(const Surroundings& now, const ReplicaOfShare& place,
                     const ReportStatus& command) {
  const auto& [share, replica] = place;
  if (pending(*share, OperationKind::set_active_replica) != nullptr) return {};
  if (replica->status != ReplicaStatus::available) return {};
  // Demoted, and its old role is what the fence is still to take away.
  if (replica->fence.state == FenceState::pending) return {};
  const bool is_known = !command.storage_words.empty() &&
                        replica->note.find(command.storage_words) != std::string::npos;
  if (is_known) return {};
  Events events;
  if (replica->state == ReplicaState::in_sync)
    events = fell_out_of_sync(now, place,
                              {.share = share->id,
                               .replica = replica->id,
                               .reason = OutOfSyncReason::epoch,
                               .words = command.storage_words});
  events.push_back(ReportContradictedState{.share = share->id,
                                           .replica = replica->id,
                                           .report = command.storage_words,
                                           .state = role_in_words(place)});
  return events;
}

// What the call did on storage is so whatever the log says by now. In the order of the acts.
Events side_effects(const ReplicaOfShare& place, const ReportStatus& command) {
  const auto& [share, replica] = place;
  Events events;
  if (command.fenced && command.epoch == share->epoch && replica->fence != *command.fenced)
    events.push_back(ReplicaFenced{share->id, replica->id, command.epoch, *command.fenced});
  append(events, kept_aside(*share, command.aside));
  for (const Debris& cleaned : command.debris_cleaned)
    if (std::any_of(share->debris.begin(), share->debris.end(), [&](const Debris& one) {
          return one.replica == cleaned.replica && one.controller == cleaned.controller;
        }))
      events.push_back(RelationDebrisCleaned{share->id, cleaned.replica, cleaned.controller});
  return events;
}

// A side that was away at a change of the active replica is given its export when it follows.
Events of_exports(const ReplicaOfShare& place, const ReportStatus& command) {
  const bool is_settled = place.replica->status == ReplicaStatus::available ||
                          place.replica->status == ReplicaStatus::error;
  if (!command.exports || *command.exports == place.replica->exports || !is_settled) return {};
  return {ReplicaExportsChanged{place.share->id, place.replica->id, *command.exports}};
}

Events of_health(const Surroundings& now, const ReplicaOfShare& place,
                 const ReportStatus& command) {
  if (!command.role_fits) return of_other_role(now, place, command);
  const Replica& replica = *place.replica;
  // A first replica whose creation failed, and one that was never placed, were never whole.
  if (replica.state == ReplicaState::none || replica.host.empty()) return {};
  Events events;
  if (next(replica.status, StatusInput::recovered))
    events.push_back(ReplicaRecovered{place.share->id, replica.id});
  append(events, of_exports(place, command));
  return events;
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const ReportStatus& command) {
  const Share* share = view.share(command.share);
  const Replica* replica = share == nullptr ? nullptr : share->find(command.replica);
  if (replica == nullptr)
    return refuse(Guard::report_does_not_fit,
                  "the status of replica " + to_string(command.replica) + " of share " +
                      to_string(command.share) + " was reported, but there is no such replica",
                  stream_of(command.share));
  const ReplicaOfShare place{share, replica};
  Events events = side_effects(place, command);
  // Begun before a change of the active replica: the next call, soon, is of the new epoch.
  if (command.epoch != share->epoch) return events;
  // It counts as lost, whatever was still seen of it, until its controller is reinstated.
  if (!replica->controller.empty() && view.controller(replica->controller).is_retired)
    return events;
  append(events, command.failure ? of_failure(now, place, *command.failure)
                                 : of_health(now, place, command));
  if (command.used_bytes && replica == share->active())
    append(events, size_seen(*share, *command.used_bytes));
  if (!command.failure && command.role_fits && command.snapshots) {
    append(events,
           copies_seen(view, *share, {replica->id, *command.snapshots, command.snapshots_missing}));
    add_out_of_step(events, *share, now);
  }
  return events;
}

}  // namespace pasig
