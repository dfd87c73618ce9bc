// No row of a machine is there for show. Each is asked for by the decision named here, which
// comes out as written; and with that one row taken out, it comes out differently. A row without
// a scene fails, and so does a scene whose decision does not depend on its row.
#include <array>
#include <utility>

#include "tests/commands/machine_rows.h"

namespace pasig {
namespace {

// ---- a replica's status ----------------------------------------------------------------------
using Status = ReplicaStatus;

void bring_to(Stage& stage, ReplicaStatus status) {
  stage.provision();
  stage.request();
  if (status == Status::creating) return;
  stage.story.finish_first(stage.share);
  if (status == Status::replication_change)
    stage.story.take(SetActiveReplica{.replica = stage.replica});
  if (status == Status::deleting || status == Status::error_deleting)
    stage.story.take(RemoveReplica{stage.replica});
  if (status == Status::error_deleting) stage.story.take(not_done<ReportReplicaRemoved>(stage));
  if (status == Status::error) stage.story.take(stage.broken(stage.replica, FailureCode::lost));
}

Scene in(ReplicaStatus status, const Scene& then) {
  return [=](Stage& stage) {
    bring_to(stage, status);
    return then(stage);
  };
}

Command removal(Stage& stage) { return RemoveReplica{stage.replica}; }

Scenes<ReplicaStatus, StatusInput> status_scenes() {
  using I = StatusInput;
  const auto scene = [](Status from, const char* decided, const Scene& then) {
    return Asked{"dr", decided, in(from, then)};
  };
  const std::string removal_starts = "ReplicaRemovalStarted OperationRequested";
  Scenes<ReplicaStatus, StatusInput> scenes = {
      {{Status::creating, I::added},
       scene(Status::creating, "ReplicaAdded OperationCompleted", finished)},
      {{Status::creating, I::add_failed},
       scene(Status::creating, "ReplicaAddFailed OperationFailed", not_done<ReportReplicaAdded>)},
      {{Status::available, I::change_started},
       scene(Status::available, "ActiveReplicaChangeStarted OperationRequested",
             [](Stage& stage) { return SetActiveReplica{.replica = stage.replica}; })},
      {{Status::available, I::failed},
       scene(Status::available, "ReplicaFailed",
             [](Stage& stage) { return stage.broken(stage.replica, FailureCode::lost); })},
      {{Status::replication_change, I::change_done},
       scene(Status::replication_change, "ActiveReplicaChanged OperationCompleted", finished)},
      {{Status::replication_change, I::change_failed},
       scene(Status::replication_change, "ActiveReplicaChangeFailed OperationFailed",
             not_done<ReportActiveReplicaChanged>)},
      {{Status::deleting, I::removed},
       scene(Status::deleting, "OperationCompleted ReplicaRemoved", finished)},
      {{Status::deleting, I::removal_failed},
       scene(Status::deleting, "ReplicaRemovalFailed OperationFailed",
             not_done<ReportReplicaRemoved>)},
      {{Status::error, I::failed},
       scene(Status::error, "ReplicaFailed",
             [](Stage& stage) { return stage.broken(stage.replica, FailureCode::mismatch); })},
      {{Status::error, I::recovered},
       scene(Status::error, "ReplicaRecovered",
             [](Stage& stage) { return stage.status(stage.replica); })},
  };
  for (const Status from : {Status::available, Status::error, Status::error_deleting})
    scenes[{from, I::removal_started}] = {"dr", removal_starts, in(from, removal)};
  constexpr std::array k_resets = {std::pair(Status::available, I::reset_available),
                                   std::pair(Status::error, I::reset_error),
                                   std::pair(Status::creating, I::reset_creating),
                                   std::pair(Status::deleting, I::reset_deleting),
                                   std::pair(Status::error_deleting, I::reset_error_deleting)};
  for (const Status from : {Status::creating, Status::available, Status::replication_change,
                            Status::deleting, Status::error, Status::error_deleting})
    for (const auto& [to, input] : k_resets)
      scenes[{from, input}] = {"dr", "ReplicaStatusReset", in(from, [to = to](Stage& stage) {
                                 return ResetReplicaStatus{stage.replica, to};
                               })};
  return scenes;
}

TEST(ReplicaStatusRows, AreEachAskedForByADecision) {
  expect_each_row_asked(status_scenes(), k_status_inputs);
}

// ---- a replica's replica_state ---------------------------------------------------------------
using State = ReplicaState;

void bring_to(Stage& stage, ReplicaState state) {
  if (state == State::none) return;
  stage.provision();
  if (state == State::active) return;
  stage.add();
  if (state == State::out_of_sync) stage.story.take(stage.synced(OutOfSyncReason::sync_failed));
  if (state == State::error) stage.story.take(ResetReplicaState{stage.replica, State::error});
  stage.story.later(61);
}

Scene in(ReplicaState state, const Scene& then) {
  return [=](Stage& stage) {
    bring_to(stage, state);
    return then(stage);
  };
}

Command addition(Stage& stage) {
  stage.provision();
  return AddReplica{.share = stage.share};
}

Command addition_without_pools(Stage& stage) {
  stage.provision();
  stage.story.now.pools.clear();
  return AddReplica{.share = stage.share};
}

// The first report of a replica that is being added.
Scene added(bool verified) {
  return [=](Stage& stage) -> Command {
    stage.provision();
    stage.request();
    auto report = std::get<ReportReplicaAdded>(finished(stage));
    report.verified = verified;
    return report;
  };
}

// Where the lists of all states are equal.
void add_common_scenes(Scenes<ReplicaState, StateInput>& scenes) {
  using I = StateInput;
  const Scene change = [](Stage& stage) { return SetActiveReplica{.replica = stage.replica}; };
  const Scene forced_change = [](Stage& stage) {
    return SetActiveReplica{.replica = stage.replica, .mode = ChangeMode::forced};
  };
  const std::string change_starts = "ActiveReplicaChangeStarted OperationRequested";
  for (const State from : {State::in_sync, State::out_of_sync, State::error}) {
    const bool synced = from == State::in_sync;
    scenes[{from, I::confirmed}] = {"dr", synced ? "" : "ReplicaCameInSync",
                                    in(from, [](Stage& stage) { return stage.synced(); })};
    scenes[{from, I::fell_behind}] = {"dr", "ReplicaFellOutOfSync", in(from, [](Stage& stage) {
                                        return stage.synced(OutOfSyncReason::manifest_mismatch);
                                      })};
    scenes[{from, I::promoted_unsynced}] = {"dr", change_starts,
                                            in(from, synced ? forced_change : change)};
    scenes[{from, I::failed}] = {"dr", "ReplicaFailed", in(from, [](Stage& stage) {
                                   return stage.broken(stage.replica, FailureCode::lost);
                                 })};
    scenes[{from, I::resync_requested}] = {
        "dr", "ReplicaResyncRequested",
        in(from, [](Stage& stage) { return ResyncReplica{stage.replica}; })};
    constexpr std::array k_resets = {std::pair(State::in_sync, I::reset_in_sync),
                                     std::pair(State::out_of_sync, I::reset_out_of_sync),
                                     std::pair(State::error, I::reset_error)};
    for (const auto& [to, input] : k_resets)
      scenes[{from, input}] = {"dr", "ReplicaStateReset", in(from, [to = to](Stage& stage) {
                                 return ResetReplicaState{stage.replica, to};
                               })};
    // Of a writable share, where a replica that is not active is one that was not made yet.
    scenes[{from, I::reset_active}] = {"writable", "ReplicaStateReset", [from](Stage& stage) {
                                         stage.provision();
                                         stage.request();
                                         stage.story.take(ResetReplicaState{stage.replica, from});
                                         return ResetReplicaState{stage.replica, State::active};
                                       }};
  }
  scenes[{State::in_sync, I::promoted}] = {"dr", change_starts, in(State::in_sync, change)};
}

Scenes<ReplicaState, StateInput> state_scenes() {
  using I = StateInput;
  const std::string is_added = "ReplicaAdded OperationCompleted";
  Scenes<ReplicaState, StateInput> scenes = {
      {{State::none, I::first_provisioned},
       {"dr", "ShareProvisioned OperationCompleted", finished}},
      {{State::none, I::added_behind}, {"dr", "ReplicaAddStarted OperationRequested", addition}},
      {{State::none, I::placement_failed},
       {"dr", "ReplicaPlacementFailed", addition_without_pools}},
      {{State::active, I::demoted},
       {"dr", "ActiveReplicaChanged OperationCompleted",
        [](Stage& stage) {
          bring_to(stage, Status::replication_change);
          return finished(stage);
        }}},
      {{State::active, I::failed},
       {"dr", "ReplicaFailed",
        in(State::active,
           [](Stage& stage) { return stage.broken(stage.active, FailureCode::lost); })}},
      {{State::out_of_sync, I::first_provisioned}, {"writable", is_added, added(true)}},
      {{State::out_of_sync, I::added_behind}, {"dr", is_added, added(false)}},
      {{State::out_of_sync, I::added_in_sync}, {"dr", is_added, added(true)}},
  };
  add_common_scenes(scenes);
  return scenes;
}

TEST(ReplicaStateRows, AreEachAskedForByADecision) {
  expect_each_row_asked(state_scenes(), k_state_inputs);
}

// ---- an operation ----------------------------------------------------------------------------
Scene requested(std::function<Command(Stage&, OperationId)> then) {
  return [=](Stage& stage) {
    bring_to(stage, Status::creating);
    return then(stage, stage.operation());
  };
}

Scene running(std::function<Command(Stage&, OperationId)> then) {
  return [=](Stage& stage) {
    bring_to(stage, Status::creating);
    return then(stage, stage.story.start_first(stage.share));
  };
}

Command claim(const Stage& stage, OperationId id) {
  return ClaimOperation{.operation = id,
                        .node = "another",
                        .process = 7,
                        .lease_seconds = 300,
                        .attempt = stage.story.operation(id).attempt + 1};
}
Command cancellation(const Stage&, OperationId id) { return CancelOperation{id}; }
Command abandonment(const Stage&, OperationId id) { return AbandonOperation{id, "it hangs"}; }
Command expiry(Stage& stage, OperationId id) {
  stage.story.later(6 * 3600 + 1);
  return ExpireOperation{id};
}
Command rerouting(Stage& stage, OperationId id) {
  stage.story.later(61);
  return RerouteOperation{id, "b", "no worker of a"};
}

Scenes<OperationStatus, OperationInput> operation_scenes() {
  using S = OperationStatus;
  using I = OperationInput;
  const std::string cancelled = "ReplicaAddFailed OperationCancelled";
  return {
      {{S::requested, I::claimed}, {"dr", "OperationStarted", requested(claim)}},
      {{S::requested, I::rerouted}, {"dr", "OperationRerouted", requested(rerouting)}},
      {{S::requested, I::cancel_requested}, {"dr", cancelled, requested(cancellation)}},
      {{S::requested, I::failed}, {"dr", "ReplicaAddFailed OperationFailed", requested(expiry)}},
      {{S::requested, I::cancelled}, {"dr", cancelled, requested(cancellation)}},
      {{S::running, I::claimed}, {"dr", "OperationStarted", running(claim)}},
      {{S::running, I::renewed},
       {"dr", "OperationLeaseRenewed", running([](const Stage&, OperationId id) {
          return RenewLease{id, 1, 300};
        })}},
      {{S::running, I::cancel_requested},
       {"dr", "OperationCancelRequested", running(cancellation)}},
      {{S::running, I::done},
       {"dr", "ReplicaAdded OperationCompleted",
        running([](const Stage& stage, OperationId id) { return done(stage.story, id); })}},
      {{S::running, I::failed}, {"dr", "OperationCancelRequested", running(expiry)}},
      {{S::running, I::cancelled}, {"dr", cancelled, running([](const Stage&, OperationId id) {
                                      return ReportOperationCancelled{id, 1, "as asked"};
                                    })}},
      {{S::requested, I::abandon_requested},
       {"dr", "ReplicaAddFailed OperationFailed", requested(abandonment)}},
      {{S::running, I::abandon_requested},
       {"dr", "OperationAbandonRequested", running(abandonment)}},
  };
}

TEST(OperationRows, AreEachAskedForByADecision) {
  expect_each_row_asked(operation_scenes(), k_operation_inputs);
}

}  // namespace
}  // namespace pasig
