// Histories to test the fold with: a few ids, facts with their usual fields, and a world that
// takes one record after the other, a second apart.
#pragma once

#include <vector>

#include "statemachine/evolve.h"

namespace pasig::facts {

constexpr ShareId k_share{{1, 1}};
constexpr ReplicaId k_first{{2, 1}};
constexpr ReplicaId k_second{{2, 2}};
constexpr ReplicaId k_third{{2, 3}};
constexpr ShareTypeId k_type{{3, 1}};
constexpr OperationId k_operation{{4, 1}};
constexpr OperationId k_other_operation{{4, 2}};

inline Placement on(const std::string& controller) {
  return {.host = "node@" + controller + "#pool",
          .controller = controller,
          .pool = "pool",
          .zone = "zone-of-" + controller};
}

inline Failure failure(FailureCode code, const std::string& words) {
  return {.code = code, .words = words};
}

inline Event share_created(ReplicationType replication) {
  return ShareCreated{.share = k_share,
                      .name = "accounts",
                      .project = "finance",
                      .size_gb = 3,
                      .type = k_type,
                      .replication = replication,
                      .rpo_seconds = 600,
                      .replica = k_first,
                      .placement = on("a")};
}
inline Event share_provisioned() { return ShareProvisioned{k_share, k_first, 1, {"a:/accounts"}}; }
inline Event replica_add_started(ReplicaId replica, const std::string& controller) {
  return ReplicaAddStarted{k_share, replica, on(controller), true};
}
inline Event replica_added(ReplicaId replica, ReplicaState state) {
  return ReplicaAdded{.share = k_share, .replica = replica, .state = state, .generation = 5};
}
// The second replica becomes active instead of the first one.
inline ActiveReplicaChanged second_became_active() {
  return {.share = k_share,
          .replica = k_second,
          .demoted = k_first,
          .epoch = 2,
          .generation = 17,
          .data_as_of = Time{777},
          .consistency = Consistency::settled,
          .fence = {FenceState::enforced, FenceKind::mode, "not writable"},
          .exports = {"b:/accounts"},
          .demoted_exports = {"a:/accounts (read-only)"}};
}
inline Event operation_requested(OperationKind kind, ReplicaId replica) {
  return OperationRequested{.operation = k_operation,
                            .kind = kind,
                            .share = k_share,
                            .replica = replica,
                            .runs_on = "a",
                            .claim_by = Time{60},
                            .deadline = Time{600}};
}
inline Event operation_started() {
  return OperationStarted{.operation = k_operation,
                          .share = k_share,
                          .node = "node-1",
                          .process = 7,
                          .attempt = 1,
                          .lease_seconds = 300};
}

class History {
 public:
  // One record with these events.
  History& record(const std::vector<Event>& events, std::uint64_t share_version = 0) {
    ++ordinal_;
    for (const Event& event : events)
      evolve(world_, event,
             {.ordinal = ordinal_,
              .time = time(),
              .command_id = "command-" + std::to_string(ordinal_),
              .share_version = share_version});
    return *this;
  }
  // The time of the last record.
  [[nodiscard]] Time time() const {
    return Time{1'000'000'000}.plus_seconds(static_cast<std::int64_t>(ordinal_));
  }
  [[nodiscard]] const World& world() const { return world_; }
  [[nodiscard]] const Share& share() const { return world_.shares.at(k_share); }
  [[nodiscard]] const Replica& replica(ReplicaId id) const { return *share().find(id); }
  [[nodiscard]] const Operation& operation() const { return world_.operations.at(k_operation); }

 private:
  World world_;
  Ordinal ordinal_ = 0;
};

// A share whose first replica is active.
inline History provisioned(ReplicationType replication) {
  return History().record({share_created(replication)}).record({share_provisioned()});
}
// One whose first replica is active, and whose second and third are in sync.
inline History replicated(ReplicationType replication = ReplicationType::readable) {
  History history = provisioned(replication);
  history.record({replica_add_started(k_second, "b")})
      .record({replica_added(k_second, ReplicaState::in_sync)})
      .record({replica_add_started(k_third, "c")})
      .record({replica_added(k_third, ReplicaState::in_sync)});
  return history;
}

}  // namespace pasig::facts
