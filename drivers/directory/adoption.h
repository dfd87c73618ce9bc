// An existing tree becomes a share's, and a share's tree becomes its users' own again. The tree
// moves as a whole, by one rename: at any moment it is at exactly one of the two places, whatever
// dies. Its users go on by the path that they know: a link there leads to the export. May be
// repeated after a crash at any point. One thread per replica.
#pragma once

#include <string>

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

Answer<Managed> manage(const Call& call, const ReplicaRef& replica, const std::string& path);

// Back to where it came from when that is free or our own link, else to
// <root>/unmanaged/<share>. Where it went stays noted in <root>/unmanaged/<share>.moved-to.
Answer<Unmanaged> unmanage(const Call& call, const ReplicaRef& replica);

// Before a replica is removed: a tree whose adoption did not come about goes back, and no link is
// left that leads nowhere.
Answer<void> undo_adoption(HeldReplica& held);

}  // namespace pasig::drivers::directory
