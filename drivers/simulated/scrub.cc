// Damage that the script put on replicas, found and, on secondaries, repaired.
#include <algorithm>

#include "drivers/simulated/calls.h"

namespace pasig::drivers::simulated {
namespace {

bool is_same_place(const StoredDamage& one, const StoredDamage& other) {
  return one.snapshot == other.snapshot && one.path == other.path;
}

bool holds_good_copy(const StoredReplica& replica, const StoredDamage& damage) {
  if (std::ranges::any_of(replica.damaged,
                          [&](const StoredDamage& one) { return is_same_place(one, damage); }))
    return false;
  if (damage.snapshot) return replica.snapshots.contains(*damage.snapshot);
  return replica.tree().position >= damage.position;
}

std::string where(const StoredReplica& replica, const StoredDamage& damage) {
  if (damage.snapshot) return "snapshot " + to_string(*damage.snapshot);
  if (replica.role == Role::active) return "live";
  return "generation " + std::to_string(replica.latest ? replica.latest->generation : 0);
}

}  // namespace

std::vector<ReplicaId> SimulatedDriver::good_copies(
    const ShareRef& share, ReplicaId replica, const std::vector<StoredDamage>& damaged) const {
  std::vector<ReplicaId> good;
  for (const ReplicaRef& one : share.replicas) {
    const auto found = world_->replicas_.find(one.id);
    if (one.id == replica || found == world_->replicas_.end() || !reach(one.controller)) continue;
    if (std::ranges::all_of(damaged, [&](const StoredDamage& damage) {
          return holds_good_copy(found->second, damage);
        }))
      good.push_back(one.id);
  }
  return good;
}

Answer<Scrubbed> SimulatedDriver::scrub(const ShareRef& share, ReplicaId replica,
                                        const CallContext& call) {
  PASIG_CHECK(ref(share, replica));
  PASIG_CHECK(refuse_stale(share, call));
  PASIG_TRY(StoredReplica * found, find_for(share, replica, call));
  std::vector<Aside> put_aside;  // its status call tells of it
  if (share.find(replica)->role != Role::active)
    PASIG_CHECK(settle(share, replica, *found, put_aside));
  const StoredReplica* source = nullptr;
  if (const auto active = active_of(share); active && found->role != Role::active)
    if (const auto stored = find(share, (*active)->id); stored) source = *stored;
  Scrubbed done{.files = found->tree().version, .bytes = found->tree().bytes};
  for (const auto& [id, one] : found->snapshots) {
    done.files += one.tree.version;
    done.bytes += one.tree.bytes;
  }
  std::vector<StoredDamage> left;
  for (const StoredDamage& one : found->damaged) {
    const bool is_repaired = source != nullptr && holds_good_copy(*source, one);
    done.damage.push_back({.where = where(*found, one),
                           .path = one.path,
                           .words = "its content is not what its manifest says",
                           .is_repaired = is_repaired});
    if (!is_repaired) left.push_back(one);
  }
  done.damaged = found->damaged.size();
  done.repaired = done.damaged - left.size();
  if (!left.empty()) done.good_copies = good_copies(share, replica, left);
  found->damaged = std::move(left);
  return done;
}

}  // namespace pasig::drivers::simulated
