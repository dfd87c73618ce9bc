// Sizes of the share on every replica, in the order that never leaves a copy without its room:
// larger on the secondaries first, smaller on the active one first.
#include <algorithm>

#include "drivers/simulated/calls.h"

namespace pasig::drivers::simulated {
namespace {

constexpr std::uint64_t k_gib = std::uint64_t{1} << 30;

}  // namespace

// A side that was away while the size changed, or that an extension which failed left larger,
// follows as soon as it answers. Nothing that is stored is cut off.
Answer<void> SimulatedDriver::follow_size(const ShareRef& share, const ReplicaRef& ref,
                                          StoredReplica& replica) const {
  if (share.size_gb == 0) return {};  // not known yet: its tree is just being taken in
  if (share.size_gb > replica.size_gb)
    PASIG_CHECK(check_room(ref, share.size_gb - replica.size_gb));
  if (share.size_gb > replica.size_gb || replica.tree().bytes <= share.size_gb * k_gib)
    replica.size_gb = share.size_gb;
  return {};
}

std::optional<CallFailure> SimulatedDriver::grow_on(const ShareRef& share, const ReplicaRef& ref,
                                                    const SizeChange& change) {
  auto found = visit(share, ref, change.call, k_extend);
  if (!found) return std::move(found).error();
  StoredReplica& replica = **found;
  if (replica.size_gb >= change.new_size_gb) return std::nullopt;
  auto room = check_room(ref, change.new_size_gb - replica.size_gb);
  if (!room) return std::move(room).error();
  replica.size_gb = change.new_size_gb;
  return std::nullopt;
}

Answer<Resized> SimulatedDriver::grow(const ShareRef& share, std::uint64_t new_size_gb,
                                      const CallContext& call) {
  PASIG_CHECK(refuse_stale(share, call));
  Resized done;
  for (const Role role : {Role::secondary, Role::none, Role::active})
    for (const ReplicaRef& one : share.replicas)
      if (one.role == role && !one.controller.empty())
        done.replicas.push_back(
            {.replica = one.id, .failure = grow_on(share, one, {new_size_gb, call})});
  PASIG_CHECK(refuse_none_reached(done.replicas));
  return done;
}

Answer<void> SimulatedDriver::refuse_too_small(const ShareRef& share,
                                               std::uint64_t new_size_gb) const {
  for (const ReplicaRef& one : share.replicas) {
    const auto found = world_->replicas_.find(one.id);
    if (found == world_->replicas_.end() || !reach(one.controller)) continue;
    const std::uint64_t used = found->second.tree().bytes;
    if (used > new_size_gb * k_gib)
      return tl::unexpected(failure(Problem::too_small, one.controller,
                                    "replica " + to_string(one.id) + " on " + one.controller +
                                        " holds " + std::to_string(used) + " bytes, more than " +
                                        std::to_string(new_size_gb) + " GiB",
                                    "delete what is not needed, or choose a larger size"));
  }
  return {};
}

Answer<Resized> SimulatedDriver::lessen(const ShareRef& share, std::uint64_t new_size_gb,
                                        const CallContext& call) {
  PASIG_CHECK(refuse_stale(share, call));
  PASIG_CHECK(refuse_too_small(share, new_size_gb));
  Resized done;
  for (const Role role : {Role::active, Role::secondary, Role::none})
    for (const ReplicaRef& one : share.replicas) {
      if (one.role != role || one.controller.empty()) continue;
      auto found = visit(share, one, call, k_shrink);
      // The others stay as large as the active one is.
      if (!found && done.replicas.empty()) return tl::unexpected(std::move(found).error());
      if (found) (*found)->size_gb = std::min((*found)->size_gb, new_size_gb);
      done.replicas.push_back(answer_of(one, found));
    }
  return done;
}

}  // namespace pasig::drivers::simulated
