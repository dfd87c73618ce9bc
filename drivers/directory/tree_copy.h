// Copies a tree within one controller: from live to frozen and from frozen to live. Bytes are
// cloned where the file system can, else copied; holes, hard links, attributes, owners and
// times are kept. The target is the caller's alone; the source may change meanwhile: what
// vanished is left out and said, and the caller looks again. Any thread.
#pragma once

#include <functional>
#include <string>
#include <unordered_set>

#include "drivers/directory/replica_lock.h"
#include "drivers/directory/tree.h"

namespace pasig::drivers::directory {

struct CopyMeans {
  bool clones = false;
  bool owners = false;
  std::function<void(const Progress&)> progress;  // may be empty
  bool leaves_reserve = false;                    // stops where clients need what is left
};

// A frozen tree whose files may be shared by a hard link instead of copied. Never given when
// the target is going to be written to.
struct Shareable {
  std::string root;
  std::unordered_set<std::string> paths;
};

class TreeCopy {
 public:
  TreeCopy(std::string source, std::string target, CopyMeans means)
      : source_(std::move(source)), target_(std::move(target)), means_(std::move(means)) {}

  // Makes the target what `wanted` says of the source. `wanted` is a scan of the source, a later
  // one at every call. Entries that vanished or changed their type meanwhile are left out.
  Answer<void> bring_to(const Tree& wanted, const Shareable& shareable, const Patience& patience);
  // The next bring_to makes this file anew, however unchanged it looks.
  void forget(const std::string& path);

 private:
  Answer<void> open();
  Answer<void> remove_outdated(const Tree& wanted);
  Answer<bool> make(const Entry& entry, const Shareable& shareable, const Patience& patience);
  Answer<bool> make_file(const Entry& entry, const Patience& patience);
  Answer<bool> make_link(const Entry& entry, int from_directory, const std::string& from);
  Answer<void> copy_bytes(int from, int to, const Entry& entry, const Patience& patience);
  Answer<void> note_written(std::uint64_t bytes);
  Answer<void> dress(int from, int to, const Entry& entry);
  Answer<void> dress_directory(const Entry& entry);
  Answer<void> dress_by_name(const Entry& entry);

  std::string source_;
  std::string target_;
  CopyMeans means_;
  Descriptor source_top_;
  Descriptor target_top_;
  Tree made_;  // what the target holds, in the words of the source's scans
  std::uint64_t bytes_total_ = 0;
  std::uint64_t bytes_done_ = 0;
  std::uint64_t written_since_look_ = 0;  // at the room that is left
};

}  // namespace pasig::drivers::directory
