// A log over another one where things go wrong as they do on a real one: answers that lie, records
// that are late, others who are faster, and a reader that lags. Any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <deque>
#include <functional>
#include <mutex>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "log/event_log.h"

namespace pasig {

class DoctoredLog final : public EventLog {
 public:
  explicit DoctoredLog(EventLog& inner) : inner_(inner) {}

  enum class Fault {
    not_written,      // and the caller is told so
    unknown_written,  // the answer is lost
    unknown_late,     // the answer is lost, and the record waits for release()
    unknown_lost,     // both are lost
  };
  void fail_next(Fault fault) {
    const std::scoped_lock lock(mutex_);
    faults_.push_back(fault);
  }
  void release() {
    std::vector<std::string> late;
    {
      const std::scoped_lock lock(mutex_);
      late.swap(late_);
    }
    for (std::string& frame : late) (void)inner_.append(std::move(frame));
  }
  // Called before each of the next appends, one after the other, each once.
  void before_next_append(std::function<void()> what) {
    const std::scoped_lock lock(mutex_);
    before_.push_back(std::move(what));
  }
  // Called around every append, also by several threads at once.
  std::function<Result<LogPosition>(const std::string& frame,
                                    const std::function<Result<LogPosition>()>& append)>
      around;
  // This node's reader gets no records from there on, until somebody asks where the end is.
  void hide_from(std::uint64_t offset) {
    const std::scoped_lock lock(mutex_);
    hidden_from_ = offset;
  }

  // The next reads end as they do when there is no memory.
  void throw_at_next_reads(int reads) { throws_ = reads; }

  Result<LogPosition> append(std::string frame) override {
    std::function<void()> before;
    std::optional<Fault> fault;
    {
      const std::scoped_lock lock(mutex_);
      if (!before_.empty()) {
        before = std::move(before_.front());
        before_.pop_front();
      }
      if (!faults_.empty()) {
        fault = faults_.front();
        faults_.pop_front();
      }
    }
    if (before) before();
    if (fault) return failing(*fault, std::move(frame));
    if (around) return around(frame, [&] { return inner_.append(frame); });
    return inner_.append(std::move(frame));
  }
  Result<std::vector<LogEntry>> read(std::uint64_t offset, std::size_t max) const override {
    if (throws_ > 0) {
      --throws_;
      throw std::bad_alloc();
    }
    const std::uint64_t hidden_from = hidden();
    if (offset >= hidden_from) return std::vector<LogEntry>();
    return inner_.read(offset, std::min<std::uint64_t>(max, hidden_from - offset));
  }
  Result<std::uint64_t> end() const override {
    const std::scoped_lock lock(mutex_);
    hidden_from_ = UINT64_MAX;
    return inner_.end();
  }
  bool wait_beyond(std::uint64_t offset, Duration timeout, std::stop_token stop) const override {
    if (offset >= hidden()) timeout = std::min<Duration>(timeout, std::chrono::milliseconds(2));
    return inner_.wait_beyond(offset, timeout, std::move(stop));
  }

 private:
  EventLog& inner_;
  mutable std::mutex mutex_;
  std::deque<Fault> faults_;
  std::deque<std::function<void()>> before_;
  std::vector<std::string> late_;
  mutable std::uint64_t hidden_from_ = UINT64_MAX;
  mutable std::atomic<int> throws_ = 0;

  std::uint64_t hidden() const {
    const std::scoped_lock lock(mutex_);
    return hidden_from_;
  }
  Result<LogPosition> failing(Fault fault, std::string frame) {
    if (fault == Fault::not_written)
      return fail(ErrorCode::unavailable, "the log is not there", "try again");
    if (fault == Fault::unknown_written) (void)inner_.append(std::move(frame));
    if (fault == Fault::unknown_late) {
      const std::scoped_lock lock(mutex_);
      late_.push_back(std::move(frame));
    }
    return fail(ErrorCode::unknown, "no answer came");
  }
};

}  // namespace pasig
