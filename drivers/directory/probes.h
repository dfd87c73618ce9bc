// What a root's file system and this process can do there, tried out once with files of its own:
// locks, cloning, attributes, and which fence holds. Nothing is assumed from the file system's
// name. The trial directory is removed again. Any thread.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "drivers/directory/options.h"

namespace pasig::drivers::directory {

struct Abilities {
  bool locks = false;                 // flock excludes
  bool clones = false;                // FICLONE
  bool owners = false;                // may give files to others
  bool immutable = false;             // the flag refuses a new open for writing
  bool immutable_binds_open = false;  // and a write through a descriptor opened before
  bool mount = false;                 // read-only bind mounts
  bool limits = false;                // project quota refuses what is beyond it
  bool access_lists = false;          // POSIX ones
  FenceKind fence = FenceKind::mode;  // the strongest, or the one that was asked for

  // Which writers the fence binds, for the record.
  [[nodiscard]] std::string fence_words() const;
};

Answer<Abilities> probe(const Options& options);

}  // namespace pasig::drivers::directory
