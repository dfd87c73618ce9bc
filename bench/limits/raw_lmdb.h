// The limit programs for what Pasig does over LMDB: the same bytes, and nothing else.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/measured.h"

namespace pasig::bench {

// Commits of the environment in this directory so far; nobody in this process has it open.
std::uint64_t commits_of(const std::string& directory);

// Appends the frames durably, `clients` threads each waiting for its own; a writer thread takes
// all that waits, commits once, wakes them.
Run raw_group_commit(const std::string& directory, const std::vector<std::string>& frames,
                     unsigned clients);

// Reads every record of the log in `log_directory` and puts its bytes into a new environment
// without sync, 1,000 a transaction.
Run raw_scan_and_put(const std::string& log_directory, const std::string& directory);

}  // namespace pasig::bench
