// Makes another replica the active one (replication 2). Planned: fence the old side, a last
// sync, prepare the new live tree, then one durable write opens the new epoch on the new side:
// the point of no return. Before it every failure lifts the fence and changes nothing; after
// it the call only goes forward, also when it is delivered again. Forced goes on without the
// old side, which is fenced when it answers.
#pragma once

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

Answer<ActiveChange> change_active(const Call& call, const ActiveChangeRequest& request);

// Opens a prepared tree: live, its export, its fence's preconditions. Repeatable; also what the
// status call does with an active replica that a crash left half open.
Answer<void> open_live(HeldReplica& held, const Clock& clock);

// What clients can use now: a replica that has nothing to export yet has no export.
std::vector<std::string> exports_of(const ReplicaPlace& place, Replication replication,
                                    StoredRole role);

}  // namespace pasig::drivers::directory
