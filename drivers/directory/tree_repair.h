// Makes a damaged sealed tree of a secondary good again, from the same tree of another replica:
// what is good stays shared, the rest is copied into staging and read back, and then the two
// trees trade places. Nothing is replaced by what does not match the manifest. The active
// replica's trees are never touched. May be repeated after a crash at any point. One thread per
// replica.
#pragma once

#include <string>
#include <vector>

#include "drivers/directory/examination.h"
#include "drivers/directory/sealed_trees.h"

namespace pasig::drivers::directory {

struct BrokenTree {
  SealedTree tree;
  std::vector<Finding> findings;
  bool is_repaired = false;
  std::string why_not;  // while it is not
};

// In words why not; empty: done. A failure only where the call has to end.
Answer<std::string> repair_tree(const Call& call, HeldReplica& held, const BrokenTree& broken);

// What was found is read again before it is shared with a new copy, or opened: its times and
// inode count for nothing from now on. Not for paths in `except`.
Answer<void> distrust(const SealedTree& tree, const std::vector<Finding>& findings,
                      const std::vector<Finding>& except);

}  // namespace pasig::drivers::directory
