// How a replica is got off its controller: the commands, in their order. For a controller that is
// drained, or that is gone. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "statemachine/state.h"

namespace pasig::replay {

// The replica that had best take over from this active one: in sync before others, then the newest
// data on record; null when no other one works.
[[nodiscard]] const Replica* best_successor(const Share& share, const Replica& active);

// Each a command line, or a remark in brackets where no command helps.
[[nodiscard]] std::vector<std::string> steps_away(const Share& share, const Replica& replica,
                                                  bool is_gone);

}  // namespace pasig::replay
