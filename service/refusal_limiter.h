// Recorded refusals are rate-limited per actor (log-protocol 4): the first so many of a minute
// are written one by one; how many more there were is written once the minute is over.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/time.h"

namespace pasig {

constexpr std::uint32_t k_refusals_per_minute = 60;

// Any thread.
class RefusalLimiter {
 public:
  // Whether this refusal is written.
  bool admit(const std::string& actor, Time now) {
    const std::scoped_lock lock(mutex_);
    Minute& minute = minutes_[actor];
    if (is_over(minute, now)) {
      minute.began = now;
      minute.written = 0;
    }
    if (minute.written < k_refusals_per_minute) {
      ++minute.written;
      return true;
    }
    ++minute.suppressed;
    return false;
  }

  struct Suppressed {
    std::string actor;
    std::uint32_t count = 0;
  };
  // What was not written in minutes that are over, each told once. Looks once a second.
  std::vector<Suppressed> take_suppressed(Time now) {
    const std::scoped_lock lock(mutex_);
    std::vector<Suppressed> taken;
    if (now.micros_since(looked_) < 1'000'000) return taken;
    looked_ = now;
    for (auto at = minutes_.begin(); at != minutes_.end();) {
      if (!is_over(at->second, now)) {
        ++at;
        continue;
      }
      if (at->second.suppressed > 0) taken.push_back({at->first, at->second.suppressed});
      at = minutes_.erase(at);
    }
    return taken;
  }
  // It could not be told after all.
  void give_back(const Suppressed& one, Time now) {
    const std::scoped_lock lock(mutex_);
    Minute& minute = minutes_[one.actor];
    if (!minute.began.is_set()) minute.began = now;
    minute.suppressed += one.count;
  }

 private:
  struct Minute {
    Time began;
    std::uint32_t written = 0;
    std::uint32_t suppressed = 0;
  };
  std::mutex mutex_;
  std::map<std::string, Minute> minutes_;
  Time looked_;

  static bool is_over(const Minute& minute, Time now) {
    return now.micros_since(minute.began) >= 60'000'000;
  }
};

}  // namespace pasig
