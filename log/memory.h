// The log in memory: gone with the process. For trying Pasig out, for simulations and tests;
// same contract as the others, but for durability. All calls from any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>

#include "log/event_log.h"

namespace pasig {

class MemoryLog final : public EventLog {
 public:
  // What goes wrong with an append, as on a real log.
  enum class Fault {
    unavailable,          // not appended, and the caller is told so
    unknown_but_appears,  // appended, but the caller hears `unknown`
    unknown_and_lost,     // not appended, and the caller hears `unknown`
  };
  // The next append fails so; several are used up in order.
  void fail_next(Fault fault);

  [[nodiscard]] Result<LogPosition> append(std::string frame) override;
  [[nodiscard]] Result<std::vector<LogEntry>> read(std::uint64_t offset,
                                                   std::size_t records_max) const override;
  [[nodiscard]] Result<std::uint64_t> end() const override;
  [[nodiscard]] bool wait_beyond(std::uint64_t offset, Duration timeout,
                                 std::stop_token stop) const override;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable_any appended_;
  std::deque<std::string> frames_;
  std::deque<Fault> faults_;
};

}  // namespace pasig
