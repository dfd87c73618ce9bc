// A path that a person named for a directory of their own beside Pasig's: a tree to adopt, or
// where to put a copy. It is checked before anything is done with it, and it never leads into
// what is Pasig's. Any thread.
#pragma once

#include <optional>
#include <string>

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

struct NamedPath {
  std::string given;      // as it was named, without slashes at its end
  std::string directory;  // the one that names it, with no link on the way
  std::string name;       // in that directory

  [[nodiscard]] std::string real() const {
    return directory == "/" ? "/" + name : directory + "/" + name;
  }
};

// Absolute, printable, without `.` and `..`, and the directory that names it exists.
Answer<NamedPath> read_named_path(const std::string& path);

// Pasig's own: what lies in a root's directories, and what a root lies in.
Answer<void> refuse_pasigs_own(const Call& call, const Side& side, const NamedPath& path);

// The same file system as the controller's.
Answer<void> refuse_other_file_system(const Side& side, const std::string& path);

// A mount point at the path or below.
std::optional<std::string> mount_at_or_below(const std::string& path);

// The failure of a path that was named wrongly.
CallFailure wrong_path(const std::string& path, const std::string& why, std::string hint);

}  // namespace pasig::drivers::directory
