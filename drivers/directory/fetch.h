// Brings a frozen tree, a generation or a snapshot, from one controller to another: what is here
// already is shared by hard links, rsync brings the rest, and then the manifest decides. The
// target may be partial until the call answers; publishing it is the caller's. The caller holds
// the receiving replica. One thread per replica.
#pragma once

#include <string>
#include <vector>

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

// A frozen tree of the receiving replica.
struct FrozenTree {
  std::string tree;
  Manifest manifest;
};

struct Fetch {
  const Side& source;
  std::string tree;          // there
  const Manifest& manifest;  // of it
  std::string name;          // in words: generation 12, snapshot <id>
  std::string target;        // here; made anew
  // What may be shared, the likeliest first. None: the target shares no inode with anything.
  std::vector<FrozenTree> bases = {};
  bool leaves_reserve = false;  // clients write on the receiving file system
};

// not_verified, or the target is what the manifest says, with its modes.
Answer<void> fetch(const Call& call, HeldReplica& held, Fetch wanted);

// The newest generation here, and the newest snapshot where that has more in common with what is
// wanted: it is newer, or the very same.
Answer<std::vector<FrozenTree>> bases_here(const HeldReplica& held, const Manifest& wanted);

}  // namespace pasig::drivers::directory
