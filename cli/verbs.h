// What can be asked of `pasig`, one plain struct a verb, as the parser (parser.cc) fills it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/endpoint.h"
#include "cli/output.h"

namespace pasig::cli {

struct Page {
  std::optional<std::uint64_t> limit;  // none: everything
  std::uint64_t offset = 0;
};

// Of verbs that change something.
struct Acting {
  bool wait = false;
  std::uint64_t timeout_seconds = 0;  // of the wait; 0: none
  std::string reason;
  std::string command_id;  // empty: made here
};

// ---- share types ------------------------------------------------------------------------
struct TypeCreate {
  std::string name;
  std::string description;
  std::string replication;
  std::optional<std::uint32_t> rpo_seconds;
  std::optional<std::uint32_t> sync_interval_seconds;
  std::vector<std::string> specs;  // KEY=VALUE
  bool is_private = false;
  Acting acting;
};
struct TypeList {
  Page page;
};
struct TypeShow {
  std::string type;
};
struct TypeDelete {
  std::string type;
  Acting acting;
};

// ---- shares -----------------------------------------------------------------------------
struct ShareCreate {
  std::string name;
  std::string type;
  std::string snapshot;                  // empty: it begins empty
  std::optional<std::uint64_t> size_gb;  // none: 1, or the snapshot's
  std::string protocol;
  std::string zone;
  std::string host;
  std::string description;
  std::vector<std::string> metadata;  // KEY=VALUE
  bool is_public = false;
  Acting acting;
};
struct ShareList {
  Page page;
};
struct ShareShow {
  std::string share;
};
struct ShareDelete {
  std::string share;
  bool force = false;
  Acting acting;
};

struct ShareExtend {
  std::string share;
  std::uint64_t size_gb = 0;
  bool force = false;
  Acting acting;
};
struct ShareShrink {
  std::string share;
  std::uint64_t size_gb = 0;
  Acting acting;
};
struct ShareResetStatus {
  std::string share;
  Acting acting;
};

// ---- access rules -------------------------------------------------------------------------
struct AccessAdd {
  std::string share;
  std::string type;
  std::string to;
  std::string level = "rw";
  std::vector<std::string> metadata;  // KEY=VALUE
  Acting acting;
};
struct AccessList {
  std::string share;
  Page page;
};
struct AccessShow {
  std::string share;
  std::string rule;  // its id, or whom it lets in
};
struct AccessRemove {
  std::string share;
  std::string rule;
  Acting acting;
};
struct AccessSet {
  std::string share;
  std::string rule;
  std::string level;
  Acting acting;
};

struct ShareRevert {
  std::string share;
  std::string snapshot;
  Acting acting;
};

// ---- snapshots --------------------------------------------------------------------------
struct SnapshotCreate {
  std::string share;
  std::string name;
  std::string description;
  std::vector<std::string> metadata;  // KEY=VALUE
  Acting acting;
};
struct SnapshotList {
  std::string share;  // empty: of all shares
  Page page;
};
struct SnapshotShow {
  std::string snapshot;
};
struct SnapshotDelete {
  std::string snapshot;
  bool force = false;
  Acting acting;
};
struct SnapshotResetStatus {
  std::string snapshot;
  std::string status;
  Acting acting;
};

// ---- replicas ---------------------------------------------------------------------------
struct ReplicaAdd {
  std::string share;
  std::string zone;
  std::string host;
  Acting acting;
};
struct ReplicaList {
  std::string share;  // empty: of all shares
  Page page;
};
struct ReplicaShow {
  std::string replica;
};
struct ReplicaRemove {
  std::string replica;
  bool force = false;
  Acting acting;
};
struct ReplicaSetActive {
  std::string replica;
  std::string mode = "auto";
  std::optional<std::uint32_t> quiesce_wait_seconds;
  bool accept_older = false;
  bool dry_run = false;
  Acting acting;
};
struct ReplicaResync {
  std::string replica;
  Acting acting;
};
struct ReplicaResetStatus {
  std::string replica;
  std::string status;
  Acting acting;
};
struct ReplicaResetState {
  std::string replica;
  std::string state;
  Acting acting;
};

struct ReplicaVerify {
  std::string replica;
  Acting acting;
};
struct AsideList {
  std::string share;  // empty: of all shares
  Page page;
};
struct AsideDelete {
  std::string share;
  std::string controller;
  std::string path;
  Acting acting;
};
struct AsideRestoreTo {
  std::string share;
  std::string controller;
  std::string path;
  std::string to;
  Acting acting;
};

// ---- adoption ---------------------------------------------------------------------------
struct Manage {
  std::string path;
  std::string name;
  std::string type;
  std::string host;
  std::string protocol;
  std::string description;
  bool is_public = false;
  Acting acting;
};
struct Unmanage {
  std::string share;
  Acting acting;
};
struct SnapshotManage {
  std::string share;
  std::string path;
  std::string name;
  std::string description;
  Acting acting;
};
struct SnapshotUnmanage {
  std::string snapshot;
  Acting acting;
};

// ---- looking on -------------------------------------------------------------------------
struct ControllerList {};
struct ControllerShow {
  std::string controller;
};
struct PoolList {};
struct OperationList {
  bool pending = false;
  std::string share;
  Page page;
};
struct OperationShow {
  std::string operation;
};
struct OperationCancel {
  std::string operation;
  Acting acting;
};
struct OperationAbandon {
  std::string operation;
  Acting acting;
};
struct CommandShow {
  std::string command;
};

// ---- the operator's ways out --------------------------------------------------------------
struct EffectsOrder {
  std::string order;  // pause, resume
  std::string share;  // one of these three
  std::string controller;
  bool all = false;
  Acting acting;
};
struct ControllerOrder {
  std::string order;  // drain, undrain, retire, reinstate
  std::string controller;
  Acting acting;
};
struct ReplicationOrder {
  std::string order;  // suspend, resume
  std::string share;
  Acting acting;
};
struct DebrisList {
  std::string share;
  std::string controller;
  Page page;
};
struct DebrisClean {
  std::string share;
  Acting acting;
};
struct DebrisForget {
  std::string share;
  std::string replica;
  std::string controller;
  Acting acting;
};
struct History {
  std::string subject;  // a share or a replica
  std::optional<std::uint64_t> from;
  std::optional<std::uint64_t> limit;
};
struct Why {
  std::string replica;
};
struct LogShow {
  std::optional<std::uint64_t> ordinal;
  std::optional<std::uint64_t> from;
  std::optional<std::uint64_t> limit;
};
struct ReplayVerify {};
struct ReplayRebuild {
  std::string data_directory;
};
struct Status {};
struct Version {};

using Verb = std::variant<
    TypeCreate, TypeList, TypeShow, TypeDelete, ShareCreate, ShareList, ShareShow, ShareDelete,
    ShareRevert, SnapshotCreate, SnapshotList, SnapshotShow, SnapshotDelete, SnapshotResetStatus,
    ShareExtend, ShareShrink, ShareResetStatus, AccessAdd, AccessList, AccessShow, AccessRemove,
    AccessSet, ReplicaAdd, ReplicaList, ReplicaShow, ReplicaRemove, ReplicaSetActive, ReplicaResync,
    ReplicaResetStatus, ReplicaResetState, ReplicaVerify, AsideList, AsideDelete, AsideRestoreTo,
    Manage, Unmanage, SnapshotManage, SnapshotUnmanage, ControllerList, ControllerShow, PoolList,
    OperationList, OperationShow, OperationCancel, OperationAbandon, EffectsOrder, ControllerOrder,
    ReplicationOrder, DebrisList, DebrisClean, DebrisForget, CommandShow, History, Why, LogShow,
    ReplayVerify, ReplayRebuild, Status, Version>;

struct Invocation {
  Verb verb;
  EndpointChoice endpoint;
  Format format = Format::table;
};

}  // namespace pasig::cli
