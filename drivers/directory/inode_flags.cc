#include "drivers/directory/inode_flags.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/stat.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <vector>

#include "drivers/directory/files.h"
#include "drivers/directory/tree.h"

namespace pasig::drivers::directory {
namespace {

// Those that keep an inode's names from being removed. Users set them on their files, too.
constexpr int k_holding_flags = FS_IMMUTABLE_FL | FS_APPEND_FL;

int holding_flags(int fd) {
  int flags = 0;
  return ::ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 ? flags & k_holding_flags : 0;
}

// 0, or errno's value.
int set_holding_flags(int fd, int wanted) {
  int flags = 0;
  if (::ioctl(fd, FS_IOC_GETFLAGS, &flags) != 0) return errno;
  const int changed = (flags & ~k_holding_flags) | wanted;
  if (changed == flags) return 0;
  return ::ioctl(fd, FS_IOC_SETFLAGS, &changed) == 0 ? 0 : errno;
}

// Makes a directory's entries removable: its flags away, and its owner may write.
void open_for_removal(int directory) {
  if (holding_flags(directory) != 0) set_holding_flags(directory, 0);
  struct stat status {};
  if (::fstat(directory, &status) == 0 && (status.st_mode & 0700) != 0700)
    ::fchmod(directory, status.st_mode | 0700);
}

Answer<void> remove_below(Descriptor directory, dev_t device, const std::string& path) {
  open_for_removal(directory.get());
  const int fd = directory.get();
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::fdopendir(fd), &::closedir);
  if (!listing) return tl::unexpected(system_failure(errno, "listing", path));
  static_cast<void>(directory.release());  // closed by closedir
  while (const dirent* found = ::readdir(listing.get())) {
    const std::string name = found->d_name;
    if (name == "." || name == "..") continue;
    struct stat status {};
    if (::fstatat(fd, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) continue;
      return tl::unexpected(system_failure(errno, "looking at", path + "/" + name));
    }
    if (status.st_dev != device)
      return tl::unexpected(
          CallFailure{.problem = Problem::failed,
                      .unknown = false,
                      .controller = {},
                      .words = path + "/" + name + " is another file system mounted there",
                      .hint = "unmount it, then try again"});
    const bool is_directory_entry = S_ISDIR(status.st_mode);
    if (is_directory_entry) {
      if ((status.st_mode & 0700) != 0700) ::fchmodat(fd, name.c_str(), status.st_mode | 0700, 0);
      Descriptor below(::openat(fd, name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
      if (!below.is_open())
        return tl::unexpected(system_failure(errno, "opening", path + "/" + name));
      PASIG_CHECK(remove_below(std::move(below), device, path + "/" + name));
    }
    int error = 0;
    if (!is_directory_entry) error = unlink_sealed(fd, name);
    else if (::unlinkat(fd, name.c_str(), AT_REMOVEDIR) != 0) error = errno;
    if (error == 0 || error == ENOENT) continue;
    return tl::unexpected(system_failure(error, "removing", path + "/" + name));
  }
  return {};
}

// proc(5): blanks and the like in paths stand there as three octal digits.
std::string unescaped(const std::string& text) {
  std::string path;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = text[i] == '\\' && i + 3 < text.size();
    if (is_escape)
      path += static_cast<char>(std::strtol(text.substr(i + 1, 3).c_str(), nullptr, 8));
    else path += text[i];
    i += is_escape ? 3 : 0;
  }
  return path;
}

}  // namespace

bool is_immutable(int fd) {
  int flags = 0;
  return ::ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 && (flags & FS_IMMUTABLE_FL) != 0;
}

int set_immutable(int fd, bool on) {
  int flags = 0;
  if (::ioctl(fd, FS_IOC_GETFLAGS, &flags) != 0) return errno;
  const int wanted = on ? flags | FS_IMMUTABLE_FL : flags & ~FS_IMMUTABLE_FL;
  if (wanted == flags) return 0;
  return ::ioctl(fd, FS_IOC_SETFLAGS, &wanted) == 0 ? 0 : errno;
}

int link_sealed(int from_directory, const std::string& from, int to_directory,
                const std::string& to) {
  const auto link = [&] {
    return ::linkat(from_directory, from.c_str(), to_directory, to.c_str(), 0) == 0 ? 0 : errno;
  };
  const int error = link();
  if (error != EPERM) return error;
  const Descriptor file(
      ::openat(from_directory, from.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.is_open() || !is_immutable(file.get())) return error;
  if (const int unsealed = set_immutable(file.get(), false); unsealed != 0) return unsealed;
  const int second = link();
  const int sealed = set_immutable(file.get(), true);
  return second != 0 ? second : sealed;
}

int unlink_sealed(int directory, const std::string& name) {
  if (::unlinkat(directory, name.c_str(), 0) == 0) return 0;
  if (errno != EPERM) return errno;
  const Descriptor file(
      ::openat(directory, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  const int held = file.is_open() ? holding_flags(file.get()) : 0;
  if (held == 0) return EPERM;
  if (const int released = set_holding_flags(file.get(), 0); released != 0) return released;
  const int error = ::unlinkat(directory, name.c_str(), 0) == 0 ? 0 : errno;
  struct stat status {};
  const bool is_named_elsewhere = ::fstat(file.get(), &status) == 0 && status.st_nlink > 0;
  if (is_named_elsewhere) set_holding_flags(file.get(), held);
  return error;
}

Answer<void> move_sealed(const std::string& from, const std::string& to) {
  PASIG_TRY(const Descriptor top, open_directory(from));
  const int held = holding_flags(top.get());
  if (held != 0) set_holding_flags(top.get(), 0);
  // Moving a directory changes its "..", which needs its owner's write bit, too.
  struct stat status {};
  const bool was_closed = ::fstat(top.get(), &status) == 0 && (status.st_mode & S_IWUSR) == 0;
  if (was_closed) ::fchmod(top.get(), status.st_mode | S_IWUSR);
  auto moved = rename_durably(from, to);
  if (was_closed) ::fchmod(top.get(), status.st_mode);
  if (held != 0) set_holding_flags(top.get(), held);
  return moved;
}

Answer<bool> exchange(const std::string& fresh, const std::string& old) {
  PASIG_TRY(const Descriptor top, open_directory(old));
  if (holding_flags(top.get()) != 0) set_holding_flags(top.get(), 0);
  if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, old.c_str(), RENAME_EXCHANGE) != 0) {
    if (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP) return false;
    return tl::unexpected(system_failure(errno, "putting " + fresh + " in the place of", old));
  }
  PASIG_CHECK(sync_directory(old.substr(0, old.rfind('/'))));
  return true;
}

Answer<void> unseal_all(const std::string& tree) {
  PASIG_TRY(const Descriptor top, open_directory(tree));
  PASIG_TRY(const Tree found, scan(tree, std::stop_token()));
  for (const Entry& entry : found.entries) {
    if (entry.type == EntryType::symlink || entry.type == EntryType::fifo) continue;
    const Descriptor file(open_beneath(top.get(), entry.path, O_RDONLY | O_NONBLOCK));
    if (!file.is_open())
      return tl::unexpected(system_failure(errno, "opening", tree + "/" + entry.path));
    const int error = holding_flags(file.get()) != 0 ? set_holding_flags(file.get(), 0) : 0;
    if (error != 0)
      return tl::unexpected(system_failure(error, "unsealing", tree + "/" + entry.path));
    const bool is_closed = entry.type == EntryType::directory && (entry.mode & S_IWUSR) == 0;
    if (is_closed) ::fchmod(file.get(), entry.mode | S_IWUSR);
  }
  return {};
}

bool is_mount_point(const std::string& path) {
  struct statx status {};
  const long result = ::syscall(SYS_statx, AT_FDCWD, path.c_str(),
                                AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_BASIC_STATS, &status);
  return result == 0 && (status.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0 &&
         (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

Answer<std::string> mounted_below(const std::string& tree) {
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(tree.c_str(), nullptr), &::free);
  if (!real) return tl::unexpected(system_failure(errno, "looking for mounts below", tree));
  const std::string below = std::string(real.get()) + "/";
  PASIG_TRY(const std::string mounts, read_file("/proc/self/mounts"));
  std::istringstream lines(mounts);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string device, path;
    words >> device >> path;
    if (unescaped(path).starts_with(below)) return unescaped(path);
  }
  return std::string();
}

Answer<void> unmount_all(const std::string& path) {
  while (is_mount_point(path)) {
    if (::umount2(path.c_str(), UMOUNT_NOFOLLOW) == 0) continue;
    // Somebody has it open. Detached, it is gone by name, and its flags go on holding for them.
    if (errno == EBUSY && ::umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0) continue;
    return tl::unexpected(system_failure(errno, "unmounting", path));
  }
  return {};
}

Answer<void> remove_tree(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return tl::unexpected(system_failure(errno, "looking at", path));
  }
  if (!S_ISDIR(status.st_mode)) return remove_file_durably(path);
  PASIG_CHECK(unmount_all(path));
  if ((status.st_mode & 0700) != 0700) ::chmod(path.c_str(), status.st_mode | 0700);
  PASIG_TRY(Descriptor directory, open_directory(path));
  if (::fstat(directory.get(), &status) != 0)
    return tl::unexpected(system_failure(errno, "looking at", path));
  PASIG_CHECK(remove_below(std::move(directory), status.st_dev, path));
  if (::rmdir(path.c_str()) != 0 && errno != ENOENT)
    return tl::unexpected(system_failure(errno, "removing", path));
  return {};
}

}  // namespace pasig::drivers::directory
