// Recorded refusals are rate-limited per actor (log-protocol 4): the first so many of a minute
// are written one by one, the rest become one RefusalsSuppressed{actor, n}.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "base/time.h"

namespace pasig {

constexpr std::uint32_t k_refusals_per_minute = 60;

// Any thread.
class RefusalLimiter {
 public:
  struct Answer {
    bool record = true;            // write this refusal
    std::uint32_t suppressed = 0;  // write also that so many before it were not
  };
  Answer ask(const std::string& actor, Time now) {
    const std::scoped_lock lock(mutex_);
    Minute& minute = minutes_[actor];
    if (now.micros_since(minute.began) >= 60'000'000) {
      const std::uint32_t suppressed = minute.suppressed;
      minute = {now, 1, 0};
      forget_old(now);
      return {true, suppressed};
    }
    if (minute.written < k_refusals_per_minute) {
      ++minute.written;
      return {true, 0};
    }
    ++minute.suppressed;
    return {false, 0};
  }

 private:
  struct Minute {
    Time began;
    std::uint32_t written = 0;
    std::uint32_t suppressed = 0;
  };
  std::mutex mutex_;
  std::map<std::string, Minute> minutes_;

  // An actor that was not heard of for an hour, and owes nothing, is forgotten.
  void forget_old(Time now) {
    std::erase_if(minutes_, [&](const auto& entry) {
      return entry.second.suppressed == 0 && now.micros_since(entry.second.began) > 3'600'000'000;
    });
  }
};

}  // namespace pasig
