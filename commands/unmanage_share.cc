// A share's tree becomes its users' own again: nothing of it is deleted. Manila refuses while the
// share has replicas or snapshots, which would be left behind.
#include "commands/unmanaging.h"
#include "commands/usage.h"

namespace pasig {
namespace {

bool was_tried_in_vain(const Share& share) {
  return share.epoch == 0 && share.task == ShareTask::unmanage_error;
}

Allowed has_nothing_beside(const Share& share) {
  const std::string id = to_string(share.id);
  const std::string subject = stream_of(share.id);
  if (share.replicas.size() > 1)
    return refuse(Guard::share_has_replicas,
                  "Share " + id +
                      " has replicas. It cannot be unmanaged until all replicas are removed. See "
                      "which: pasig replica list " +
                      id,
                  subject);
  if (!share.snapshots.empty())
    return refuse(Guard::share_has_snapshots,
                  "Can't unmanage share " + id + " with " + std::to_string(share.snapshots.size()) +
                      " dependent snapshots. Delete or unmanage them first: pasig snapshot list " +
                      id,
                  subject);
  if (share.aside.empty()) return {};
  return refuse(Guard::share_has_data_aside,
                "share " + id + " has data kept aside at " + share.aside.front().path +
                    " on controller " + share.aside.front().controller +
                    ", which nobody would know of any more. Restore or delete it first: pasig "
                    "replica aside list " +
                    id,
                subject);
}

Allowed is_settled(const Share& share) {
  const std::string id = to_string(share.id);
  const std::string subject = stream_of(share.id);
  if (const PendingOperation* busy = pending(share))
    return refuse(Guard::share_is_busy,
                  "share " + id + " is busy: " + in_words(*busy) +
                      " is not over. Wait for it, or cancel it: pasig operation cancel " +
                      to_string(busy->id),
                  subject);
  const ReplicaStatus status = status_of(share);
  if (status == ReplicaStatus::available || status == ReplicaStatus::error) return {};
  return refuse(Guard::share_not_available,
                "Share " + id + " in transitional state cannot be unmanaged: its status is " +
                    std::string(status_word(share)),
                subject);
}

}  // namespace

Allowed has_no_debris(ReadView& view, const Share& share) {
  for (const Debris& one : share.debris) {
    if (view.controller(one.controller).is_retired) continue;
    const std::string id = to_string(share.id);
    return refuse(Guard::share_not_available,
                  "share " + id + " lists debris of replica " + to_string(one.replica) +
                      " on controller " + one.controller +
                      ", which would be listed nowhere when the share is gone. An admin has it "
                      "cleaned (pasig debris clean " +
                      id + ") or gives it up (pasig debris forget " + id + ")",
                  stream_of(share.id));
  }
  return {};
}

Events let_go(ReadView& view, const Surroundings& now, const Share& share, bool force) {
  const Replica* first = share.active() != nullptr ? share.active() : chosen_replica(share);
  const bool goes_at_once = first == nullptr || (force && was_tried_in_vain(share));
  const std::string why = "the share is to be given back";
  Events events;
  for (const PendingOperation& one : share.operations)
    append(events,
           goes_at_once ? end_with_share(view, share, one, why) : stop(view, share, one, why));
  events.push_back(ShareUnmanageStarted{share.id});
  if (goes_at_once) {
    events.push_back(ShareUnmanaged{share.id, share.managed_path});
    give_back_share(view, share);
    return events;
  }
  events.push_back(request(view, now, 0,
                           {.kind = OperationKind::unmanage_share,
                            .share = share.id,
                            .replica = first->id,
                            .runs_on = first->controller}));
  return events;
}

Decision decide(ReadView& view, const Surroundings& now, const UnmanageShare& command) {
  PASIG_TRY(const Share* share, find_share(view, now.actor, command.share));
  PASIG_CHECK(
      require_admin(now.actor, "unmanage share " + to_string(share->id), stream_of(share->id)));
  PASIG_CHECK(has_nothing_beside(*share));
  PASIG_CHECK(is_settled(*share));
  PASIG_CHECK(has_no_debris(view, *share));
  return let_go(view, now, *share, false);
}

}  // namespace pasig
