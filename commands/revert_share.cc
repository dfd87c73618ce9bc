// A share goes back to its newest snapshot, on every replica. What was written since is gone,
// which is what was asked for; no other snapshot is lost by it.
#include "commands/snapshots.h"

namespace pasig {
namespace {

using Place = SnapshotOfShare;

Found<const Snapshot*> own_snapshot(const Share& share, SnapshotId id) {
  if (const Snapshot* snapshot = share.find(id)) return snapshot;
  return refuse(Guard::snapshot_not_found,
                "share " + to_string(share.id) + " has no snapshot " + to_string(id) +
                    ". See which it has: pasig snapshot list " + to_string(share.id));
}

// One that could never be taken holds nothing that would be lost.
Allowed is_newest(const Place& place) {
  const Snapshot* newest = nullptr;
  for (const Snapshot& one : place.share->snapshots)
    if (!one.digest.empty() || status_of(one) != SnapshotStatus::error) newest = &one;
  if (newest == nullptr || newest->id == place.snapshot->id) return {};
  return refuse(Guard::snapshot_not_newest,
                in_words(place) + " is not its newest one: " + to_string(newest->id) +
                    " was taken later. Go back to that one, or delete it first",
                stream_of(place.share->id));
}

Allowed is_on_the_active(const Place& place) {
  const Replica* active = snapshot_taker(*place.share);
  const SnapshotCopy* copy = active == nullptr ? nullptr : place.snapshot->find(active->id);
  const SnapshotStatus status = copy == nullptr ? SnapshotStatus::creating : copy->status;
  const auto then = next(status, SnapshotInput::revert_started);
  if (copy != nullptr && then) return {};
  return refuse(Guard::snapshot_not_available,
                "share " + to_string(place.share->id) + " cannot go back to snapshot " +
                    to_string(place.snapshot->id) + ": on its active replica it is " +
                    (copy == nullptr ? "missing" : std::string(word(status))) +
                    "; see pasig snapshot show " + to_string(place.snapshot->id),
                stream_of(place.share->id));
}

Allowed no_other_is_being_taken(const Place& place) {
  for (const Snapshot& one : place.share->snapshots)
    if (status_of(one) == SnapshotStatus::creating)
      return refuse(Guard::snapshot_is_busy,
                    "share " + to_string(place.share->id) + " cannot go back while snapshot " +
                        to_string(one.id) + " is being made; wait until it is available",
                    stream_of(place.share->id));
  return {};
}

Allowed fits(const Place& place) {
  if (place.snapshot->size_gb <= place.share->size_gb) return {};
  return refuse(Guard::snapshot_too_large,
                in_words(place) + " is of " + std::to_string(place.snapshot->size_gb) +
                    " GiB, and the share has " + std::to_string(place.share->size_gb) +
                    " now; extend it first: pasig share extend",
                stream_of(place.share->id));
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const RevertShare& command) {
  PASIG_TRY(const Share* share, find_share(view, now.actor, command.share));
  PASIG_TRY(const Snapshot* snapshot, own_snapshot(*share, command.snapshot));
  const Place place{share, snapshot};
  PASIG_CHECK(is_supported(*share, "revert_to_snapshot_support", "go back to a snapshot"));
  PASIG_CHECK(share_is_ready(*share, "go back to a snapshot"));
  PASIG_CHECK(is_newest(place));
  PASIG_CHECK(is_on_the_active(place));
  PASIG_CHECK(no_other_is_being_taken(place));
  PASIG_CHECK(fits(place));
  const Replica* active = snapshot_taker(*share);
  return Events{ShareRevertStarted{share->id, snapshot->id},
                request(view, now, 0,
                        {.kind = OperationKind::revert_share,
                         .share = share->id,
                         .replica = active->id,
                         .runs_on = active->controller,
                         .snapshot = snapshot->id})};
}

}  // namespace pasig
