// The immutable flag, bind mounts and the removal of trees that carry either, or files that
// their users made append-only.
#pragma once

#include <string>

#include "drivers/driver.h"

namespace pasig::drivers::directory {

bool is_immutable(int fd);
int set_immutable(int fd, bool on);  // 0, or errno's value

// Hard-links or removes a name whose inode may be immutable (or append-only, to be removed); the
// flag is off for that moment only, and stays on for the names that are left. 0, or errno's value.
int link_sealed(int from_directory, const std::string& from, int to_directory,
                const std::string& to);
int unlink_sealed(int directory, const std::string& name);

// Moves a directory that may be immutable; what is in it keeps its flags throughout.
Answer<void> move_sealed(const std::string& from, const std::string& to);

// Two directories of one parent change their names in one step. A flag on the second, which its
// users set there, goes. False, and nothing was done, where the file system has no such step.
Answer<bool> exchange(const std::string& fresh, const std::string& old);

// Everything in the tree may be changed and removed by its owner again.
Answer<void> unseal_all(const std::string& tree);

bool is_mount_point(const std::string& path);

// The first file system that is mounted somewhere below this directory; empty: none is.
Answer<std::string> mounted_below(const std::string& tree);

// The mounts whose root is this directory; each of them is undone.
Answer<void> unmount_all(const std::string& path);

// Removes a whole tree, immutable or not, and nothing outside of it: links are removed, not
// followed, and another file system mounted inside stops it. Absent: done.
Answer<void> remove_tree(const std::string& path);

}  // namespace pasig::drivers::directory
