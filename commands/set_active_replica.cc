// Fail-over: another replica becomes active. What is decided here is whether it may be tried,
// and at what price; the driver swaps the roles on storage, and its report makes it so.
#include <algorithm>

#include "commands/guards.h"
#include "commands/operations.h"
#include "commands/orders.h"
#include "commands/snapshots.h"
#include "commands/sync_state.h"

namespace pasig {
namespace {

std::string name_of(const ReplicaOfShare& place) {
  return "replica " + to_string(place.replica->id) + " of share " + to_string(place.share->id);
}

Allowed share_can_change(const ReplicaOfShare& place) {
  const std::string subject = stream_of(place.share->id);
  if (place.share->replication == ReplicationType::writable)
    return refuse(Guard::writable_has_no_change,
                  "share " + to_string(place.share->id) +
                      " is writable: all of its replicas are active, so there is no active one "
                      "to change",
                  subject);
  for (const PendingOperation& one : place.share->operations)
    if (one.kind == OperationKind::set_active_replica || one.kind == OperationKind::delete_share)
      return refuse(Guard::share_is_busy,
                    "share " + to_string(place.share->id) + " is busy: " + in_words(one) +
                        " is not over. Wait for it, or cancel it: pasig operation cancel " +
                        to_string(one.id),
                    subject);
  if (place.share->active() != nullptr) return {};
  return refuse(Guard::no_active_replica,
                "Unable to perform a replication action: Share " + to_string(place.share->id) +
                    " has no active replica that could give its role away",
                subject);
}

Allowed replica_can_change(const ReplicaOfShare& place) {
  if (place.replica->host.empty())
    return refuse(Guard::replica_never_placed,
                  name_of(place) +
                      " was never placed on a pool, so there is nothing to open; "
                      "remove it and add another one",
                  stream_of(place.share->id));
  auto allowed = may_become(place, StatusInput::change_started, "become active");
  if (!allowed && allowed.error().guard == Guard::replica_not_available)
    allowed.error().message =
        "Replica " + to_string(place.replica->id) +
        " must be in available state to be promoted: " + allowed.error().message;
  return allowed;
}

// The newest moment of which a verified copy is known to be on it.
Time known_copy(const Surroundings& now, const Replica& replica) {
  Time newest = replica.data_as_of;
  for (const auto& copy : now.copies)
    if (copy.replica == replica.id) newest = std::max(newest, copy.data_as_of);
  return newest;
}

// Manila asks for an admin when the replica is not in sync; so do the ways to lose data. In sync
// is what it is now: the log's word may be older than the RPO (replication.md 2, 3).
Allowed actor_may(const Surroundings& now, const ReplicaOfShare& place,
                  const SetActiveReplica& command) {
  const std::string subject = stream_of(place.share->id);
  if (place.replica->state != ReplicaState::in_sync)
    PASIG_CHECK(require_admin(now.actor,
                              "make " + name_of(place) + " active while its replica_state is " +
                                  std::string(word(place.replica->state)),
                              subject));
  if (!is_fresh(now, *place.share, known_copy(now, *place.replica)))
    PASIG_CHECK(require_admin(now.actor,
                              "make " + name_of(place) + " active while its copy is older than " +
                                  std::to_string(place.share->rpo_seconds) + " s, the RPO",
                              subject));
  if (command.mode == ChangeMode::forced)
    PASIG_CHECK(require_admin(now.actor, "force a change of the active replica", subject));
  if (command.accept_older)
    PASIG_CHECK(require_admin(now.actor, "accept an older replica as the active one", subject));
  return {};
}

// Unless it is forced, a change asks the old side for its last writes, and fences it. Nobody is to
// touch it while its controller is paused; and to lose those writes is nobody's wish unsaid.
Allowed old_side_is_open(ReadView& view, const ReplicaOfShare& place,
                         const SetActiveReplica& command) {
  if (command.mode == ChangeMode::forced) return {};
  const Replica& old_side = *place.share->active();
  const std::string paused = pause_in_words(view.controller(old_side.controller));
  if (paused.empty()) return {};
  return refuse(Guard::effects_paused,
                name_of(place) + " cannot become active: the last writes are on replica " +
                    to_string(old_side.id) + ", and " + paused +
                    ". End that (pasig resume --controller " + old_side.controller +
                    "), or go on without them: --mode forced",
                stream_of(place.share->id));
}

// Reachable and newer than `than`, and of those the newest; null when there is none. The active
// one is not asked: to go on without it is what forced means.
const Surroundings::KnownCopy* newer_reachable(const Surroundings& now, const ReplicaOfShare& place,
                                               Time than) {
  const Surroundings::KnownCopy* newest = nullptr;
  for (const auto& copy : now.copies) {
    const Replica* other = place.share->find(copy.replica);
    if (other == nullptr || other == place.replica || other->state == ReplicaState::active)
      continue;
    if (other->status != ReplicaStatus::available || !copy.reachable || copy.data_as_of <= than)
      continue;
    if (newest == nullptr || copy.data_as_of > newest->data_as_of) newest = &copy;
  }
  return newest;
}

Allowed forced_is_worth_it(const Surroundings& now, const ReplicaOfShare& place,
                           const SetActiveReplica& command) {
  if (command.mode != ChangeMode::forced || command.accept_older) return {};
  const Time own = known_copy(now, *place.replica);
  if (const auto* newer = newer_reachable(now, place, own))
    return refuse(Guard::newer_replica_reachable,
                  name_of(place) + " has data as of " +
                      (own.is_set() ? to_string(own) : "an unknown moment") + ", but replica " +
                      to_string(newer->replica) + " is reachable and has data as of " +
                      to_string(newer->data_as_of) +
                      "; make that one active, or repeat with --accept-older to lose the "
                      "difference",
                  stream_of(place.share->id));
  if (own.is_set()) return {};
  return refuse(Guard::replica_not_in_sync,
                name_of(place) +
                    " is not known to hold a complete copy, so a forced change could "
                    "open it empty; resync it first, or repeat with --accept-older",
                stream_of(place.share->id));
}

// A running operation is asked to stop. What nobody has started yet keeps its turn, but a forced
// change does not wait behind it: it is cancelled. Snapshots are taken and deleted after it.
Events make_way(ReadView& view, const ReplicaOfShare& place, ChangeMode mode) {
  const std::string why = "replica " + to_string(place.replica->id) + " is to become active";
  Events events;
  for (const PendingOperation& one : place.share->operations) {
    const Operation* operation = view.operation(one.id);
    const bool waits = operation != nullptr && operation->status == OperationStatus::requested;
    if (waits && mode != ChangeMode::forced) continue;
    if (waits && !comes_after_a_change(one.kind))
      append(events, not_done(*place.share, one, {.code = FailureCode::cancelled, .words = why}));
    append(events, stop(view, *place.share, one, why));
  }
  return events;
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const SetActiveReplica& command) {
  PASIG_TRY(const ReplicaOfShare place, find_replica(view, now.actor, command.replica));
  const auto& [share, replica] = place;
  if (replica->state == ReplicaState::active) return Events{};  // Manila: 200, nothing happens
  PASIG_CHECK(share_can_change(place));
  PASIG_CHECK(controller_serves(view, now, *replica, "become active", stream_of(share->id)));
  PASIG_CHECK(replica_can_change(place));
  PASIG_CHECK(actor_may(now, place, command));
  PASIG_CHECK(old_side_is_open(view, place, command));
  PASIG_CHECK(forced_is_worth_it(now, place, command));
  const bool synced = replica->state == ReplicaState::in_sync && command.mode != ChangeMode::forced;
  if (const auto after =
          next(replica->state, synced ? StateInput::promoted : StateInput::promoted_unsynced);
      !after)
    return refuse(guard_of(after.error()),
                  name_of(place) + " cannot become active while its replica_state is " +
                      std::string(word(replica->state)),
                  stream_of(share->id));

  Events events = make_way(view, place, command.mode);
  const std::uint32_t wait = command.quiesce_wait_seconds != 0 ? command.quiesce_wait_seconds
                                                               : now.timings.quiesce_wait_seconds;
  events.push_back(ActiveReplicaChangeStarted{.share = share->id,
                                              .replica = replica->id,
                                              .demoted = share->active()->id,
                                              .mode = command.mode,
                                              .quiesce_wait_seconds = wait,
                                              .accept_older = command.accept_older});
  events.push_back(request(view, now, 0,
                           {.kind = OperationKind::set_active_replica,
                            .share = share->id,
                            .replica = replica->id,
                            .runs_on = replica->controller}));
  return events;
}

}  // namespace pasig
