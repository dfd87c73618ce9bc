// What this build is, for --version and the operator's log. Plain constants; any thread.
#pragma once

#include <string_view>

namespace pasig {

std::string_view build_version();  // of the project, e.g. 0.1.0
std::string_view build_commit();   // of the tree it was built from; "-dirty" when it had changes

}  // namespace pasig
