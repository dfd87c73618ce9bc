#include "drivers/directory/project_quota.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/quota.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <thread>
#include <vector>

#include "base/digest.h"
#include "drivers/directory/files.h"
#include "drivers/directory/tree.h"

namespace pasig::drivers::directory {
namespace {

constexpr std::uint64_t k_block = 1024;    // limits are counted in these
constexpr ProjectId k_first = 0x40000000;  // below are those that administrators give out
constexpr ProjectId k_count = 0x3fffffff;  // and none is negative for tools that sign them
constexpr std::uint64_t k_candidates_max = 64;
constexpr int k_passes_max = 10;

// By descriptor, because quotactl itself wants the block device. 0, or errno's value.
int ask_quota(const std::string& path, unsigned what, ProjectId project, if_dqblk& quota) {
  const Descriptor place(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!place.is_open()) return errno;
  const long asked = ::syscall(SYS_quotactl_fd, place.get(), QCMD(what, PRJQUOTA), project, &quota);
  return asked == 0 ? 0 : errno;
}

CallFailure quota_failure(int error, const std::string& doing, const std::string& path) {
  CallFailure failure = system_failure(error, doing + " the project quota of", path);
  if (error != ESRCH) return failure;  // in words: no such process
  failure.words = "project quota was turned off on the file system of " + path;
  failure.hint = "turn it on (quotaon -P), or restart pasigd, which then observes sizes";
  return failure;
}

bool is_in(const fsxattr& now, ProjectId project, bool is_directory) {
  return now.fsx_projid == project &&
         (!is_directory || (now.fsx_xflags & FS_XFLAG_PROJINHERIT) != 0);
}

// 0, or errno's value; `changed` when it was not in the project yet.
int join(int fd, ProjectId project, bool is_directory, bool& changed) {
  fsxattr now{};
  if (::ioctl(fd, FS_IOC_FSGETXATTR, &now) != 0) return errno;
  if (is_in(now, project, is_directory)) return 0;
  now.fsx_projid = project;
  if (is_directory) now.fsx_xflags |= FS_XFLAG_PROJINHERIT;
  if (::ioctl(fd, FS_IOC_FSSETXATTR, &now) != 0) return errno;
  changed = true;
  return 0;
}

// The outer directories first: what is made in them from then on has joined already.
Answer<bool> join_once(const std::string& tree, ProjectId project, const Patience& patience) {
  PASIG_TRY(const Descriptor top, open_directory(tree));
  PASIG_TRY(const Tree found, scan(tree, patience.cancelled));
  bool changed = false;
  for (const Entry& entry : found.entries) {
    if (entry.type == EntryType::symlink || entry.type == EntryType::fifo) continue;
    PASIG_CHECK(patience.check("limiting the size of " + tree));
    const Descriptor file(open_beneath(top.get(), entry.path, O_RDONLY | O_NONBLOCK));
    const int error = file.is_open()
                          ? join(file.get(), project, entry.type == EntryType::directory, changed)
                          : errno;
    // Gone or replaced since, or sealed by its owner: then it does not grow either.
    if (error == 0 || error == ENOENT || error == ENOTDIR || error == ELOOP || error == EPERM)
      continue;
    return tl::unexpected(system_failure(error, "limiting the size of", tree + "/" + entry.path));
  }
  return changed;
}

// In this thread only, which ends after it: who has that capability goes past any limit.
bool drop_right_to_exceed() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
  if (::syscall(SYS_capget, &header, sets) != 0) return false;
  sets[CAP_TO_INDEX(CAP_SYS_RESOURCE)].effective &= ~CAP_TO_MASK(CAP_SYS_RESOURCE);
  return ::syscall(SYS_capset, &header, sets) == 0;
}

// ext4 says EDQUOT, and xfs ENOSPC, as of a file system of that size.
bool is_refused_beyond(const std::string& path, std::size_t limit) {
  bool refused = false;
  std::thread([&] {
    if (!drop_right_to_exceed()) return;
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    const std::vector<char> half(limit / 2, 'x');
    const auto length = static_cast<ssize_t>(half.size());
    if (!file.is_open() || ::write(file.get(), half.data(), half.size()) != length) return;
    for (int more = 0; more < 2 && !refused; ++more)
      refused =
          ::write(file.get(), half.data(), half.size()) < 0 && (errno == EDQUOT || errno == ENOSPC);
  }).join();
  return refused;
}

}  // namespace

Answer<ProjectUse> project_use(const std::string& path, ProjectId project) {
  if_dqblk quota{};
  const int error = ask_quota(path, Q_GETQUOTA, project, quota);
  if (error == ENOENT) return ProjectUse{};  // xfs: never used
  if (error != 0) return tl::unexpected(quota_failure(error, "asking for", path));
  return ProjectUse{.bytes = quota.dqb_curspace,
                    .inodes = quota.dqb_curinodes,
                    .limit = quota.dqb_bhardlimit * k_block};
}

Answer<void> limit_project(const std::string& path, ProjectId project, std::uint64_t bytes) {
  if_dqblk quota{};
  quota.dqb_bhardlimit = bytes / k_block;
  quota.dqb_valid = QIF_BLIMITS;
  const int error = ask_quota(path, Q_SETQUOTA, project, quota);
  if (error != 0) return tl::unexpected(quota_failure(error, "setting", path));
  return {};
}

Answer<ProjectId> project_of(const std::string& directory) {
  PASIG_TRY(const Descriptor top, open_directory(directory));
  fsxattr now{};
  if (::ioctl(top.get(), FS_IOC_FSGETXATTR, &now) != 0)
    return tl::unexpected(system_failure(errno, "looking at the project of", directory));
  return is_in(now, now.fsx_projid, true) ? now.fsx_projid : 0;
}

Answer<void> join_project(const std::string& tree, ProjectId project, const Patience& patience) {
  for (int pass = 1; pass <= k_passes_max; ++pass) {
    PASIG_TRY(const bool changed, join_once(tree, project, patience));
    if (!changed) return {};
  }
  return tl::unexpected(CallFailure{
      .problem = Problem::busy,
      .unknown = false,
      .controller = {},
      .words = "new files appear under " + tree + " faster than its size can be limited",
      .hint = "the next status call goes on with it"});
}

Answer<ProjectId> free_project(const std::string& path, const std::string& seed) {
  for (std::uint64_t n = 0; n < k_candidates_max; ++n) {
    const Digest digest = sha256(seed + "/" + std::to_string(n));
    ProjectId project = 0;
    for (std::size_t i = 0; i < sizeof(project); ++i)
      project = project << 8 | static_cast<std::uint8_t>(digest.bytes[i]);
    project = k_first + project % k_count;
    PASIG_TRY(const ProjectUse use, project_use(path, project));
    if (use.is_free()) return project;
  }
  return tl::unexpected(CallFailure{.problem = Problem::failed,
                                    .unknown = false,
                                    .controller = {},
                                    .words = "no project id is free on the file system of " + path,
                                    .hint = "look through its project quota (repquota -P)"});
}

bool limits_work(const std::string& directory) {
  constexpr std::size_t k_limit = 256 * k_block;
  // An administrator limits all of the root: a tree of another project could not be moved in it.
  if (const auto inherited = project_of(directory); !inherited || *inherited != 0) return false;
  const std::string limited = directory + "/limited";
  if (!make_directory_durably(limited, 0700)) return false;
  const auto project = free_project(limited, directory);
  bool changed = false;
  const auto top = open_directory(limited);
  if (!project || !top || join(top->get(), *project, true, changed) != 0) return false;
  const bool works = limit_project(limited, *project, k_limit).has_value() &&
                     is_refused_beyond(limited + "/file", k_limit);
  static_cast<void>(limit_project(limited, *project, 0));
  return works;
}

void forget_limit_trial(const std::string& directory) {
  const auto project = project_of(directory + "/limited");
  if (project && *project >= k_first)
    static_cast<void>(limit_project(directory + "/limited", *project, 0));
}

}  // namespace pasig::drivers::directory
