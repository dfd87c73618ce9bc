// What Pasig keeps beside a replica's trees: where everything lies, and replica.json, the
// replica's own memory of its role, epoch, highest fencing token and how far a change of the
// active replica got. It is replaced as a whole and durable before anything relies on it.
// Written only by the holder of the replica's lock; read by anybody.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "drivers/directory/manifest.h"
#include "drivers/directory/options.h"
#include "drivers/driver.h"

namespace pasig::drivers::directory {

// Paths of one replica (directory-driver 1).
struct ReplicaPlace {
  std::string controller;
  std::string root;  // the controller's
  ShareId share;
  ReplicaId replica;

  [[nodiscard]] std::string share_directory() const { return root + "/shares/" + to_string(share); }
  [[nodiscard]] std::string top() const { return share_directory() + "/" + to_string(replica); }
  [[nodiscard]] std::string record() const { return top() + "/replica.json"; }
  [[nodiscard]] std::string lock() const { return top() + "/lock"; }
  [[nodiscard]] std::string live() const { return top() + "/live"; }
  [[nodiscard]] std::string prepared() const { return top() + "/prepared"; }
  [[nodiscard]] std::string exported() const { return top() + "/export"; }
  [[nodiscard]] std::string staging() const { return top() + "/staging"; }
  [[nodiscard]] std::string aside() const { return top() + "/aside"; }
  // Where that moves when the replica is removed.
  [[nodiscard]] std::string aside_of_removed() const {
    return root + "/aside-kept/" + to_string(share) + "/" + to_string(replica);
  }
  // The live tree as it was right before and right after its fence went up.
  [[nodiscard]] std::string fence_before() const { return top() + "/fence-before.manifest"; }
  [[nodiscard]] std::string fence_after() const { return top() + "/fence-after.manifest"; }
  [[nodiscard]] std::string frozen() const { return top() + "/frozen"; }
  [[nodiscard]] std::string frozen(std::uint64_t generation) const;
  [[nodiscard]] std::string manifest(std::uint64_t generation) const;
  [[nodiscard]] std::string in_use(std::uint64_t generation) const;  // locked by its readers
  [[nodiscard]] std::string base(
      std::uint64_t epoch) const;  // manifest that this epoch opened with
  // Each in a directory of its own: the tree, its manifest and what is known of it.
  [[nodiscard]] std::string snapshots() const { return top() + "/snapshots"; }
  [[nodiscard]] std::string snapshot(SnapshotId id) const {
    return snapshots() + "/" + to_string(id);
  }
  // An existing directory on its way to become one: nothing sweeps it.
  [[nodiscard]] std::string adopting(SnapshotId id) const {
    return snapshots() + "/.adopting-" + to_string(id);
  }
  [[nodiscard]] std::string snapshot_tree(SnapshotId id) const { return snapshot(id) + "/tree"; }
  // The manifest of the generation that the line was last reverted to.
  [[nodiscard]] std::string reverted() const { return top() + "/reverted.manifest"; }
};

enum class StoredRole { none, active, secondary, deleting };

// The fence over this replica's live tree.
struct StoredFence {
  enum class Stage { none, fencing, enforced, blocked };
  Stage stage = Stage::none;
  bool committing = false;  // the new side may already be open: only it can tell
  FenceKind kind = FenceKind::mode;
  std::string words;
  ReplicaId target;  // the replica that is to become active
};

// The last change that made this replica active: the answer of a redelivered call.
struct StoredChange {
  OperationId operation;
  ReplicaId demoted;
  bool forced = false;
  std::uint64_t base_generation = 0;
  std::uint64_t base_epoch = 0;  // under which the base was frozen
};

// The last revert of the line that this replica follows.
struct StoredRevert {
  OperationId operation;
  SnapshotId snapshot;
  std::uint64_t generation = 0;  // that it made; 0: there was none
  std::uint64_t live_inode = 0;  // on the active replica: of the tree that it puts in place
  bool operator==(const StoredRevert&) const = default;
};

struct StoredAside {  // what is known of a tree in aside/
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t epoch = 0;  // under which it was written; 0: not known
  bool operator==(const StoredAside&) const = default;
};

struct ProcessMark {  // a process, told apart from a later one of the same number
  std::int64_t pid = 0;
  std::uint64_t start_time = 0;
  std::string boot;
};

struct ReplicaRecord {
  ShareId share;
  ReplicaId replica;
  std::string controller_uuid;
  StoredRole role = StoredRole::none;
  std::uint64_t epoch = 0;
  std::uint64_t live_epoch = 0;  // under which the live tree was last open for writing; 0: never
  std::uint64_t next_generation = 1;  // never reused, also after a failed publication
  FencingToken highest_token;
  OperationId operation;  // the last one that wrote here
  std::uint32_t attempt = 0;
  ProcessMark runner;  // who runs that attempt
  ProcessMark child;   // the rsync it started, which may outlive it
  StoredFence fence;
  StoredChange change;
  StoredRevert revert;
  // Epoch → the generation it opened with: tells a copy that went ahead of its line.
  std::map<std::uint64_t, std::uint64_t> bases;
  std::map<std::string, std::string> peers;   // other replica → its controller's uuid
  std::map<std::string, StoredAside> asides;  // by their names in aside/
  std::string adopted_from;  // where the live tree lay before it became Pasig's; empty: nowhere
  // Project ids that trees of this replica were given, and whether all of such a tree has its id.
  std::map<std::uint32_t, bool> projects;
};

std::string encode(const ReplicaRecord& record);
Answer<ReplicaRecord> decode_record(const std::string& json, const std::string& path);

// No record: the replica is not there. Wrong ids or another controller's: Mismatch.
Answer<std::optional<ReplicaRecord>> read_record(const ReplicaPlace& place,
                                                 const std::string& controller_uuid);
Answer<void> write_record(const ReplicaPlace& place, const ReplicaRecord& record);

// A tree whose manifest cannot be read is no generation, but nothing says that it may go.
struct FrozenTrees {
  std::vector<Manifest> complete;  // oldest first
  std::vector<std::uint64_t> unreadable;
};
Answer<FrozenTrees> frozen_trees(const ReplicaPlace& place);

// The complete generations, oldest first.
Answer<std::vector<Manifest>> generations(const ReplicaPlace& place);
Answer<std::optional<Manifest>> latest_generation(const ReplicaPlace& place);
// Their numbers alone, without reading the manifests.
Answer<std::vector<std::uint64_t>> generation_numbers(const ReplicaPlace& place);

CallFailure mismatch(const ReplicaPlace& place, std::string words, std::string hint = {});

}  // namespace pasig::drivers::directory
