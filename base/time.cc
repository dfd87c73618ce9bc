#include "base/time.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace pasig {

std::string to_string(Time time) {
  std::int64_t seconds = time.micros / 1'000'000;
  std::int64_t micros = time.micros % 1'000'000;
  if (micros < 0) {
    micros += 1'000'000;
    --seconds;
  }
  const std::time_t value = seconds;
  std::tm parts{};
  gmtime_r(&value, &parts);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%06d",
                parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                parts.tm_sec, static_cast<int>(micros));
  return text.data();
}

}  // namespace pasig
