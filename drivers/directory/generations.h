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

// Keeps the last two complete ones, and what is being read.
Answer<void> prune(const HeldReplica& held);

// The file system's own clock, by a file made below `directory`.
Answer<std::int64_t> file_system_now(const std::string& directory);

// Generations of older lines that the line of `epoch` did not grow out of: made after the base
// that a later epoch opened with. One whose base nobody knows counts as ahead.
Answer<std::vector<Manifest>> generations_ahead(const HeldReplica& held,
                                                const std::map<std::uint64_t, std::uint64_t>& bases,
                                                std::uint64_t epoch);
Answer<void> remove_generation(const HeldReplica& held, std::uint64_t generation);

}  // namespace pasig::drivers::directory
