#include "drivers/directory/sealed_trees.h"

#include <chrono>

#include "drivers/directory/files.h"

namespace pasig::drivers::directory {
namespace {

constexpr std::chrono::milliseconds k_look_again{5};

// None: the tree went away while it was listed.
Answer<std::optional<SealedTree>> with_manifest(SealedTree tree) {
  auto manifest = read_manifest(tree.manifest_path);
  if (manifest) {
    tree.manifest = std::move(*manifest);
    return std::optional(std::move(tree));
  }
  if (!is_directory(tree.path)) return std::optional<SealedTree>();
  const Problem problem = manifest.error().problem;
  if (problem != Problem::not_verified && exists(tree.manifest_path) &&
      problem != Problem::unreachable)
    return tl::unexpected(std::move(manifest).error());
  tree.words = exists(tree.manifest_path) ? "its manifest cannot be used: " + manifest.error().words
                                          : "its manifest is missing";
  return std::optional(std::move(tree));
}

}  // namespace

bool SealedTree::is_same_as(const SealedTree& other) const {
  if (where != other.where) return false;
  if (!manifest || !other.manifest) return true;
  return manifest->epoch == other.manifest->epoch && manifest->digest() == other.manifest->digest();
}

Answer<std::vector<SealedTree>> sealed_trees(const ReplicaPlace& place) {
  std::vector<SealedTree> trees;
  const auto add = [&trees](SealedTree tree) -> Answer<void> {
    PASIG_TRY(auto found, with_manifest(std::move(tree)));
    if (found) trees.push_back(std::move(*found));
    return {};
  };
  PASIG_TRY(const auto generations, generation_numbers(place));
  for (const std::uint64_t number : generations)
    PASIG_CHECK(add({.where = "generation " + std::to_string(number),
                     .path = place.frozen(number),
                     .manifest_path = place.manifest(number),
                     .manifest = {},
                     .words = {},
                     .generation = number}));
  const std::string snapshots = place.top() + "/snapshots";
  PASIG_TRY(const auto names, names_in(snapshots));
  for (const std::string& name : names) {
    const std::string top = snapshots + "/" + name;
    if (!SnapshotId::parse(name) || !is_directory(top + "/tree")) continue;
    PASIG_CHECK(add({.where = "snapshot " + name,
                     .path = top + "/tree",
                     .manifest_path = top + "/manifest",
                     .manifest = {},
                     .words = {},
                     .generation = {}}));
  }
  return trees;
}

Answer<std::optional<TreeUse>> TreeUse::begin(const ReplicaPlace& place, const SealedTree& tree,
                                              const Patience& patience) {
  TreeUse use;
  // Who prunes locks a generation for the moment of looking, also one that then stays.
  while (tree.generation && is_directory(tree.path)) {
    PASIG_CHECK(patience.check("reading " + tree.path));
    auto begun = GenerationUse::begin(place, *tree.generation);
    if (begun) {
      use.use_.emplace(std::move(*begun));
      break;
    }
    if (begun.error().problem != Problem::mismatch) return tl::unexpected(std::move(begun).error());
    patience.pause(k_look_again);
  }
  if (is_directory(tree.path)) return std::optional<TreeUse>(std::move(use));
  // Its number never comes back, so nobody would remove what was just made.
  if (tree.generation) PASIG_CHECK(remove_file_durably(place.in_use(*tree.generation)));
  return std::optional<TreeUse>();
}

}  // namespace pasig::drivers::directory
