// All sealed trees of one replica: what is kept of it besides its live tree, each with the
// manifest that says what it holds. Looks only, needs no lock. Any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "drivers/directory/replica_lock.h"
#include "drivers/directory/replica_store.h"

namespace pasig::drivers::directory {

struct SealedTree {
  std::string where;  // generation 12, snapshot <id>: what replicas call the same tree
  std::string path;
  std::string manifest_path;
  std::optional<Manifest> manifest;         // none: it cannot be read
  std::string words;                        // why not
  std::optional<std::uint64_t> generation;  // none: a snapshot's

  // Both hold the same, as far as manifests tell. One whose manifest is gone is known by its name.
  [[nodiscard]] bool is_same_as(const SealedTree& other) const;
};

// Oldest first, the snapshots after the generations.
Answer<std::vector<SealedTree>> sealed_trees(const ReplicaPlace& place);

// Keeps a generation from being pruned while it is read. A snapshot needs nothing: it goes on
// purpose only.
class TreeUse {
 public:
  // None: it is gone, or going.
  static Answer<std::optional<TreeUse>> begin(const ReplicaPlace& place, const SealedTree& tree,
                                              const Patience& patience);

 private:
  std::optional<GenerationUse> use_;
};

}  // namespace pasig::drivers::directory
