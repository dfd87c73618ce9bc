#include "drivers/directory/status.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "drivers/directory/active_change.h"
#include "drivers/directory/asides.h"
#include "drivers/directory/demotion.h"
#include "drivers/directory/door.h"
#include "drivers/directory/exports.h"
#include "drivers/directory/fence.h"
#include "drivers/directory/files.h"
#include "drivers/directory/generations.h"
#include "drivers/directory/inode_flags.h"
#include "drivers/directory/promotion.h"
#include "drivers/directory/size.h"
#include "drivers/directory/snapshot_store.h"
#include "drivers/directory/snapshot_usage.h"

namespace pasig::drivers::directory {
namespace {

class Status {
 public:
  Status(const Call& call, const ReplicaRef& replica, HeldReplica& held)
      : call_(call), replica_(replica), held_(held), place_(held.place()) {}

  Answer<Health> run() {
    health_.present = true;
    PASIG_CHECK(sweep_staging(held_));  // of a call that died: the lock says that it is gone
    if (replica_.role == Role::active) PASIG_CHECK(look_after_active());
    else PASIG_CHECK(look_after_other());
    for (const Aside& aside : held_.found_aside)
      health_.repaired.push_back("kept aside what clients made at " + place_.exported() +
                                 " while there was no export: " + aside.path);
    PASIG_CHECK(look_after_snapshots());
    PASIG_CHECK(forget_removed_peers());
    PASIG_TRY(health_.aside, list_asides(held_));
    health_.epoch_on_storage = held_.record.epoch;
    health_.role_on_storage = role_of(held_.record.role);
    health_.exports = exports_of(place_, call_.share.replication, held_.record.role);
    PASIG_TRY(const auto latest, latest_generation(place_));
    if (latest) health_.latest = latest->copy();
    // Of a share that was never frozen, an adopted snapshot is all that is known.
    const Manifest newest = latest.value_or(Manifest{});
    PASIG_TRY(const std::uint64_t of_snapshots, bytes_of_snapshots_alone(held_, newest));
    health_.used_bytes = newest.tree.bytes() + of_snapshots;
    health_.writable_probe_ok = probe();
    return std::move(health_);
  }

 private:
  Answer<void> look_after_active() {
    if (held_.record.role != StoredRole::active) {
      health_.repaired.push_back("storage has this replica as no active one; nothing was opened");
      return {};
    }
    PASIG_CHECK(take_back_fence());
    if (held_.record.fence.stage != StoredFence::Stage::none) return {};
    if (!exists(place_.live()) && !exists(place_.prepared())) {
      health_.present = false;
      health_.repaired.push_back("the live tree is not there");
      return {};
    }
    const bool was_exported = exists(place_.exported());
    PASIG_CHECK(look_after_size());
    PASIG_CHECK(look_after_door());
    PASIG_CHECK(open_live(held_, call_.clock));
    if (!was_exported) health_.repaired.push_back("gave the export back");
    return {};
  }

  Answer<void> look_after_size() {
    PASIG_TRY(const bool was_missing, apply_size(call_, held_));
    if (was_missing)
      health_.repaired.push_back("limited the live tree to the share's size again: " +
                                 std::to_string(call_.share.size_gb) + " GiB");
    return {};
  }

  Answer<void> look_after_door() {
    PASIG_TRY(const Door door, set_door(call_, held_));
    if (door.was_wrong)
      health_.repaired.push_back("put right who may pass through " + place_.top());
    return {};
  }

  // A fence over the side that the log has as active belongs to a change that did not come
  // about, unless its new side opened: then that change is finished by its operation.
  Answer<void> take_back_fence() {
    const StoredFence fence = held_.record.fence;
    if (fence.stage == StoredFence::Stage::none || is_open_elsewhere()) return {};
    if (fence.committing && !answers(fence.target)) {
      health_.repaired.push_back(
          "stays fenced: the replica that was about to become active does "
          "not answer, it may be open");
      return {};
    }
    PASIG_CHECK(unfence_durably(held_, call_.clock));
    health_.repaired.push_back("lifted the fence of a change that did not come about");
    return {};
  }

  [[nodiscard]] bool is_open_elsewhere() const {
    for (const ReplicaRef& other : call_.share.replicas) {
      const auto side = look_at(call_, other);
      if (!side) continue;
      const auto record = peek(*side);
      if (record && *record && (*record)->role == StoredRole::active &&
          (*record)->epoch > held_.record.epoch)
        return true;
    }
    return false;
  }

  // A replica that the log no longer has was removed: it is open for nobody.
  [[nodiscard]] bool answers(ReplicaId target) const {
    const ReplicaRef* other = call_.share.find(target);
    if (other == nullptr) return true;
    const auto side = look_at(call_, *other);
    return side && peek(*side);
  }

  Answer<void> look_after_other() {
    // Ahead of the log: a change passed its point of no return and is being reported.
    if (held_.record.role == StoredRole::active && held_.record.epoch > call_.share.epoch) {
      PASIG_CHECK(look_after_door());
      return open_live(held_, call_.clock);
    }
    if (held_.record.role == StoredRole::active && held_.record.epoch == call_.share.epoch &&
        call_.share.active() == nullptr)
      return {};
    auto settled = settle(call_, held_);
    if (!settled) return tell_of_fence(std::move(settled).error());
    health_.fenced_now = settled->fenced_now;
    // Raised by a call that died before it could tell.
    if (settled->is_done && replica_.fence_pending && !health_.fenced_now)
      health_.fenced_now = fence_that_holds();
    health_.repaired = std::move(settled->words);
    PASIG_CHECK(look_after_door());
    if (!settled->is_done) return {};
    if (!exists(place_.live())) PASIG_CHECK(release_projects(held_));
    PASIG_TRY(const auto latest, latest_generation(place_));
    if (call_.share.replication != Replication::readable || !latest)
      return clear_export(held_, call_.clock);
    PASIG_CHECK(keep_sealed(held_, *latest, call_.patience));
    return point_export(held_, "frozen/" + std::to_string(latest->generation), call_.clock);
  }

  // The fence is up, though what lies behind it cannot be compared yet: that is told first.
  Answer<void> tell_of_fence(CallFailure failure) {
    const bool is_news = replica_.fence_pending && failure.problem == Problem::unreachable &&
                         held_.record.fence.stage == StoredFence::Stage::enforced;
    if (!is_news) return tl::unexpected(std::move(failure));
    health_.fenced_now = fence_that_holds();
    health_.repaired.push_back(std::move(failure.words));
    return {};
  }

  // Of a replica that is settled: its old tree is fenced, or it has gone.
  [[nodiscard]] FenceReport fence_that_holds() const {
    const StoredFence& fence = held_.record.fence;
    if (fence.stage == StoredFence::Stage::enforced)
      return {.enforced = true, .kind = word(fence.kind), .words = fence.words};
    return {.enforced = true, .kind = {}, .words = "the tree that it was active with is gone"};
  }

  Answer<void> look_after_snapshots() {
    PASIG_TRY(auto removed, remove_deleting(call_, held_));
    PASIG_TRY(auto sealed, keep_snapshots_sealed(call_, held_));
    for (auto* words : {&removed, &sealed})
      health_.repaired.insert(health_.repaired.end(), words->begin(), words->end());
    health_.snapshots = complete_snapshots(call_.share, place_);
    return {};
  }

  Answer<void> forget_removed_peers() {
    const auto removed = std::erase_if(held_.record.peers, [this](const auto& peer) {
      const auto id = ReplicaId::parse(peer.first);
      return !id || call_.share.find(*id) == nullptr;
    });
    return removed == 0 ? Answer<void>() : held_.save();
  }

  // Writes, reads back and removes a few bytes.
  [[nodiscard]] bool probe() const {
    if (!make_directory_durably(place_.staging(), 0700)) return false;
    const std::string path = place_.staging() + "/probe";
    const std::string wrote = to_string(random_uuid());
    const auto read = write_file_durably(path, wrote).and_then([&] { return read_file(path); });
    return remove_file_durably(path) && read && *read == wrote;
  }

  const Call& call_;
  const ReplicaRef& replica_;
  HeldReplica& held_;
  const ReplicaPlace& place_;
  Health health_;
};

// Says which root this replica was seen on by the others, when it is not on this one.
std::string where_it_was(const Call& call, const ReplicaRef& replica, const Side& side) {
  const auto uuid = seen_elsewhere(call, replica, side);
  return uuid ? "; it was on the root " + *uuid + ", this one is " + side.root.uuid : std::string();
}

}  // namespace

Role role_of(StoredRole role) {
  switch (role) {
    case StoredRole::active:
      return Role::active;
    case StoredRole::secondary:
      return Role::secondary;
    case StoredRole::none:
    case StoredRole::deleting:
      return Role::none;
  }
  return Role::none;
}

Answer<Health> update_status(const Call& call, const ReplicaRef& replica) {
  PASIG_TRY(const Side side, look_at(call, replica));
  PASIG_TRY(const auto record, peek(side));
  if (!record)
    return tl::unexpected(mismatch(side.place,
                                   "replica " + to_string(replica.id) + " is not on " +
                                       side.place.root + where_it_was(call, replica, side),
                                   "mount the right root, or remove the replica and add another"));
  PASIG_TRY(HeldReplica held, hold(call, replica));
  auto health = Status(call, replica, held).run();
  if (!health) return tl::unexpected(at(held.place(), std::move(health).error()));
  return health;
}

}  // namespace pasig::drivers::directory
