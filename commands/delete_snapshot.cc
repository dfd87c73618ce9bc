// A snapshot goes from every replica. Those that are out of reach keep their copy until they
// answer; the snapshot is gone when the last copy is.
#include "commands/orders.h"
#include "commands/snapshots.h"
#include "commands/usage.h"

namespace pasig {
namespace {

const PendingOperation* pending_about(const Share& share, SnapshotId snapshot) {
  for (const PendingOperation& one : share.operations)
    if (one.snapshot == snapshot) return &one;
  return nullptr;
}

Allowed may_go(const SnapshotOfShare& place, bool force) {
  const auto& [share, snapshot] = place;
  const std::string subject = stream_of(share->id);
  for (const PendingOperation& one : share->operations)
    if (one.kind == OperationKind::delete_snapshot && one.snapshot == snapshot->id)
      return refuse(Guard::snapshot_is_busy,
                    in_words(place) + " is being deleted already: " + in_words(one) +
                        " is not over; wait for it",
                    subject);
  const SnapshotStatus status = status_of(*snapshot);
  const auto input = force ? SnapshotInput::deletion_forced : SnapshotInput::deletion_started;
  const auto then = next(status, input);
  if (then) return {};
  std::string message =
      "Invalid snapshot: Snapshot status must be one of ('available', 'error', "
      "'error_deleting'), but " +
      in_words(place) + " is " + std::string(word(status));
  if (status == SnapshotStatus::deleting)
    message += ": replicas that are out of reach delete their copies when they answer";
  else if (const PendingOperation* busy = pending_about(*share, snapshot->id))
    message += "; wait for " + in_words(*busy);
  else if (const Time end = copy_deadline(*snapshot); end.is_set())
    message += ": copies of it are awaited, until " + to_string(end) +
               " at the latest; wait for them, or have an admin force its deletion";
  return refuse(then.error() == MachineRefusal::busy ? Guard::snapshot_is_busy
                                                     : Guard::snapshot_not_available,
                message, subject);
}

// By force also one that is being taken.
Events stop_taking(ReadView& view, const SnapshotOfShare& place) {
  Events events;
  for (const PendingOperation& one : place.share->operations)
    if (one.kind == OperationKind::create_snapshot && one.snapshot == place.snapshot->id)
      append(events, stop(view, *place.share, one, "the deletion of the snapshot was forced"));
  return events;
}

// Nobody could delete its copies: the controllers that have them are gone for good. Not when a
// replica that serves may have one.
bool is_out_of_reach_for_good(ReadView& view, const SnapshotOfShare& place) {
  for (const SnapshotCopy& copy : place.snapshot->copies) {
    const Replica* holder = place.share->find(copy.replica);
    if (holder != nullptr && !view.controller(holder->controller).is_retired) return false;
  }
  return !place.snapshot->copies.empty();
}

// Its directory may have been moved in before the taking in failed: it is its users' own still.
Allowed is_not_half_taken_in(ReadView& view, const SnapshotOfShare& place) {
  const auto& [share, snapshot] = place;
  if (snapshot->managed_path.empty() || !snapshot->digest.empty()) return {};
  if (is_out_of_reach_for_good(view, place)) return {};  // nothing of it is deleted
  return refuse(Guard::snapshot_not_available,
                in_words(place) + " cannot be deleted: " + snapshot->managed_path +
                    " was not taken in to the end, and is to be given back. Unmanage it: pasig "
                    "snapshot unmanage " +
                    to_string(snapshot->id),
                stream_of(share->id));
}

// What remains of it on each of them is listed.
Events left_behind(ReadView& view, const SnapshotOfShare& place) {
  const auto& [share, snapshot] = place;
  Events events;
  for (const SnapshotCopy& copy : snapshot->copies)
    if (const Replica* holder = share->find(copy.replica))
      events.push_back(
          RelationDebrisLeft{share->id, holder->id, holder->controller, snapshot->bytes,
                             retirement_in_words(view.controller(holder->controller)) +
                                 "; snapshot " + to_string(snapshot->id) + " was not cleaned"});
  return events;
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const DeleteSnapshot& command) {
  PASIG_TRY(const SnapshotOfShare place, find_snapshot(view, now.actor, command.snapshot));
  const auto& [share, snapshot] = place;
  if (command.force)
    PASIG_CHECK(
        require_admin(now.actor, "force the deletion of " + in_words(place), stream_of(share->id)));
  PASIG_CHECK(may_go(place, command.force));
  PASIG_CHECK(is_not_half_taken_in(view, place));
  Events events = stop_taking(view, place);
  events.push_back(SnapshotDeletionStarted{snapshot->id, share->id, command.force});
  const Replica* runner = snapshot_taker(*share);
  if (runner == nullptr) runner = chosen_replica(*share);
  const bool is_left = is_out_of_reach_for_good(view, place);
  if (is_left) append(events, left_behind(view, place));
  // Otherwise: no replica that could hold it was placed.
  if (is_left || snapshot->copies.empty() || runner == nullptr) {
    events.push_back(SnapshotDeleted{snapshot->id, share->id});
    give_back_snapshots(view, *share, {snapshot});
    return events;
  }
  events.push_back(request(view, now, 0,
                           {.kind = OperationKind::delete_snapshot,
                            .share = share->id,
                            .replica = runner->id,
                            .runs_on = runner->controller,
                            .snapshot = snapshot->id}));
  return events;
}

}  // namespace pasig
