// Whether a pool has what a type's extra specs ask for: Manila's capability matching
// (manila.md 3.3). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scheduler/scheduler.h"

namespace pasig {

// The parts of a comma-separated list, trimmed, without empty ones.
[[nodiscard]] std::vector<std::string> comma_list(std::string_view text);

// One capability against one wanted value. Operators: = and >= (at least), <=, == and != for
// numbers; s==, s!=, s<, s<=, s>, s>= for texts; <in> (part of), <is> (a boolean), <or>
// (one of several). Without one: the same boolean, or the same text whatever its case.
[[nodiscard]] bool satisfies(std::string_view capability, std::string_view wanted);

// The first thing asked for that the pool lacks, in words; nothing when it has all.
[[nodiscard]] std::optional<std::string> missing_capability(const PlacementRequest& request,
                                                            const PoolReport& pool);

}  // namespace pasig
