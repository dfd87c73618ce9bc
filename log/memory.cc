#include "log/memory.h"

#include "log/limits.h"

namespace pasig {

void MemoryLog::fail_next(Fault fault) {
  const std::scoped_lock lock(mutex_);
  faults_.push_back(fault);
}

Result<LogPosition> MemoryLog::append(std::string frame) {
  PASIG_CHECK(check_appendable(frame));
  const std::scoped_lock lock(mutex_);
  std::optional<Fault> fault;
  if (!faults_.empty()) {
    fault = faults_.front();
    faults_.pop_front();
  }
  if (fault == Fault::unavailable)
    return fail(ErrorCode::unavailable, "appending to the memory log: it is not available",
                "try again");
  const std::uint64_t offset = frames_.size();
  if (fault != Fault::unknown_and_lost) {
    frames_.push_back(std::move(frame));
    appended_.notify_all();
  }
  if (fault)
    return fail(ErrorCode::unknown, "appending to the memory log: no answer came",
                "look the command up by its id before trying again");
  return LogPosition{.offset = offset};
}

Result<std::vector<LogEntry>> MemoryLog::read(std::uint64_t offset, std::size_t records_max) const {
  const std::scoped_lock lock(mutex_);
  std::vector<LogEntry> entries;
  std::size_t bytes = 0;
  for (std::uint64_t at = offset;
       at < frames_.size() && entries.size() < records_max && bytes < k_read_bytes_max; ++at) {
    bytes += frames_[at].size();
    entries.push_back({{.offset = at}, frames_[at]});
  }
  return entries;
}

Result<std::uint64_t> MemoryLog::end() const {
  const std::scoped_lock lock(mutex_);
  return frames_.size();
}

bool MemoryLog::wait_beyond(std::uint64_t offset, Duration timeout, std::stop_token stop) const {
  std::unique_lock lock(mutex_);
  return appended_.wait_for(lock, stop, bounded_wait(timeout),
                            [&] { return frames_.size() > offset; });
}

}  // namespace pasig
