// How much a replica's snapshots hold that nothing newer holds as well: what would be free without
// them. Trees are compared by their manifests, each pair of neighbours once; the results are kept
// in snapshots/usage.json, and made again when that is lost. The caller holds the replica. One
// thread per replica.
#pragma once

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

// Beside the content of `latest`, the newest generation.
Answer<std::uint64_t> bytes_of_snapshots_alone(const HeldReplica& held, const Manifest& latest);

}  // namespace pasig::drivers::directory
