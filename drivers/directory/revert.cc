#include "drivers/directory/revert.h"

#include <sys/stat.h>

#include <cerrno>

#include "drivers/directory/active_change.h"
#include "drivers/directory/files.h"
#include "drivers/directory/generations.h"
#include "drivers/directory/inode_flags.h"
#include "drivers/directory/live_from_snapshot.h"
#include "drivers/directory/open_files.h"
#include "drivers/directory/receiver.h"
#include "drivers/directory/size.h"
#include "drivers/directory/snapshots.h"

namespace pasig::drivers::directory {
namespace {

// 0: nothing is there.
std::uint64_t inode_of(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

class Revert {
 public:
  Revert(const Call& call, HeldReplica& held, SnapshotId id)
      : call_(call), held_(held), place_(held.place()), id_(id) {}

  // The generation that live begins with.
  Answer<Manifest> run() {
    if (!is_switched()) {
      if (auto switched = put_in_place(); !switched) return tl::unexpected(undo(switched.error()));
    }
    auto finished = finish();
    if (!finished) {
      finished.error().unknown = true;
      finished.error().words += "; its content is in place already";
    }
    return finished;
  }

 private:
  [[nodiscard]] bool is_switched() const {
    const StoredRevert& revert = held_.record.revert;
    return revert.operation == call_.context.operation && revert.snapshot == id_ &&
           revert.live_inode != 0 && revert.live_inode == inode_of(place_.live());
  }

  [[nodiscard]] tl::unexpected<CallFailure> refuse(Problem problem, std::string words,
                                                   std::string hint) const {
    return tl::unexpected(CallFailure{.problem = problem,
                                      .unknown = false,
                                      .controller = place_.controller,
                                      .words = std::move(words),
                                      .hint = std::move(hint)});
  }

  Answer<void> put_in_place() {
    PASIG_CHECK(refuse_unfit());
    PASIG_TRY(const SnapshotHolder snapshot, own_snapshot());
    PASIG_CHECK(prepare_from(call_, held_, snapshot));
    PASIG_CHECK(enter_project(call_, held_, place_.prepared()));
    PASIG_CHECK(note(snapshot));
    return switch_live();
  }

  // Nothing was changed; what was copied goes, because it keeps room from the clients.
  CallFailure undo(CallFailure failure) {
    if (failure.problem == Problem::stale_token) return failure;
    if (is_switched() || !exists(place_.live())) {
      failure.unknown = true;
      return failure;
    }
    if (held_.record.revert != before_) {
      held_.record.revert = before_;
      static_cast<void>(held_.save());
    }
    static_cast<void>(sweep_staging(held_));
    // The bind mount that a fence of the kind mount needs is there again.
    if (held_.record.fence.stage == StoredFence::Stage::none)
      static_cast<void>(open_live(held_, call_.clock));
    return failure;
  }

  Answer<void> refuse_unfit() const {
    if (held_.record.fence.stage != StoredFence::Stage::none)
      return refuse(Problem::busy,
                    "the active replica is fenced for a change of the active replica",
                    "its status call lifts the fence of a change that did not come about");
    if (!exists(place_.live())) return {};
    PASIG_TRY(const auto mounted, mounted_below(place_.live()));
    if (mounted.empty()) return {};
    return refuse(Problem::busy,
                  mounted +
                      " is another file system, mounted in the share: the old tree could "
                      "not be removed",
                  "unmount it, then try again");
  }

  // After a forced change only another replica may have it.
  Answer<SnapshotHolder> own_snapshot() {
    PASIG_CHECK(bring_snapshots(call_, held_));
    for (const SnapshotRef& wanted : call_.share.snapshots) {
      if (wanted.id != id_ || wanted.is_deleting || !has_snapshot(place_, wanted).value_or(false))
        continue;
      PASIG_TRY(auto found, find_snapshot(place_, id_));
      if (found) return SnapshotHolder{held_.side, std::move(*found)};
    }
    return refuse(Problem::failed,
                  "no replica in reach holds a complete copy of snapshot " + to_string(id_),
                  "nothing was changed; try again when the replica that has it answers");
  }

  // With the inodes of the tree that will be live: the next freeze copies only what is written
  // from then on.
  Answer<void> note(const SnapshotHolder& snapshot) {
    PASIG_TRY(Manifest manifest, read_snapshot_manifest(place_, snapshot.snapshot));
    PASIG_TRY(manifest.generation, reserve_generation(call_, held_));
    PASIG_CHECK(make_directory_durably(place_.staging(), 0700));
    PASIG_TRY(manifest.listed_at_ns, file_system_now(place_.staging()));
    PASIG_TRY(const Tree live, scan(place_.prepared(), call_.patience.cancelled));
    for (Entry& entry : manifest.tree.entries) {
      const Entry* found = live.find(entry.path);
      entry.inode = found == nullptr ? 0 : found->inode;
      entry.ctime_ns = found == nullptr ? 0 : found->ctime_ns;
    }
    manifest.epoch = held_.record.epoch;
    manifest.data_as_of = call_.clock.now();
    manifest.behind_fence = false;
    PASIG_CHECK(write_manifest(place_.reverted(), manifest));
    held_.record.revert = {.operation = call_.context.operation,
                           .snapshot = id_,
                           .generation = manifest.generation,
                           .live_inode = inode_of(place_.prepared())};
    return held_.save();
  }

  // The point of no return.
  Answer<void> switch_live() {
    PASIG_CHECK(call_.patience.check("about to put the content of snapshot " + to_string(id_) +
                                     " in place"));
    PASIG_CHECK(still_ours(held_));
    if (!exists(place_.live())) return rename_durably(place_.prepared(), place_.live());
    PASIG_CHECK(unmount_all(place_.live()));  // its own, of a fence of the kind mount
    PASIG_TRY(const bool is_done, exchange(place_.prepared(), place_.live()));
    if (is_done) return {};
    // A file system without that step: a crash between the two is mended by the next call.
    PASIG_CHECK(
        move_sealed(place_.live(), place_.staging() + "/reverted-" + to_string(random_uuid())));
    return rename_durably(place_.prepared(), place_.live());
  }

  Answer<Manifest> finish() {
    PASIG_CHECK(apply_size(call_, held_));
    PASIG_CHECK(open_live(held_, call_.clock));
    PASIG_TRY(Manifest manifest, read_manifest(place_.reverted()));
    // What a network file system keeps, because it is open, is swept later.
    static_cast<void>(sweep_staging(held_));
    PASIG_TRY(const auto latest, latest_generation(place_));
    const bool was_synced_since = latest && latest->generation >= manifest.generation;
    if (!was_synced_since) PASIG_CHECK(publish_generation(manifest));
    return manifest;
  }

  // After the switch: a sync in between must not take it for what live holds.
  Answer<void> publish_generation(const Manifest& manifest) {
    PASIG_TRY(const std::string staging, make_staging(held_, "revert"));
    PASIG_CHECK(link_frozen(
        call_, held_,
        {.frozen = place_.snapshot_tree(id_), .manifest = manifest, .tree = staging + "/tree"}));
    PASIG_CHECK(publish(held_, staging + "/tree", manifest, call_.patience));
    static_cast<void>(sweep_staging(held_));
    return prune(held_);
  }

  const Call& call_;
  HeldReplica& held_;
  const ReplicaPlace& place_;
  const SnapshotId id_;
  const StoredRevert before_ = held_.record.revert;
};

// What the active replica went back to.
struct Base {
  Side side;
  Manifest manifest;
  StoredRevert revert;
};

Answer<Base> revert_active(const Call& call, const ReplicaRef& active, SnapshotId id) {
  PASIG_TRY(HeldReplica held, hold_active(call, active));
  auto manifest = Revert(call, held, id).run();
  if (manifest) return Base{held.side, std::move(*manifest), held.record.revert};
  CallFailure failure = at(held.place(), std::move(manifest).error());
  failure.words = "reverting to snapshot " + to_string(id) + ": " + failure.words;
  return tl::unexpected(std::move(failure));
}

// By hard links from its own copy of the snapshot: no data is moved. One that cannot follow now
// is brought there by its next sync.
Answer<void> revert_other(const Call& call, const ReplicaRef& replica, const Base& base) {
  PASIG_TRY(HeldReplica held, hold(call, replica));
  const ReplicaPlace& place = held.place();
  if (held.record.role != StoredRole::secondary || held.record.epoch != call.share.epoch ||
      exists(place.live()))
    return tl::unexpected(
        mismatch(place, "replica " + to_string(replica.id) + " does not follow the active one yet",
                 "its next sync brings the reverted content"));
  PASIG_TRY(const auto latest, latest_generation(place));
  const auto age = [](const Manifest& one) { return std::pair(one.epoch, one.generation); };
  if (latest && age(*latest) > age(base.manifest)) return {};  // a later sync was here already
  const bool is_behind = !latest || age(*latest) < age(base.manifest);
  if (is_behind && !exists(base.side.place.frozen(base.manifest.generation)))
    return tl::unexpected(
        mismatch(place, "the active replica went on since", "its next sync brings what it has"));
  PASIG_TRY(const auto found, find_snapshot(place, base.revert.snapshot));
  if (!found || found->digest != base.manifest.digest().hex())
    return tl::unexpected(CallFailure{.problem = Problem::failed,
                                      .unknown = false,
                                      .controller = place.controller,
                                      .words = "replica " + to_string(replica.id) +
                                               " has no copy of snapshot " +
                                               to_string(base.revert.snapshot),
                                      .hint = "its next sync brings the reverted content"});
  auto received = receive(call, held, {base.side, base.manifest, base.revert});
  if (!received) return tl::unexpected(std::move(received).error());
  return {};
}

}  // namespace

Answer<Reverted> revert(const Call& call, SnapshotId id) {
  PASIG_TRY(const ReplicaRef* active, active_of(call.share));
  PASIG_TRY(const Base base, revert_active(call, *active, id));
  Reverted reverted{.base = base.manifest.copy(), .replicas = {}};
  reverted.base.snapshots = complete_snapshots(call.share, base.side.place);
  for (const ReplicaRef& replica : call.share.replicas) {
    if (replica.id == active->id || replica.controller.empty()) continue;
    ReplicaAnswer answer{.replica = replica.id, .failure = std::nullopt};
    if (auto followed = revert_other(call, replica, base); !followed) {
      answer.failure = std::move(followed).error();
      if (answer.failure->controller.empty()) answer.failure->controller = replica.controller;
    }
    reverted.replicas.push_back(std::move(answer));
  }
  return reverted;
}

}  // namespace pasig::drivers::directory
