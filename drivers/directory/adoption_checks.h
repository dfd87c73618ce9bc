// May this tree become a share's? Looks only. What would keep a share from being frozen, fenced
// or moved is told before anything is touched. Any thread.
#pragma once

#include "drivers/directory/named_path.h"

namespace pasig::drivers::directory {

// What lies in it, when it may be adopted.
Answer<Tree> check_adoptable(const Call& call, const Side& side, const NamedPath& path);

}  // namespace pasig::drivers::directory
