// One end of a call: a replica whose root answered (Side), and one whose lock is held, whose
// record was read under it and whose fencing token allows this call to go on (HeldReplica).
// Lives as long as the call; one thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "drivers/directory/controller_root.h"
#include "drivers/directory/replica_lock.h"
#include "drivers/directory/replica_store.h"

namespace pasig::drivers::directory {

using Roots = std::map<std::string, std::unique_ptr<ControllerRoot>>;

// What all steps of one call share.
struct Call {
  const Roots& roots;
  const Clock& clock;
  const ShareRef& share;
  const CallContext& context;
  Patience patience;

  // With another time limit; the steps that undo something are not cancelled.
  [[nodiscard]] Call until(Monotonic limit) const;
  [[nodiscard]] Call to_the_end() const;
};

struct Side {
  ReplicaPlace place;
  FoundRoot root;
  const Options* options = nullptr;

  [[nodiscard]] bool owners() const { return root.abilities.owners; }
};

// A live tree that was found to hold nothing of its own, as it was then.
struct ComparedTree {
  Tree tree;
  std::int64_t listed_at_ns = 0;  // by the clock of its file system
};

struct HeldReplica {
  Side side;
  ReplicaLock lock;
  ReplicaRecord record;
  std::optional<ComparedTree> compared = {};
  std::vector<Aside> found_aside = {};  // by this call, where the export belongs

  [[nodiscard]] const ReplicaPlace& place() const { return side.place; }
  Answer<void> save() const { return write_record(side.place, record); }
};

// The replica's root answers and is its own.
Answer<Side> look_at(const Call& call, const ReplicaRef& replica);

// With its record, if it has one; without the lock.
Answer<std::optional<ReplicaRecord>> peek(const Side& side);

// Where the other replicas saw this one, when that is another root than the one that answers now:
// the root's uuid.
std::optional<std::string> seen_elsewhere(const Call& call, const ReplicaRef& replica,
                                          const Side& side);

// Locks it, refuses a token lower than one that was here, and notes this call durably.
// A replica that is not there is a Mismatch.
Answer<HeldReplica> hold(const Call& call, const ReplicaRef& replica);

// The active replica of the call's share, held, when storage has it active in the log's epoch, too.
Answer<HeldReplica> hold_active(const Call& call, const ReplicaRef& active);

// Before each publication: is the record still this call's? Another one may have taken over
// where a file system's lock was lost with its server.
Answer<void> still_ours(const HeldReplica& held);

CallFailure at(const ReplicaPlace& place, CallFailure failure);  // names the controller

}  // namespace pasig::drivers::directory
