// A snapshot goes from every replica. Those that are out of reach keep their copy until they
// answer; the snapshot is gone when the last copy is.
#include "commands/snapshots.h"
#include "commands/usage.h"

namespace pasig {
namespace {

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
  else if (const PendingOperation* busy = pending(*share))
    message += "; wait for " + in_words(*busy);
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

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const DeleteSnapshot& command) {
  PASIG_TRY(const SnapshotOfShare place, find_snapshot(view, now.actor, command.snapshot));
  const auto& [share, snapshot] = place;
  if (command.force)
    PASIG_CHECK(
        require_admin(now.actor, "force the deletion of " + in_words(place), stream_of(share->id)));
  PASIG_CHECK(may_go(place, command.force));
  Events events = stop_taking(view, place);
  events.push_back(SnapshotDeletionStarted{snapshot->id, share->id, command.force});
  const Replica* runner = snapshot_taker(*share);
  if (runner == nullptr) runner = chosen_replica(*share);
  if (snapshot->copies.empty() || runner == nullptr) {  // no replica that could hold it was placed
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
