#include "replay/leaving.h"

#include <tuple>

#include "replay/phrases.h"

namespace pasig::replay {
namespace {

auto worth(const Replica& replica) {
  return std::tuple(replica.state == ReplicaState::in_sync, replica.data_as_of);
}

// It still works, so nothing has to be lost.
std::vector<std::string> steps_off_drained(const Share& share, const Replica& replica) {
  const std::string add = text("pasig replica add ", share.id, " --wait");
  const std::string remove = text("pasig replica remove ", replica.id, " --wait");
  if (replica.state != ReplicaState::active || share.replication == ReplicationType::writable)
    return {add, remove};
  if (const Replica* other = best_successor(share, replica))
    return {text("pasig replica set-active ", other->id, " --mode planned --wait"), remove, add};
  return {add, "pasig replica set-active NEW --mode planned --wait", remove};
}

std::vector<std::string> steps_off_retired(const Share& share, const Replica& replica) {
  const std::string remove = text("pasig replica remove ", replica.id);
  const std::string add = text("pasig replica add ", share.id, " --wait");
  const bool is_only_role =
      replica.state == ReplicaState::active && share.replication != ReplicationType::writable;
  if (!is_only_role) return {remove, add};
  if (const Replica* other = best_successor(share, replica))
    return {text("pasig replica set-active ", other->id, " --mode forced --wait"), remove, add};
  return {"(no other replica of this share works: restore its data from a back-up)",
          text("pasig share delete ", share.id)};
}

}  // namespace

const Replica* best_successor(const Share& share, const Replica& active) {
  const Replica* best = nullptr;
  for (const Replica& one : share.replicas) {
    if (one.id == active.id || one.status != ReplicaStatus::available || one.host.empty()) continue;
    if (one.state != ReplicaState::in_sync && !one.data_as_of.is_set()) continue;
    if (best == nullptr || worth(one) > worth(*best)) best = &one;
  }
  return best;
}

std::vector<std::string> steps_away(const Share& share, const Replica& replica, bool is_gone) {
  if (share.replication == ReplicationType::none)
    return {is_gone ? "(not replicated: restore its data from a back-up)"
                    : "(not replicated: copy its files to a share elsewhere)",
            text("pasig share delete ", share.id)};
  return is_gone ? steps_off_retired(share, replica) : steps_off_drained(share, replica);
}

}  // namespace pasig::replay
