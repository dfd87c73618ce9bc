// Limits on the room that a directory's content takes: project quota of ext4 and xfs. An inode
// counts against the project whose id it has, and what is made in a directory takes over the id of
// that. They bind users; on ext4 they do not bind root, nor an owner who gives a file of his
// another id on the machine itself (a client of a network file system cannot). Any thread.
#pragma once

#include <cstdint>
#include <string>

#include "drivers/directory/replica_lock.h"

namespace pasig::drivers::directory {

using ProjectId = std::uint32_t;  // 0: none

struct ProjectUse {
  std::uint64_t bytes = 0;
  std::uint64_t inodes = 0;
  std::uint64_t limit = 0;  // bytes; 0: none

  [[nodiscard]] bool is_free() const { return bytes == 0 && inodes == 0 && limit == 0; }
};

// `path` may be anything on the file system.
Answer<ProjectUse> project_use(const std::string& path, ProjectId project);
Answer<void> limit_project(const std::string& path, ProjectId project, std::uint64_t bytes);

// The project of a directory, when what is made in it joins that; else 0.
Answer<ProjectId> project_of(const std::string& directory);

// Everything in the tree joins, until nothing is left to do: its users may go on meanwhile.
Answer<void> join_project(const std::string& tree, ProjectId project, const Patience& patience);

// One that nobody uses. The seed makes it the same one every time as long as it is free.
Answer<ProjectId> free_project(const std::string& path, const std::string& seed);

// Whether a limit really refuses a write below this directory, which is the caller's alone.
bool limits_work(const std::string& directory);
// What a trial that was killed left of its limit.
void forget_limit_trial(const std::string& directory);

}  // namespace pasig::drivers::directory
