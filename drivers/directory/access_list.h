// POSIX access lists of directories that are doors: their owner does anything, the users who are
// named pass through, and nobody else does. Root passes everywhere. Any thread.
#pragma once

#include <sys/types.h>

#include <set>
#include <string>

#include "drivers/driver.h"

namespace pasig::drivers::directory {

struct Passed {
  std::set<uid_t> users;
  bool was_other = false;  // it was not so before
};

// Durably. File systems bound the length of a list: where these do not fit, those of them that are
// let in already stay, and nobody else passes.
Answer<Passed> let_pass(const std::string& directory, const std::set<uid_t>& users);

// Without access lists: nobody but the owner. True: it was not so before.
Answer<bool> let_nobody_pass(const std::string& directory);

// Whether the file system of this directory, which is the caller's alone, keeps access lists.
bool access_lists_work(const std::string& directory);

}  // namespace pasig::drivers::directory
