#include "drivers/directory/promotion.h"

#include <sys/statvfs.h>

#include <cerrno>

#include "drivers/directory/active_change.h"
#include "drivers/directory/exports.h"
#include "drivers/directory/fence.h"
#include "drivers/directory/files.h"
#include "drivers/directory/generations.h"
#include "drivers/directory/inode_flags.h"
#include "drivers/directory/size.h"
#include "drivers/directory/tree_copy.h"

namespace pasig::drivers::directory {
namespace {

Answer<void> check_room(const HeldReplica& held, std::uint64_t bytes) {
  if (held.side.root.abilities.clones) return {};
  struct statvfs system {};
  const std::string& root = held.place().root;
  if (::statvfs(root.c_str(), &system) != 0)
    return tl::unexpected(system_failure(errno, "asking for the room on", root));
  const std::uint64_t free = static_cast<std::uint64_t>(system.f_bavail) * system.f_frsize;
  if (free >= bytes) return {};
  return tl::unexpected(CallFailure{.problem = Problem::no_space,
                                    .unknown = false,
                                    .controller = held.place().controller,
                                    .words = "a live tree needs " + std::to_string(bytes) +
                                             " bytes, " + root + " has " + std::to_string(free),
                                    .hint = "make room there, or choose another replica"});
}

// The generation is what its manifest says: by its inodes where those are as they were noted,
// else by reading it.
Answer<void> check_frozen(const HeldReplica& held, const Manifest& manifest,
                          const Patience& patience) {
  const std::string frozen = held.place().frozen(manifest.generation);
  PASIG_TRY(Tree now, scan(frozen, patience.cancelled));
  for (Entry& entry : now.entries) {
    PASIG_CHECK(patience.check("checking " + frozen));
    const Entry* noted = manifest.tree.find(entry.path);
    const bool is_untouched = noted != nullptr && noted->inode != 0 &&
                              noted->inode == entry.inode && noted->ctime_ns == entry.ctime_ns;
    if (is_untouched) {
      entry.content = noted->content;
      entry.xattrs = noted->xattrs;
    } else {
      PASIG_CHECK(read_digests(frozen, entry, patience));
    }
  }
  const auto wrong =
      differences(manifest.tree, now,
                  {.owners = held.side.owners(), .write_bits = held.side.root.abilities.immutable});
  if (wrong.empty()) return {};
  return tl::unexpected(CallFailure{.problem = Problem::not_verified,
                                    .unknown = false,
                                    .controller = held.place().controller,
                                    .words = "generation " + std::to_string(manifest.generation) +
                                             " is damaged: " + wrong.front(),
                                    .hint = "choose another replica, or resync this one"});
}

// From now on the manifest's inodes are the live tree's: the first freeze then copies only
// what changed.
Answer<void> adopt_inodes(const HeldReplica& held, Manifest manifest) {
  const ReplicaPlace& place = held.place();
  PASIG_TRY(manifest.listed_at_ns, file_system_now(place.staging()));
  PASIG_TRY(const Tree live, scan(place.prepared(), std::stop_token()));
  for (Entry& entry : manifest.tree.entries) {
    const Entry* found = live.find(entry.path);
    entry.inode = found == nullptr ? 0 : found->inode;
    entry.ctime_ns = found == nullptr ? 0 : found->ctime_ns;
  }
  return write_manifest(place.manifest(manifest.generation), manifest);
}

}  // namespace

Answer<Manifest> prepare_live(const Call& call, HeldReplica& held, std::uint64_t epoch) {
  const ReplicaPlace& place = held.place();
  PASIG_TRY(auto base, latest_generation(place));
  if (!base) return tl::unexpected(mismatch(place, "the replica holds no complete copy to open"));
  PASIG_CHECK(sweep_staging(held));
  PASIG_CHECK(check_room(held, base->tree.bytes()));
  PASIG_CHECK(check_frozen(held, *base, call.patience));
  PASIG_CHECK(make_directory_durably(place.prepared(), 0700));
  PASIG_CHECK(enter_project(call, held, place.prepared()));
  PASIG_CHECK(make_directory_durably(place.staging(), 0700));
  PASIG_TRY(Tree frozen, scan(place.frozen(base->generation), call.patience.cancelled));
  for (Entry& entry : frozen.entries)
    if (const Entry* noted = base->tree.find(entry.path)) entry.mode = noted->mode;
  TreeCopy copy(place.frozen(base->generation), place.prepared(),
                {.clones = held.side.root.abilities.clones,
                 .owners = held.side.owners(),
                 .progress = call.context.progress});
  PASIG_CHECK(copy.bring_to(frozen, {}, call.patience));
  PASIG_TRY(const Tree made, scan(place.prepared(), call.patience.cancelled));
  for (Entry& entry : frozen.entries) entry.content = entry.xattrs = Digest{};
  const auto wrong = differences(frozen, made, {.owners = held.side.owners()});
  if (!wrong.empty())
    return tl::unexpected(
        CallFailure{.problem = Problem::not_verified,
                    .unknown = false,
                    .controller = place.controller,
                    .words = "the new live tree is not its base: " + wrong.front(),
                    .hint = "check the file system of " + place.root});
  PASIG_CHECK(apply_size(call, held));
  PASIG_CHECK(sync_file_system(place.prepared(), call.patience));
  PASIG_CHECK(write_manifest(place.base(epoch), *base));
  PASIG_CHECK(adopt_inodes(held, *base));
  return std::move(*base);
}

Answer<void> open_live(HeldReplica& held, const Clock& clock) {
  const ReplicaPlace& place = held.place();
  if (!exists(place.live())) {
    if (!exists(place.prepared()))
      return tl::unexpected(
          mismatch(place, "the live tree of replica " + to_string(place.replica) + " is not there",
                   "restore it, or promote another replica"));
    PASIG_CHECK(rename_durably(place.prepared(), place.live()));
  }
  PASIG_CHECK(prepare_for_fence(held));
  return point_export(held, "live", clock);
}

std::vector<std::string> exports_of(const ReplicaPlace& place, Replication replication,
                                    StoredRole role) {
  const bool has_one = role == StoredRole::active ||
                       (role == StoredRole::secondary && replication == Replication::readable);
  return has_one && exists(place.exported()) ? std::vector<std::string>{place.exported()}
                                             : std::vector<std::string>();
}

}  // namespace pasig::drivers::directory
