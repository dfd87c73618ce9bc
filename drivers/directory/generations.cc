#include "drivers/directory/generations.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "drivers/directory/files.h"
#include "drivers/directory/inode_flags.h"

namespace pasig::drivers::directory {
namespace {

constexpr std::size_t k_generations_kept = 2;
constexpr std::size_t k_bases_kept = 8;  // epochs a replica may be away for and still be compared

constexpr std::uint32_t k_write_bits = 0222;

// An access list holds the mode as well: it would no longer be the one in the manifest.
bool may_lose_write_bits(const Manifest& manifest, const Entry& entry) {
  const Entry* noted = manifest.tree.find(entry.path);
  return noted != nullptr && noted->xattrs == Digest{} && (entry.mode & k_write_bits) != 0;
}

Answer<void> prune_bases(const ReplicaPlace& place) {
  PASIG_TRY(const auto names, names_in(place.frozen()));
  std::vector<std::uint64_t> epochs;
  const std::string prefix = "base-of-epoch-";
  for (const std::string& name : names)
    if (name.starts_with(prefix))
      epochs.push_back(std::strtoull(name.c_str() + prefix.size(), nullptr, 10));
  std::sort(epochs.rbegin(), epochs.rend());
  for (std::size_t i = k_bases_kept; i < epochs.size(); ++i)
    PASIG_CHECK(remove_file_durably(place.base(epochs[i])));
  return {};
}

}  // namespace

Answer<void> seal_frozen(const HeldReplica& held, const std::string& root, const Manifest& manifest,
                         const Patience& patience) {
  const bool by_flag = held.side.root.abilities.immutable;
  PASIG_TRY(const Descriptor top, open_directory(root));
  PASIG_TRY(const Tree tree, scan(root, patience.cancelled));
  // The top directory last: its seal says that all the others are there.
  for (auto entry = tree.entries.rbegin(); entry != tree.entries.rend(); ++entry) {
    if (entry->type == EntryType::symlink || entry->type == EntryType::fifo) continue;
    PASIG_CHECK(patience.check("sealing " + root));
    const Descriptor file(open_beneath(top.get(), entry->path, O_RDONLY | O_NONBLOCK));
    if (!file.is_open())
      return tl::unexpected(system_failure(errno, "opening", root + "/" + entry->path));
    int error = 0;
    if (by_flag) error = set_immutable(file.get(), true);
    else if (may_lose_write_bits(manifest, *entry) &&
             ::fchmod(file.get(), entry->mode & ~k_write_bits) != 0)
      error = errno;
    if (error != 0)
      return tl::unexpected(system_failure(error, "sealing", root + "/" + entry->path));
  }
  return {};
}

Answer<bool> is_sealed(const HeldReplica& held, const std::string& tree) {
  PASIG_TRY(const Descriptor top, open_directory(tree));
  struct stat status {};
  if (::fstat(top.get(), &status) != 0)
    return tl::unexpected(system_failure(errno, "looking at", tree));
  return held.side.root.abilities.immutable ? is_immutable(top.get())
                                            : (status.st_mode & k_write_bits) == 0;
}

Answer<void> sweep_staging(const HeldReplica& held) {
  const ReplicaPlace& place = held.place();
  PASIG_TRY(const auto names, names_in(place.staging()));
  for (const std::string& name : names) PASIG_CHECK(remove_tree(place.staging() + "/" + name));
  // Of an active one it is what a crash left half open, or, beside its live tree, of a revert.
  const bool is_needed = held.record.role == StoredRole::active && !exists(place.live());
  if (!is_needed && exists(place.prepared())) PASIG_CHECK(remove_tree(place.prepared()));
  // Temporary names of replaced files: their writer is dead, this call holds the lock.
  for (const std::string& directory : {place.top(), place.frozen(), place.snapshots()}) {
    PASIG_TRY(const auto files, names_in(directory));
    for (const std::string& name : files)
      if (name.find(".new-") != std::string::npos)
        PASIG_CHECK(remove_file_durably(directory + "/" + name));
  }
  return {};
}

Answer<std::string> make_staging(const HeldReplica& held, const std::string& what) {
  const ReplicaPlace& place = held.place();
  PASIG_CHECK(make_directory_durably(place.staging(), 0700));
  const std::string name =
      what + "-" + to_string(held.record.operation) + "-" + std::to_string(held.record.attempt);
  const std::string path = place.staging() + "/" + name;
  PASIG_CHECK(remove_tree(path));
  PASIG_CHECK(make_directory_durably(path, 0700));
  return path;
}

Answer<std::uint64_t> reserve_generation(const Call& call, HeldReplica& held) {
  std::uint64_t next = held.record.next_generation;
  PASIG_TRY(const auto latest, latest_generation(held.place()));
  if (latest) next = std::max(next, latest->generation + 1);
  for (const ReplicaRef& replica : call.share.replicas)
    next = std::max(next, replica.generation + 1);
  held.record.next_generation = next + 1;
  PASIG_CHECK(held.save());
  return next;
}

Answer<void> publish(HeldReplica& held, const std::string& tree, const Manifest& manifest,
                     const Patience& patience) {
  const ReplicaPlace& place = held.place();
  PASIG_CHECK(make_directory_durably(place.frozen(), 0711));
  PASIG_CHECK(seal_frozen(held, tree, manifest, patience));
  PASIG_CHECK(sync_file_system(tree, patience));
  PASIG_CHECK(still_ours(held));
  const std::string target = place.frozen(manifest.generation);
  // Of an attempt whose manifest did not come to be, or of an abandoned line.
  if (exists(target)) PASIG_CHECK(remove_generation(held, manifest.generation));
  // The manifest first: a tree that is there has one.
  PASIG_CHECK(write_manifest(place.manifest(manifest.generation), manifest));
  PASIG_CHECK(move_sealed(tree, target));
  held.record.next_generation = std::max(held.record.next_generation, manifest.generation + 1);
  return held.save();
}

// The top directory is unsealed for the moment of its move, and what is in it never is.
Answer<void> keep_sealed(const HeldReplica& held, const Manifest& manifest,
                         const Patience& patience) {
  const std::string frozen = held.place().frozen(manifest.generation);
  PASIG_TRY(const Descriptor top, open_directory(frozen));
  Entry found;
  struct stat status {};
  if (::fstat(top.get(), &status) != 0)
    return tl::unexpected(system_failure(errno, "looking at", frozen));
  found.mode = status.st_mode & 07777;
  const bool is_sealed = held.side.root.abilities.immutable ? is_immutable(top.get())
                                                            : !may_lose_write_bits(manifest, found);
  return is_sealed ? Answer<void>() : seal_frozen(held, frozen, manifest, patience);
}

Answer<void> remove_generation(const HeldReplica& held, std::uint64_t generation) {
  const ReplicaPlace& place = held.place();
  PASIG_CHECK(make_directory_durably(place.staging(), 0700));
  const std::string tree = place.frozen(generation);
  if (exists(tree)) {
    const std::string removed =
        place.staging() + "/removed-" + std::to_string(generation) + "-" + to_string(random_uuid());
    PASIG_CHECK(move_sealed(tree, removed));
    PASIG_CHECK(remove_tree(removed));
  }
  PASIG_CHECK(remove_file_durably(place.manifest(generation)));
  return remove_file_durably(place.in_use(generation));
}

Answer<void> prune(const HeldReplica& held) {
  const ReplicaPlace& place = held.place();
  PASIG_TRY(const FrozenTrees all, frozen_trees(place));
  std::vector<std::uint64_t> outdated = all.unreadable;
  for (std::size_t i = 0; i + k_generations_kept < all.complete.size(); ++i)
    outdated.push_back(all.complete[i].generation);
  for (const std::uint64_t generation : outdated)
    if (GenerationUse::is_unused(place, generation))
      PASIG_CHECK(remove_generation(held, generation));
  return prune_bases(place);
}

Answer<void> follow_revert(HeldReplica& held, const ReplicaPlace& leader,
                           const StoredRevert& revert) {
  const ReplicaPlace& place = held.place();
  StoredRevert& own = held.record.revert;
  if (own.generation == revert.generation && own.operation == revert.operation) return {};
  const auto noted = revert.generation == 0 ? Answer<Manifest>() : read_manifest(leader.reverted());
  const bool is_told = revert.generation != 0 && noted;
  PASIG_CHECK(is_told ? write_manifest(place.reverted(), *noted)
                      : remove_file_durably(place.reverted()));
  own = is_told ? revert : StoredRevert{};
  own.live_inode = 0;
  return held.save();
}

Answer<std::int64_t> file_system_now(const std::string& directory) {
  const std::string path = directory + "/now-" + to_string(random_uuid());
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  struct stat status {};
  const bool good = file.is_open() && ::fstat(file.get(), &status) == 0;
  const int error = errno;
  ::unlink(path.c_str());
  if (!good) return tl::unexpected(system_failure(error, "asking for the time at", path));
  return nanoseconds(status.st_ctim);
}

Answer<std::vector<Manifest>> generations_ahead(const HeldReplica& held,
                                                const std::map<std::uint64_t, std::uint64_t>& bases,
                                                std::uint64_t epoch) {
  PASIG_TRY(auto all, generations(held.place()));
  std::erase_if(all, [&](const Manifest& one) {
    if (one.epoch >= epoch) return true;
    // Up to the record's epoch the replica is known to have followed.
    for (auto next = std::max(one.epoch, held.record.epoch) + 1; next <= epoch; ++next) {
      const auto base = bases.find(next);
      if (base == bases.end() || one.generation > base->second) return false;
    }
    return true;
  });
  return all;
}

}  // namespace pasig::drivers::directory
