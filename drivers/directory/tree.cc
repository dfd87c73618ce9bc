#include "drivers/directory/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <set>

#include "drivers/directory/files.h"
#include "drivers/directory/replica_lock.h"

namespace pasig::drivers::directory {
namespace {

constexpr std::uint32_t k_permission_bits = 07777;
// Change times are no coarser than this on any file system in use (NFS: one second).
constexpr std::int64_t k_tick_ns = 1'000'000'000;
constexpr std::uint64_t k_block_size = 512;  // of st_blocks, on every file system
constexpr std::uint64_t k_read_size = 1 << 18;
constexpr std::uint64_t k_read_min = 1 << 12;

std::optional<EntryType> type_of(mode_t mode) {
  if (S_ISDIR(mode)) return EntryType::directory;
  if (S_ISREG(mode)) return EntryType::file;
  if (S_ISLNK(mode)) return EntryType::symlink;
  if (S_ISFIFO(mode)) return EntryType::fifo;
  return std::nullopt;
}

CallFailure cancelled_scan(const std::string& root) {
  return {.problem = Problem::cancelled,
          .unknown = false,
          .controller = {},
          .words = "asked to stop while listing " + root,
          .hint = {}};
}

// Walks with a descriptor per level, so that a directory swapped for a link is not followed.
class Walk {
 public:
  Walk(std::string root, const std::stop_token& cancelled)
      : root_(std::move(root)), cancelled_(cancelled) {}

  Answer<Tree> run() {
    PASIG_TRY(Descriptor top, open_directory(root_));
    struct stat status {};
    if (::fstat(top.get(), &status) != 0)
      return tl::unexpected(system_failure(errno, "looking at", root_));
    device_ = status.st_dev;
    add({}, status, EntryType::directory);
    PASIG_CHECK(enter(std::move(top), {}));
    std::sort(tree_.entries.begin(), tree_.entries.end(),
              [](const Entry& a, const Entry& b) { return a.path < b.path; });
    name_link_groups();
    return std::move(tree_);
  }

 private:
  Entry& add(const std::string& path, const struct stat& status, EntryType type) {
    Entry entry;
    entry.path = path;
    entry.type = type;
    entry.size = type == EntryType::file ? static_cast<std::uint64_t>(status.st_size) : 0;
    entry.allocated = static_cast<std::uint64_t>(status.st_blocks) * k_block_size;
    entry.mtime_ns = nanoseconds(status.st_mtim);
    entry.mode = type == EntryType::symlink ? 0 : status.st_mode & k_permission_bits;
    entry.uid = status.st_uid;
    entry.gid = status.st_gid;
    entry.inode = status.st_ino;
    entry.ctime_ns = nanoseconds(status.st_ctim);
    // Files only: a symbolic link or pipe with two names is none the poorer for having two inodes.
    if (type == EntryType::file) entry.names = status.st_nlink;
    if (entry.names > 1) linked_.insert(path);
    tree_.entries.push_back(std::move(entry));
    return tree_.entries.back();
  }

  Answer<void> enter(Descriptor directory, const std::string& prefix) {
    if (cancelled_.stop_requested()) return tl::unexpected(cancelled_scan(root_));
    const int fd = directory.get();
    const std::unique_ptr<DIR, int (*)(DIR*)> listing(::fdopendir(fd), &::closedir);
    if (!listing) return tl::unexpected(system_failure(errno, "listing", root_ + "/" + prefix));
    static_cast<void>(directory.release());  // closed by closedir
    errno = 0;
    while (const dirent* found = ::readdir(listing.get())) {
      const std::string name = found->d_name;
      if (name != "." && name != "..") PASIG_CHECK(look(fd, name, prefix));
      errno = 0;
    }
    if (errno != 0) return tl::unexpected(system_failure(errno, "listing", root_ + "/" + prefix));
    return {};
  }

  Answer<void> look(int directory, const std::string& name, const std::string& prefix) {
    const std::string path = prefix.empty() ? name : prefix + "/" + name;
    struct stat status {};
    if (::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) return {};  // went away meanwhile: the next pass sees that
      return tl::unexpected(system_failure(errno, "looking at", root_ + "/" + path));
    }
    const auto type = type_of(status.st_mode);
    if (!type || status.st_dev != device_) {
      ++tree_.skipped;
      return {};
    }
    Entry& entry = add(path, status, *type);
    if (*type == EntryType::symlink) {
      std::array<char, 8192> target{};
      const ssize_t n = ::readlinkat(directory, name.c_str(), target.data(), target.size());
      if (n > 0) entry.target.assign(target.data(), static_cast<std::size_t>(n));
    }
    if (*type != EntryType::directory) return {};
    Descriptor below(
        ::openat(directory, name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (!below.is_open()) {
      if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) return {};  // swapped meanwhile
      return tl::unexpected(system_failure(errno, "opening", root_ + "/" + path));
    }
    return enter(std::move(below), path);
  }

  void name_link_groups() {
    std::map<std::uint64_t, std::string> first_of;
    for (Entry& entry : tree_.entries) {
      if (!linked_.contains(entry.path)) continue;
      const auto [place, is_first] = first_of.emplace(entry.inode, entry.path);
      if (!is_first) entry.linked_to = place->second;
    }
  }

  std::string root_;
  const std::stop_token& cancelled_;
  dev_t device_ = 0;
  Tree tree_;
  std::set<std::string> linked_;  // names whose inode has more than one
};

}  // namespace

const Entry* Tree::find(const std::string& path) const {
  const auto place =
      std::lower_bound(entries.begin(), entries.end(), path,
                       [](const Entry& entry, const std::string& p) { return entry.path < p; });
  return place != entries.end() && place->path == path ? &*place : nullptr;
}

std::uint64_t Tree::files() const {
  std::uint64_t count = 0;
  for (const Entry& entry : entries)
    if (entry.type != EntryType::directory) ++count;
  return count;
}

std::uint64_t Tree::bytes() const {
  std::uint64_t sum = 0;
  for (const Entry& entry : entries)
    if (entry.linked_to.empty()) sum += entry.size;
  return sum;
}

Answer<Tree> scan(const std::string& root, const std::stop_token& cancelled) {
  return Walk(root, cancelled).run();
}

bool same_inode_unchanged(const Entry& a, const Entry& b) {
  return a.inode != 0 && a.inode == b.inode && a.ctime_ns == b.ctime_ns && a.type == b.type &&
         a.size == b.size && a.mtime_ns == b.mtime_ns && a.path == b.path &&
         a.linked_to == b.linked_to && a.mode == b.mode && a.uid == b.uid && a.gid == b.gid &&
         a.target == b.target;
}

bool is_settled(const Entry& entry, std::int64_t listed_at_ns) {
  return entry.ctime_ns < listed_at_ns - k_tick_ns;
}

bool is_carried_attribute(const std::string& name) {
  return (name.starts_with("user.") && !name.starts_with("user.rsync.") &&
          !name.starts_with("user.pasig.")) ||
         name == "system.posix_acl_access" || name == "system.posix_acl_default" ||
         name == "security.capability";
}

Answer<Digest> content_digest(const std::string& root, const Entry& entry,
                              const Patience& patience) {
  PASIG_TRY(const Descriptor top, open_directory(root));
  const Descriptor file(open_beneath(top.get(), entry.path, O_RDONLY | O_NONBLOCK));
  if (!file.is_open())
    return tl::unexpected(system_failure(errno, "opening", root + "/" + entry.path));
  Sha256 hash;
  // Most files are small: their share of the time would go into room that is not used.
  std::vector<char> part(std::clamp<std::uint64_t>(entry.size + 1, k_read_min, k_read_size));
  while (true) {
    PASIG_CHECK(patience.check("reading " + root + "/" + entry.path));
    const ssize_t n = ::read(file.get(), part.data(), part.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return tl::unexpected(system_failure(errno, "reading", root + "/" + entry.path));
    if (n == 0) return hash.finish();
    hash.add({part.data(), static_cast<std::size_t>(n)});
  }
}

Answer<Digest> xattr_digest(const std::string& root, const Entry& entry) {
  PASIG_TRY(const Descriptor top, open_directory(root));
  const Descriptor file(open_beneath(top.get(), entry.path, O_RDONLY | O_NONBLOCK));
  if (!file.is_open())
    return tl::unexpected(system_failure(errno, "opening", root + "/" + entry.path));
  if (::flistxattr(file.get(), nullptr, 0) == 0) return Digest{};
  std::vector<char> names(65536);
  const ssize_t length = ::flistxattr(file.get(), names.data(), names.size());
  if (length < 0) {
    if (errno == ENOTSUP) return Digest{};
    return tl::unexpected(system_failure(errno, "listing attributes of", root + "/" + entry.path));
  }
  std::map<std::string, std::string> values;
  for (const char* name = names.data(); name < names.data() + length;
       name += std::strlen(name) + 1) {
    if (!is_carried_attribute(name)) continue;
    std::vector<char> value(65536);
    const ssize_t n = ::fgetxattr(file.get(), name, value.data(), value.size());
    if (n < 0 && errno == ENODATA) continue;
    if (n < 0)
      return tl::unexpected(system_failure(errno, std::string("reading attribute ") + name + " of",
                                           root + "/" + entry.path));
    values[name] = std::string(value.data(), static_cast<std::size_t>(n));
  }
  if (values.empty()) return Digest{};
  Sha256 hash;
  for (const auto& [name, value] : values) {
    hash.add_text(name);
    hash.add_text(value);
  }
  return hash.finish();
}

Answer<void> read_digests(const std::string& root, Entry& entry, const Patience& patience) {
  if (entry.type == EntryType::symlink || entry.type == EntryType::fifo) return {};
  PASIG_TRY(entry.xattrs, xattr_digest(root, entry));
  if (entry.type == EntryType::file) {
    PASIG_TRY(entry.content, content_digest(root, entry, patience));
  }
  return {};
}

}  // namespace pasig::drivers::directory
