// What holds after every line of every scenario. One thread.
#pragma once

#include "tests/scenarios/stage.h"

namespace pasig::scenario {

// Nothing, or what is broken: every node's state equals the fold of the log from zero and every
// other node's; a share has exactly one active replica from its first one on (writable: at least
// one); clients can write only to the active replica, but for a side that is told as not fenced
// yet; in sync means with all snapshots and with the share's size; a rule is active only where
// storage enforces it; quotas and promised space are what the shares use; every event decodes,
// encodes to the same bytes again, and reads as a sentence.
[[nodiscard]] Result<void> check_invariants(Stage& stage);

// Once all that went wrong is over, everything that was asked for comes to an end by itself.
[[nodiscard]] Result<void> check_liveness(Stage& stage);

}  // namespace pasig::scenario
