// A replica goes with its storage; the active replica's controller does it. The last active one
// never goes this way.

#include "commands/guards.h"
#include "commands/operations.h"
#include "commands/orders.h"
#include "commands/replica_gone.h"
#include "commands/resize.h"
#include "commands/snapshots.h"

namespace pasig {
namespace {

// Another active replica, of those the one with the lowest id; null when there is none.
const Replica* other_active(const Share& share, const Replica& replica) {
  const Replica* found = nullptr;
  for (const Replica& one : share.replicas)
    if (one.state == ReplicaState::active && one.id != replica.id &&
        (found == nullptr || one.id < found->id))
      found = &one;
  return found;
}

Allowed is_not_the_last_active(const ReplicaOfShare& place) {
  if (place.replica->state != ReplicaState::active || other_active(*place.share, *place.replica))
    return {};
  return refuse(Guard::last_active_replica,
                "Unable to perform a replication action: Cannot delete last active replica. "
                "Replica " +
                    to_string(place.replica->id) + " is the only active one of share " +
                    to_string(place.share->id) +
                    "; make another one active first (pasig replica set-active), or delete the "
                    "share",
                stream_of(place.share->id));
}

// Neither a change of the active replica nor the deletion of the share is overtaken, not even
// by force.
Allowed is_not_overtaking(const ReplicaOfShare& place) {
  for (const PendingOperation& one : place.share->operations) {
    const bool deletes_share = one.kind == OperationKind::delete_share;
    const bool changes_role =
        one.kind == OperationKind::set_active_replica && one.replica == place.replica->id;
    if (!deletes_share && !changes_role) continue;
    return refuse(deletes_share ? Guard::share_is_busy : Guard::replica_is_busy,
                  "replica " + to_string(place.replica->id) + " of share " +
                      to_string(place.share->id) + " cannot be removed before " + in_words(one) +
                      " is over; wait for it, or cancel it: pasig operation cancel " +
                      to_string(one.id),
                  stream_of(place.share->id));
  }
  return {};
}

// A snapshot would be lost with it. After a forced change of the active replica it may be that
// only the old one has it.
Allowed holds_no_only_copy(const ReplicaOfShare& place) {
  const auto lost = only_copies(*place.share, place.replica->id);
  if (lost.empty()) return {};
  return refuse(Guard::only_snapshot_copy,
                "replica " + to_string(place.replica->id) + " of share " +
                    to_string(place.share->id) + " holds the only complete copy of snapshot " +
                    to_string(lost.front()->id) +
                    "; delete the snapshot first, or, to lose it, repeat with --force",
                stream_of(place.share->id));
}

// Its controller was retired: there is nobody to clean it, so it goes at once, and what may remain
// is listed.
Events removed_with_debris(ReadView& view, const ReplicaOfShare& place,
                           const ControllerOrders& retired) {
  const auto& [share, replica] = place;
  Events events = {
      RelationDebrisLeft{share->id, replica->id, replica->controller, 0,
                         retirement_in_words(retired) + "; nothing of it was cleaned"}};
  append(events, replica_gone(view, *share, *replica));
  return events;
}

// Where the removal runs: with another active one, or else with its own controller.
std::string runner_of(ReadView& view, const ReplicaOfShare& place) {
  const Replica* other = other_active(*place.share, *place.replica);
  if (other == nullptr || view.controller(other->controller).is_retired)
    return place.replica->controller;
  return other->controller;
}

// What else is being done with it gives way to a forced removal.
Events stop_others(ReadView& view, const ReplicaOfShare& place) {
  Events events;
  for (const PendingOperation& one : place.share->operations)
    if (is_about_one_replica(one.kind) && one.replica == place.replica->id)
      append(events, stop(view, *place.share, one, "the removal of the replica was forced"));
  return events;
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const RemoveReplica& command) {
  PASIG_TRY(const ReplicaOfShare place, find_replica(view, now.actor, command.replica));
  const auto& [share, replica] = place;
  if (command.force)
    PASIG_CHECK(require_admin(now.actor, "force the removal of replica " + to_string(replica->id),
                              stream_of(share->id)));
  PASIG_CHECK(is_not_the_last_active(place));
  PASIG_CHECK(is_not_overtaking(place));
  PASIG_CHECK(is_not_resized(*share, "remove replica " + to_string(replica->id)));
  if (!command.force) {
    PASIG_CHECK(may_become(place, StatusInput::removal_started, "be removed"));
    PASIG_CHECK(holds_no_only_copy(place));
  }

  Events events = stop_others(view, place);
  // Asked for again after a failure: its storage may be out of reach for good, so the replica
  // goes, and what is left of it is listed as debris.
  const bool force = command.force || replica->status == ReplicaStatus::error_deleting;
  events.push_back(ReplicaRemovalStarted{share->id, replica->id, force});
  if (replica->host.empty()) {  // never placed: there is no storage
    append(events, replica_gone(view, *share, *replica));
    return events;
  }
  if (const ControllerOrders& own = view.controller(replica->controller); own.is_retired) {
    append(events, removed_with_debris(view, place, own));
    add_out_of_step(events, *share, now);
    return events;
  }
  events.push_back(request(view, now, 0,
                           {.kind = OperationKind::remove_replica,
                            .share = share->id,
                            .replica = replica->id,
                            .runs_on = runner_of(view, place)}));
  return events;
}

}  // namespace pasig
