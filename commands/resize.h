// What the decisions about a share's size share. Pure.
#pragma once

#include "commands/guards.h"

namespace pasig {

// Whether a task that failed left this behind, for a reset to end.
[[nodiscard]] bool is_left_behind(ShareTask task);

// Replicas do not come and go while the size changes: what each of them promises would no longer
// be what was taken for it.
[[nodiscard]] Allowed is_not_resized(const Share& share, const std::string& to_do);

// What the active replica holds, against the share's size: told once when it is more, and once
// when it is well within it again.
[[nodiscard]] Events size_seen(const Share& share, std::uint64_t used_bytes);

}  // namespace pasig
