// The facts of Pasig as plain values. Field order equals the ids in events.fbs (a test holds
// it): these names and numbers are the storage format. Events carry resulting states, so that
// what an old log means never depends on a state machine of today.
//
// Naming: noun + past participle. Times are UTC microseconds; *_seconds are seconds;
// sizes are GiB (`_gb`, Manila's unit) or bytes.
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "events/care_events.h"
#include "events/operation_events.h"
#include "events/share_events.h"
#include "events/snapshot_events.h"
#include "events/values.h"
#include "events/words.h"

namespace pasig {

// ---- the log itself ---------------------------------------------------------------------
struct LogCreated {
  LogId log;
  std::uint64_t incarnation = 1;
  std::uint32_t format = 1;
  std::uint64_t window = 0;  // W: how far back a record may have been decided, in ordinals
  bool operator==(const LogCreated&) const = default;
};
// A guard's "no". Touches no stream and no counter: it can void nothing.
struct CommandRejected {
  std::string subject;  // the stream it was about
  std::string guard;
  std::string message;
  bool operator==(const CommandRejected&) const = default;
};
struct RefusalsSuppressed {
  std::string actor;
  std::uint32_t count = 0;
  bool operator==(const RefusalsSuppressed&) const = default;
};

// ---- share types ------------------------------------------------------------------------
struct ShareTypeCreated {
  ShareTypeId type;
  std::string name;
  std::string description;
  bool is_public = true;
  ReplicationType replication = ReplicationType::none;
  std::uint32_t rpo_seconds = 0;
  std::uint32_t sync_interval_seconds = 0;
  std::vector<KeyValue> extra_specs;  // as given, sorted by key
  bool operator==(const ShareTypeCreated&) const = default;
};
struct ShareTypeDeleted {
  ShareTypeId type;
  std::string name;
  bool operator==(const ShareTypeDeleted&) const = default;
};

// ---- shares -----------------------------------------------------------------------------
struct ShareCreated {
  ShareId share;
  std::string name;
  std::string description;
  std::string project;
  std::string user;
  std::string protocol;
  std::uint64_t size_gb = 0;
  std::string zone_asked;
  bool is_public = false;
  std::vector<KeyValue> metadata;
  ShareTypeId type;
  std::string type_name;
  std::vector<KeyValue> extra_specs;  // the type's, copied for the share's life
  ReplicationType replication = ReplicationType::none;
  std::uint32_t rpo_seconds = 0;
  std::uint32_t sync_interval_seconds = 0;
  ReplicaId replica;  // the first one; `creating` until ShareProvisioned
  Placement placement;
  SnapshotId source_snapshot;  // its content is that snapshot's; nil: it begins empty
  ShareId source_share;        // whose snapshot it is
  std::string managed_path;    // an existing tree becomes the share; else empty
  bool operator==(const ShareCreated&) const = default;
};
struct ShareProvisioned {  // the first replica is available and active
  ShareId share;
  ReplicaId replica;
  std::uint64_t epoch = 1;
  std::vector<std::string> exports;
  bool operator==(const ShareProvisioned&) const = default;
};
struct ShareRescheduled {  // its pool had no space: another one is tried
  ShareId share;
  ReplicaId replica;
  std::string from_host;
  Placement placement;
  std::string why;
  bool operator==(const ShareRescheduled&) const = default;
};
struct ShareProvisionFailed {
  ShareId share;
  ReplicaId replica;
  Failure failure;
  bool operator==(const ShareProvisionFailed&) const = default;
};
struct ShareDeletionStarted {
  ShareId share;
  bool force = false;
  bool operator==(const ShareDeletionStarted&) const = default;
};
struct ShareDeleted {
  ShareId share;
  bool operator==(const ShareDeleted&) const = default;
};
struct ShareDeletionFailed {
  ShareId share;
  Failure failure;
  bool operator==(const ShareDeletionFailed&) const = default;
};

// ---- replicas ---------------------------------------------------------------------------
struct ReplicaAddStarted {
  ShareId share;
  ReplicaId replica;
  Placement placement;
  bool cast_rules_to_readonly = false;
  bool operator==(const ReplicaAddStarted&) const = default;
};
struct ReplicaPlacementFailed {  // no pool passed: the replica exists, in error, with no host
  ShareId share;
  ReplicaId replica;
  Placement placement;
  Failure failure;
  bool operator==(const ReplicaPlacementFailed&) const = default;
};
struct ReplicaAdded {
  ShareId share;
  ReplicaId replica;
  ReplicaState state = ReplicaState::out_of_sync;
  std::vector<std::string> exports;
  std::uint64_t generation = 0;
  Time data_as_of;
  Consistency consistency = Consistency::unknown;
  bool operator==(const ReplicaAdded&) const = default;
};
struct ReplicaAddFailed {
  ShareId share;
  ReplicaId replica;
  Failure failure;
  bool operator==(const ReplicaAddFailed&) const = default;
};
struct ReplicaRemovalStarted {
  ShareId share;
  ReplicaId replica;
  bool force = false;
  bool operator==(const ReplicaRemovalStarted&) const = default;
};
struct ReplicaRemoved {
  ShareId share;
  ReplicaId replica;
  bool operator==(const ReplicaRemoved&) const = default;
};
struct ReplicaRemovalFailed {
  ShareId share;
  ReplicaId replica;
  Failure failure;
  bool operator==(const ReplicaRemovalFailed&) const = default;
};
struct RelationDebrisLeft {  // something of a removed replica may remain on a controller
  ShareId share;
  ReplicaId replica;
  std::string controller;
  std::uint64_t bytes = 0;
  std::string words;
  bool operator==(const RelationDebrisLeft&) const = default;
};
struct RelationDebrisCleaned {
  ShareId share;
  ReplicaId replica;
  std::string controller;
  bool operator==(const RelationDebrisCleaned&) const = default;
};

struct ActiveReplicaChangeStarted {
  ShareId share;
  ReplicaId replica;  // the one to become active
  ReplicaId demoted;
  ChangeMode mode = ChangeMode::auto_;
  std::uint32_t quiesce_wait_seconds = 0;
  bool accept_older = false;
  bool operator==(const ActiveReplicaChangeStarted&) const = default;
};
// Roles swap and the epoch rises in one fact: never two active replicas, never none.
struct ActiveReplicaChanged {
  ShareId share;
  ReplicaId replica;
  ReplicaId demoted;
  ChangeMode mode = ChangeMode::auto_;              // asked for
  ChangeMode effective_mode = ChangeMode::planned;  // planned or forced
  std::uint64_t epoch = 0;
  std::uint64_t generation = 0;  // the base that the new active opened
  Time data_as_of;
  Consistency consistency = Consistency::unknown;
  bool loss_window_known = false;
  std::int64_t loss_window_micros = 0;  // decided_at − data_as_of; 0 when planned
  Fence fence;                          // of the demoted side
  std::vector<std::string> exports;
  std::vector<std::string> demoted_exports;
  std::vector<ReplicaId> diverged;  // were ahead of the new active
  bool operator==(const ActiveReplicaChanged&) const = default;
};
struct ActiveReplicaChangeFailed {  // nothing changed: roles stay, the old side is unfenced
  ShareId share;
  ReplicaId replica;
  ReplicaId demoted;
  Failure failure;
  bool operator==(const ActiveReplicaChangeFailed&) const = default;
};
struct ReplicaFenced {  // a pending fence was enforced
  ShareId share;
  ReplicaId replica;
  std::uint64_t epoch = 0;
  Fence fence;
  bool operator==(const ReplicaFenced&) const = default;
};
struct DivergedDataKeptAside {
  ShareId share;
  ReplicaId replica;
  std::string controller;
  std::string path;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t epoch = 0;  // under which it was written
  bool operator==(const DivergedDataKeptAside&) const = default;
};
struct ReplicaCameInSync {
  ShareId share;
  ReplicaId replica;
  std::uint64_t generation = 0;
  Time data_as_of;
  Consistency consistency = Consistency::unknown;
  bool operator==(const ReplicaCameInSync&) const = default;
};
struct ReplicaFellOutOfSync {
  ShareId share;
  ReplicaId replica;
  OutOfSyncReason reason = OutOfSyncReason::behind;
  std::string words;
  Time data_as_of;
  bool operator==(const ReplicaFellOutOfSync&) const = default;
};
struct ReplicaFailed {  // status and replica_state become error
  ShareId share;
  ReplicaId replica;
  Failure failure;
  bool operator==(const ReplicaFailed&) const = default;
};
struct ReplicaRecovered {  // a status call found it whole: status available again
  ShareId share;
  ReplicaId replica;
  bool operator==(const ReplicaRecovered&) const = default;
};
struct ReplicaResyncRequested {
  ShareId share;
  ReplicaId replica;
  bool accept_mass_deletion = false;
  bool operator==(const ReplicaResyncRequested&) const = default;
};
struct ReplicaStatusReset {
  ShareId share;
  ReplicaId replica;
  ReplicaStatus from = ReplicaStatus::available;
  ReplicaStatus to = ReplicaStatus::available;
  bool operator==(const ReplicaStatusReset&) const = default;
};
struct ReplicaStateReset {
  ShareId share;
  ReplicaId replica;
  ReplicaState from = ReplicaState::none;
  ReplicaState to = ReplicaState::none;
  bool operator==(const ReplicaStateReset&) const = default;
};
struct ReportContradictedState {  // a report that no longer fits: storage is looked at at once
  ShareId share;
  ReplicaId replica;
  OperationId operation;
  std::string report;
  std::string state;
  bool operator==(const ReportContradictedState&) const = default;
};
struct ReplicaExportsChanged {  // a side that came back is reached elsewhere, or again
  ShareId share;
  ReplicaId replica;
  std::vector<std::string> exports;  // all of them; none: clients cannot reach it
  bool operator==(const ReplicaExportsChanged&) const = default;
};

// In the order of their numbers in events.fbs.
using Fact = std::variant<
    LogCreated, CommandRejected, RefusalsSuppressed, ShareTypeCreated, ShareTypeDeleted,
    ShareCreated, ShareProvisioned, ShareRescheduled, ShareProvisionFailed, ShareDeletionStarted,
    ShareDeleted, ShareDeletionFailed, ReplicaAddStarted, ReplicaPlacementFailed, ReplicaAdded,
    ReplicaAddFailed, ReplicaRemovalStarted, ReplicaRemoved, ReplicaRemovalFailed,
    RelationDebrisLeft, RelationDebrisCleaned, ActiveReplicaChangeStarted, ActiveReplicaChanged,
    ActiveReplicaChangeFailed, ReplicaFenced, DivergedDataKeptAside, ReplicaCameInSync,
    ReplicaFellOutOfSync, ReplicaFailed, ReplicaRecovered, ReplicaResyncRequested,
    ReplicaStatusReset, ReplicaStateReset, ReportContradictedState, ReplicaExportsChanged,
    OperationRequested, OperationStarted, OperationLeaseRenewed, OperationRerouted,
    OperationCancelRequested, OperationCompleted, OperationFailed, OperationCancelled,
    OperationAbandonRequested, SnapshotCreationStarted, SnapshotTaken, SnapshotCopied,
    SnapshotCreationFailed, SnapshotCopyOverdue, SnapshotCopyLost, SnapshotDeletionStarted,
    SnapshotCopyDeleted, SnapshotDeletionFailed, SnapshotDeleted, SnapshotStatusReset,
    SnapshotUnmanageStarted, SnapshotUnmanaged, SnapshotUnmanageFailed, ShareRevertStarted,
    ShareReverted, ShareRevertFailed, ShareResizeStarted, ShareResized, ShareResizeFailed,
    ShareGrewOverItsSize, ShareCameWithinItsSize, ShareTaskReset, AccessRuleAdded,
    AccessLevelChanged, AccessRuleRemovalStarted, AccessRulesApplied, AccessRuleRemoved,
    AccessUpdateFailed, AccessMetadataChanged, ShareManaged, ShareManageFailed,
    ShareUnmanageStarted, ShareUnmanaged, ShareUnmanageFailed, ReplicaVerifyRequested,
    ReplicaVerified, ReplicaDamageFound, AsideDeletionStarted, AsideDataDeleted,
    AsideRestoreStarted, AsideDataRestored, AsideActionFailed, EffectsPaused, EffectsResumed,
    ShareEffectsPaused, ShareEffectsResumed, ControllerDrainStarted, ControllerDrainEnded,
    ControllerRetired, ControllerReinstated, ReplicationSuspended, ReplicationResumed,
    RelationDebrisForgotten, DebrisCleaningRequested>;

// One fact. Everything that all kinds are needed for is in event.cc, once: with so many kinds the
// variant's own members would be most of the work of every file that touches an event.
class Event : public Fact {
 public:
  Event();
  template <class Kind>
  requires(!std::is_base_of_v<Fact, Kind>)
      Event(Kind fact);  // NOLINT(google-explicit-constructor): a kind of fact is an event
  Event(const Event& other);
  Event(Event&& other) noexcept;
  Event& operator=(const Event& other);
  Event& operator=(Event&& other) noexcept;
  ~Event();
  bool operator==(const Event& other) const;
};

using Events = std::vector<Event>;

}  // namespace pasig
