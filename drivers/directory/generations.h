// The frozen generations of a replica the caller holds: publishing, pruning, and sweeping what
// dead attempts left. One thread per replica.
#pragma once

#include <string>

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

// Removes what earlier attempts left in staging, and a prepared tree of a change that did not
// come about.
Answer<void> sweep_staging(const HeldReplica& held);

// A new empty directory in staging, named after the operation and attempt.
Answer<std::string> make_staging(const HeldReplica& held, const std::string& what);

// The number of the next one. Reserved durably before it is used: a number never names two trees.
Answer<std::uint64_t> reserve_generation(const Call& call, HeldReplica& held);

// The tree becomes frozen/<generation>: durable, sealed, with its manifest, or not there at all.
// A frozen tree is never written again, though a readable secondary exports it: it is immutable
// where that flag works, else it has no write bits, and its modes are the manifest's.
Answer<void> publish(HeldReplica& held, const std::string& tree, const Manifest& manifest,
                     const Patience& patience);

// Seals a generation that a crash left without its seal.
Answer<void> keep_sealed(const HeldReplica& held, const Manifest& manifest,
                         const Patience& patience);

// The same of any frozen tree: everything in it, the top directory last.
Answer<void> seal_frozen(const HeldReplica& held, const std::string& tree, const Manifest& manifest,
                         const Patience& patience);
Answer<bool> is_sealed(const HeldReplica& held, const std::string& tree);

// Keeps the last two complete ones, and what is being read.
Answer<void> prune(const HeldReplica& held);

// This replica's line is the one that was reverted so at `leader`; it may have to tell others. A
// damaged note of it counts as none.
Answer<void> follow_revert(HeldReplica& held, const ReplicaPlace& leader,
                           const StoredRevert& revert);

// The file system's own clock, by a file made below `directory`.
Answer<std::int64_t> file_system_now(const std::string& directory);

// Generations of older lines that the line of `epoch` did not grow out of: made after the base
// that a later epoch opened with. One whose base nobody knows counts as ahead.
Answer<std::vector<Manifest>> generations_ahead(const HeldReplica& held,
                                                const std::map<std::uint64_t, std::uint64_t>& bases,
                                                std::uint64_t epoch);
Answer<void> remove_generation(const HeldReplica& held, std::uint64_t generation);

}  // namespace pasig::drivers::directory
