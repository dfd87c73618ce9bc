// A directory that one process at a time may use: made if need be, refused on network file
// systems, held by a lock on a file in it that also names the holder's pid. The lock goes with
// the process, however it ends. One thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace pasig {

class DirectoryLock {
 public:
  static Result<DirectoryLock> take(const std::filesystem::path& directory);

  DirectoryLock(DirectoryLock&& other) noexcept;
  DirectoryLock& operator=(DirectoryLock&& other) noexcept;
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int file) : file_(file) {}
  int file_ = -1;  // closed on exec: child processes do not inherit the lock
};

// Makes the names in that directory durable. Called after a file was made in it.
Result<void> sync_directory(const std::filesystem::path& directory);

// The name of a file system that a memory-mapped store must not lie on (statfs's f_type), or
// nothing.
std::optional<std::string_view> network_file_system(std::uint32_t type);

}  // namespace pasig
