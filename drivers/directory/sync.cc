#include "drivers/directory/sync.h"

#include "drivers/directory/active_change.h"
#include "drivers/directory/demotion.h"
#include "drivers/directory/door.h"
#include "drivers/directory/files.h"
#include "drivers/directory/freezer.h"
#include "drivers/directory/receiver.h"
#include "drivers/directory/snapshot_copies.h"

namespace pasig::drivers::directory {
namespace {

struct Frozen {
  Side source;
  Manifest manifest;
  std::map<std::uint64_t, std::uint64_t> bases;
  StoredRevert revert;
};

// The root that the replica lies on, if it answers and has it.
std::optional<std::string> root_of(const Call& call, const ReplicaRef& replica) {
  const auto side = look_at(call, replica);
  if (!side) return std::nullopt;
  const auto record = peek(*side);
  if (!record || !*record) return std::nullopt;
  return side->root.uuid;
}

// On the active one, so that a root put in the place of this one is told for what it is.
Answer<void> note_peer(HeldReplica& held, ReplicaId peer, const std::optional<std::string>& root) {
  if (!root) return {};
  std::string& known = held.record.peers[to_string(peer)];
  if (known == *root) return {};
  known = *root;
  return held.save();
}

Answer<Frozen> freeze_active(const Call& call, const ReplicaRef& active, const ReplicaRef& target) {
  const Time asked = call.clock.now();
  const auto root_of_target = root_of(call, target);
  PASIG_TRY(HeldReplica held, hold_active(call, active));
  PASIG_CHECK(note_peer(held, target.id, root_of_target));
  const ReplicaPlace& place = held.place();
  // Another secondary's sync that was waited for has just frozen it.
  PASIG_TRY(auto latest, latest_generation(place));
  // A clock that was set back makes an old freeze look like a later one: that is none.
  if (latest && latest->data_as_of >= asked && latest->data_as_of <= call.clock.now())
    return Frozen{held.side, std::move(*latest), held.record.bases, held.record.revert};
  const bool behind_fence = held.record.fence.stage == StoredFence::Stage::enforced;
  PASIG_TRY(Manifest manifest, freeze(call, held, behind_fence));
  return Frozen{held.side, std::move(manifest), held.record.bases, held.record.revert};
}

Answer<Copy> bring(const Call& call, HeldReplica& held, const Frozen& frozen) {
  if (held.record.role == StoredRole::active && held.record.epoch >= call.share.epoch)
    return tl::unexpected(
        mismatch(held.place(),
                 "the target is active on storage under epoch " + std::to_string(held.record.epoch),
                 "nothing is copied over it; its status call finds out"));
  // Before any act on a side that was away: epochs, fence, and what is its own goes aside.
  PASIG_TRY(Settled settled, settle(call, held));
  if (!settled.is_done)
    return tl::unexpected(CallFailure{.problem = Problem::busy,
                                      .unknown = false,
                                      .controller = held.place().controller,
                                      .words = settled.words.front(),
                                      .hint = "end the process that writes there"});
  held.record.bases.insert(frozen.bases.begin(), frozen.bases.end());
  const auto exports = [&] {
    return exports_of(held.place(), call.share.replication, StoredRole::secondary);
  };
  const auto before = exports();
  PASIG_CHECK(set_door(call, held));
  // A new replica has the old snapshots first, and no replica is newer than a snapshot it lacks.
  PASIG_CHECK(bring_snapshots(call, held));
  PASIG_TRY(Copy copy, receive(call, held, {frozen.source, frozen.manifest, frozen.revert}));
  if (auto now = exports(); now != before) copy.exports = std::move(now);
  PASIG_TRY(Settled retired, retire_live(call, held));
  copy.fenced_now = settled.fenced_now;
  copy.aside = std::move(settled.aside);
  for (Aside& aside : retired.aside) copy.aside.push_back(std::move(aside));
  for (const Aside& aside : held.found_aside) copy.aside.push_back(aside);
  copy.snapshots = complete_snapshots(call.share, held.place());
  return copy;
}

}  // namespace

Answer<Copy> sync(const Call& call, const ReplicaRef& replica) {
  const ReplicaRef* active = call.share.active();
  if (active == nullptr || active->id == replica.id)
    return tl::unexpected(CallFailure{.problem = Problem::failed,
                                      .unknown = false,
                                      .controller = replica.controller,
                                      .words = active == nullptr
                                                   ? "the share has no active replica to copy from"
                                                   : "the active replica is its own source",
                                      .hint = {}});
  PASIG_TRY(const Frozen frozen, freeze_active(call, *active, replica));
  PASIG_TRY(Copy copy, hold(call, replica).and_then([&](HeldReplica held) {
    auto brought = bring(call, held, frozen);
    if (!brought) brought.error() = at(held.place(), std::move(brought).error());
    return brought;
  }));
  bring_back_snapshots(call, *active, frozen.source);
  return copy;
}

}  // namespace pasig::drivers::directory
