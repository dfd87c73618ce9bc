// A share goes with its storage. Manila refuses while it has replicas, and while it is not
// settled; an admin's force makes whatever is being done with it give way, but never takes a
// share that has further replicas.
#include "commands/guards.h"
#include "commands/operations.h"
#include "commands/orders.h"
#include "commands/unmanaging.h"
#include "commands/usage.h"

namespace pasig {
namespace {

// Manila: more than one replica that counts as one.
std::size_t replicas_of(const Share& share) {
  std::size_t count = 0;
  for (const Replica& one : share.replicas) count += one.state != ReplicaState::none ? 1 : 0;
  return count;
}

Allowed has_one_replica(const Share& share) {
  if (replicas_of(share) <= 1) return {};
  const std::string id = to_string(share.id);
  return refuse(Guard::share_has_replicas,
                "Share " + id +
                    " has replicas. Remove the replicas before deleting the share: "
                    "pasig replica list " +
                    id,
                stream_of(share.id));
}

// Also by force, as in Manila: they go first, each by its own deletion.
Allowed has_no_snapshots(const Share& share) {
  if (share.snapshots.empty()) return {};
  const std::string id = to_string(share.id);
  return refuse(Guard::share_has_snapshots,
                "Share " + id + " still has " + std::to_string(share.snapshots.size()) +
                    " dependent snapshots. Delete them first: pasig snapshot list " + id,
                stream_of(share.id));
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
                "Invalid share: Share status must be one of ('available', 'error'), but share " +
                    id + " is " + std::string(word(status)) + "; an admin can force its deletion",
                subject);
}

// Whatever its status: what is deleted must be Pasig's, and a tree that was never taken in is not.
Allowed is_taken_in(const Share& share) {
  if (share.managed_path.empty() || share.epoch > 0) return {};
  const std::string id = to_string(share.id);
  return refuse(Guard::share_not_available,
                "Invalid share: Share status must be one of ('available', 'error'), but share " +
                    id + " is " + std::string(status_word(share)) + ". The tree at " +
                    share.managed_path +
                    " is not Pasig's, and stays; to let go of the share: " + "pasig unmanage " + id,
                stream_of(share.id));
}

// All that it has lies there: nobody could clean that, so the share goes at once.
Events deleted_with_debris(ReadView& view, const Share& share, const Replica& replica,
                           const ControllerOrders& retired) {
  give_back_share(view, share);
  return {RelationDebrisLeft{share.id, replica.id, replica.controller, 0,
                             retirement_in_words(retired) + "; nothing of it was cleaned"},
          ShareDeleted{share.id}};
}

constexpr const char* k_forced = "the deletion of the share was forced";

// Whatever is being done with it gives way. The deletion waits for what runs; an extension that
// nobody started is told to have failed, because nobody will report of it, and what it took is to
// be given back.
Events stop_all(ReadView& view, const Share& share) {
  Events events;
  for (const PendingOperation& one : share.operations) {
    const Operation* operation = view.operation(one.id);
    const bool is_resize =
        one.kind == OperationKind::extend_share || one.kind == OperationKind::shrink_share;
    if (is_resize && operation != nullptr && operation->status == OperationStatus::requested)
      append(events, not_done(share, one, {.code = FailureCode::cancelled, .words = k_forced}));
    append(events, stop(view, share, one, k_forced));
  }
  return events;
}

// Nobody could report of them any more: the share goes at once, and gives back itself what they
// took.
Events end_all(ReadView& view, const Share& share) {
  Events events;
  for (const PendingOperation& one : share.operations)
    append(events, end_with_share(view, share, one, k_forced));
  return events;
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const DeleteShare& command) {
  PASIG_TRY(const Share* share, find_share(view, now.actor, command.share));
  if (command.force)
    PASIG_CHECK(require_admin(now.actor, "force the deletion of share " + to_string(share->id),
                              stream_of(share->id)));
  else PASIG_CHECK(is_settled(*share));
  PASIG_CHECK(has_one_replica(*share));
  PASIG_CHECK(has_no_snapshots(*share));
  if (!command.force) PASIG_CHECK(is_taken_in(*share));
  else if (!is_taken_in(*share)) return let_go(view, now, *share, true);
  const Replica* first = share->active() != nullptr ? share->active() : chosen_replica(*share);
  const ControllerOrders* retired = nullptr;
  if (first != nullptr && share->replicas.size() == 1)
    if (const ControllerOrders& own = view.controller(first->controller); own.is_retired)
      retired = &own;
  Events events = retired != nullptr ? end_all(view, *share) : stop_all(view, *share);
  events.push_back(ShareDeletionStarted{share->id, command.force});
  if (retired != nullptr) {
    append(events, deleted_with_debris(view, *share, *first, *retired));
    return events;
  }
  events.push_back(request(view, now, 0,
                           {.kind = OperationKind::delete_share,
                            .share = share->id,
                            .replica = first == nullptr ? ReplicaId{} : first->id,
                            .runs_on = first == nullptr ? "" : first->controller}));
  return events;
}

}  // namespace pasig
