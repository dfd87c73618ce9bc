// The drivers' port: everything Pasig asks of storage. A driver is made with the configuration
// of every controller, because a replica's other end lies on another one (founding text). It
// decides nothing and keeps no truth: it acts, looks, and says what it found.
//
// Threads: any call from any thread, several at once; calls for one share are serialised by the
// driver itself (directory: flock). Every call with effects must be safe to deliver again after
// any crash: it reads how far it got from storage. A call answers before its deadline or soon
// after cancellation. Bytes are bytes; times are UTC.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "drivers/answers.h"
#include "drivers/share_ref.h"

namespace pasig::drivers {

// One driver object serves all controllers of its kind; the others are reached through it.
class Driver {
 public:
  virtual ~Driver() = default;

  [[nodiscard]] virtual Answer<Created> create_share(const ShareRef& share, ReplicaId replica,
                                                     const CallContext& call) = 0;
  // Everything of every replica that can be reached goes; kept-aside data stays.
  [[nodiscard]] virtual Answer<Removed> delete_share(const ShareRef& share, bool force,
                                                     const CallContext& call) = 0;
  [[nodiscard]] virtual Answer<Added> add_replica(const ShareRef& share, ReplicaId replica,
                                                  const CallContext& call) = 0;
  [[nodiscard]] virtual Answer<Removed> remove_replica(const ShareRef& share, ReplicaId replica,
                                                       bool force, const CallContext& call) = 0;
  [[nodiscard]] virtual Answer<ActiveChange> set_active_replica(const ShareRef& share,
                                                                const ActiveChangeRequest& request,
                                                                const CallContext& call) = 0;
  // Looks, repairs what it can, fences what is pending. Once per replica, the active included.
  [[nodiscard]] virtual Answer<Health> update_replica_status(const ShareRef& share,
                                                             ReplicaId replica,
                                                             const CallContext& call) = 0;
  // Moves data from the active to this secondary and verifies it.
  [[nodiscard]] virtual Answer<Copy> sync_replica(const ShareRef& share, ReplicaId replica,
                                                  const CallContext& call) = 0;
  [[nodiscard]] virtual Answer<Inspection> inspect(const ShareRef& share, ReplicaId replica,
                                                   const CallContext& call) = 0;
  [[nodiscard]] virtual Answer<std::vector<PoolStats>> stats(const std::string& controller) = 0;

  // Calls that a driver may lack. A driver without one says so in its capabilities; the
  // default is the clear refusal. Those about a share act on every replica that they can reach,
  // and say for each what became of it.

  // Like create_share, with the snapshot's content. The source is another share, or the same
  // user's tree on another controller; it is only read.
  [[nodiscard]] virtual Answer<Created> create_share_from_snapshot(const ShareRef& share,
                                                                   ReplicaId replica,
                                                                   const SnapshotSource& source,
                                                                   const CallContext& call);
  // Taken once, on the active replica. The others get their copies of that tree by sync_replica,
  // oldest first and before anything newer.
  [[nodiscard]] virtual Answer<SnapshotTaken> create_snapshot(const ShareRef& share,
                                                              SnapshotId snapshot,
                                                              const CallContext& call);
  // Where it is gone already it counts as deleted. A replica that is out of reach deletes it at
  // its next sync or status call.
  [[nodiscard]] virtual Answer<SnapshotDeleted> delete_snapshot(const ShareRef& share,
                                                                SnapshotId snapshot,
                                                                const CallContext& call);
  // The share's content becomes the snapshot's, on every replica that holds it; what was written
  // since is gone. The newest snapshot only: the caller sees to that.
  [[nodiscard]] virtual Answer<Reverted> revert(const ShareRef& share, SnapshotId snapshot,
                                                const CallContext& call);
  // share.size_gb is the size until now. Secondaries first, then the active one.
  [[nodiscard]] virtual Answer<Resized> extend(const ShareRef& share, std::uint64_t new_size_gb,
                                               const CallContext& call);
  // The active one first. too_small when what any replica holds is larger: nothing was changed.
  [[nodiscard]] virtual Answer<Resized> shrink(const ShareRef& share, std::uint64_t new_size_gb,
                                               const CallContext& call);
  // Makes share.access hold, and nothing else. A rule that cannot be enforced lets nobody in.
  [[nodiscard]] virtual Answer<AccessApplied> update_access(const ShareRef& share,
                                                            const CallContext& call);
  // An existing tree on the replica's controller becomes the share's.
  [[nodiscard]] virtual Answer<Managed> manage(const ShareRef& share, ReplicaId replica,
                                               const std::string& path, const CallContext& call);
  // The share's only replica is Pasig's no more; its tree stays whole.
  [[nodiscard]] virtual Answer<Unmanaged> unmanage(const ShareRef& share, ReplicaId replica,
                                                   const CallContext& call);
  // The same with one snapshot of a share that has no other replicas.
  [[nodiscard]] virtual Answer<SnapshotTaken> manage_snapshot(const ShareRef& share,
                                                              SnapshotId snapshot,
                                                              const std::string& path,
                                                              const CallContext& call);
  [[nodiscard]] virtual Answer<Unmanaged> unmanage_snapshot(const ShareRef& share,
                                                            SnapshotId snapshot,
                                                            const CallContext& call);
  // Reads all content of one replica and compares it with its manifests. Damage on a secondary is
  // repaired from the active replica; on the active one nothing is overwritten.
  [[nodiscard]] virtual Answer<Scrubbed> scrub_replica(const ShareRef& share, ReplicaId replica,
                                                       const CallContext& call);
  // Data kept aside, at the path that was reported; its replica may be gone from the share.
  [[nodiscard]] virtual Answer<void> delete_aside(const ShareRef& share, const Aside& aside,
                                                  const CallContext& call);
  // Copies it to a directory that does not exist yet, on the same controller.
  [[nodiscard]] virtual Answer<AsideRestored> restore_aside(const ShareRef& share,
                                                            const Aside& aside,
                                                            const std::string& to,
                                                            const CallContext& call);
};

}  // namespace pasig::drivers
