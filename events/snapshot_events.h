// Facts about snapshots and reverts; event.h says what binds all events.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "events/values.h"
#include "events/words.h"

namespace pasig {

// Every placed replica is to get a copy; the tree is taken once, on the active one.
struct SnapshotCreationStarted {
  SnapshotId snapshot;
  ShareId share;
  std::string name;
  std::string description;
  std::string user;
  std::vector<KeyValue> metadata;
  std::uint64_t size_gb = 0;  // of the share then
  std::vector<ReplicaId>
      required;  // available as a whole when these hold it: the active one and those in sync now
  Time copy_by;  // a required replica without it by then is out of sync
  std::string managed_path;  // an existing tree becomes the snapshot; else empty
  bool operator==(const SnapshotCreationStarted&) const = default;
};
// The active replica's tree was frozen.
struct SnapshotTaken {
  SnapshotId snapshot;
  ShareId share;
  ReplicaId replica;   // the active one
  std::string digest;  // of its manifest, lower-case hex; equal on every replica
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  Time taken_at;  // when the freeze began
  Consistency consistency = Consistency::unknown;
  bool operator==(const SnapshotTaken&) const = default;
};
// A complete, verified copy of that tree is on another replica.
struct SnapshotCopied {
  SnapshotId snapshot;
  ShareId share;
  ReplicaId replica;
  bool operator==(const SnapshotCopied&) const = default;
};
// It could not be taken: there is nothing of it anywhere.
struct SnapshotCreationFailed {
  SnapshotId snapshot;
  ShareId share;
  Failure failure;
  bool operator==(const SnapshotCreationFailed&) const = default;
};
// Past its deadline: the snapshot no longer waits for this replica.
struct SnapshotCopyOverdue {
  SnapshotId snapshot;
  ShareId share;
  ReplicaId replica;
  bool operator==(const SnapshotCopyOverdue&) const = default;
};
// A replica that held it was found without it, or with another content.
struct SnapshotCopyLost {
  SnapshotId snapshot;
  ShareId share;
  ReplicaId replica;
  std::string words;
  bool operator==(const SnapshotCopyLost&) const = default;
};
struct SnapshotDeletionStarted {
  SnapshotId snapshot;
  ShareId share;
  bool force = false;
  bool operator==(const SnapshotDeletionStarted&) const = default;
};
// A replica holds nothing of it any more.
struct SnapshotCopyDeleted {
  SnapshotId snapshot;
  ShareId share;
  ReplicaId replica;
  bool operator==(const SnapshotCopyDeleted&) const = default;
};
struct SnapshotDeletionFailed {
  SnapshotId snapshot;
  ShareId share;
  Failure failure;
  bool operator==(const SnapshotDeletionFailed&) const = default;
};
// The last copy is gone.
struct SnapshotDeleted {
  SnapshotId snapshot;
  ShareId share;
  bool operator==(const SnapshotDeleted&) const = default;
};
struct SnapshotStatusReset {
  SnapshotId snapshot;
  ShareId share;
  SnapshotStatus from = SnapshotStatus::creating;
  SnapshotStatus to = SnapshotStatus::creating;
  bool operator==(const SnapshotStatusReset&) const = default;
};
struct SnapshotUnmanageStarted {
  SnapshotId snapshot;
  ShareId share;
  bool operator==(const SnapshotUnmanageStarted&) const = default;
};
// It is Pasig's no more; its tree stays.
struct SnapshotUnmanaged {
  SnapshotId snapshot;
  ShareId share;
  std::string path;  // where its tree lies now
  bool operator==(const SnapshotUnmanaged&) const = default;
};
struct SnapshotUnmanageFailed {
  SnapshotId snapshot;
  ShareId share;
  Failure failure;
  bool operator==(const SnapshotUnmanageFailed&) const = default;
};
struct ShareRevertStarted {
  ShareId share;
  SnapshotId snapshot;
  bool operator==(const ShareRevertStarted&) const = default;
};
// The share's content is the snapshot's. Replicas that were not done follow by their syncs.
struct ShareReverted {
  ShareId share;
  SnapshotId snapshot;
  std::uint64_t generation = 0;  // the active replica's, with the snapshot's content
  Time data_as_of;
  std::vector<ReplicaOutcome> outcomes;  // of the other replicas
  bool operator==(const ShareReverted&) const = default;
};
struct ShareRevertFailed {
  ShareId share;
  SnapshotId snapshot;
  Failure failure;
  bool operator==(const ShareRevertFailed&) const = default;
};

}  // namespace pasig
