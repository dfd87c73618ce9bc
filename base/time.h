// Wall-clock time as it is stored and shown: microseconds since 1970-01-01 UTC.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace pasig {

struct Time {
  std::int64_t micros = 0;  // 0 = never

  auto operator<=>(const Time&) const = default;
  [[nodiscard]] bool is_set() const { return micros != 0; }
  [[nodiscard]] Time plus_seconds(std::int64_t seconds) const {
    return {micros + seconds * 1'000'000};
  }
  [[nodiscard]] std::int64_t micros_since(Time earlier) const { return micros - earlier.micros; }
};

std::string to_string(Time time);  // 2026-11-23T09:14:02.120497, UTC, Manila's form

}  // namespace pasig
