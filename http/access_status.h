// Access rules as Manila sums them up for a share and for each of its replicas. Pure.
#pragma once

#include <string_view>

#include "statemachine/state.h"

namespace pasig::http {

enum class AccessSum { active, syncing, error };  // the worst counts

[[nodiscard]] std::string_view sum_word(AccessSum sum);
[[nodiscard]] AccessSum access_sum(const Share& share, const Replica& replica);
// Of the replicas that are available; a broken one does not count.
[[nodiscard]] AccessSum access_sum(const Share& share);

}  // namespace pasig::http
