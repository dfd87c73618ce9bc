// Suspending the replication of one share, and letting it go on. No sync runs meanwhile; roles and
// operations are not touched, and a planned change still makes its final sync.
#include "commands/orders.h"

namespace pasig {
namespace {

Allowed is_replicated(const Share& share, const std::string& verb) {
  if (share.replication == ReplicationType::readable || share.replication == ReplicationType::dr)
    return {};
  return refuse(Guard::share_not_replicated,
                "replication of share " + to_string(share.id) + " cannot be " + verb +
                    ": its type " + share.type_name + " is " +
                    (share.replication == ReplicationType::writable
                         ? "writable, whose replicas are not synced by Pasig"
                         : "not replicated"),
                stream_of(share.id));
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const SuspendReplication& command) {
  PASIG_TRY(const Share* share, find_share(view, now.actor, command.share));
  PASIG_CHECK(is_replicated(*share, "suspended"));
  PASIG_CHECK(order_has_why("suspend replication of share " + to_string(share->id), command.why));
  if (share->replication_suspended) return Events{};
  return Events{ReplicationSuspended{share->id, command.why}};
}

Decision decide(ReadView& view, const Surroundings& now, const ResumeReplication& command) {
  PASIG_TRY(const Share* share, find_share(view, now.actor, command.share));
  PASIG_CHECK(is_replicated(*share, "resumed"));
  if (!share->replication_suspended) return Events{};
  return Events{ReplicationResumed{share->id}};
}

}  // namespace pasig
