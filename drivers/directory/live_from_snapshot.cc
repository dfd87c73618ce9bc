#include "drivers/directory/live_from_snapshot.h"

#include <algorithm>

#include "drivers/directory/fetch.h"
#include "drivers/directory/files.h"
#include "drivers/directory/generations.h"
#include "drivers/directory/inode_flags.h"
#include "drivers/directory/room.h"
#include "drivers/directory/tree_copy.h"

namespace pasig::drivers::directory {
namespace {

CallFailure not_equal(const HeldReplica& held, SnapshotId id, const std::string& why) {
  return {.problem = Problem::not_verified,
          .unknown = false,
          .controller = held.place().controller,
          .words = "what was made from snapshot " + to_string(id) +
                   " is not what its manifest says: " + why,
          .hint = "the snapshot is damaged there; a scrub of its replica tells where"};
}

struct Copying {
  const SnapshotHolder& holder;
  const Manifest& manifest;
  const std::string& to;
};

Answer<void> verify(const Call& call, const HeldReplica& held, const Copying& copying) {
  const auto& [holder, manifest, tree] = copying;
  PASIG_TRY(Tree made, scan(tree, call.patience.cancelled));
  std::uint64_t bytes = 0;
  for (Entry& entry : made.entries) {
    PASIG_CHECK(call.patience.check("verifying " + tree));
    PASIG_CHECK(read_digests(tree, entry, call.patience));
    bytes += entry.linked_to.empty() ? entry.size : 0;
    if (call.context.progress) call.context.progress({"verifying", bytes, manifest.tree.bytes()});
  }
  const auto wrong = differences(manifest.tree, made, {.owners = held.side.owners()});
  if (!wrong.empty()) return tl::unexpected(not_equal(held, holder.snapshot.id, wrong.front()));
  return {};
}

Answer<void> copy_here(const Call& call, const HeldReplica& held, const Copying& copying) {
  const auto& [holder, manifest, to] = copying;
  const std::string from = holder.side.place.snapshot_tree(holder.snapshot.id);
  PASIG_TRY(Tree frozen, scan(from, call.patience.cancelled));
  std::uint64_t bytes = 0;
  for (Entry& entry : frozen.entries) {
    if (const Entry* noted = manifest.tree.find(entry.path)) entry.mode = noted->mode;
    if (entry.type == EntryType::file && entry.linked_to.empty()) bytes += entry.allocated;
  }
  if (!held.side.root.abilities.clones)
    PASIG_CHECK(refuse_without_room_for(
        "a tree of its own with the content of snapshot " + to_string(holder.snapshot.id),
        held.place().root, bytes));
  PASIG_CHECK(make_directory_durably(to, 0700));
  TreeCopy copy(from, to,
                {.clones = held.side.root.abilities.clones,
                 .owners = held.side.owners(),
                 .progress = call.context.progress,
                 .leaves_reserve = true});
  PASIG_CHECK(copy.bring_to(frozen, {}, call.patience));
  return verify(call, held, copying);
}

Answer<void> bring_here(const Call& call, HeldReplica& held, const Copying& copying) {
  const auto& [holder, manifest, to] = copying;
  return fetch(call, held,
               {.source = holder.side,
                .tree = holder.side.place.snapshot_tree(holder.snapshot.id),
                .manifest = manifest,
                .name = "snapshot " + to_string(holder.snapshot.id),
                .target = to,
                .leaves_reserve = true});
}

CallFailure held_by_nobody(const Call& call, const SnapshotSource& source) {
  const std::string whole = " holds a complete copy of snapshot " + to_string(source.snapshot);
  for (const ReplicaRef& replica : source.share.replicas) {
    const auto side = look_at(call, replica);
    if (side) continue;
    return {.problem = Problem::unreachable,
            .unknown = false,
            .controller = replica.controller,
            .words = "no replica of share " + to_string(source.share.id) + " that answers" + whole +
                     "; replica " + to_string(replica.id) + " does not: " + side.error().words,
            .hint = "try again when controller " + replica.controller + " answers"};
  }
  return {.problem = Problem::failed,
          .unknown = false,
          .controller = {},
          .words = "no replica of share " + to_string(source.share.id) + whole,
          .hint = "choose another snapshot"};
}

}  // namespace

Answer<std::string> copy_of(const Call& call, HeldReplica& held, const SnapshotHolder& holder) {
  PASIG_TRY(const Manifest manifest, read_snapshot_manifest(holder.side.place, holder.snapshot));
  PASIG_CHECK(sweep_staging(held));
  PASIG_TRY(const std::string staging, make_staging(held, "from-snapshot"));
  std::string tree = staging + "/tree";
  const Copying copying{holder, manifest, tree};
  const bool is_here = holder.side.place.controller == held.place().controller;
  PASIG_CHECK(is_here ? copy_here(call, held, copying) : bring_here(call, held, copying));
  PASIG_CHECK(sync_file_system(tree, call.patience));
  return tree;
}

Answer<void> move_staged(const std::string& tree, const std::string& to) {
  PASIG_CHECK(rename_durably(tree, to));
  return remove_tree(tree.substr(0, tree.rfind('/')));
}

Answer<void> prepare_from(const Call& call, HeldReplica& held, const SnapshotHolder& holder) {
  PASIG_TRY(const std::string tree, copy_of(call, held, holder));
  PASIG_CHECK(remove_tree(held.place().prepared()));
  return move_staged(tree, held.place().prepared());
}

Answer<void> prepare_from_any(const Call& call, HeldReplica& held, const SnapshotSource& source) {
  const Call there{call.roots, call.clock, source.share, call.context, call.patience};
  const auto& snapshots = source.share.snapshots;
  const auto wanted =
      std::find_if(snapshots.begin(), snapshots.end(),
                   [&source](const SnapshotRef& one) { return one.id == source.snapshot; });
  if (wanted == snapshots.end())
    return tl::unexpected(mismatch(held.place(), "snapshot " + to_string(source.snapshot) +
                                                     " is not one of share " +
                                                     to_string(source.share.id)));
  auto holders = holders_of(there, *wanted, ReplicaId{});
  std::stable_partition(holders.begin(), holders.end(), [&held](const SnapshotHolder& holder) {
    return holder.side.place.controller == held.place().controller;
  });
  CallFailure failure = held_by_nobody(there, source);
  for (const SnapshotHolder& holder : holders) {
    auto prepared = prepare_from(call, held, holder);
    if (prepared) return {};
    failure = at(held.place(), std::move(prepared).error());
    // Another one may hold a good copy.
    if (failure.problem != Problem::not_verified) break;
  }
  // What was copied so far would keep room from others.
  if (const auto swept = sweep_staging(held); !swept)
    failure.words += "; what it copied is still there: " + swept.error().words;
  return tl::unexpected(std::move(failure));
}

}  // namespace pasig::drivers::directory
