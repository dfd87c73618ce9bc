// Paths that people name in commands: of a tree to adopt, or where to put one. Pure; what lies
// there is the driver's to find out.
#pragma once

#include <string>

#include "commands/guards.h"

namespace pasig {

// The path without slashes at its end; refuses invalid_input for one that is relative, leads back
// up, holds control bytes or is too long. `what` begins the message.
[[nodiscard]] Found<std::string> absolute_path(const std::string& what, const std::string& path);

}  // namespace pasig
