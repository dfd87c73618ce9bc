#include "drivers/directory/adoption_checks.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <unordered_map>

#include "drivers/directory/files.h"

namespace pasig::drivers::directory {
namespace {

constexpr std::uint32_t k_any_right = 0777;

Answer<void> refuse_what_is_no_directory(const NamedPath& path) {
  struct stat status {};
  const std::string real = path.real();
  if (::lstat(real.c_str(), &status) != 0)
    return tl::unexpected(system_failure(errno, "looking at", real));
  if (S_ISLNK(status.st_mode))
    return tl::unexpected(
        wrong_path(path.given, "is a symbolic link", "name the directory that it leads to"));
  if (!S_ISDIR(status.st_mode))
    return tl::unexpected(wrong_path(path.given, "is no directory", "name a directory"));
  if ((status.st_mode & k_any_right) == 0)
    return tl::unexpected(wrong_path(path.given, "gives nobody any right",
                                     "set the mode that its users need, then try again"));
  return {};
}

Answer<void> refuse_mounts(const NamedPath& path) {
  const auto mount = mount_at_or_below(path.real());
  if (!mount) return {};
  return tl::unexpected(wrong_path(
      path.given,
      *mount == path.real() ? "is a mount point"
                            : "has another file system mounted in it: " + printable(*mount),
      "a share is one directory tree of one file system; unmount what is mounted there"));
}

// Written through the other name, a file would change behind every fence.
Answer<void> refuse_names_outside(const NamedPath& path, const Tree& tree) {
  std::unordered_map<std::uint64_t, std::uint64_t> inside;
  for (const Entry& entry : tree.entries)
    if (entry.names > 1) ++inside[entry.inode];
  std::uint64_t count = 0;
  const Entry* first = nullptr;
  for (const Entry& entry : tree.entries) {
    if (entry.names <= 1 || !entry.linked_to.empty() || inside[entry.inode] == entry.names)
      continue;
    if (first == nullptr) first = &entry;
    ++count;
  }
  if (first == nullptr) return {};
  return tl::unexpected(wrong_path(
      path.given,
      "has " + std::to_string(count) + " files with further names outside of it (hard links), " +
          "the first is " + printable(first->path),
      "copy those files (cp -p, then rename the copy over the file), or adopt a directory that "
      "holds all of their names"));
}

// Without rights over files of others nothing there can be fenced or copied as it is.
Answer<void> refuse_files_of_others(const Side& side, const NamedPath& path, const Tree& tree) {
  if (side.owners()) return {};
  for (const Entry& entry : tree.entries)
    if (entry.uid != ::geteuid())
      return tl::unexpected(wrong_path(path.given,
                                       "holds " + printable(entry.path) + " of user " +
                                           std::to_string(entry.uid) +
                                           ", whose owner and mode pasigd may not set",
                                       "run pasigd as root, or give the files to its user"));
  return {};
}

}  // namespace

Answer<Tree> check_adoptable(const Call& call, const Side& side, const NamedPath& path) {
  PASIG_CHECK(refuse_what_is_no_directory(path));
  PASIG_CHECK(refuse_pasigs_own(call, side, path));
  if (exists(path.real() + "/.pasig-controller"))
    return tl::unexpected(
        wrong_path(path.given, "is the root of a controller", "name a directory that is none"));
  PASIG_CHECK(refuse_mounts(path));
  PASIG_CHECK(refuse_other_file_system(side, path.real()));
  PASIG_TRY(Tree tree, scan(path.real(), call.patience.cancelled));
  PASIG_CHECK(refuse_names_outside(path, tree));
  PASIG_CHECK(refuse_files_of_others(side, path, tree));
  return tree;
}

}  // namespace pasig::drivers::directory
