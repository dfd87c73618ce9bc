// The embedded log: LMDB in a directory of its own, for one node. Appends share durable commits:
// a writer thread takes all that waits (up to 512 records or 256 KiB), commits once, wakes all.
//
// A directory is opened by one process at a time (a lock file, held as long as the log lives).
// A full map or disk refuses cleanly (exhausted) and reads go on. Any other failed write stops
// appending for good: what a failed flush left behind is known only after a new start.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "log/event_log.h"

namespace pasig {

struct EmbeddedLogOptions {
  std::filesystem::path directory;            // made if it does not exist
  std::uint64_t map_bytes = 64ULL << 30;      // address space, not disk: the most it may grow to
  std::uint64_t reserve_bytes = 16ULL << 20;  // appends are refused when less is free
  // Appending has stopped for good. Called once, on the writer thread; must not call the log.
  std::function<void(const Error&)> on_failure;
};

// Destroying the log commits what waits and stops the writer; no call may be running then.
Result<std::unique_ptr<EventLog>> open_embedded_log(EmbeddedLogOptions options);

}  // namespace pasig
