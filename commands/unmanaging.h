// How Pasig lets go of what it took in. Pure.
#pragma once

#include "commands/guards.h"
#include "commands/operations.h"

namespace pasig {

// What is listed as debris would be listed nowhere when the share is gone. On retired controllers
// nobody will clean it.
[[nodiscard]] Allowed has_no_debris(ReadView& view, const Share& share);

// The events that give the share's tree back, making all that is going on with it stop. By force,
// a share whose tree was never taken in, and could not be given back when that was tried, goes at
// once: its storage is not touched.
[[nodiscard]] Events let_go(ReadView& view, const Surroundings& now, const Share& share,
                            bool force);

}  // namespace pasig
