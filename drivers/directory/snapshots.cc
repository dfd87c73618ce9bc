#include "drivers/directory/snapshots.h"

#include <chrono>

#include "drivers/directory/files.h"
#include "drivers/directory/freezer.h"
#include "drivers/directory/generations.h"
#include "drivers/directory/snapshot_store.h"
#include "drivers/directory/tree_copy.h"

namespace pasig::drivers::directory {
namespace {

constexpr std::chrono::seconds k_first_wait{2};  // for a replica that another call works on

bool is_deleting(const ShareRef& share, SnapshotId id) {
  for (const SnapshotRef& snapshot : share.snapshots)
    if (snapshot.id == id) return snapshot.is_deleting;
  return false;
}

Answer<SnapshotTaken> take(const Call& call, HeldReplica& held, SnapshotId id) {
  const ReplicaPlace& place = held.place();
  PASIG_TRY(const auto earlier, find_snapshot(place, id));
  if (earlier) return earlier->taken();
  const bool behind_fence = held.record.fence.stage == StoredFence::Stage::enforced;
  PASIG_TRY(Manifest manifest, freeze(call, held, behind_fence));
  PASIG_TRY(const std::string staging, make_staging(held, "snapshot"));
  PASIG_CHECK(link_frozen(call, held,
                          {.frozen = place.frozen(manifest.generation),
                           .manifest = manifest,
                           .tree = staging + "/tree"}));
  const StoredSnapshot snapshot = described(place, id, manifest);
  PASIG_CHECK(publish_snapshot(held, {snapshot, staging, std::move(manifest)}, call.patience));
  return snapshot.taken();
}

// Of a replica whose root answers. Nothing there: deleted, unless that is another root than the
// one that the other replicas saw it on.
Answer<void> delete_on(const Call& call, const ReplicaRef& replica, SnapshotId id) {
  PASIG_TRY(const Side side, look_at(call, replica));
  PASIG_TRY(const auto record, peek(side));
  if (!record && !exists(side.place.top()) && !seen_elsewhere(call, replica, side)) return {};
  if (record && record->role == StoredRole::deleting) return {};  // it goes with all the rest
  PASIG_TRY(const HeldReplica held, hold(call, replica));
  return remove_snapshot(held, id);
}

}  // namespace

Answer<const ReplicaRef*> active_of(const ShareRef& share) {
  if (const ReplicaRef* active = share.active()) return active;
  return tl::unexpected(
      CallFailure{.problem = Problem::failed,
                  .unknown = false,
                  .controller = {},
                  .words = "share " + to_string(share.id) + " has no active replica",
                  .hint = "make one of its replicas the active one first"});
}

Answer<void> link_frozen(const Call& call, const HeldReplica& held, const LinkedTree& wanted) {
  PASIG_TRY(Tree frozen, scan(wanted.frozen, call.patience.cancelled));
  Shareable shareable{.root = wanted.frozen, .paths = {}};
  for (Entry& entry : frozen.entries) {
    if (entry.type == EntryType::file) shareable.paths.insert(entry.path);
    if (const Entry* noted = wanted.manifest.tree.find(entry.path)) entry.mode = noted->mode;
  }
  PASIG_CHECK(make_directory_durably(wanted.tree, 0700));
  TreeCopy copy(wanted.frozen, wanted.tree,
                {.clones = held.side.root.abilities.clones,
                 .owners = held.side.owners(),
                 .progress = call.context.progress,
                 .leaves_reserve = held.record.role == StoredRole::active});
  PASIG_CHECK(copy.bring_to(frozen, shareable, call.patience));
  PASIG_TRY(Tree made, scan(wanted.tree, call.patience.cancelled));
  for (Entry& entry : frozen.entries) entry.content = entry.xattrs = Digest{};
  const auto wrong = differences(frozen, made, {.owners = held.side.owners(), .write_bits = false});
  if (wrong.empty()) return {};
  return tl::unexpected(
      CallFailure{.problem = Problem::not_verified,
                  .unknown = false,
                  .controller = held.place().controller,
                  .words = wanted.tree + " is not what it was made from: " + wrong.front(),
                  .hint = "check the file system of " + held.place().root});
}

Answer<SnapshotTaken> create_snapshot(const Call& call, SnapshotId id) {
  PASIG_TRY(const ReplicaRef* active, active_of(call.share));
  if (is_deleting(call.share, id))
    return tl::unexpected(CallFailure{.problem = Problem::stale_token,
                                      .unknown = false,
                                      .controller = active->controller,
                                      .words = "snapshot " + to_string(id) + " is being deleted",
                                      .hint = "nothing to do: the deletion goes on"});
  PASIG_TRY(HeldReplica held, hold_active(call, *active));
  auto taken = take(call, held, id);
  if (taken) return taken;
  CallFailure failure = at(held.place(), std::move(taken).error());
  failure.words = "taking snapshot " + to_string(id) + ": " + failure.words;
  return tl::unexpected(std::move(failure));
}

// First those that answer at once, then those that another call works on, so that one long sync
// does not keep the others waiting.
Answer<SnapshotDeleted> delete_snapshot(const Call& call, SnapshotId id) {
  PASIG_CHECK(call.patience.check("about to delete snapshot " + to_string(id)));
  SnapshotDeleted deleted;
  for (const ReplicaRef& replica : call.share.replicas)
    if (!replica.controller.empty())  // the others were never placed
      deleted.replicas.push_back({.replica = replica.id, .failure = std::nullopt});
  std::vector<ReplicaAnswer*> left;
  for (ReplicaAnswer& answer : deleted.replicas) left.push_back(&answer);
  for (const Call& asking : {call.until(call.clock.monotonic() + k_first_wait), call}) {
    std::vector<ReplicaAnswer*> busy;
    for (ReplicaAnswer* answer : left) {
      const ReplicaRef& replica = *call.share.find(answer->replica);
      answer->failure.reset();
      auto done = delete_on(asking, replica, id);
      if (done) continue;
      if (done.error().problem == Problem::stale_token) return tl::unexpected(done.error());
      if (done.error().problem == Problem::busy) busy.push_back(answer);
      if (done.error().controller.empty()) done.error().controller = replica.controller;
      answer->failure = std::move(done).error();
    }
    left = std::move(busy);
  }
  return deleted;
}

}  // namespace pasig::drivers::directory
