// Runs rsync as a child that inherits the replica's lock, in a process group of its own, with
// a time limit of its own: it holds even when pasigd is gone. What it says is kept; whether
// the copy is good is not its word but the manifest's. Any thread.
#pragma once

#include <functional>
#include <string>

#include "drivers/directory/replica_lock.h"

namespace pasig::drivers::directory {

struct RsyncRun {
  std::string program;
  std::string from;  // a directory; what is in it is copied
  std::string to;    // a directory
  bool owners = true;
  bool leaves_existing = false;  // what `to` holds already is good, and its modes, too
  std::uint64_t bytes_total = 0;
  int lock = -1;                                             // the descriptor to inherit
  std::function<void(const Progress&)> progress;             // may be empty
  std::function<Answer<void>(const ProcessMark&)> on_start;  // records the child durably
};

// Exit 0; or 24 until the passes are used up. Everything else is a failure with rsync's words.
Answer<void> run_rsync(const RsyncRun& run, const Patience& patience);

// The bytes done from a line of --info=progress2, or nothing.
std::optional<std::uint64_t> parse_progress(std::string_view line);

}  // namespace pasig::drivers::directory
