// Between the log's words and the drivers': what a driver is handed, and what its answers mean
// as reports. Pure.
#pragma once

#include <optional>
#include <vector>

#include "commands/command.h"
#include "drivers/driver.h"
#include "projections/observations.h"
#include "statemachine/state.h"

namespace pasig::drivers {

[[nodiscard]] ShareRef share_ref(const Share& share);
// Of the snapshots that a replica does not hold: those that the log had on it, or that were to go.
[[nodiscard]] std::vector<SnapshotId> missing_of(const Share& share, ReplicaId replica,
                                                 const std::vector<SnapshotId>& held);
[[nodiscard]] Failure failure_of(const CallFailure& failure);
[[nodiscard]] Fence fence_of(const FenceReport& report);
[[nodiscard]] AsideData aside_of(const Aside& aside);
[[nodiscard]] Debris debris_of(const Remains& remains);
[[nodiscard]] Consistency consistency_of(CopyConsistency consistency);
[[nodiscard]] ReplicationType replication_of(Replication replication);

struct WorkedController;
[[nodiscard]] PoolObservation pool_observed(const WorkedController& controller,
                                            const PoolStats& pool, Time now);

// A sync that did not succeed: what it says of the secondary. Nothing: its last verified copy
// stands until it is older than the RPO (the source was away, or the call was stopped).
[[nodiscard]] std::optional<OutOfSyncReason> meaning_for_secondary(const CallFailure& failure,
                                                                   const ShareRef& share,
                                                                   ReplicaId replica);

}  // namespace pasig::drivers
