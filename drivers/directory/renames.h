// Names that change what they stand for in one step, durable when the call returns: whoever
// looks meanwhile finds the old thing or the new one, and nothing is written over. Any thread.
#pragma once

#include <string>

#include "drivers/driver.h"

namespace pasig::drivers::directory {

// Two names of one file system trade places. False: it cannot do that, and nothing was changed.
Answer<bool> exchange_durably(const std::string& one, const std::string& other);

// The same for a sealed tree and the one that takes its place, which is sealed afterwards.
Answer<bool> exchange_sealed(const std::string& fresh, const std::string& old);

// False: the new name is taken, and nothing was changed.
Answer<bool> rename_to_free_name(const std::string& from, const std::string& to);

// Where a symbolic link leads, as it stands; empty: there is none.
std::string link_at(const std::string& path);

}  // namespace pasig::drivers::directory
