// What an operator can do about a replica, in words; nothing when there is nothing to do.
// Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "replay/story.h"

namespace pasig::replay {

std::vector<std::string> next_steps(const Story& story, const std::vector<std::size_t>& chosen);

}  // namespace pasig::replay
