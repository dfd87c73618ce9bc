// One JSON object a line for machines that collect logs. spdlog's pattern does not escape the
// message; this does.
#pragma once

#include <spdlog/formatter.h>

#include <memory>

namespace pasig::daemon {

std::unique_ptr<spdlog::formatter> json_lines();

}  // namespace pasig::daemon
