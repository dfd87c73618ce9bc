// Temporary directories that are removed whatever flags, modes or mounts a test left in them,
// and small file verbs.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "base/ids.h"
#include "drivers/directory/inode_flags.h"

namespace pasig::drivers {

class TemporaryDirectory {
 public:
  TemporaryDirectory()
      : path_((std::filesystem::temp_directory_path() / ("pasig-test-" + to_string(random_uuid())))
                  .string()) {
    std::filesystem::create_directories(path_);
    // Other users of the tests have to reach what lies below.
    std::filesystem::permissions(path_, std::filesystem::perms(0755));
  }
  ~TemporaryDirectory() {
    unmount_below();
    const auto removed = directory::remove_tree(path_);
    EXPECT_TRUE(removed) << (removed ? "" : removed.error().words);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  void unmount_below() const {
    std::ifstream mounts("/proc/self/mounts");
    std::string device, place, rest;
    std::vector<std::string> ours;
    while (mounts >> device >> place && std::getline(mounts, rest))
      if (place.starts_with(path_)) ours.push_back(place);
    for (auto place_of = ours.rbegin(); place_of != ours.rend(); ++place_of)
      static_cast<void>(directory::unmount_all(*place_of));
  }

  std::string path_;
};

inline bool write_file(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.flush();
  return out.good();
}

inline std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace pasig::drivers
