#include "drivers/directory/tree_copy.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "drivers/directory/files.h"
#include "drivers/directory/inode_flags.h"
#include "drivers/directory/room.h"

namespace pasig::drivers::directory {
namespace {

constexpr std::size_t k_part = 1 << 20;
constexpr std::uint64_t k_written_unlooked = 16 << 20;  // well below the smallest reserve

// The source was changed under the copy: not a failure, the next pass sees it.
bool means_vanished(int error) {
  return error == ENOENT || error == ENOTDIR || error == ELOOP || error == EXDEV;
}

timespec to_timespec(std::int64_t ns) {
  std::int64_t seconds = ns / 1'000'000'000;
  std::int64_t rest = ns % 1'000'000'000;
  if (rest < 0) {
    rest += 1'000'000'000;
    --seconds;
  }
  return {.tv_sec = seconds, .tv_nsec = rest};
}

Answer<void> copy_attributes(int from, int to, const std::string& path) {
  if (::flistxattr(from, nullptr, 0) == 0) return {};
  std::vector<char> names(65536);
  const ssize_t length = ::flistxattr(from, names.data(), names.size());
  if (length < 0 && errno == ENOTSUP) return {};
  if (length < 0) return tl::unexpected(system_failure(errno, "listing attributes of", path));
  std::vector<char> value(65536);
  for (const char* name = names.data(); name < names.data() + length;
       name += std::strlen(name) + 1) {
    if (!is_carried_attribute(name)) continue;
    const ssize_t n = ::fgetxattr(from, name, value.data(), value.size());
    if (n < 0 && errno == ENODATA) continue;
    if (n < 0 || ::fsetxattr(to, name, value.data(), static_cast<std::size_t>(n), 0) != 0)
      return tl::unexpected(
          system_failure(errno, std::string("copying attribute ") + name + " of", path));
  }
  return {};
}

}  // namespace

Answer<void> TreeCopy::open() {
  if (source_top_.is_open()) return {};
  PASIG_TRY(source_top_, open_directory(source_));
  PASIG_TRY(target_top_, open_directory(target_));
  return {};
}

Answer<void> TreeCopy::bring_to(const Tree& wanted, const Shareable& shareable,
                                const Patience& patience) {
  PASIG_CHECK(open());
  bytes_total_ = wanted.bytes();
  bytes_done_ = 0;
  PASIG_CHECK(remove_outdated(wanted));
  Tree made;
  for (const Entry& entry : wanted.entries) {
    PASIG_CHECK(patience.check("copying " + source_));
    const Entry* before = made_.find(entry.path);
    const bool is_there =
        before != nullptr &&
        (same_inode_unchanged(*before, entry) ||
         (before->type == EntryType::directory && entry.type == EntryType::directory));
    PASIG_TRY(const bool is_made, is_there ? Answer<bool>(true) : make(entry, shareable, patience));
    if (is_made) made.entries.push_back(entry);
  }
  made.skipped = wanted.skipped;
  made_ = std::move(made);
  // Directories last and inner ones first: filling them changed their times.
  for (auto entry = made_.entries.rbegin(); entry != made_.entries.rend(); ++entry)
    if (entry->type == EntryType::directory) PASIG_CHECK(dress_directory(*entry));
  return {};
}

void TreeCopy::forget(const std::string& path) {
  for (Entry& entry : made_.entries)
    if (entry.path == path || entry.linked_to == path) entry.inode = 0;
}

Answer<void> TreeCopy::remove_outdated(const Tree& wanted) {
  for (auto had = made_.entries.rbegin(); had != made_.entries.rend(); ++had) {
    const Entry* now = wanted.find(had->path);
    const bool is_directory_entry = had->type == EntryType::directory;
    const bool stays = now != nullptr && (is_directory_entry ? now->type == had->type
                                                             : same_inode_unchanged(*now, *had));
    if (stays || had->path.empty()) continue;
    int error = 0;
    const Spot spot(target_top_.get(), had->path);
    if (spot.error() != 0) error = spot.error();
    else if (!is_directory_entry) error = unlink_sealed(spot.directory(), spot.name());
    else
      error = spot.on([](int at, const char* name) { return ::unlinkat(at, name, AT_REMOVEDIR); });
    if (error != 0 && error != ENOENT)
      return tl::unexpected(system_failure(error, "removing", target_ + "/" + had->path));
  }
  return {};
}

Answer<bool> TreeCopy::make(const Entry& entry, const Shareable& shareable,
                            const Patience& patience) {
  const Spot spot(target_top_.get(), entry.path);
  int error = 0;
  switch (entry.type) {
    case EntryType::directory:
      if (entry.path.empty()) return true;
      error = spot.on([](int at, const char* name) { return ::mkdirat(at, name, 0700); });
      break;
    case EntryType::symlink:
      error = spot.on([&entry](int at, const char* name) {
        return ::symlinkat(entry.target.c_str(), at, name);
      });
      break;
    case EntryType::fifo:
      error = spot.on([](int at, const char* name) { return ::mkfifoat(at, name, 0600); });
      break;
    case EntryType::file:
      if (!entry.linked_to.empty()) return make_link(entry, target_top_.get(), entry.linked_to);
      if (shareable.paths.contains(entry.path)) {
        const Descriptor from(::open(shareable.root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        PASIG_TRY(const bool is_linked, make_link(entry, from.get(), entry.path));
        if (is_linked) return true;
      }
      return make_file(entry, patience);
  }
  if (means_vanished(error)) return false;  // its parent vanished
  if (error != 0)
    return tl::unexpected(system_failure(error, "making", target_ + "/" + entry.path));
  if (entry.type != EntryType::directory) PASIG_CHECK(dress_by_name(entry));
  return true;
}

Answer<bool> TreeCopy::make_link(const Entry& entry, int from_directory, const std::string& from) {
  const Spot source(from_directory, from);
  const Spot target(target_top_.get(), entry.path);
  int error = source.error() != 0 ? source.error() : target.error();
  if (error == 0)
    error = link_sealed(source.directory(), source.name(), target.directory(), target.name());
  if (error == 0) return true;
  if (means_vanished(error) || error == EMLINK || error == EPERM || error == EBADF) return false;
  return tl::unexpected(system_failure(error, "linking", target_ + "/" + entry.path));
}

Answer<bool> TreeCopy::make_file(const Entry& entry, const Patience& patience) {
  const Descriptor from(open_beneath(source_top_.get(), entry.path, O_RDONLY | O_NONBLOCK));
  if (!from.is_open()) {
    if (means_vanished(errno)) return false;
    return tl::unexpected(system_failure(errno, "opening", source_ + "/" + entry.path));
  }
  struct stat status {};
  if (::fstat(from.get(), &status) != 0)
    return tl::unexpected(system_failure(errno, "looking at", source_ + "/" + entry.path));
  if (!S_ISREG(status.st_mode) || status.st_ino != entry.inode) return false;
  Descriptor to;
  const int error = Spot(target_top_.get(), entry.path).on([&to](int at, const char* name) {
    to = Descriptor(::openat(at, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    return to.get();
  });
  if (means_vanished(error)) return false;
  if (error != 0)
    return tl::unexpected(system_failure(error, "creating", target_ + "/" + entry.path));
  if (!means_.clones || ::ioctl(to.get(), FICLONE, from.get()) != 0)
    PASIG_CHECK(copy_bytes(from.get(), to.get(), entry, patience));
  PASIG_CHECK(dress(from.get(), to.get(), entry));
  bytes_done_ += entry.size;
  if (means_.progress) means_.progress({"copying", bytes_done_, bytes_total_});
  return true;
}

Answer<void> TreeCopy::copy_bytes(int from, int to, const Entry& entry, const Patience& patience) {
  const std::string path = source_ + "/" + entry.path;
  struct stat status {};
  if (::fstat(from, &status) != 0) return tl::unexpected(system_failure(errno, "looking at", path));
  const off_t size = status.st_size;
  std::vector<char> part(std::clamp<std::size_t>(static_cast<std::size_t>(size), 1, k_part));
  off_t at = 0;
  while (at < size) {
    off_t data = ::lseek(from, at, SEEK_DATA);
    if (data < 0 && errno == ENXIO) break;  // a hole up to the end
    if (data < 0) data = at;                // no holes on this file system
    off_t hole = ::lseek(from, data, SEEK_HOLE);
    if (hole < 0) hole = size;
    for (at = data; at < hole;) {
      PASIG_CHECK(patience.check("copying " + path));
      const auto wish = std::min<std::size_t>(part.size(), static_cast<std::size_t>(hole - at));
      const ssize_t n = ::pread(from, part.data(), wish, at);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return tl::unexpected(system_failure(errno, "reading", path));
      if (n == 0) return {};  // it was shortened: its change time tells the next pass
      for (ssize_t done = 0; done < n;) {
        const ssize_t w =
            ::pwrite(to, part.data() + done, static_cast<std::size_t>(n - done), at + done);
        if (w < 0 && errno == EINTR) continue;
        if (w < 0)
          return tl::unexpected(system_failure(errno, "writing", target_ + "/" + entry.path));
        done += w;
      }
      at += n;
      PASIG_CHECK(note_written(static_cast<std::uint64_t>(n)));
    }
  }
  if (::ftruncate(to, size) != 0)
    return tl::unexpected(system_failure(errno, "sizing", target_ + "/" + entry.path));
  return {};
}

Answer<void> TreeCopy::note_written(std::uint64_t bytes) {
  written_since_look_ += bytes;
  if (!means_.leaves_reserve || written_since_look_ < k_written_unlooked) return {};
  written_since_look_ = 0;
  return refuse_at_reserve(target_);
}

Answer<void> TreeCopy::dress(int from, int to, const Entry& entry) {
  const std::string path = target_ + "/" + entry.path;
  // The owner first: changing it takes set-user-id bits and capabilities away.
  if (means_.owners && ::fchown(to, entry.uid, entry.gid) != 0)
    return tl::unexpected(system_failure(errno, "giving away", path));
  if (::fchmod(to, entry.mode) != 0)
    return tl::unexpected(system_failure(errno, "setting the mode of", path));
  PASIG_CHECK(copy_attributes(from, to, path));
  const timespec times[2] = {{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, to_timespec(entry.mtime_ns)};
  if (::futimens(to, times) != 0)
    return tl::unexpected(system_failure(errno, "setting the times of", path));
  return {};
}

Answer<void> TreeCopy::dress_directory(const Entry& entry) {
  const Descriptor from(open_beneath(source_top_.get(), entry.path, O_RDONLY | O_DIRECTORY));
  if (!from.is_open()) {
    if (means_vanished(errno)) return {};
    return tl::unexpected(system_failure(errno, "opening", source_ + "/" + entry.path));
  }
  const Descriptor to(open_beneath(target_top_.get(), entry.path, O_RDONLY | O_DIRECTORY));
  if (!to.is_open())
    return tl::unexpected(system_failure(errno, "opening", target_ + "/" + entry.path));
  return dress(from.get(), to.get(), entry);
}

Answer<void> TreeCopy::dress_by_name(const Entry& entry) {
  const Spot spot(target_top_.get(), entry.path);
  const timespec times[2] = {{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, to_timespec(entry.mtime_ns)};
  int error = 0;
  if (means_.owners)
    error = spot.on([&entry](int at, const char* name) {
      return ::fchownat(at, name, entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW);
    });
  if (error == 0 && entry.type == EntryType::fifo)
    error =
        spot.on([&entry](int at, const char* name) { return ::fchmodat(at, name, entry.mode, 0); });
  if (error == 0)
    error = spot.on([&times](int at, const char* name) {
      return ::utimensat(at, name, times, AT_SYMLINK_NOFOLLOW);
    });
  if (error == 0) return {};
  return tl::unexpected(
      system_failure(error, "setting owner, mode and times of", target_ + "/" + entry.path));
}

}  // namespace pasig::drivers::directory
