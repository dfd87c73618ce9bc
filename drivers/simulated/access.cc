// Access rules in memory: what holds on each replica, by its role and by what its storage knows.
#include "drivers/simulated/calls.h"

namespace pasig::drivers::simulated {

std::vector<AccessOutcome> SimulatedDriver::grant(const ShareRef& share, const ReplicaRef& ref,
                                                  StoredReplica& replica) const {
  replica.access.clear();
  replica.is_access_ruled = share.is_access_ruled;
  replica.casts_to_readonly = ref.cast_rules_to_readonly;
  std::vector<AccessOutcome> outcomes;
  for (const AccessRule& rule : share.access) {
    if (world_->access_types_.contains(rule.type)) {
      replica.access.push_back(rule);
      outcomes.push_back({.rule = rule.id, .level = level_on(replica, rule), .words = {}});
    } else {
      outcomes.push_back({.rule = rule.id,
                          .level = {},
                          .words = "storage on " + replica.controller +
                                   " cannot enforce rules of type " + rule.type});
    }
  }
  return outcomes;
}

Answer<AccessApplied> SimulatedDriver::apply_access(const ShareRef& share,
                                                    const CallContext& call) {
  PASIG_CHECK(refuse_stale(share, call));
  AccessApplied applied;
  std::vector<ReplicaAnswer> reached;
  for (const ReplicaRef& one : share.replicas) {
    if (one.controller.empty()) continue;  // never placed
    const auto found = visit(share, one, call, k_update_access);
    reached.push_back(answer_of(one, found));
    applied.replicas.push_back(
        {.replica = one.id,
         .failure = reached.back().failure,
         .rules = found ? grant(share, one, **found) : std::vector<AccessOutcome>()});
  }
  PASIG_CHECK(refuse_none_reached(reached));
  return applied;
}

}  // namespace pasig::drivers::simulated
