#include "commands/sync_state.h"

namespace pasig {
namespace {

constexpr std::int64_t k_settling_seconds = 60;

}  // namespace

bool is_fresh(const Surroundings& now, const Share& share, Time data_as_of) {
  return data_as_of.is_set() && now.now <= data_as_of.plus_seconds(share.rpo_seconds);
}

// The fold writes the reason's word first in the replica's note.
bool says(const Replica& replica, OutOfSyncReason reason) {
  const std::string_view text = word(reason);
  return replica.note == text || replica.note.starts_with(std::string(text) + ":");
}

// A new replica, one whose role or epoch changed, one that lacks a snapshot or a revert, and one
// that an admin has resynced do not come and go: they are awaited.
bool is_awaited(const Replica& replica) {
  return replica.note.empty() || replica.accepts_mass_deletion ||
         says(replica, OutOfSyncReason::demoted) || says(replica, OutOfSyncReason::diverged) ||
         says(replica, OutOfSyncReason::epoch) ||
         says(replica, OutOfSyncReason::snapshot_missing) ||
         says(replica, OutOfSyncReason::reverted);
}

bool has_to_settle(const Surroundings& now, const Replica& replica) {
  return !is_awaited(replica) && now.now < replica.updated_at.plus_seconds(k_settling_seconds);
}

Events fell_out_of_sync(const Surroundings& now, const ReplicaOfShare& place,
                        const ReplicaFellOutOfSync& fact) {
  const Replica& replica = *place.replica;
  if (!next(replica.state, StateInput::fell_behind)) return {};
  const bool is_worse = replica.state == ReplicaState::in_sync;
  const bool is_known = replica.state == ReplicaState::out_of_sync && says(replica, fact.reason);
  // That an awaited one does not answer yet is no new reason: it stays awaited, and its first sync
  // after that makes it in_sync (replication.md 2).
  const bool is_still_awaited =
      fact.reason == OutOfSyncReason::unreachable && is_awaited(replica) && !replica.note.empty();
  const bool is_news = !is_known && !is_still_awaited && !has_to_settle(now, replica);
  if (!is_worse && !is_news) return {};
  return {fact};
}

}  // namespace pasig
