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

bool has_to_settle(const Surroundings& now, const Replica& replica) {
  // A new replica, one whose role or epoch changed, and one that an admin has resynced do not
  // come and go: they are awaited.
  const bool awaited = replica.note.empty() || replica.accepts_mass_deletion ||
                       says(replica, OutOfSyncReason::demoted) ||
                       says(replica, OutOfSyncReason::diverged) ||
                       says(replica, OutOfSyncReason::epoch);
  return !awaited && now.now < replica.updated_at.plus_seconds(k_settling_seconds);
}

Events fell_out_of_sync(const Surroundings& now, const ReplicaOfShare& place,
                        const ReplicaFellOutOfSync& fact) {
  const Replica& replica = *place.replica;
  if (!next(replica.state, StateInput::fell_behind)) return {};
  const bool is_worse = replica.state == ReplicaState::in_sync;
  const bool is_known = replica.state == ReplicaState::out_of_sync && says(replica, fact.reason);
  const bool is_news = !is_known && !has_to_settle(now, replica);
  if (!is_worse && !is_news) return {};
  return {fact};
}

}  // namespace pasig
