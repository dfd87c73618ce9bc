// From the configuration's word to a log. Called once, at start.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "log/event_log.h"

namespace pasig {

struct LogOptions {
  std::string engine = "embedded";            // embedded or memory
  std::filesystem::path directory;            // of the embedded log
  std::uint64_t map_bytes = 64ULL << 30;      // the most that the embedded log may grow to
  std::uint64_t reserve_bytes = 16ULL << 20;  // left free on its disk
  // A write failed in a way that only a restart cures: appending has stopped. Called once, on
  // the writer's thread; it must not call the log.
  std::function<void(const Error&)> on_failure;
};

Result<std::unique_ptr<EventLog>> open_log(LogOptions options);

}  // namespace pasig
