// Reads a tree as a whole and compares it with its manifest. Every file is read from storage,
// whatever its times say. What cannot be read is damage, not a failure of the reading, as long as
// the controller's root answers. One thread per object.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

struct Finding {
  std::string path;             // in the tree, as bytes
  std::optional<Entry> wanted;  // what the manifest has there; none: nothing
  std::string words;
  bool is_of_all = false;  // the whole tree cannot be listed, or has no manifest
};

class Examination {
 public:
  // bytes_total: of all that is going to be read, for the progress.
  Examination(const Call& call, const Side& side, std::uint64_t bytes_total)
      : call_(call), side_(side), bytes_total_(bytes_total) {}

  // Of a sealed tree. Empty: it is good.
  Answer<std::vector<Finding>> compare(const std::string& tree, const Manifest& manifest);

  // Of files that, as their times and inodes tell, nobody changed since the manifest was made.
  Answer<std::vector<Finding>> compare_untouched(const std::string& live, const Manifest& last);

  // Of one file. False also when it cannot be read.
  Answer<bool> is_good_file(const std::string& tree, const Entry& wanted);

  [[nodiscard]] std::uint64_t files() const { return files_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  Answer<std::string> as_damage(CallFailure failure) const;
  Answer<std::string> look(const std::string& tree, const Entry& wanted, Entry found);
  Answer<std::string> look_at_untouched(const std::string& live, const Entry& noted);
  Answer<Digest> read_from_storage(const std::string& tree, const Entry& entry);
  void note_read(const Entry& entry);

  const Call& call_;
  const Side& side_;
  const std::uint64_t bytes_total_;
  std::uint64_t files_ = 0;
  std::uint64_t bytes_ = 0;
  // Frozen trees share what did not change: read once for all of them.
  std::unordered_map<std::uint64_t, Digest> by_inode_;
};

}  // namespace pasig::drivers::directory
