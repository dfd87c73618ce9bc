// Defects: something this program itself got wrong. Checked in all builds; the process
// writes one line to stderr and aborts, and the restart replays the log.
#pragma once

#include <string_view>

namespace pasig {

[[noreturn]] void defect(std::string_view condition, std::string_view why, const char* file,
                         int line);

}  // namespace pasig

#define PASIG_ASSERT(condition, why) \
  ((condition) ? static_cast<void>(0) : ::pasig::defect(#condition, (why), __FILE__, __LINE__))
