// A snapshot's tree becomes its users' own again: nothing of it is deleted. Only while the share
// has no other replicas, as in Manila: their copies would be left behind.
#include "commands/guards.h"
#include "commands/operations.h"

namespace pasig {
namespace {

Allowed has_no_other_replicas(const Share& share) {
  if (share.replicas.size() <= 1) return {};
  return refuse(Guard::share_has_replicas,
                "Share " + to_string(share.id) +
                    " has replicas. Snapshots of this share cannot currently be unmanaged until "
                    "all replicas are removed.",
                stream_of(share.id));
}

Allowed is_settled(const Share& share, const Snapshot& snapshot) {
  const std::string name =
      "snapshot " + to_string(snapshot.id) + " of share " + to_string(share.id);
  if (const PendingOperation* busy = pending(share))
    return refuse(Guard::share_is_busy,
                  name + " cannot be unmanaged now: " + in_words(*busy) +
                      " is not over. Wait for it, or cancel it: pasig operation cancel " +
                      to_string(busy->id),
                  stream_of(share.id));
  const SnapshotStatus status = status_of(snapshot);
  if (status == SnapshotStatus::available || status == SnapshotStatus::error) return {};
  return refuse(Guard::share_not_available,
                name + " in transitional state cannot be unmanaged: its status is " +
                    std::string(word(status)),
                stream_of(share.id));
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const UnmanageSnapshot& command) {
  PASIG_TRY(const SnapshotOfShare place, find_snapshot(view, now.actor, command.snapshot));
  const auto& [share, snapshot] = place;
  PASIG_CHECK(require_admin(now.actor, "unmanage snapshot " + to_string(snapshot->id),
                            stream_of(share->id)));
  PASIG_CHECK(has_no_other_replicas(*share));
  PASIG_CHECK(is_settled(*share, *snapshot));
  const Replica* first = share->active() != nullptr ? share->active() : chosen_replica(*share);
  return Events{SnapshotUnmanageStarted{snapshot->id, share->id},
                request(view, now, 0,
                        {.kind = OperationKind::unmanage_snapshot,
                         .share = share->id,
                         .replica = first == nullptr ? ReplicaId{} : first->id,
                         .runs_on = first == nullptr ? "" : first->controller,
                         .snapshot = snapshot->id})};
}

}  // namespace pasig
