// An admin says that this replica may be made equal to the active one, whatever it loses by it:
// also when most of its files would go.
#include "commands/guards.h"

namespace pasig {

Decision decide(ReadView& view, const Surroundings& now, const ResyncReplica& command) {
  PASIG_TRY(const ReplicaOfShare place, find_replica(view, now.actor, command.replica));
  const auto& [share, replica] = place;
  const std::string id = to_string(replica->id);
  const std::string subject = stream_of(share->id);
  PASIG_CHECK(require_admin(now.actor, "resync replica " + id, subject));
  if (replica->state == ReplicaState::active) return Events{};  // Manila: 200, nothing happens
  if (replica->host.empty())
    return refuse(Guard::replica_never_placed,
                  "Share replica " + id + " of share " + to_string(share->id) +
                      " has no host: it was never placed on a pool; remove it and add another one",
                  subject);
  if (replica->status == ReplicaStatus::creating || replica->status == ReplicaStatus::deleting ||
      replica->status == ReplicaStatus::replication_change)
    return refuse(Guard::replica_is_busy,
                  "replica " + id + " of share " + to_string(share->id) +
                      " cannot be resynced while its status is " +
                      std::string(word(replica->status)) + "; repeat when that is over",
                  subject);
  if (const auto after = next(replica->state, StateInput::resync_requested); !after)
    return refuse(guard_of(after.error()),
                  "replica " + id + " of share " + to_string(share->id) +
                      " cannot be resynced while its replica_state is " +
                      std::string(word(replica->state)),
                  subject);
  return Events{ReplicaResyncRequested{share->id, replica->id, true}};
}

}  // namespace pasig
