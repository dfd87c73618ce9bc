// Somebody wants to know now whether the content of a replica is what it should be. Reading is no
// operation: the next scrub of it begins at once, and tells.
#include "commands/guards.h"
#include "commands/orders.h"

namespace pasig {
namespace {

// Any one that is shown, also of a share without replication: its content is verified too.
Found<ReplicaOfShare> find_instance(ReadView& view, const Actor& actor, ReplicaId id) {
  const auto not_found = [&] {
    return refuse(Guard::replica_not_found, "No replica exists with ID " + to_string(id) +
                                                ". See which there are: pasig replica list");
  };
  const Share* share = view.share_of(id);
  if (share == nullptr) return not_found();
  const auto allowed = find_share(view, actor, share->id);
  if (!allowed && allowed.error().guard == Guard::share_not_found) return not_found();
  if (!allowed) return tl::unexpected(allowed.error());
  const Replica* replica = share->find(id);
  if (replica == nullptr) return not_found();
  return ReplicaOfShare{share, replica};
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const VerifyReplica& command) {
  PASIG_TRY(const ReplicaOfShare place, find_instance(view, now.actor, command.replica));
  const auto& [share, replica] = place;
  const std::string id = to_string(replica->id);
  const std::string subject = stream_of(share->id);
  PASIG_CHECK(require_admin(now.actor, "have replica " + id + " verified", subject));
  if (replica->host.empty())
    return refuse(Guard::replica_never_placed,
                  "Share replica " + id + " of share " + to_string(share->id) +
                      " has no host: it was never placed on a pool, so there is nothing to verify",
                  subject);
  if (replica->status != ReplicaStatus::available || replica->state == ReplicaState::error)
    return refuse(Guard::replica_not_available,
                  "replica " + id + " of share " + to_string(share->id) +
                      " cannot be verified while its " +
                      (replica->status != ReplicaStatus::available
                           ? "status is " + std::string(word(replica->status))
                           : "replica_state is " + std::string(word(replica->state))) +
                      "; see why: pasig why " + id,
                  subject);
  if (share->active() == nullptr)
    return refuse(Guard::no_active_replica,
                  "replica " + id + " cannot be verified: share " + to_string(share->id) +
                      " has no active replica",
                  subject);
  if (share->replication_suspended && replica->state != ReplicaState::active)
    return refuse(Guard::replica_not_available,
                  "replica " + id + " cannot be verified while the replication of share " +
                      to_string(share->id) +
                      " is suspended: what is damaged could not be replaced. Resume it: pasig "
                      "replication resume " +
                      to_string(share->id),
                  subject);
  // Scrubs are not made there: nobody would serve it.
  for (const Replica* one : {replica, share->active()})
    PASIG_CHECK(controller_serves(view, now, *one, "be verified", subject));
  if (replica->verify_requested_at.is_set()) return Events{};  // it is under way
  return Events{ReplicaVerifyRequested{share->id, replica->id}};
}

}  // namespace pasig
