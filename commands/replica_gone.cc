#include "commands/replica_gone.h"

#include "commands/access_rules.h"
#include "commands/snapshots.h"
#include "commands/usage.h"

namespace pasig {

Events replica_gone(ReadView& view, const Share& share, const Replica& replica) {
  Events events = copies_gone(view, share, replica.id);
  events.push_back(ReplicaRemoved{share.id, replica.id});
  append(events, rules_gone_with(share, replica.id));
  give_back_replica(view, share, replica);
  return events;
}

}  // namespace pasig
