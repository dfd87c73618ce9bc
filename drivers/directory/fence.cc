#include "drivers/directory/fence.h"

#include <fcntl.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <unordered_set>

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

struct Sealing {  // what a fence found before and left after
  Manifest before;
  Manifest after;
  std::unordered_set<std::string> done;
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

// Looked at right before and right after on one descriptor: a change between the two shows as
// another modification time or size.
Answer<void> seal(int top, const Entry& found, FenceKind kind, Sealing& sealing) {
  const Descriptor file(open_beneath(top, found.path, O_RDONLY | O_NONBLOCK));
  if (!file.is_open()) {
    if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) return {};
    return tl::unexpected(system_failure(errno, "opening", found.path));
  }
  Entry before = found;
  take_state(file.get(), before);
  const bool is_sealed =
      kind == FenceKind::immutable ? is_immutable(file.get()) : (before.mode & k_write_bits) == 0;
  if (is_sealed) return {};
  int error = 0;
  if (kind == FenceKind::immutable) error = set_immutable(file.get(), true);
  else if (::fchmod(file.get(), before.mode & ~k_write_bits) != 0) error = errno;
  if (error != 0) return tl::unexpected(system_failure(error, "fencing", found.path));
  Entry after = found;
  take_state(file.get(), after);
  sealing.before.tree.entries.push_back(std::move(before));
  sealing.after.tree.entries.push_back(std::move(after));
  return {};
}

void sort_by_path(Tree& tree) {
  std::sort(tree.entries.begin(), tree.entries.end(),
            [](const Entry& a, const Entry& b) { return a.path < b.path; });
}

Sealing read_journals(const ReplicaPlace& place) {
  Sealing sealing;
  if (auto before = read_manifest(place.fence_before())) sealing.before = std::move(*before);
  if (auto after = read_manifest(place.fence_after())) sealing.after = std::move(*after);
  return sealing;
}

// For the kind `mode` the old modes are durable before the first one is changed. What a broken
// earlier attempt noted stays: it saw the modes that the users had set.
Answer<void> note_before(const ReplicaPlace& place, const Tree& found) {
  Manifest journal;
  if (exists(place.fence_before())) {
    PASIG_TRY(journal, read_manifest(place.fence_before()));
  }
  std::unordered_set<std::string> noted;
  for (const Entry& entry : journal.tree.entries) noted.insert(entry.path);
  bool is_new = false;
  for (const Entry& entry : found.entries) {
    if (noted.contains(entry.path)) continue;
    journal.tree.entries.push_back(entry);
    is_new = true;
  }
  if (!is_new) return {};
  sort_by_path(journal.tree);
  return write_manifest(place.fence_before(), journal);
}

// Outer directories first: a sealed directory gets no new names, so a pass that finds nothing
// new is the last.
Answer<void> seal_tree(const HeldReplica& held, FenceKind kind, const Patience& patience) {
  const ReplicaPlace& place = held.place();
  Sealing sealing = read_journals(place);
  PASIG_TRY(const Descriptor top, open_directory(place.live()));
  for (int pass = 1;; ++pass) {
    PASIG_TRY(const Tree found, scan(place.live(), patience.cancelled));
    bool is_new = false;
    if (kind == FenceKind::mode) PASIG_CHECK(note_before(place, found));
    for (const Entry& entry : found.entries) {
      if (entry.type == EntryType::symlink || entry.type == EntryType::fifo) continue;
      if (!sealing.done.insert(entry.path).second) continue;
      is_new = true;
      PASIG_CHECK(patience.check("fencing " + place.live()));
      PASIG_CHECK(seal(top.get(), entry, kind, sealing));
    }
    if (!is_new) break;
    if (pass == k_passes_max)
      return tl::unexpected(CallFailure{
          .problem = Problem::busy,
          .unknown = false,
          .controller = place.controller,
          .words = "new files appear under " + place.live() + " faster than they can be fenced",
          .hint = "pause its writers, then try again"});
  }
  sort_by_path(sealing.before.tree);
  sort_by_path(sealing.after.tree);
  if (kind == FenceKind::immutable)
    PASIG_CHECK(write_manifest(place.fence_before(), sealing.before));
  return write_manifest(place.fence_after(), sealing.after);
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
std::string attempt_writes(const HeldReplica& held, FenceKind kind, const Tree& found) {
  const std::string live = held.place().live();
  const std::string trial = live + "/.pasig-fence-trial-" + to_string(random_uuid());
  const auto can_create = [&trial] {
    const Descriptor file(::open(trial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    return file.is_open();
  };
  const bool binds_root = kind != FenceKind::mode;
  if ((binds_root || ::geteuid() != 0) && can_create()) {
    ::unlink(trial.c_str());
    return "a file could still be created in " + live;
  }
  std::size_t trials = 0;
  for (const Entry& entry : found.entries) {
    if (entry.type != EntryType::file || trials == k_trials_max) continue;
    if (!binds_root && entry.uid == 0 && ::geteuid() == 0) continue;
    ++trials;
    const bool as_owner = ::geteuid() == 0;
    const AsUser user(as_owner ? entry.uid : ::geteuid(), as_owner ? entry.gid : ::getegid());
    const Descriptor file(
        ::open((live + "/" + entry.path).c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    if (file.is_open()) return "its owner can still open " + printable(entry.path) + " to write";
  }
  if (::geteuid() != 0) return {};
  const AsUser nobody(k_nobody, k_nobody);
  if (!can_create()) return {};
  ::unlink(trial.c_str());
  return "a user could still create a file in " + live;
}

// Clears the flags of the whole tree, inner entries last so that names can be reached.
Answer<void> unseal_immutable(const std::string& live) {
  PASIG_TRY(const Descriptor top, open_directory(live));
  PASIG_TRY(const Tree found, scan(live, std::stop_token()));
  for (const Entry& entry : found.entries) {
    if (entry.type == EntryType::symlink || entry.type == EntryType::fifo) continue;
    const Descriptor file(open_beneath(top.get(), entry.path, O_RDONLY | O_NONBLOCK));
    if (!file.is_open()) return tl::unexpected(system_failure(errno, "opening", entry.path));
    if (!is_immutable(file.get())) continue;
    if (const int error = set_immutable(file.get(), false); error != 0)
      return tl::unexpected(system_failure(error, "lifting the fence of", entry.path));
  }
  return {};
}

Answer<void> unseal_modes(const ReplicaPlace& place, const std::string& tree) {
  if (!exists(place.fence_before())) return {};
  PASIG_TRY(const Manifest before, read_manifest(place.fence_before()));
  PASIG_TRY(const Descriptor top, open_directory(tree));
  for (const Entry& entry : before.tree.entries) {
    if (entry.type == EntryType::symlink || entry.type == EntryType::fifo) continue;
    const Descriptor file(open_beneath(top.get(), entry.path, O_RDONLY | O_NONBLOCK));
    struct stat status {};
    if (!file.is_open() || ::fstat(file.get(), &status) != 0) continue;
    if (status.st_ino == entry.inode && ::fchmod(file.get(), entry.mode) != 0)
      return tl::unexpected(system_failure(errno, "giving back the mode of", entry.path));
  }
  return {};
}

}  // namespace

Answer<FenceReport> raise_fence(const HeldReplica& held, FenceKind kind, const Patience& patience) {
  const ReplicaPlace& place = held.place();
  PASIG_CHECK(remove_file_durably(place.exported()));
  Abilities told = held.side.root.abilities;
  told.fence = kind;
  FenceReport report{.enforced = true, .kind = word(kind), .words = told.fence_words()};
  if (!exists(place.live())) {
    report.words = "there is no live tree to write to";
    return report;
  }
  std::string why_not;
  if (kind == FenceKind::mount) {
    PASIG_TRY(why_not, make_mount_read_only(held));
  } else {
    PASIG_CHECK(seal_tree(held, kind, patience));
  }
  if (why_not.empty()) {
    PASIG_TRY(const Tree found, scan(place.live(), patience.cancelled));
    why_not = attempt_writes(held, kind, found);
  }
  if (!why_not.empty()) {
    report.enforced = false;
    report.words = why_not;
  }
  return report;
}

Answer<void> lift_fence(const HeldReplica& held, FenceKind kind) {
  const ReplicaPlace& place = held.place();
  if (!exists(place.live())) return {};
  switch (kind) {
    case FenceKind::immutable:
      PASIG_CHECK(unseal_immutable(place.live()));
      break;
    case FenceKind::mount:
      PASIG_CHECK(prepare_for_fence(held));
      break;
    case FenceKind::mode:
      PASIG_CHECK(unseal_modes(place, place.live()));
      break;
  }
  PASIG_CHECK(remove_file_durably(place.fence_after()));
  return remove_file_durably(place.fence_before());
}

Answer<void> leave_fence_behind(const HeldReplica& held, const std::string& tree) {
  const ReplicaPlace& place = held.place();
  if (held.record.fence.kind == FenceKind::mode && exists(tree))
    PASIG_CHECK(unseal_modes(place, tree));
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
  const Sealing sealing = read_journals(place);
  for (Entry& entry : tree.entries) {
    const Entry* before = sealing.before.tree.find(entry.path);
    if (before == nullptr || before->inode != entry.inode) continue;
    if (is_mode) entry.mode = before->mode;
    const Entry* after = sealing.after.tree.find(entry.path);
    const bool only_fenced = after != nullptr && after->inode == entry.inode &&
                             after->ctime_ns == entry.ctime_ns && before->size == after->size &&
                             before->mtime_ns == after->mtime_ns;
    if (only_fenced) entry.ctime_ns = before->ctime_ns;
  }
  return tree;
}

Answer<bool> is_held_open(const std::string& tree, const Patience& patience) {
  PASIG_TRY(const Tree found, scan(tree, patience.cancelled));
  PASIG_TRY(const Descriptor top, open_directory(tree));
  for (const Entry& entry : found.entries) {
    if (entry.type != EntryType::file) continue;
    const Descriptor file(open_beneath(top.get(), entry.path, O_RDONLY | O_NONBLOCK));
    // A write lease is given only where nobody else has the file open (fcntl(2)).
    if (file.is_open() && ::fcntl(file.get(), F_SETLEASE, F_WRLCK) != 0 && errno == EAGAIN)
      return true;
  }
  return false;
}

}  // namespace pasig::drivers::directory
