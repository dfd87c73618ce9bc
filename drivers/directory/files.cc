#include "drivers/directory/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "drivers/directory/replica_lock.h"

namespace pasig::drivers::directory {
namespace {

constexpr std::chrono::milliseconds k_look_again{100};

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

// The temporary name is unique per process and call, so that two writers never share one.
std::string temporary_beside(const std::string& path) {
  return path + ".new-" + to_string(random_uuid());
}

Problem problem_of(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return Problem::no_space;
    case EIO:
    case ESTALE:
    case ENOTCONN:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ETIMEDOUT:
    case ENXIO:
      return Problem::unreachable;
    default:
      return Problem::failed;
  }
}

std::string hint_of(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return "make room on that file system, then try again";
    case EACCES:
      return "pasigd lacks the right to do this there";
    case EPERM:
      return "pasigd lacks the right to do this there, or a flag (lsattr: a, i) forbids it";
    case EROFS:
      return "the file system is mounted read-only";
    case EMFILE:
    case ENFILE:
      return "raise the limit of open files";
    default:
      return {};
  }
}

Answer<void> write_all(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return tl::unexpected(system_failure(errno, "writing", path));
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

int open_part(int directory, const std::string& path, int flags) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC | O_NOFOLLOW);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  int fd = -1;
  do {
    fd = static_cast<int>(::syscall(SYS_openat2, directory, path.c_str(), &how, sizeof(how)));
  } while (fd < 0 && (errno == EINTR || errno == EAGAIN));
  return fd;
}

}  // namespace

void Descriptor::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

CallFailure system_failure(int error, std::string_view doing, const std::string& path) {
  return {.problem = problem_of(error),
          .unknown = false,
          .controller = {},
          .words = std::string(doing) + " " + path + ": " + std::strerror(error),
          .hint = hint_of(error)};
}

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

bool exists(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

bool is_directory(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

Answer<std::string> read_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file.is_open()) return tl::unexpected(system_failure(errno, "opening", path));
  std::string bytes;
  std::array<char, 65536> part{};
  while (true) {
    const ssize_t n = ::read(file.get(), part.data(), part.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return tl::unexpected(system_failure(errno, "reading", path));
    if (n == 0) return bytes;
    bytes.append(part.data(), static_cast<std::size_t>(n));
  }
}

Answer<void> write_file_durably(const std::string& path, std::string_view bytes, mode_t mode) {
  const std::string temporary = temporary_beside(path);
  {
    const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!file.is_open()) return tl::unexpected(system_failure(errno, "creating", temporary));
    auto written = write_all(file.get(), bytes, temporary);
    if (written && ::fsync(file.get()) != 0)
      written = tl::unexpected(system_failure(errno, "flushing", temporary));
    if (!written) {
      ::unlink(temporary.c_str());
      return written;
    }
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    return tl::unexpected(system_failure(error, "replacing", path));
  }
  return sync_directory(parent_of(path));
}

Answer<void> make_directory_durably(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), 0755) != 0) {
    const int error = errno;
    if (error == EEXIST && is_directory(path)) return {};
    return tl::unexpected(system_failure(error, "making directory", path));
  }
  // Not by mkdir alone: the process's umask must not decide who reaches a share.
  if (::chmod(path.c_str(), mode) != 0)
    return tl::unexpected(system_failure(errno, "setting the mode of", path));
  return sync_directory(parent_of(path));
}

Answer<void> rename_durably(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0)
    return tl::unexpected(system_failure(errno, "moving " + from + " to", to));
  PASIG_CHECK(sync_directory(parent_of(to)));
  if (parent_of(from) != parent_of(to)) return sync_directory(parent_of(from));
  return {};
}

Answer<void> point_link_durably(const std::string& link, const std::string& target) {
  std::array<char, 4096> now{};
  const ssize_t length = ::readlink(link.c_str(), now.data(), now.size());
  if (length >= 0 && std::string_view(now.data(), static_cast<std::size_t>(length)) == target)
    return {};
  const std::string temporary = temporary_beside(link);
  if (::symlink(target.c_str(), temporary.c_str()) != 0)
    return tl::unexpected(system_failure(errno, "linking", temporary));
  auto pointed = rename_durably(temporary, link);
  if (!pointed) ::unlink(temporary.c_str());
  return pointed;
}

Answer<void> remove_file_durably(const std::string& path) {
  if (::unlink(path.c_str()) != 0) {
    if (errno == ENOENT) return {};
    return tl::unexpected(system_failure(errno, "removing", path));
  }
  return sync_directory(parent_of(path));
}

Answer<std::vector<std::string>> names_in(const std::string& path) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::opendir(path.c_str()), &::closedir);
  if (!listing) {
    if (errno == ENOENT) return names;
    return tl::unexpected(system_failure(errno, "listing", path));
  }
  errno = 0;
  while (const dirent* entry = ::readdir(listing.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  if (errno != 0) return tl::unexpected(system_failure(errno, "listing", path));
  std::sort(names.begin(), names.end());
  return names;
}

Answer<void> sync_directory(const std::string& path) {
  const Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.is_open()) return tl::unexpected(system_failure(errno, "opening", path));
  // Network file systems may refuse to flush a directory; there the server has it already.
  if (::fsync(directory.get()) != 0 && errno != EINVAL && errno != ENOTSUP)
    return tl::unexpected(system_failure(errno, "flushing", path));
  return {};
}

Answer<void> sync_file_system(const std::string& path, const Patience& patience) {
  Descriptor place(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!place.is_open()) return tl::unexpected(system_failure(errno, "opening", path));
  struct Flush {
    std::mutex mutex;
    std::condition_variable ended;
    std::optional<int> error;
  };
  const auto flush = std::make_shared<Flush>();
  std::thread([flush, file = std::move(place)] {
    const int error = ::syncfs(file.get()) == 0 ? 0 : errno;
    const std::scoped_lock ending(flush->mutex);
    flush->error = error;
    flush->ended.notify_all();
  }).detach();
  std::unique_lock waiting(flush->mutex);
  while (!flush->error) {
    PASIG_CHECK(patience.check("flushing the file system of " + path));
    flush->ended.wait_for(waiting, k_look_again);
  }
  if (*flush->error != 0)
    return tl::unexpected(system_failure(*flush->error, "flushing the file system of", path));
  return {};
}

Answer<Descriptor> open_directory(const std::string& path) {
  Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!directory.is_open()) return tl::unexpected(system_failure(errno, "opening", path));
  return directory;
}

int open_beneath(int directory, const std::string& path, int flags) {
  const Spot spot(directory, path);
  errno = spot.error();
  return spot.error() == 0 ? open_part(spot.directory(), spot.name(), flags) : -1;
}

Spot::Spot(int directory, const std::string& path)
    : directory_(directory), name_(path.empty() ? "." : path) {
  while (name_.size() >= PATH_MAX) {
    const auto slash = name_.rfind('/', PATH_MAX - 1);
    const int next = slash == std::string::npos
                         ? -1
                         : open_part(directory_, name_.substr(0, slash), O_PATH | O_DIRECTORY);
    if (next < 0) {
      error_ = slash == std::string::npos ? ENAMETOOLONG : errno;
      return;
    }
    held_ = Descriptor(next);
    directory_ = next;
    name_.erase(0, slash + 1);
  }
}

}  // namespace pasig::drivers::directory
