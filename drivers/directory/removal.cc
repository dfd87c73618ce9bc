#include "drivers/directory/removal.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "drivers/directory/adoption.h"
#include "drivers/directory/demotion.h"
#include "drivers/directory/exports.h"
#include "drivers/directory/files.h"
#include "drivers/directory/inode_flags.h"
#include "drivers/directory/size.h"

namespace pasig::drivers::directory {
namespace {

Answer<std::vector<Remains>> move_aside_out(const ReplicaPlace& place) {
  std::vector<Remains> remains;
  const std::string kept = place.root + "/aside-kept";
  const std::string of_share = kept + "/" + to_string(place.share);
  const std::string target = place.aside_of_removed();
  PASIG_TRY(const auto names, names_in(place.aside()));
  if (!names.empty()) {
    for (const std::string& directory : {kept, of_share, target})
      PASIG_CHECK(make_directory_durably(directory, 0700));
    for (const std::string& name : names) {
      const std::string from = place.aside() + "/" + name;
      PASIG_CHECK(move_sealed(from, target + "/" + name));
    }
  }
  PASIG_TRY(const auto all_kept, names_in(target));
  for (const std::string& name : all_kept) {
    if (!is_directory(target + "/" + name)) continue;
    // It is the operator's from here on: rm has to be able to remove it.
    PASIG_CHECK(unseal_all(target + "/" + name));
    PASIG_TRY(const Tree tree, scan(target + "/" + name, std::stop_token()));
    remains.push_back({.replica = place.replica,
                       .controller = place.controller,
                       .bytes = tree.bytes(),
                       .words = "data kept aside stays at " + target + "/" + name});
  }
  return remains;
}

// The record last but the lock: whoever comes back finds "deleting", or nothing.
Answer<void> remove_everything(const ReplicaPlace& place) {
  // A directory there, made by a client since it was looked at, goes with all the rest.
  if (!is_directory(place.exported())) PASIG_CHECK(remove_file_durably(place.exported()));
  PASIG_CHECK(unmount_all(place.live()));
  for (const std::string& tree : {place.live(), place.prepared(), place.snapshots(), place.frozen(),
                                  place.staging(), place.aside()})
    PASIG_CHECK(remove_tree(tree));
  PASIG_CHECK(remove_file_durably(place.fence_before()));
  PASIG_CHECK(remove_file_durably(place.fence_after()));
  PASIG_CHECK(remove_file_durably(place.record()));
  PASIG_CHECK(remove_tree(place.top()));
  // The share's directory goes with its last replica here.
  if (::rmdir(place.share_directory().c_str()) != 0 && errno != ENOENT && errno != ENOTEMPTY &&
      errno != EEXIST)
    return tl::unexpected(system_failure(errno, "removing", place.share_directory()));
  return {};
}

// What only this replica has goes aside first: its clients may have written here after another
// one became active. The active replica's own tree is what the removal is about.
Answer<void> keep_what_is_its_own(const Call& call, const ReplicaRef& replica, HeldReplica& held) {
  if (replica.role != Role::secondary) return {};
  const bool is_behind = held.record.epoch < call.share.epoch;
  if (!is_behind && !exists(held.place().live())) return {};
  PASIG_TRY(const Settled settled, settle_without_waiting(call, held));
  PASIG_TRY(const Settled retired,
            settled.is_done ? retire_live(call, held, WhenOpen::keep_aside) : Settled{});
  // A writer cannot be kept out: what it has written so far is kept.
  if (!settled.is_done && exists(held.place().live())) PASIG_CHECK(set_live_aside(call, held));
  return {};
}

Answer<Removed> remove_present(const Call& call, const ReplicaRef& replica, const Side& side) {
  const ReplicaPlace& place = side.place;
  PASIG_TRY(const auto record, peek(side));
  if (record && call.context.token < record->highest_token)
    return tl::unexpected(
        CallFailure{.problem = Problem::stale_token,
                    .unknown = false,
                    .controller = place.controller,
                    .words = "a newer operation was at replica " + to_string(replica.id),
                    .hint = {}});
  PASIG_TRY(ReplicaLock lock, ReplicaLock::take(place, call.patience));
  PASIG_TRY(auto now, peek(side));
  HeldReplica held{side, std::move(lock), now.value_or(ReplicaRecord{})};
  if (now) {
    if (call.context.token < now->highest_token)
      return tl::unexpected(mismatch(place, "a newer operation came first"));
    PASIG_CHECK(undo_adoption(held));
    PASIG_CHECK(clear_export(held, call.clock));
    if (now->role != StoredRole::deleting) PASIG_CHECK(keep_what_is_its_own(call, replica, held));
    held.record.role = StoredRole::deleting;
    held.record.highest_token = call.context.token;
    PASIG_CHECK(held.save());
    PASIG_CHECK(release_projects(held));
  }
  PASIG_TRY(auto kept, move_aside_out(place));
  PASIG_CHECK(remove_everything(place));
  return Removed{std::move(kept)};
}

// A root in the place of the one that the replica lies on has nothing of it: that is not "gone".
Answer<void> is_its_root(const Call& call, const ReplicaRef& replica, const Side& side) {
  if (exists(side.place.top())) return {};
  const auto uuid = seen_elsewhere(call, replica, side);
  if (!uuid) return {};
  return tl::unexpected(mismatch(side.place,
                                 "replica " + to_string(replica.id) + " lies on the root " + *uuid +
                                     ", but " + side.place.root + " is the root " + side.root.uuid,
                                 "mount the right root, or remove the replica with force, which "
                                 "leaves that end behind"));
}

Answer<Removed> remove_here(const Call& call, const ReplicaRef& replica, const Side& side) {
  PASIG_CHECK(is_its_root(call, replica, side));
  if (exists(side.place.top())) return remove_present(call, replica, side);
  PASIG_TRY(auto kept, move_aside_out(side.place));
  return Removed{std::move(kept)};
}

bool is_away(const CallFailure& failure) {
  return failure.problem == Problem::unreachable || failure.problem == Problem::mismatch;
}

Remains left_behind(const ReplicaRef& replica, const CallFailure& failure) {
  return {.replica = replica.id,
          .controller = replica.controller,
          .bytes = 0,
          .words = "not removed: " + failure.words};
}

}  // namespace

Answer<void> remove_without_live(const ReplicaPlace& place) {
  if (is_directory(place.live()))
    return tl::unexpected(mismatch(place, "the live tree is still at " + place.live()));
  return remove_everything(place);
}

Answer<Removed> remove_replica(const Call& call, const ReplicaRef& replica, bool force) {
  auto side = look_at(call, replica);
  if (!side) {
    if (!force || !is_away(side.error())) return tl::unexpected(std::move(side).error());
    return Removed{{left_behind(replica, side.error())}};
  }
  auto removed = remove_here(call, replica, *side);
  if (removed) return removed;
  CallFailure failure = at(side->place, std::move(removed).error());
  if (!force || !is_away(failure)) return tl::unexpected(std::move(failure));
  return Removed{{left_behind(replica, failure)}};
}

Answer<Removed> remove_share(const Call& call, bool force) {
  std::vector<const ReplicaRef*> replicas;
  for (const ReplicaRef& replica : call.share.replicas)
    if (!replica.controller.empty()) replicas.push_back(&replica);  // the others were never placed
  // The active one last: it tells what the others have of their own.
  std::stable_partition(replicas.begin(), replicas.end(),
                        [](const ReplicaRef* one) { return one->role != Role::active; });
  // Asked first: a delete that cannot be completed takes nothing away.
  for (const ReplicaRef* replica : replicas) {
    if (force) break;
    const auto asked = look_at(call, *replica).and_then([&](const Side& side) {
      return is_its_root(call, *replica, side);
    });
    if (asked) continue;
    CallFailure failure = asked.error();
    if (failure.hint.empty()) failure.hint = "delete with force leaves that end behind";
    return tl::unexpected(std::move(failure));
  }
  Removed all;
  for (const ReplicaRef* replica : replicas) {
    PASIG_TRY(Removed one, remove_replica(call, *replica, force));
    for (Remains& rest : one.remains) all.remains.push_back(std::move(rest));
  }
  return all;
}

}  // namespace pasig::drivers::directory
