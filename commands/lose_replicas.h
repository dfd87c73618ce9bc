// What is still to be recorded of a share because a controller was retired. Pure; timers ask it
// before they submit LoseReplicas, the decision writes the same.
#pragma once

#include <string>

#include "statemachine/state.h"

namespace pasig {

// Replicas of the share there that do not count as lost yet, although they can.
[[nodiscard]] bool has_replicas_to_lose(const Share& share, const std::string& controller);

// Its replica lies on that controller, or it runs there: nobody will do it.
[[nodiscard]] bool is_stranded(const Share& share, const Operation& operation,
                               const std::string& controller);

}  // namespace pasig
