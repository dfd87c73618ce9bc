#include "drivers/directory/good_copies.h"

#include <algorithm>

namespace pasig::drivers::directory {
namespace {

class OtherReplica {
 public:
  OtherReplica(const Call& call, const Side& side, const std::vector<SealedTree>& trees)
      : call_(call), side_(side), trees_(trees), examination_(call, side, 0) {}

  bool holds_all(const std::vector<BrokenTree>& broken) {
    return std::all_of(broken.begin(), broken.end(), [this](const BrokenTree& one) {
      return one.is_repaired ||
             std::all_of(one.findings.begin(), one.findings.end(),
                         [&](const Finding& finding) { return holds(one.tree, finding); });
    });
  }

 private:
  bool holds(const SealedTree& tree, const Finding& finding) {
    if (finding.is_of_all) return holds_tree(tree);
    if (!finding.wanted) return true;  // there should be nothing
    return std::any_of(trees_.begin(), trees_.end(), [&](const SealedTree& theirs) {
      return holds_entry(theirs, *finding.wanted);
    });
  }

  bool holds_tree(const SealedTree& tree) {
    return std::any_of(trees_.begin(), trees_.end(), [&](const SealedTree& theirs) {
      if (!theirs.manifest || !theirs.is_same_as(tree)) return false;
      const auto use = TreeUse::begin(side_.place, theirs, call_.patience);
      if (!use || !*use) return false;
      const auto findings = examination_.compare(theirs.path, *theirs.manifest);
      return findings && findings->empty();
    });
  }

  bool holds_entry(const SealedTree& theirs, const Entry& wanted) {
    const Entry* noted = theirs.manifest ? theirs.manifest->tree.find(wanted.path) : nullptr;
    if (noted == nullptr || noted->type != wanted.type) return false;
    if (wanted.type != EntryType::file) return difference(wanted, *noted, {}).empty();
    if (noted->content != wanted.content) return false;
    const auto use = TreeUse::begin(side_.place, theirs, call_.patience);
    return use && *use && examination_.is_good_file(theirs.path, *noted).value_or(false);
  }

  const Call& call_;
  const Side& side_;
  const std::vector<SealedTree>& trees_;
  Examination examination_;
};

}  // namespace

std::vector<ReplicaId> find_good_copies(const Call& call, ReplicaId damaged,
                                        const std::vector<BrokenTree>& broken) {
  std::vector<ReplicaId> good;
  for (const ReplicaRef& other : call.share.replicas) {
    if (other.id == damaged) continue;
    const auto side = look_at(call, other);
    if (!side) continue;
    const auto trees = sealed_trees(side->place);
    if (trees && OtherReplica(call, *side, *trees).holds_all(broken)) good.push_back(other.id);
  }
  return good;
}

}  // namespace pasig::drivers::directory
