// Makes replicas: the first one with a live tree, empty or a snapshot's, further ones with nothing
// yet; their first sync brings the data. May be repeated after a crash at any point. One thread per
// replica.
#pragma once

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

Answer<Created> create_share(const Call& call, const ReplicaRef& replica);
// The first one with a snapshot's content.
Answer<Created> create_from_snapshot(const Call& call, const ReplicaRef& replica,
                                     const SnapshotSource& source);
Answer<Added> add_replica(const Call& call, const ReplicaRef& replica);

// A replica that may not be on storage yet: with a new record, or the one of an earlier delivery.
// Refuses what is older than that.
Answer<HeldReplica> hold_new(const Call& call, Side side);

Answer<void> refuse_writable(const ReplicaPlace& place, Replication replication);

}  // namespace pasig::drivers::directory
