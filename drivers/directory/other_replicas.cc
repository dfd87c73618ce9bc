#include "drivers/directory/other_replicas.h"

#include <utility>

namespace pasig::drivers::directory {
namespace {

std::pair<std::uint64_t, std::uint64_t> age_of(const Manifest& copy) {
  return {copy.epoch, copy.generation};
}

tl::unexpected<CallFailure> refuse(const std::string& controller, Problem problem,
                                   std::string words, std::string hint) {
  return tl::unexpected(CallFailure{.problem = problem,
                                    .unknown = false,
                                    .controller = controller,
                                    .words = std::move(words),
                                    .hint = std::move(hint)});
}

}  // namespace

Answer<void> refuse_other_open(const Call& call, const ActiveChangeRequest& request) {
  for (const ReplicaRef& other : call.share.replicas) {
    if (other.id == request.replica) continue;
    const auto side = look_at(call, other);
    if (!side) continue;
    const auto found = peek(*side);
    if (!found || !*found || (*found)->epoch <= call.share.epoch) continue;
    const bool is_open = (*found)->role == StoredRole::active;
    if (!is_open && other.role != Role::active) continue;
    return refuse(side->place.controller, Problem::stale_token,
                  "replica " + to_string(other.id) + " is already " +
                      (is_open ? "open under" : "in") + " epoch " + std::to_string((*found)->epoch),
                  "its change is being finished");
  }
  return {};
}

Answer<void> refuse_older(const Call& call, const ActiveChangeRequest& request,
                          const ReplicaPlace& chosen) {
  PASIG_TRY(const auto mine, latest_generation(chosen));
  if (!mine)
    return refuse(chosen.controller, Problem::failed, "the replica holds no complete copy to open",
                  "choose a replica that was in_sync");
  if (request.accept_older) return {};
  for (const ReplicaRef& other : call.share.replicas) {
    if (other.id == request.replica || other.role == Role::active) continue;
    const auto side = look_at(call, other);
    if (!side) continue;
    const auto theirs = latest_generation(side->place);
    if (!theirs || !*theirs || age_of(**theirs) <= age_of(*mine)) continue;
    return refuse(chosen.controller, Problem::failed,
                  "replica " + to_string(other.id) + " on " + other.controller +
                      " is newer: generation " + std::to_string((*theirs)->generation) + " of " +
                      to_string((*theirs)->data_as_of) + " UTC, this one has " +
                      std::to_string(mine->generation),
                  "choose that one, or accept the older one");
  }
  return {};
}

std::vector<ReplicaId> find_diverged(const Call& call, const ActiveChangeRequest& request,
                                     const Manifest& base) {
  std::vector<ReplicaId> ahead;
  for (const ReplicaRef& other : call.share.replicas) {
    if (other.id == request.replica || other.role == Role::active) continue;
    const auto side = look_at(call, other);
    if (!side) continue;
    const auto theirs = latest_generation(side->place);
    if (theirs && *theirs && (*theirs)->epoch <= call.share.epoch &&
        age_of(**theirs) > age_of(base))
      ahead.push_back(other.id);
  }
  return ahead;
}

}  // namespace pasig::drivers::directory
