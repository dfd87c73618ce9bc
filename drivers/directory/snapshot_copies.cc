#include "drivers/directory/snapshot_copies.h"

#include <algorithm>

#include "drivers/directory/fetch.h"
#include "drivers/directory/files.h"
#include "drivers/directory/generations.h"

namespace pasig::drivers::directory {
namespace {

// Smaller: asked first.
int rank(const SnapshotRef& snapshot, const ReplicaRef& replica) {
  if (replica.role == Role::active) return 0;
  const auto& taken_on = snapshot.taken_on;
  return std::find(taken_on.begin(), taken_on.end(), replica.id) == taken_on.end() ? 2 : 1;
}

// Says nothing about the receiving side: this source has no good copy, or has gone away.
bool is_of_source(const Call& call, const SnapshotHolder& holder, const CallFailure& failure) {
  if (failure.problem == Problem::not_verified) return true;
  const ReplicaRef* source = call.share.find(holder.side.place.replica);
  return source == nullptr || !look_at(call, *source) ||
         !exists(holder.side.place.snapshot_tree(holder.snapshot.id));
}

Answer<void> bring_from(const Call& call, HeldReplica& held, const SnapshotHolder& holder) {
  const SnapshotId id = holder.snapshot.id;
  PASIG_TRY(Manifest manifest, read_snapshot_manifest(holder.side.place, holder.snapshot));
  for (Entry& entry : manifest.tree.entries) entry.inode = 0;
  PASIG_CHECK(sweep_staging(held));
  PASIG_TRY(const std::string staging, make_staging(held, "snapshot"));
  PASIG_TRY(KeptNotes notes, KeptNotes::of(held));
  PASIG_TRY(auto bases, bases_here(held, manifest));
  PASIG_CHECK(fetch(call, held,
                    {.source = holder.side,
                     .tree = holder.side.place.snapshot_tree(id),
                     .manifest = manifest,
                     .name = "snapshot " + to_string(id),
                     .target = staging + "/tree",
                     .bases = std::move(bases),
                     .leaves_reserve = held.record.role == StoredRole::active}));
  PASIG_CHECK(
      publish_snapshot(held, {holder.snapshot, staging, std::move(manifest)}, call.patience));
  return notes.renew();
}

Answer<void> bring_one(const Call& call, HeldReplica& held, const SnapshotRef& snapshot) {
  for (const SnapshotHolder& holder : holders_of(call, snapshot, held.place().replica)) {
    auto brought = bring_from(call, held, holder);
    if (brought) return {};
    CallFailure failure = at(held.place(), std::move(brought).error());
    if (is_of_source(call, holder, failure)) continue;
    failure.words = "bringing snapshot " + to_string(snapshot.id) + " from replica " +
                    to_string(holder.side.place.replica) + ": " + failure.words;
    return tl::unexpected(std::move(failure));
  }
  return {};
}

bool is_wanted(const ReplicaPlace& place, const SnapshotRef& snapshot) {
  return !snapshot.is_deleting && !snapshot.digest.empty() &&
         !has_snapshot(place, snapshot).value_or(true);
}

}  // namespace

std::vector<SnapshotHolder> holders_of(const Call& call, const SnapshotRef& snapshot,
                                       ReplicaId besides) {
  std::vector<const ReplicaRef*> replicas;
  for (const ReplicaRef& replica : call.share.replicas)
    if (replica.id != besides && !replica.controller.empty()) replicas.push_back(&replica);
  std::stable_sort(replicas.begin(), replicas.end(),
                   [&snapshot](const ReplicaRef* a, const ReplicaRef* b) {
                     return rank(snapshot, *a) < rank(snapshot, *b);
                   });
  std::vector<SnapshotHolder> holders;
  for (const ReplicaRef* replica : replicas) {
    auto side = look_at(call, *replica);
    const auto record = side ? peek(*side) : Answer<std::optional<ReplicaRecord>>();
    if (!side || !record || !*record || (*record)->role == StoredRole::deleting) continue;
    auto found = find_snapshot(side->place, snapshot.id);
    if (!found || !*found) continue;
    if (!snapshot.digest.empty() && (*found)->digest != snapshot.digest) continue;
    holders.push_back({std::move(*side), std::move(**found)});
  }
  return holders;
}

Answer<void> bring_snapshots(const Call& call, HeldReplica& held) {
  PASIG_CHECK(remove_deleting(call, held));
  for (const SnapshotRef& snapshot : call.share.snapshots)
    if (is_wanted(held.place(), snapshot)) PASIG_CHECK(bring_one(call, held, snapshot));
  return {};
}

void bring_back_snapshots(const Call& call, const ReplicaRef& active, const Side& side) {
  const bool lacks =
      std::any_of(call.share.snapshots.begin(), call.share.snapshots.end(),
                  [&side](const SnapshotRef& snapshot) { return is_wanted(side.place, snapshot); });
  if (!lacks) return;
  auto held = hold_active(call, active);
  if (!held || bring_snapshots(call, *held)) return;
  // What was copied so far keeps room from the clients.
  static_cast<void>(sweep_staging(*held));
}

}  // namespace pasig::drivers::directory
