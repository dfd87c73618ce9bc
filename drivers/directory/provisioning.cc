#include "drivers/directory/provisioning.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>

#include "drivers/directory/active_change.h"
#include "drivers/directory/door.h"
#include "drivers/directory/files.h"
#include "drivers/directory/generations.h"
#include "drivers/directory/inode_flags.h"
#include "drivers/directory/live_from_snapshot.h"
#include "drivers/directory/processes.h"
#include "drivers/directory/size.h"

namespace pasig::drivers::directory {
namespace {

constexpr std::uint64_t k_gib = std::uint64_t{1} << 30;

CallFailure refusal(const ReplicaPlace& place, Problem problem, std::string words,
                    std::string hint = {}) {
  return {.problem = problem,
          .unknown = false,
          .controller = place.controller,
          .words = std::move(words),
          .hint = std::move(hint)};
}

Answer<void> check_room(const Side& side, std::uint64_t size_gb) {
  struct statvfs system {};
  const std::string& root = side.place.root;
  if (::statvfs(root.c_str(), &system) != 0)
    return tl::unexpected(at(side.place, system_failure(errno, "asking for the room on", root)));
  const auto total = static_cast<std::uint64_t>(system.f_blocks) * system.f_frsize;
  const auto free = static_cast<std::uint64_t>(system.f_bavail) * system.f_frsize;
  const std::uint64_t reserved = total / 100 * side.options->reserved_percentage;
  if (free > reserved && (free - reserved) / k_gib >= size_gb) return {};
  return tl::unexpected(refusal(side.place, Problem::no_space,
                                root + " has " + std::to_string(free / k_gib) + " GiB free, " +
                                    std::to_string(reserved / k_gib) +
                                    " of them reserved; the share has " + std::to_string(size_gb),
                                "make room there or choose another pool"));
}

// The directory and its lock; then the lock is held.
Answer<ReplicaLock> make_place(const Call& call, const ReplicaPlace& place) {
  PASIG_CHECK(make_directory_durably(place.root + "/shares", 0755));
  PASIG_CHECK(make_directory_durably(place.share_directory(), 0755));
  PASIG_CHECK(make_directory_durably(place.top(), 0755));
  return ReplicaLock::take(place, call.patience);
}

Answer<void> make_live(HeldReplica& held) {
  const ReplicaPlace& place = held.place();
  PASIG_CHECK(make_directory_durably(place.frozen(), 0711));
  if (exists(place.live())) return {};
  // Under another name until it has its mode: a live tree is never half made.
  PASIG_CHECK(remove_tree(place.prepared()));
  return make_directory_durably(place.prepared(), held.side.options->share_mode);
}

// Both ends remember each other's root, so that a replaced one is noticed after a restart.
Answer<void> introduce(const Call& call, HeldReplica& held) {
  for (const ReplicaRef& other : call.share.replicas) {
    if (other.id == held.place().replica) continue;
    const auto side = look_at(call, other);
    if (side) held.record.peers[to_string(other.id)] = side->root.uuid;
  }
  return held.save();
}

Answer<void> make_live_from(const Call& call, HeldReplica& held, const SnapshotSource& source) {
  PASIG_CHECK(make_directory_durably(held.place().frozen(), 0711));
  if (exists(held.place().live())) return {};
  return prepare_from_any(call, held, source);
}

// The content comes from nowhere, or from a snapshot.
Answer<Created> create_held(const Call& call, HeldReplica& held, const SnapshotSource* source) {
  ReplicaRecord& record = held.record;
  if (record.role == StoredRole::secondary)
    return tl::unexpected(mismatch(held.place(), "the replica is a secondary on storage"));
  if (record.role == StoredRole::none) {
    PASIG_CHECK(source == nullptr ? make_live(held) : make_live_from(call, held, *source));
    record.role = StoredRole::active;
    record.epoch = std::max<std::uint64_t>(call.share.epoch, 1);
    record.live_epoch = record.epoch;
    PASIG_CHECK(held.save());
  }
  if (record.fence.stage == StoredFence::Stage::none) {
    PASIG_CHECK(apply_size(call, held));
    PASIG_CHECK(set_door(call, held));
    PASIG_CHECK(open_live(held, call.clock));
  }
  return Created{exports_of(held.place(), call.share.replication, StoredRole::active)};
}

Answer<Added> add_held(const Call& call, HeldReplica& held) {
  ReplicaRecord& record = held.record;
  if (record.role == StoredRole::active)
    return tl::unexpected(mismatch(held.place(), "the replica is active on storage"));
  PASIG_CHECK(make_directory_durably(held.place().frozen(), 0711));
  record.role = StoredRole::secondary;
  record.epoch = std::max(record.epoch, call.share.epoch);
  PASIG_CHECK(introduce(call, held));
  PASIG_CHECK(set_door(call, held));
  Added added;
  added.exports = exports_of(held.place(), call.share.replication, StoredRole::secondary);
  PASIG_TRY(const auto latest, latest_generation(held.place()));
  if (latest) added.copy = latest->copy();
  return added;
}

}  // namespace

Answer<void> refuse_writable(const ReplicaPlace& place, Replication replication) {
  if (replication != Replication::writable) return {};
  return tl::unexpected(refusal(place, Problem::unsupported,
                                "the directory driver cannot merge writers: no writable replicas",
                                "use a share type with readable or dr replication"));
}

Answer<HeldReplica> hold_new(const Call& call, Side side) {
  PASIG_TRY(ReplicaLock lock, make_place(call, side.place));
  PASIG_TRY(auto found, peek(side));
  if (found && (call.context.token < found->highest_token || found->role == StoredRole::deleting))
    return tl::unexpected(
        refusal(side.place, Problem::stale_token,
                "a newer operation was at replica " + to_string(side.place.replica)));
  ReplicaRecord record = found.value_or(ReplicaRecord{});
  record.share = side.place.share;
  record.replica = side.place.replica;
  record.controller_uuid = side.root.uuid;
  record.highest_token = call.context.token;
  record.operation = call.context.operation;
  record.attempt = call.context.attempt;
  record.runner = this_process();
  HeldReplica held{std::move(side), std::move(lock), std::move(record)};
  PASIG_CHECK(held.save());
  return held;
}

namespace {

Answer<Created> create(const Call& call, const ReplicaRef& replica, const SnapshotSource* source) {
  PASIG_TRY(Side side, look_at(call, replica));
  PASIG_CHECK(refuse_writable(side.place, call.share.replication));
  if (!exists(side.place.record())) PASIG_CHECK(check_room(side, call.share.size_gb));
  const ReplicaPlace place = side.place;
  auto held = hold_new(call, std::move(side));
  if (!held) return tl::unexpected(at(place, std::move(held).error()));
  auto created = create_held(call, *held, source);
  if (!created) return tl::unexpected(at(place, std::move(created).error()));
  return created;
}

}  // namespace

Answer<Created> create_share(const Call& call, const ReplicaRef& replica) {
  return create(call, replica, nullptr);
}

Answer<Created> create_from_snapshot(const Call& call, const ReplicaRef& replica,
                                     const SnapshotSource& source) {
  return create(call, replica, &source);
}

Answer<Added> add_replica(const Call& call, const ReplicaRef& replica) {
  PASIG_TRY(Side side, look_at(call, replica));
  PASIG_CHECK(refuse_writable(side.place, call.share.replication));
  if (call.share.replication == Replication::none)
    return tl::unexpected(
        refusal(side.place, Problem::unsupported, "the share's type has no replication"));
  if (!exists(side.place.record())) PASIG_CHECK(check_room(side, call.share.size_gb));
  const ReplicaPlace place = side.place;
  auto held = hold_new(call, std::move(side));
  if (!held) return tl::unexpected(at(place, std::move(held).error()));
  auto added = add_held(call, *held);
  if (!added) return tl::unexpected(at(place, std::move(added).error()));
  return added;
}

}  // namespace pasig::drivers::directory
