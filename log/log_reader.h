// The reading half of the log's port. replay/ and http/ are handed only this.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace pasig {

// Where a record lies. The partition is always 0 (log-protocol 1); offsets of the embedded and
// the memory log have no gaps and equal the ordinal, Kafka's may have gaps.
struct LogPosition {
  std::uint32_t partition = 0;
  std::uint64_t offset = 0;
  auto operator<=>(const LogPosition&) const = default;
};

struct LogEntry {
  LogPosition position;
  std::string frame;  // as appended, byte for byte
};

// All calls from any thread.
class LogReader {
 public:
  virtual ~LogReader() = default;

  // Durable records from `offset` on, in order, at most `records_max` of them (and at least one
  // if there is one). Empty at the end. corrupt: the store itself is damaged.
  [[nodiscard]] virtual Result<std::vector<LogEntry>> read(std::uint64_t offset,
                                                           std::size_t records_max) const = 0;
  // One past the offset of the last durable record.
  [[nodiscard]] virtual Result<std::uint64_t> end() const = 0;
  // Blocks until end() > offset (true), the timeout passes or stop is asked for (false).
  [[nodiscard]] virtual bool wait_beyond(std::uint64_t offset, Duration timeout,
                                         std::stop_token stop) const = 0;
};

}  // namespace pasig
