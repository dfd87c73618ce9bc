// What workers report, and what timers submit, as plain values; command.h says what binds all
// commands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "events/event.h"
#include "statemachine/state.h"

namespace pasig {

// ---- from workers ---------------------------------------------------------------------------
struct ClaimOperation {
  OperationId operation;
  std::string node;
  std::uint64_t process = 0;
  std::uint32_t lease_seconds = 0;
  std::uint32_t attempt = 1;  // the one this claim starts; 1 + the last one seen
};
struct RenewLease {
  OperationId operation;
  std::uint32_t attempt = 0;
  std::uint32_t lease_seconds = 0;
};

// What the driver said of an operation. A failure is set when it was not done; the other
// fields count when it was.
struct ReportShareCreated {
  OperationId operation;
  std::uint32_t attempt = 0;
  std::optional<Failure> failure;
  std::vector<std::string> exports;
};
struct ReportShareDeleted {
  OperationId operation;
  std::uint32_t attempt = 0;
  std::optional<Failure> failure;
  std::vector<Debris> debris;
};
struct ReportReplicaAdded {
  OperationId operation;
  std::uint32_t attempt = 0;
  std::optional<Failure> failure;
  std::vector<std::string> exports;
  bool verified = false;  // a complete, verified copy is on it
  std::uint64_t generation = 0;
  Time data_as_of;
  Consistency consistency = Consistency::unknown;
  std::optional<std::vector<SnapshotId>> snapshots;  // of which a complete copy is on it
};
struct ReportReplicaRemoved {
  OperationId operation;
  std::uint32_t attempt = 0;
  std::optional<Failure> failure;
  std::vector<Debris> debris;
};
struct ReportActiveReplicaChanged {
  OperationId operation;
  std::uint32_t attempt = 0;
  std::optional<Failure> failure;
  ChangeMode effective_mode = ChangeMode::planned;
  std::uint64_t epoch = 0;
  std::uint64_t generation = 0;
  Time data_as_of;
  Consistency consistency = Consistency::unknown;
  Fence fence;
  std::vector<std::string> exports;
  std::vector<std::string> demoted_exports;
  std::vector<ReplicaId> diverged;
  std::vector<AsideData> aside;
};
struct ReportOperationCancelled {
  OperationId operation;
  std::uint32_t attempt = 0;
  std::string why;
};

// One sync of one secondary. Writes events only when the state changes.
struct ReportSync {
  ShareId share;
  ReplicaId replica;
  std::uint64_t epoch = 0;  // of the share when it was started
  std::optional<OutOfSyncReason> wrong;
  std::string words;
  std::uint64_t generation = 0;
  Time data_as_of;
  Consistency consistency = Consistency::unknown;
  // Those of which a complete copy is on it; none: not looked at.
  std::optional<std::vector<SnapshotId>> snapshots;
  std::optional<std::uint64_t> source_bytes;  // what the active replica held
  // Those that the log had on it when the sync began, or that were to go from it, and that are
  // not there. What began later is not judged by a list that could not have it.
  std::vector<SnapshotId> snapshots_missing;
};
// One status call of one replica.
struct ReportStatus {
  ShareId share;
  ReplicaId replica;
  std::uint64_t epoch = 0;                           // of the share when it was started
  std::optional<Failure> failure;                    // it is broken or cannot be reached
  bool role_fits = true;                             // storage holds the role and epoch of the log
  std::string storage_words;                         // what storage says, when it does not fit
  std::optional<Fence> fenced;                       // a pending fence was enforced by this call
  std::vector<AsideData> aside;                      // all that is kept aside there
  std::vector<Debris> debris_cleaned;                // of earlier removals; nothing of it remains
  std::optional<std::vector<std::string>> exports;   // none: not looked at
  std::optional<std::vector<SnapshotId>> snapshots;  // of which a complete copy is there
  std::optional<std::uint64_t> used_bytes;           // of its live tree
  std::vector<SnapshotId> snapshots_missing;         // as in ReportSync
};

// ---- what the driver said of the other operations --------------------------------------------
struct ReportSnapshotTaken {  // also of one that was managed
  OperationId operation;
  std::uint32_t attempt = 0;
  std::optional<Failure> failure;
  std::string digest;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  Time taken_at;
  Consistency consistency = Consistency::unknown;
};
struct ReportSnapshotDeleted {
  OperationId operation;
  std::uint32_t attempt = 0;
  std::optional<Failure> failure;
  std::vector<ReplicaOutcome> outcomes;
};
struct ReportSnapshotUnmanaged {
  OperationId operation;
  std::uint32_t attempt = 0;
  std::optional<Failure> failure;
  std::string path;
};
struct ReportShareReverted {
  OperationId operation;
  std::uint32_t attempt = 0;
  std::optional<Failure> failure;
  std::uint64_t generation = 0;
  Time data_as_of;
  std::vector<ReplicaOutcome> outcomes;
};
struct ReportShareResized {
  OperationId operation;
  std::uint32_t attempt = 0;
  std::optional<Failure> failure;
  std::vector<ReplicaOutcome> outcomes;
};
struct ReportAccessUpdated {
  struct OfReplica {
    ReplicaId replica;
    std::optional<Failure> failure;
    std::vector<AccessOutcome> rules;
  };
  OperationId operation;
  std::uint32_t attempt = 0;
  std::optional<Failure> failure;
  std::vector<OfReplica> replicas;
};
struct ReportShareManaged {
  OperationId operation;
  std::uint32_t attempt = 0;
  std::optional<Failure> failure;
  std::vector<std::string> exports;
  std::uint64_t used_bytes = 0;
};
struct ReportShareUnmanaged {
  OperationId operation;
  std::uint32_t attempt = 0;
  std::optional<Failure> failure;
  std::string path;
};
struct ReportAsideDeleted {
  OperationId operation;
  std::uint32_t attempt = 0;
  std::optional<Failure> failure;
};
struct ReportAsideRestored {
  OperationId operation;
  std::uint32_t attempt = 0;
  std::optional<Failure> failure;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};
// It was to be abandoned, and storage was looked at: it is not done there, or nobody can tell.
struct ReportOperationAbandoned {
  OperationId operation;
  std::uint32_t attempt = 0;
  std::string found;
};

// One scrub of one replica.
struct ReportScrub {
  ShareId share;
  ReplicaId replica;
  std::uint64_t epoch = 0;  // of the share when it was started
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t damaged = 0;
  std::uint64_t repaired = 0;
  std::vector<std::string> examples;
  std::vector<ReplicaId> good_copies;
  Time began_at;  // what was asked for later is still to be done
};
// A replica answers again that has access rules to be applied.
struct RequestAccessUpdate {
  ShareId share;
};

// ---- from timers (any node's clock) -------------------------------------------------------
struct RerouteOperation {  // nobody claimed it in time
  OperationId operation;
  std::string to;
  std::string why;
};
struct ExpireOperation {  // its deadline passed
  OperationId operation;
};
struct ExpireConfirmation {  // nothing confirmed this replica for RPO + one status interval
  ShareId share;
  ReplicaId replica;
  Time last_confirmed;
};
// A required copy of a snapshot is not there when it should be.
struct ExpireSnapshotCopy {
  ShareId share;
  SnapshotId snapshot;
  ReplicaId replica;
};
// Its controller was retired.
struct LoseReplicas {
  ShareId share;
  std::string controller;
};

}  // namespace pasig
