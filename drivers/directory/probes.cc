#include "drivers/directory/probes.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "drivers/directory/access_list.h"
#include "drivers/directory/files.h"
#include "drivers/directory/inode_flags.h"
#include "drivers/directory/project_quota.h"

namespace pasig::drivers::directory {
namespace {

constexpr std::string_view k_trial_prefix = ".pasig-probe-";
constexpr std::time_t k_trial_seconds_max = 3600;

Descriptor make_file(const std::string& path, int how = O_RDWR) {
  return Descriptor(::open(path.c_str(), how | O_CREAT | O_CLOEXEC, 0600));
}

bool locks_work(const std::string& directory) {
  const Descriptor first = make_file(directory + "/lock");
  const Descriptor second = make_file(directory + "/lock");
  return first.is_open() && second.is_open() && ::flock(first.get(), LOCK_EX | LOCK_NB) == 0 &&
         ::flock(second.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

bool clones_work(const std::string& directory) {
  const Descriptor source = make_file(directory + "/source");
  const Descriptor target = make_file(directory + "/target");
  return source.is_open() && target.is_open() && ::write(source.get(), "x", 1) == 1 &&
         ::ioctl(target.get(), FICLONE, source.get()) == 0;
}

// To give a file to oneself proves nothing.
bool owners_work(const std::string& directory) {
  constexpr uid_t k_nobody = 65534;
  const uid_t other = ::geteuid() == k_nobody ? k_nobody - 1 : k_nobody;
  const std::string path = directory + "/owned";
  return make_file(path).is_open() && ::chown(path.c_str(), other, other) == 0;
}

void try_immutable(const std::string& directory, Abilities& abilities) {
  const std::string path = directory + "/immutable";
  const Descriptor before = make_file(path);
  if (!before.is_open() || ::write(before.get(), "x", 1) != 1) return;
  if (set_immutable(before.get(), true) != 0) return;
  const Descriptor fresh(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  abilities.immutable = !fresh.is_open();
  abilities.immutable_binds_open = ::write(before.get(), "y", 1) < 0;
  set_immutable(before.get(), false);
}

bool mounts_work(const std::string& directory) {
  const std::string place = directory + "/mount";
  if (::mkdir(place.c_str(), 0700) != 0) return false;
  if (::mount(place.c_str(), place.c_str(), nullptr, MS_BIND, nullptr) != 0) return false;
  const bool read_only =
      ::mount(nullptr, place.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) == 0;
  const bool refused = read_only && !make_file(place + "/file").is_open() && errno == EROFS;
  const bool undone = ::umount2(place.c_str(), UMOUNT_NOFOLLOW) == 0;
  return refused && undone;
}

// What a killed pasigd left of its trials, once it cannot be running any more.
void sweep_old_trials(const std::string& root) {
  const auto names = names_in(root);
  if (!names) return;
  for (const std::string& name : *names) {
    if (!name.starts_with(k_trial_prefix)) continue;
    struct stat status {};
    const std::string path = root + "/" + name;
    if (::lstat(path.c_str(), &status) != 0) continue;
    if (std::time(nullptr) - status.st_mtime < k_trial_seconds_max) continue;
    static_cast<void>(unmount_all(path + "/mount"));
    forget_limit_trial(path);
    static_cast<void>(remove_tree(path));
  }
}

bool offers(const Abilities& abilities, FenceKind kind) {
  switch (kind) {
    case FenceKind::immutable:
      return abilities.immutable;
    case FenceKind::mount:
      return abilities.mount;
    case FenceKind::mode:
      return true;
  }
  return false;
}

CallFailure refused(const Options& options, std::string words, std::string hint) {
  return {.problem = Problem::unsupported,
          .unknown = false,
          .controller = options.controller,
          .words = std::move(words),
          .hint = std::move(hint)};
}

}  // namespace

std::string Abilities::fence_words() const {
  switch (fence) {
    case FenceKind::immutable:
      return immutable_binds_open
                 ? "immutable flag over the tree: binds new opens, root, and descriptors opened "
                   "before"
                 : "immutable flag over the tree: binds new opens and root; a descriptor opened "
                   "before goes on writing on this file system";
    case FenceKind::mount:
      return "read-only bind mount of the tree: binds new opens, and root, on this machine; an "
             "open writer is reported";
    case FenceKind::mode:
      return "no write bits and no export: binds new opens of ordinary users; does not bind root "
             "or descriptors opened before";
  }
  return {};
}

Answer<Abilities> probe(const Options& options) {
  sweep_old_trials(options.root);
  const std::string trial =
      options.root + "/" + std::string(k_trial_prefix) + to_string(random_uuid());
  PASIG_CHECK(make_directory_durably(trial, 0700));
  Abilities abilities;
  abilities.locks = locks_work(trial);
  abilities.clones = clones_work(trial);
  abilities.owners = owners_work(trial);
  try_immutable(trial, abilities);
  abilities.mount = mounts_work(trial);
  abilities.limits = limits_work(trial);
  abilities.access_lists = access_lists_work(trial);
  PASIG_CHECK(remove_tree(trial));
  if (!abilities.locks)
    return tl::unexpected(refused(options, "flock does not exclude on " + options.root,
                                  "use a file system with working locks; without them two "
                                  "writers could damage a replica"));
  for (const FenceKind kind : {FenceKind::mode, FenceKind::mount, FenceKind::immutable})
    if (offers(abilities, kind)) abilities.fence = kind;
  if (options.fence && !offers(abilities, *options.fence))
    return tl::unexpected(
        refused(options, "fence = " + word(*options.fence) + " does not work on " + options.root,
                "here the strongest is " + word(abilities.fence)));
  abilities.fence = options.fence.value_or(abilities.fence);
  return abilities;
}

}  // namespace pasig::drivers::directory
