// The log's port: one order, appended to optimistically. A record in the log is not yet
// accepted: every node judges it by log/verdict when it applies it, and a record whose
// expectations do not hold is void. Appending never decides.
#pragma once

#include <string>

#include "log/log_reader.h"

namespace pasig {

class EventLog : public LogReader {
 public:
  // Appends one frame (events/record.h) and returns its position once it is durable: it
  // survives kill -9, and power loss where the device honours flush. Blocks; any number of
  // threads at once (they share commits). Frames of one thread keep their order.
  //   unavailable, exhausted: it is not in the log and never will be.
  //   unknown: it may be in the log, or appear later; settle it by its command id.
  //   invalid: larger than k_record_bytes_max, or empty.
  [[nodiscard]] virtual Result<LogPosition> append(std::string frame) = 0;
};

}  // namespace pasig
