// What operators do with data that was kept aside: delete it, or copy it out. It is named by the
// path that was reported, and nothing else can be reached by that: not by `..`, and through no
// link. Its replica may have left the share; then it lies in <root>/aside-kept. May be repeated
// after a crash at any point. One thread per replica.
#pragma once

#include <string>

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

// Gone already: done.
Answer<void> delete_aside(const Call& call, const Aside& aside);

// To a directory that does not exist yet, on the same file system. It appears complete and read
// back, or not at all.
Answer<AsideRestored> restore_aside(const Call& call, const Aside& aside, const std::string& to);

}  // namespace pasig::drivers::directory
