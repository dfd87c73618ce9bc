// A replica leaves its share, whichever way. Pure.
#pragma once

#include "commands/guards.h"
#include "commands/operations.h"

namespace pasig {

// That it is removed, and what goes with it: its copies of snapshots, the rules that only it still
// had, and what it used.
[[nodiscard]] Events replica_gone(ReadView& view, const Share& share, const Replica& replica);

}  // namespace pasig
