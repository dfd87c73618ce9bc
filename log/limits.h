// What every engine of the log holds in common.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "events/record.h"

namespace pasig {

// One read() stops at this many bytes (after at least one record), so that a page of large
// records does not fill the memory.
constexpr std::size_t k_read_bytes_max = 8 * 1024 * 1024;

inline Result<void> check_appendable(std::string_view frame) {
  if (frame.empty()) return fail(ErrorCode::invalid, "appending to the log: the record is empty");
  if (frame.size() > k_record_bytes_max)
    return fail(ErrorCode::invalid, "appending to the log: the record has " +
                                        std::to_string(frame.size()) + " bytes; the most is " +
                                        std::to_string(k_record_bytes_max));
  return {};
}

// A wait without end, as a number that can be added to a clock's.
inline Duration bounded_wait(Duration timeout) {
  return std::clamp<Duration>(timeout, Duration::zero(), std::chrono::hours(24 * 365));
}

}  // namespace pasig
