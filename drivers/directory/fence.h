// The fence over a replica's live tree: after it is up, nobody writes through the old export,
// as far as the probed kind binds (Abilities::fence_words says whom). The caller closes the export
// first (exports.h); then comes the flag; then a write is attempted. Raising and lifting may be
// repeated after a crash at any point. The caller holds the replica and records the stage. One
// thread per replica.
#pragma once

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

// enforced, or not with the reason: "busy" when a writer holds the mount open, or a file that this
// process may not change.
Answer<FenceReport> raise_fence(const HeldReplica& held, FenceKind kind, const Patience& patience);

// Gives back what raising it took: flags and modes that the users had set stay. Goes on past a
// file that it cannot change, and fails then.
Answer<void> lift_fence(const HeldReplica& held, FenceKind kind);

// After the fenced tree was moved to `tree`: it stays immutable, and gets the users' modes back.
Answer<void> leave_fence_behind(const HeldReplica& held, const std::string& tree);

// The live tree, in the modes and with the change times it had before its fence went up, so
// that a fence neither shows in a copy nor makes every file look changed.
Answer<Tree> scan_live(const HeldReplica& held, const Patience& patience);

// For the kind `mount`: clients have to come through a mount of their own from the start.
Answer<void> prepare_for_fence(const HeldReplica& held);

}  // namespace pasig::drivers::directory
