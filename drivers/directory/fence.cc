#include "drivers/directory/fence.h"

#include <fcntl.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "drivers/directory/files.h"
#include "drivers/directory/inode_flags.h"
#include "drivers/directory/manifest.h"

namespace pasig::drivers::directory {
namespace {

constexpr int k_passes_max = 10;          // until no entry is new; two are enough when sealed
constexpr std::size_t k_trials_max = 16;  // files that the attempted write tries
constexpr std::uint32_t k_write_bits = 0222;
constexpr uid_t k_nobody = 65534;

// Acts as another user towards the file system, in this thread only.
class AsUser {
 public:
  AsUser(uid_t uid, gid_t gid) : uid_(::setfsuid(uid)), gid_(::setfsgid(gid)) {}
  ~AsUser() {
    ::setfsuid(static_cast<uid_t>(uid_));
    ::setfsgid(static_cast<gid_t>(gid_));
  }
  AsUser(const AsUser&) = delete;
  AsUser& operator=(const AsUser&) = delete;

 private:
  int uid_;
  int gid_;
};

// What a fence found before and left after, by path.
struct Sealing {
  std::map<std::string, Entry> before;
  std::map<std::string, Entry> after;
  std::set<std::pair<std::string, std::uint64_t>> done;  // path and inode
  std::unordered_map<std::uint64_t, nlink_t> names;      // in the tree, by inode
  std::set<std::uint64_t> named_outside;                 // inodes that got no flag for that
  std::string why_not;                                   // the first that could not be sealed
};

void take_state(int fd, Entry& entry) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return;
  entry.inode = status.st_ino;
  entry.ctime_ns = nanoseconds(status.st_ctim);
  entry.mtime_ns = nanoseconds(status.st_mtim);
  if (entry.type == EntryType::file) entry.size = static_cast<std::uint64_t>(status.st_size);
  entry.mode = status.st_mode & 07777;
}

bool has_no_seal(const Entry& entry) {
  return entry.type == EntryType::symlink || entry.type == EntryType::fifo;
}

bool is_sealed(int fd, FenceKind kind, std::uint32_t mode) {
  return is_immutable(fd) || (kind == FenceKind::mode && (mode & k_write_bits) == 0);
}

// A file that this process has no right to change can still be written by its owner. Any other
// error is the storage's.
bool is_refusal(int error) {
  return error == EPERM || error == EACCES || error == EOPNOTSUPP || error == ENOTTY;
}

Answer<void> not_sealed(int error, const std::string& path, Sealing& sealing) {
  CallFailure failure = system_failure(error, "fencing", path.empty() ? "the tree" : path);
  if (!is_refusal(error)) return tl::unexpected(std::move(failure));
  if (sealing.why_not.empty())
    sealing.why_not = failure.words + ", so that its owner can still write there";
  return {};
}

// A flag on it would bind the other share or folder that names it, too, and for good.
bool has_names_outside(int fd, const Sealing& sealing) {
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return false;
  const auto inside = sealing.names.find(status.st_ino);
  return inside != sealing.names.end() && status.st_nlink > inside->second;
}

// Looked at right after on the same descriptor: a change since the listing shows as another
// modification time or size.
Answer<void> seal(int top, const Entry& found, FenceKind kind, Sealing& sealing) {
  const Descriptor file(open_beneath(top, found.path, O_RDONLY | O_NONBLOCK));
  if (!file.is_open()) {
    if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) return {};
    return not_sealed(errno, found.path, sealing);
  }
  Entry after = found;
  take_state(file.get(), after);
  if (is_sealed(file.get(), kind, after.mode)) return {};
  if (kind == FenceKind::immutable && has_names_outside(file.get(), sealing)) {
    sealing.named_outside.insert(after.inode);
    return {};
  }
  sealing.named_outside.erase(after.inode);  // its other name is in the tree after all
  int error = 0;
  if (kind == FenceKind::immutable) error = set_immutable(file.get(), true);
  else if (::fchmod(file.get(), after.mode & ~k_write_bits) != 0) error = errno;
  if (error != 0) return not_sealed(error, found.path, sealing);
  take_state(file.get(), after);
  sealing.after[found.path] = std::move(after);
  return {};
}

std::map<std::string, Entry> by_path(const Manifest& journal) {
  std::map<std::string, Entry> entries;
  for (const Entry& entry : journal.tree.entries) entries[entry.path] = entry;
  return entries;
}

Answer<void> write_journal(const std::string& path, const std::map<std::string, Entry>& entries) {
  Manifest journal;
  for (const auto& [name, entry] : entries) journal.tree.entries.push_back(entry);
  return write_manifest(path, journal);
}

Answer<Sealing> read_journals(const ReplicaPlace& place) {
  Sealing sealing;
  if (exists(place.fence_before())) {
    PASIG_TRY(const Manifest before, read_manifest(place.fence_before()));
    sealing.before = by_path(before);
  }
  if (auto after = read_manifest(place.fence_after())) sealing.after = by_path(*after);
  return sealing;
}

// What the fence is about to change is durable before the first of it is changed, and it alone is
// given back: not what the users sealed themselves. What a broken earlier attempt noted stays: it
// saw what the users had set.
Answer<void> note_before(const ReplicaPlace& place, FenceKind kind,
                         const std::vector<const Entry*>& fresh, Sealing& sealing) {
  PASIG_TRY(const Descriptor top, open_directory(place.live()));
  bool is_new = false;
  for (const Entry* entry : fresh) {
    const auto noted = sealing.before.find(entry->path);
    if (noted != sealing.before.end() && noted->second.inode == entry->inode) continue;
    const Descriptor file(open_beneath(top.get(), entry->path, O_RDONLY | O_NONBLOCK));
    if (!file.is_open() || is_sealed(file.get(), kind, entry->mode)) continue;
    sealing.before[entry->path] = *entry;
    is_new = true;
  }
  return is_new ? write_journal(place.fence_before(), sealing.before) : Answer<void>();
}

// Outer directories first: a sealed directory gets no new names, so a pass that finds nothing
// new is the last.
Answer<Sealing> seal_tree(const HeldReplica& held, FenceKind kind, const Patience& patience) {
  const ReplicaPlace& place = held.place();
  PASIG_TRY(Sealing sealing, read_journals(place));
  PASIG_TRY(const Descriptor top, open_directory(place.live()));
  for (int pass = 1;; ++pass) {
    PASIG_TRY(const Tree found, scan(place.live(), patience.cancelled));
    std::vector<const Entry*> fresh;
    sealing.names.clear();
    for (const Entry& entry : found.entries) ++sealing.names[entry.inode];
    for (const Entry& entry : found.entries)
      if (!has_no_seal(entry) && sealing.done.emplace(entry.path, entry.inode).second)
        fresh.push_back(&entry);
    if (fresh.empty()) break;
    PASIG_CHECK(note_before(place, kind, fresh, sealing));
    for (const Entry* entry : fresh) {
      PASIG_CHECK(patience.check("fencing " + place.live()));
      PASIG_CHECK(seal(top.get(), *entry, kind, sealing));
    }
    if (pass == k_passes_max)
      return tl::unexpected(CallFailure{
          .problem = Problem::busy,
          .unknown = false,
          .controller = place.controller,
          .words = "new files appear under " + place.live() + " faster than they can be fenced",
          .hint = "pause its writers, then try again"});
  }
  PASIG_CHECK(write_journal(place.fence_after(), sealing.after));
  return sealing;
}

bool is_read_only(const std::string& path) {
  struct statvfs system {};
  return ::statvfs(path.c_str(), &system) == 0 && (system.f_flag & ST_RDONLY) != 0;
}

Answer<void> bind_onto_itself(const std::string& path) {
  if (::mount(path.c_str(), path.c_str(), nullptr, MS_BIND, nullptr) != 0)
    return tl::unexpected(system_failure(errno, "bind-mounting", path));
  return {};
}

// Empty: done. Else why not.
Answer<std::string> make_mount_read_only(const HeldReplica& held) {
  const std::string live = held.place().live();
  if (held.record.fence.stage == StoredFence::Stage::blocked)
    PASIG_CHECK(prepare_for_fence(held));  // the covering mount of the last try goes first
  if (is_mount_point(live) && is_read_only(live)) return std::string();
  if (!is_mount_point(live)) PASIG_CHECK(bind_onto_itself(live));
  constexpr unsigned long k_read_only = MS_REMOUNT | MS_BIND | MS_RDONLY;
  if (::mount(nullptr, live.c_str(), nullptr, k_read_only, nullptr) == 0) return std::string();
  if (errno != EBUSY) return tl::unexpected(system_failure(errno, "making read-only", live));
  PASIG_CHECK(bind_onto_itself(live));
  if (::mount(nullptr, live.c_str(), nullptr, k_read_only, nullptr) != 0)
    return tl::unexpected(system_failure(errno, "making read-only", live));
  return std::string(
      "busy: a writer holds a file open; a read-only mount above refuses new "
      "opens, but what is open goes on");
}

// Tries to write as everybody whom the kind binds. Empty: all were refused.
std::string attempt_writes(const HeldReplica& held, FenceKind kind, const Tree& found,
                           const std::set<std::uint64_t>& left_open) {
  const std::string live = held.place().live();
  // From within: who is kept out by the door may have been in before it closed.
  const auto top = open_directory(live);
  if (!top) return top.error().words;
  const std::string trial = ".pasig-fence-trial-" + to_string(random_uuid());
  const auto can_create = [&trial, &top] {
    constexpr int k_how = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    const Descriptor file(::openat(top->get(), trial.c_str(), k_how, 0600));
    if (file.is_open()) ::unlinkat(top->get(), trial.c_str(), 0);
    return file.is_open();
  };
  const bool binds_root = kind != FenceKind::mode;
  if ((binds_root || ::geteuid() != 0) && can_create())
    return "a file could still be created in " + live;
  std::size_t trials = 0;
  for (const Entry& entry : found.entries) {
    if (entry.type != EntryType::file || trials == k_trials_max) continue;
    if (left_open.contains(entry.inode)) continue;
    if (!binds_root && entry.uid == 0 && ::geteuid() == 0) continue;
    ++trials;
    const bool as_owner = ::geteuid() == 0;
    const AsUser user(as_owner ? entry.uid : ::geteuid(), as_owner ? entry.gid : ::getegid());
    const Descriptor file(open_beneath(top->get(), entry.path, O_WRONLY | O_NONBLOCK));
    if (file.is_open()) return "its owner can still open " + printable(entry.path) + " to write";
  }
  if (::geteuid() != 0) return {};
  const AsUser nobody(k_nobody, k_nobody);
  return can_create() ? "a user could still create a file in " + live : std::string();
}

// 0, or errno's value.
int unseal(int top, const Entry& found, const Entry& before, FenceKind kind) {
  if (kind == FenceKind::mode && found.mode == before.mode) return 0;
  const Descriptor file(open_beneath(top, found.path, O_RDONLY | O_NONBLOCK));
  if (!file.is_open()) return errno == ENOENT ? 0 : errno;
  if (kind == FenceKind::mode) return ::fchmod(file.get(), before.mode) == 0 ? 0 : errno;
  return is_immutable(file.get()) ? set_immutable(file.get(), false) : 0;
}

// Gives back what the fence took, and nothing else. One that cannot be given back is told, and
// does not keep the others.
Answer<void> unseal_tree(const ReplicaPlace& place, const std::string& tree, FenceKind kind) {
  if (!exists(place.fence_before())) return {};
  PASIG_TRY(const Manifest journal, read_manifest(place.fence_before()));
  std::unordered_map<std::uint64_t, const Entry*> noted;
  for (const Entry& entry : journal.tree.entries) noted[entry.inode] = &entry;
  PASIG_TRY(const Tree found, scan(tree, std::stop_token()));
  PASIG_TRY(const Descriptor top, open_directory(tree));
  std::optional<CallFailure> first;
  for (const Entry& entry : found.entries) {
    const auto before = noted.find(entry.inode);
    if (before == noted.end() || has_no_seal(entry)) continue;
    const int error = unseal(top.get(), entry, *before->second, kind);
    if (error != 0 && !first) first = system_failure(error, "lifting the fence of", entry.path);
  }
  return first ? tl::unexpected(std::move(*first)) : Answer<void>();
}

}  // namespace

Answer<FenceReport> raise_fence(const HeldReplica& held, FenceKind kind, const Patience& patience) {
  const ReplicaPlace& place = held.place();
  Abilities told = held.side.root.abilities;
  told.fence = kind;
  FenceReport report{.enforced = true, .kind = word(kind), .words = told.fence_words()};
  if (!exists(place.live())) {
    report.words = "there is no live tree to write to";
    return report;
  }
  std::string why_not;
  std::set<std::uint64_t> left_open;
  if (kind == FenceKind::mount) {
    PASIG_TRY(why_not, make_mount_read_only(held));
  } else {
    PASIG_TRY(Sealing sealing, seal_tree(held, kind, patience));
    why_not = std::move(sealing.why_not);
    left_open = std::move(sealing.named_outside);
  }
  if (why_not.empty()) {
    PASIG_TRY(const Tree found, scan(place.live(), patience.cancelled));
    why_not = attempt_writes(held, kind, found, left_open);
  }
  if (!left_open.empty())
    report.words += "; files that have names outside of the share, and stay writable there: " +
                    std::to_string(left_open.size());
  if (!why_not.empty()) {
    report.enforced = false;
    report.words = why_not;
  }
  return report;
}

Answer<void> lift_fence(const HeldReplica& held, FenceKind kind) {
  const ReplicaPlace& place = held.place();
  if (!exists(place.live())) return {};
  if (kind == FenceKind::mount) PASIG_CHECK(prepare_for_fence(held));
  else PASIG_CHECK(unseal_tree(place, place.live(), kind));
  PASIG_CHECK(remove_file_durably(place.fence_after()));
  return remove_file_durably(place.fence_before());
}

Answer<void> leave_fence_behind(const HeldReplica& held, const std::string& tree) {
  const ReplicaPlace& place = held.place();
  if (held.record.fence.kind == FenceKind::mode && exists(tree))
    PASIG_CHECK(unseal_tree(place, tree, FenceKind::mode));
  PASIG_CHECK(remove_file_durably(place.fence_after()));
  return remove_file_durably(place.fence_before());
}

Answer<void> prepare_for_fence(const HeldReplica& held) {
  const std::string live = held.place().live();
  while (is_mount_point(live) && is_read_only(live)) {
    if (::umount2(live.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) != 0)
      return tl::unexpected(system_failure(errno, "unmounting", live));
  }
  if (held.side.root.abilities.fence != FenceKind::mount || is_mount_point(live)) return {};
  return bind_onto_itself(live);
}

Answer<Tree> scan_live(const HeldReplica& held, const Patience& patience) {
  const ReplicaPlace& place = held.place();
  PASIG_TRY(Tree tree, scan(place.live(), patience.cancelled));
  const bool is_mode = held.record.fence.stage != StoredFence::Stage::none &&
                       held.record.fence.kind == FenceKind::mode;
  if (!exists(place.fence_before())) return tree;
  PASIG_TRY(const Sealing sealing, read_journals(place));
  for (Entry& entry : tree.entries) {
    const auto before = sealing.before.find(entry.path);
    if (before == sealing.before.end() || before->second.inode != entry.inode) continue;
    if (is_mode) entry.mode = before->second.mode;
    const auto after = sealing.after.find(entry.path);
    const bool only_fenced = after != sealing.after.end() && after->second.inode == entry.inode &&
                             after->second.ctime_ns == entry.ctime_ns &&
                             before->second.size == after->second.size &&
                             before->second.mtime_ns == after->second.mtime_ns;
    if (only_fenced) entry.ctime_ns = before->second.ctime_ns;
  }
  return tree;
}

}  // namespace pasig::drivers::directory
