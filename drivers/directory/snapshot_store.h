// The snapshots of one replica: snapshots/<id>/ with a frozen tree, its manifest and
// snapshot.json. One rename publishes it, so it is there as a whole or not at all. It shares
// inodes with frozen trees of its replica at most, never with live, and depends on no generation:
// those are pruned without regard to it. Looking needs no lock; what changes something is called
// by the holder of the replica. One thread per replica.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

struct StoredSnapshot {  // snapshot.json
  SnapshotId id;
  ShareId share;
  std::string digest;            // of its manifest, lower-case hex
  std::uint64_t generation = 0;  // that it was taken as; 0: it was adopted
  Time taken_at;
  CopyConsistency consistency = CopyConsistency::unknown;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;

  [[nodiscard]] SnapshotTaken taken() const;
};

StoredSnapshot described(const ReplicaPlace& place, SnapshotId id, const Manifest& manifest);

// Complete, by its json and the presence of the rest: nothing is read. None: it is not here.
// not_verified: something is here under its name that is no complete snapshot.
Answer<std::optional<StoredSnapshot>> find_snapshot(const ReplicaPlace& place, SnapshotId id);

// The same, of the snapshot that the log has: of the digest that it recorded, where it has one. A
// failure: storage does not say. That is no reason to take it for lost.
Answer<bool> has_snapshot(const ReplicaPlace& place, const SnapshotRef& wanted);

// All of the log's that are complete here and stay. None: of one of them storage does not say.
std::optional<std::vector<SnapshotId>> complete_snapshots(const ShareRef& share,
                                                          const ReplicaPlace& place);

// All that are complete here, oldest first.
Answer<std::vector<StoredSnapshot>> snapshots_on(const ReplicaPlace& place);

// not_verified when it is damaged, or not the one that its json tells of.
Answer<Manifest> read_snapshot_manifest(const ReplicaPlace& place, const StoredSnapshot& snapshot);

// It becomes the snapshot's directory, sealed and durable; what was there under its name goes.
struct StagedSnapshot {
  StoredSnapshot what;
  std::string directory;  // holds `tree`, complete and verified
  Manifest manifest;
};
Answer<void> publish_snapshot(const HeldReplica& held, StagedSnapshot staged,
                              const Patience& patience);

// With what an adoption left half done. Absent: done. The newest generation's files stay noted as
// untouched.
Answer<void> remove_snapshot(const HeldReplica& held, SnapshotId id);

// What a replica that was away still holds of those that are being deleted. In words.
Answer<std::vector<std::string>> remove_deleting(const Call& call, const HeldReplica& held);

// Seals those that lost their seal. In words.
Answer<std::vector<std::string>> keep_snapshots_sealed(const Call& call, const HeldReplica& held);

// Links and removals of other names change the change times by which the newest generation's
// manifest knows a file as untouched; without this its content would be read again. On a
// secondary: elsewhere a manifest notes the inodes of live.
class KeptNotes {
 public:
  static Answer<KeptNotes> of(const HeldReplica& held);
  Answer<void> renew();

 private:
  ReplicaPlace place_;
  std::optional<Manifest> noted_;
  std::vector<std::size_t> untouched_;  // entries of the manifest
};

}  // namespace pasig::drivers::directory
