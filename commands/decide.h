// decide: one overload per command, pure. A decision is made on a ReadView (what is so) and
// Surroundings (what is not in the log: time, pools, limits). Legality of a transition is
// asked of the machines. One file per command.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "commands/command.h"
#include "commands/decision.h"
#include "commands/read_view.h"
#include "scheduler/scheduler.h"

namespace pasig {

// Per project; nullopt = unlimited. Manila's defaults (manila.md 1.15).
struct Quotas {
  std::optional<std::int64_t> shares = 50;
  std::optional<std::int64_t> gigabytes = 1000;
  std::optional<std::int64_t> share_replicas = 100;
  std::optional<std::int64_t> replica_gigabytes = 1000;
  std::optional<std::int64_t> snapshots = 50;
  std::optional<std::int64_t> snapshot_gigabytes = 1000;
};

struct Timings {
  std::uint32_t claim_timeout_seconds = 60;
  std::uint32_t operation_deadline_seconds = 6 * 3600;
  std::uint32_t quiesce_wait_seconds = 30;
  std::uint32_t status_interval_seconds = 300;
  std::uint32_t rpo_seconds = 600;             // of types that do not say
  std::uint32_t sync_interval_seconds = 60;    // of types that do not say
  std::uint32_t snapshot_copy_seconds = 3600;  // until a replica without its copy is out of sync
};

struct Surroundings {
  Time now;
  Actor actor;
  std::string command_id;
  std::vector<PoolReport> pools;
  std::vector<std::string> zones;  // all configured ones
  Quotas quotas;
  Timings timings;
  std::uint32_t placement_attempts_max = 3;
  // The last verified copy of each replica that workers of this node know of (observations).
  struct KnownCopy {
    ReplicaId replica;
    Time data_as_of;
    bool reachable = false;
  };
  std::vector<KnownCopy> copies;
  // The configured controllers; none: whoever decides does not know them.
  std::optional<std::vector<std::string>> controllers;

  // The n-th id that this command makes.
  [[nodiscard]] Uuid make_id(std::uint32_t n) const { return derived_uuid(command_id, n); }
};

Decision decide(ReadView& view, const Surroundings& now, const CreateShareType& command);
Decision decide(ReadView& view, const Surroundings& now, const DeleteShareType& command);
Decision decide(ReadView& view, const Surroundings& now, const CreateShare& command);
Decision decide(ReadView& view, const Surroundings& now, const DeleteShare& command);
Decision decide(ReadView& view, const Surroundings& now, const AddReplica& command);
Decision decide(ReadView& view, const Surroundings& now, const RemoveReplica& command);
Decision decide(ReadView& view, const Surroundings& now, const SetActiveReplica& command);
Decision decide(ReadView& view, const Surroundings& now, const ResyncReplica& command);
Decision decide(ReadView& view, const Surroundings& now, const ResetReplicaStatus& command);
Decision decide(ReadView& view, const Surroundings& now, const ResetReplicaState& command);
Decision decide(ReadView& view, const Surroundings& now, const CancelOperation& command);
Decision decide(ReadView& view, const Surroundings& now, const ClaimOperation& command);
Decision decide(ReadView& view, const Surroundings& now, const RenewLease& command);
Decision decide(ReadView& view, const Surroundings& now, const ReportShareCreated& command);
Decision decide(ReadView& view, const Surroundings& now, const ReportShareDeleted& command);
Decision decide(ReadView& view, const Surroundings& now, const ReportReplicaAdded& command);
Decision decide(ReadView& view, const Surroundings& now, const ReportReplicaRemoved& command);
Decision decide(ReadView& view, const Surroundings& now, const ReportActiveReplicaChanged& command);
Decision decide(ReadView& view, const Surroundings& now, const ReportOperationCancelled& command);
Decision decide(ReadView& view, const Surroundings& now, const ReportSync& command);
Decision decide(ReadView& view, const Surroundings& now, const ReportStatus& command);
Decision decide(ReadView& view, const Surroundings& now, const RerouteOperation& command);
Decision decide(ReadView& view, const Surroundings& now, const ExpireOperation& command);
Decision decide(ReadView& view, const Surroundings& now, const ExpireConfirmation& command);
Decision decide(ReadView& view, const Surroundings& now, const CreateSnapshot& command);
Decision decide(ReadView& view, const Surroundings& now, const DeleteSnapshot& command);
Decision decide(ReadView& view, const Surroundings& now, const ResetSnapshotStatus& command);
Decision decide(ReadView& view, const Surroundings& now, const RevertShare& command);
Decision decide(ReadView& view, const Surroundings& now, const ExtendShare& command);
Decision decide(ReadView& view, const Surroundings& now, const ShrinkShare& command);
Decision decide(ReadView& view, const Surroundings& now, const ResetShareTask& command);
Decision decide(ReadView& view, const Surroundings& now, const GrantAccess& command);
Decision decide(ReadView& view, const Surroundings& now, const RevokeAccess& command);
Decision decide(ReadView& view, const Surroundings& now, const ChangeAccessLevel& command);
Decision decide(ReadView& view, const Surroundings& now, const ChangeAccessMetadata& command);
Decision decide(ReadView& view, const Surroundings& now, const ManageShare& command);
Decision decide(ReadView& view, const Surroundings& now, const UnmanageShare& command);
Decision decide(ReadView& view, const Surroundings& now, const ManageSnapshot& command);
Decision decide(ReadView& view, const Surroundings& now, const UnmanageSnapshot& command);
Decision decide(ReadView& view, const Surroundings& now, const VerifyReplica& command);
Decision decide(ReadView& view, const Surroundings& now, const DeleteAside& command);
Decision decide(ReadView& view, const Surroundings& now, const RestoreAside& command);
Decision decide(ReadView& view, const Surroundings& now, const PauseEffects& command);
Decision decide(ReadView& view, const Surroundings& now, const ResumeEffects& command);
Decision decide(ReadView& view, const Surroundings& now, const AbandonOperation& command);
Decision decide(ReadView& view, const Surroundings& now, const DrainController& command);
Decision decide(ReadView& view, const Surroundings& now, const RetireController& command);
Decision decide(ReadView& view, const Surroundings& now, const SuspendReplication& command);
Decision decide(ReadView& view, const Surroundings& now, const ResumeReplication& command);
Decision decide(ReadView& view, const Surroundings& now, const CleanDebris& command);
Decision decide(ReadView& view, const Surroundings& now, const ForgetDebris& command);
Decision decide(ReadView& view, const Surroundings& now, const ReportSnapshotTaken& command);
Decision decide(ReadView& view, const Surroundings& now, const ReportSnapshotDeleted& command);
Decision decide(ReadView& view, const Surroundings& now, const ReportSnapshotUnmanaged& command);
Decision decide(ReadView& view, const Surroundings& now, const ReportShareReverted& command);
Decision decide(ReadView& view, const Surroundings& now, const ReportShareResized& command);
Decision decide(ReadView& view, const Surroundings& now, const ReportAccessUpdated& command);
Decision decide(ReadView& view, const Surroundings& now, const ReportShareManaged& command);
Decision decide(ReadView& view, const Surroundings& now, const ReportShareUnmanaged& command);
Decision decide(ReadView& view, const Surroundings& now, const ReportAsideDeleted& command);
Decision decide(ReadView& view, const Surroundings& now, const ReportAsideRestored& command);
Decision decide(ReadView& view, const Surroundings& now, const ReportOperationAbandoned& command);
Decision decide(ReadView& view, const Surroundings& now, const ReportScrub& command);
Decision decide(ReadView& view, const Surroundings& now, const RequestAccessUpdate& command);
Decision decide(ReadView& view, const Surroundings& now, const ExpireSnapshotCopy& command);
Decision decide(ReadView& view, const Surroundings& now, const LoseReplicas& command);

Decision decide(ReadView& view, const Surroundings& now, const Command& command);

}  // namespace pasig
