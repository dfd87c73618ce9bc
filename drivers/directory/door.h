// Who may come to a replica's trees. Its own directory is the door: every path to a tree leads
// through it, the export's path stays what it is, and the modes in the tree stay the users'. Until
// someone grants access the door is left alone; from then on it lets in the users of the rules
// that can hold here, and the owner of the directory, and root. The caller holds the replica. One
// thread per replica.
#pragma once

#include <vector>

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

struct Door {
  std::vector<AccessOutcome> rules;  // all of the share's, in their order
  bool was_wrong = false;
};

// Before a tree is shown to anybody, and again after every change of the replica's role.
Answer<Door> set_door(const Call& call, HeldReplica& held);

// On a replica that is about to become active, before the tree that can be written to is made:
// who may only read goes out. set_door takes it back.
Answer<void> set_door_for_opening(const Call& call, HeldReplica& held);

// On every replica that can be reached.
Answer<AccessApplied> apply_access(const Call& call);

}  // namespace pasig::drivers::directory
