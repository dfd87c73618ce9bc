// What becomes of a side that is no longer active: it is fenced before anything else, what its
// clients wrote past the base of the new line is kept aside, and the rest goes once newer data
// has arrived. Every step may be repeated after a crash. The caller holds the replica. One
// thread per replica.
#pragma once

#include "drivers/directory/exports.h"
#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

struct Settled {
  std::optional<FenceReport> fenced_now;
  std::vector<Aside> aside;
  std::vector<std::string> words;  // what was done, or what stands in the way
  bool is_done = true;             // false: a writer still has the old tree open
};

// Closes the export, raises the fence over the live tree and records it.
Answer<FenceReport> fence_durably(HeldReplica& held, ReplicaId target, BehindFence shown,
                                  const Patience& patience);
// Takes it down again and gives the export back.
Answer<void> unfence_durably(HeldReplica& held, const Clock& clock);

// Brings a replica that the log does not have as active in line with the log's epoch. Unreachable,
// with the fence up and nothing moved, while it cannot be known what the new line began with.
Answer<Settled> settle(const Call& call, HeldReplica& held);

// The same for a replica that is about to be opened or removed, which does not wait for anybody:
// what cannot be compared goes aside, and its generations stay where they are.
Answer<Settled> settle_without_waiting(const Call& call, HeldReplica& held);

// The old live tree goes when it is as it was compared and nobody has a file of it open. When it
// has changed since, or nobody can tell, it goes aside.
enum class WhenOpen { leave, keep_aside };
Answer<Settled> retire_live(const Call& call, HeldReplica& held,
                            WhenOpen when_open = WhenOpen::leave);

// Whatever it holds.
Answer<Aside> set_live_aside(const Call& call, HeldReplica& held);

}  // namespace pasig::drivers::directory
