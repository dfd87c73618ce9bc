// The only source of time in Pasig. Everything that waits or stamps is handed a Clock, so
// that tests move time by hand.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "base/time.h"

namespace pasig {

// Time on this process's own monotonic clock; never compared between processes.
using Monotonic = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

// All calls from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Time now() const = 0;
  [[nodiscard]] virtual Monotonic monotonic() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override {
    return {std::chrono::duration_cast<std::chrono::microseconds>(
                std::chrono::system_clock::now().time_since_epoch())
                .count()};
  }
  [[nodiscard]] Monotonic monotonic() const override { return std::chrono::steady_clock::now(); }
};

// Stands still until it is moved.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time start) : now_(start) {}
  [[nodiscard]] Time now() const override {
    const std::scoped_lock lock(mutex_);
    return now_;
  }
  [[nodiscard]] Monotonic monotonic() const override {
    const std::scoped_lock lock(mutex_);
    return Monotonic(std::chrono::microseconds(elapsed_micros_ + 1));
  }
  void advance_seconds(std::int64_t seconds) {
    const std::scoped_lock lock(mutex_);
    now_ = now_.plus_seconds(seconds);
    elapsed_micros_ += seconds * 1'000'000;
  }

 private:
  mutable std::mutex mutex_;
  Time now_;
  std::int64_t elapsed_micros_ = 0;
};

}  // namespace pasig
