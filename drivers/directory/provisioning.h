// Makes replicas: the first one with an empty live tree, further ones with nothing yet; their
// first sync brings the data. May be repeated after a crash at any point. One thread per
// replica.
#pragma once

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

Answer<Created> create_share(const Call& call, const ReplicaRef& replica);
Answer<Added> add_replica(const Call& call, const ReplicaRef& replica);

// A replica that may not be on storage yet: with a new record, or the one of an earlier delivery.
// Refuses what is older than that.
Answer<HeldReplica> hold_new(const Call& call, Side side);

Answer<void> refuse_writable(const ReplicaPlace& place, Replication replication);

}  // namespace pasig::drivers::directory
