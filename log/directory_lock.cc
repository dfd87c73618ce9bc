#include "log/directory_lock.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

namespace pasig {
namespace {

std::string reason(int number) { return std::generic_category().message(number); }

Result<void> refuse_network_file_system(const std::filesystem::path& directory) {
  struct statfs found {};
  if (statfs(directory.c_str(), &found) != 0)
    return fail(ErrorCode::unavailable, directory.string() + ": " + reason(errno));
  if (const auto name = network_file_system(static_cast<std::uint32_t>(found.f_type)))
    return fail(ErrorCode::invalid,
                directory.string() + " lies on " + std::string(*name) +
                    ", which cannot keep a memory-mapped log safe",
                "choose a directory on a local disk");
  return {};
}

std::string holder_of(int file) {
  std::array<char, 32> text{};
  const ssize_t length = pread(file, text.data(), text.size() - 1, 0);
  std::string pid(text.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  while (!pid.empty() && pid.back() == '\n') pid.pop_back();
  return pid.empty() ? "another process" : "process " + pid;
}

// Only for people; the lock itself is flock's.
bool write_pid(int file) {
  const std::string pid = std::to_string(getpid()) + '\n';
  return ftruncate(file, 0) == 0 &&
         pwrite(file, pid.data(), pid.size(), 0) == static_cast<ssize_t>(pid.size());
}

}  // namespace

Result<DirectoryLock> DirectoryLock::take(const std::filesystem::path& directory) {
  std::error_code error;
  // What is made here lasts only when each directory above it, down from one that was there, is
  // synced too.
  std::vector<std::filesystem::path> above;
  for (std::filesystem::path one = directory;
       !std::filesystem::exists(one, error) && one.has_parent_path() && one.parent_path() != one;
       one = one.parent_path())
    above.push_back(one.parent_path());
  std::filesystem::create_directories(directory, error);
  if (error)
    return fail(ErrorCode::unavailable,
                "making the directory " + directory.string() + ": " + error.message(),
                "make it yourself, or give this user the right to");
  PASIG_CHECK(refuse_network_file_system(directory));
  const std::filesystem::path path = directory / "lock";
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (file < 0)
    return fail(ErrorCode::unavailable, "opening " + path.string() + ": " + reason(errno),
                "check who owns the directory");
  DirectoryLock lock(file);
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK)
      return fail(ErrorCode::unavailable, "locking " + path.string() + ": " + reason(errno));
    return fail(ErrorCode::conflict, directory.string() + " is in use by " + holder_of(file),
                "stop that process, or choose another directory");
  }
  if (!write_pid(file))
    return fail(ErrorCode::unavailable, "writing " + path.string() + ": " + reason(errno));
  PASIG_CHECK(sync_directory(directory));
  for (const std::filesystem::path& one : above) PASIG_CHECK(sync_directory(one));
  return lock;
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept
    : file_(std::exchange(other.file_, -1)) {}

DirectoryLock& DirectoryLock::operator=(DirectoryLock&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

DirectoryLock::~DirectoryLock() {
  if (file_ >= 0) close(file_);
}

Result<void> sync_directory(const std::filesystem::path& directory) {
  const int file = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const int result = file < 0 ? -1 : fsync(file);
  const int number = errno;
  if (file >= 0) close(file);
  if (result != 0)
    return fail(ErrorCode::unavailable,
                "syncing the directory " + directory.string() + ": " + reason(number));
  return {};
}

std::optional<std::string_view> network_file_system(std::uint32_t type) {
  switch (type) {
    case NFS_SUPER_MAGIC:
      return "NFS";
    case SMB_SUPER_MAGIC:
    case CIFS_SUPER_MAGIC:
    case SMB2_SUPER_MAGIC:
      return "CIFS";
    case V9FS_MAGIC:
      return "9p";
  }
  return std::nullopt;
}

}  // namespace pasig
