#include "drivers/directory/held_replica.h"

#include "drivers/directory/files.h"
#include "drivers/directory/processes.h"

namespace pasig::drivers::directory {
namespace {

CallFailure stale(const ReplicaPlace& place, const ReplicaRecord& record) {
  return {.problem = Problem::stale_token,
          .unknown = false,
          .controller = place.controller,
          .words = "a newer operation was at replica " + to_string(place.replica) +
                   " (share version " + std::to_string(record.highest_token.share_version) +
                   ", incarnation " + std::to_string(record.highest_token.incarnation) + ")",
          .hint = "nothing to do: the newer one goes on"};
}

bool is_overtaken(const ReplicaRecord& record, const CallContext& context) {
  if (context.token < record.highest_token) return true;
  return !context.operation.is_nil() && context.operation == record.operation &&
         context.attempt < record.attempt;
}

}  // namespace

CallFailure at(const ReplicaPlace& place, CallFailure failure) {
  if (failure.controller.empty()) failure.controller = place.controller;
  return failure;
}

Call Call::until(Monotonic limit) const {
  Call other = *this;
  return {other.roots,
          other.clock,
          other.share,
          other.context,
          {patience.clock, std::min(limit, patience.until), patience.cancelled}};
}

Call Call::to_the_end() const {
  return {roots, clock, share, context, {patience.clock, Monotonic::max(), std::stop_token()}};
}

Answer<Side> look_at(const Call& call, const ReplicaRef& replica) {
  const auto found = call.roots.find(replica.controller);
  if (found == call.roots.end())
    return tl::unexpected(
        CallFailure{.problem = Problem::unreachable,
                    .unknown = false,
                    .controller = replica.controller,
                    .words = "controller " + replica.controller + " is not one of this driver's",
                    .hint = "add it to this node's configuration"});
  PASIG_TRY(FoundRoot root, found->second->look(call.patience));
  return Side{found->second->place(call.share.id, replica.id), std::move(root),
              &found->second->options()};
}

Answer<std::optional<ReplicaRecord>> peek(const Side& side) {
  auto record = read_record(side.place, side.root.uuid);
  if (!record) return tl::unexpected(at(side.place, std::move(record).error()));
  return record;
}

std::optional<std::string> seen_elsewhere(const Call& call, const ReplicaRef& replica,
                                          const Side& side) {
  for (const ReplicaRef& other : call.share.replicas) {
    if (other.id == replica.id) continue;
    const auto peer = look_at(call, other);
    if (!peer) continue;
    const auto record = peek(*peer);
    if (!record || !*record) continue;
    const auto known = (*record)->peers.find(to_string(replica.id));
    if (known != (*record)->peers.end() && known->second != side.root.uuid) return known->second;
  }
  return std::nullopt;
}

Answer<HeldReplica> hold(const Call& call, const ReplicaRef& replica) {
  PASIG_TRY(Side side, look_at(call, replica));
  const ReplicaPlace& place = side.place;
  if (!exists(place.record()))
    return tl::unexpected(
        mismatch(place, "replica " + to_string(place.replica) + " is not on " + place.root,
                 "was the root replaced, or the replica removed by hand?"));
  auto lock = ReplicaLock::take(place, call.patience);
  if (!lock) return tl::unexpected(at(place, std::move(lock).error()));
  PASIG_TRY(auto record, peek(side));
  if (!record || record->role == StoredRole::deleting)
    return tl::unexpected(
        mismatch(place, "replica " + to_string(place.replica) + " is being deleted"));
  if (is_overtaken(*record, call.context)) return tl::unexpected(stale(place, *record));
  record->highest_token = call.context.token;
  record->operation = call.context.operation;
  record->attempt = call.context.attempt;
  record->runner = this_process();
  record->child = {};
  HeldReplica held{std::move(side), std::move(*lock), std::move(*record)};
  if (auto saved = held.save(); !saved)
    return tl::unexpected(at(held.place(), std::move(saved).error()));
  return held;
}

Answer<HeldReplica> hold_active(const Call& call, const ReplicaRef& active) {
  PASIG_TRY(HeldReplica held, hold(call, active));
  const ReplicaPlace& place = held.place();
  if (held.record.epoch > call.share.epoch)
    return tl::unexpected(
        CallFailure{.problem = Problem::stale_token,
                    .unknown = false,
                    .controller = place.controller,
                    .words = "storage is at epoch " + std::to_string(held.record.epoch) +
                             ", this call is of epoch " + std::to_string(call.share.epoch),
                    .hint = "a change of the active replica is being finished"});
  if (held.record.role != StoredRole::active || held.record.epoch != call.share.epoch)
    return tl::unexpected(mismatch(place,
                                   "replica " + to_string(place.replica) +
                                       " is not active under epoch " +
                                       std::to_string(call.share.epoch) + " on storage",
                                   "nothing is copied from it; its status call finds out"));
  return held;
}

Answer<void> still_ours(const HeldReplica& held) {
  PASIG_TRY(const auto now, peek(held.side));
  const bool ours = now && now->highest_token == held.record.highest_token &&
                    now->operation == held.record.operation &&
                    now->attempt == held.record.attempt && now->epoch == held.record.epoch;
  if (!ours && now) return tl::unexpected(stale(held.place(), *now));
  if (!ours) return tl::unexpected(mismatch(held.place(), "its record is gone"));
  return {};
}

}  // namespace pasig::drivers::directory
