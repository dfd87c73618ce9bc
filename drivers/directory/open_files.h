// Who has the files of a tree open. It decides whether an old tree may go, so that "nobody" is
// said only where the kernel can know: not for files of others, not where clients of another
// machine write. Any thread.
#pragma once

#include <string>

#include "drivers/directory/replica_lock.h"

namespace pasig::drivers::directory {

enum class OpenFiles { none, some, unknown };

// Of all processes of this machine. While a fence is up nobody can open a file for writing, so
// "none" stays true.
Answer<OpenFiles> open_files(const std::string& tree, const Patience& patience);

// In words, a few of the processes that have a file of the tree open for writing, as far as this
// process may see them; empty: none is seen.
std::string writers_below(const std::string& tree);

}  // namespace pasig::drivers::directory
