// Data that no other replica has, moved to aside/<time>-epoch<N> below its replica. It goes only
// when an operator says so (kept_data.h). What is known of it is in replica.json before it moves,
// so that every status call can tell of it, also when the call that moved it died before it could.
// The caller holds the replica. One thread per replica.
#pragma once

#include <string>
#include <vector>

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

// Moves a tree, written under this epoch, aside.
Answer<Aside> keep_aside(HeldReplica& held, const std::string& tree, std::uint64_t epoch, Time now);

// The same with what clients made, a directory or a file, where they had no tree to write to. It
// moves before it is counted: they write on meanwhile.
Answer<Aside> keep_found_aside(HeldReplica& held, const std::string& found, Time now);

// All that lies aside here, oldest first.
Answer<std::vector<Aside>> list_asides(HeldReplica& held);

}  // namespace pasig::drivers::directory
