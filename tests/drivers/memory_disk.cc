// The programs with this file flush thousands of times: where they may, their temporary directories
// lie on an ext4 in memory, which this program alone sees and which goes with it. Elsewhere they
// lie where they always do, and the tests are the same.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "base/ids.h"

namespace pasig::drivers {
namespace {

constexpr const char* k_memory = "/dev/shm";
constexpr std::uint64_t k_room_min = std::uint64_t{4} << 30;

class MemoryDisk final : public ::testing::Environment {
 public:
  void SetUp() override {
    if (::geteuid() != 0 || ::getenv("TMPDIR") != nullptr || !has_room()) return;
    if (::unshare(CLONE_NEWNS) != 0) return;
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return;
    place_ = std::string(k_memory) + "/pasig-test-" + to_string(random_uuid());
    if (::mkdir(place_.c_str(), 0755) != 0) return;
    const std::string image = place_ + ".image";
    const std::string made = "{ truncate -s 6G " + image + " && mkfs.ext4 -q -F -m 0 " + image +
                             " && mount -o loop,discard " + image + " " + place_ +
                             "; } >/dev/null 2>&1";
    const bool is_mounted = std::system(made.c_str()) == 0;
    ::unlink(image.c_str());
    if (!is_mounted) return;
    ::chmod(place_.c_str(), 01777);
    ::setenv("TMPDIR", place_.c_str(), 1);
    is_used_ = true;
  }
  void TearDown() override {
    if (is_used_) ::unsetenv("TMPDIR");
    if (is_used_) ::umount2(place_.c_str(), MNT_DETACH);
    if (!place_.empty()) ::rmdir(place_.c_str());
  }

 private:
  static bool has_room() {
    struct statvfs system {};
    return ::statvfs(k_memory, &system) == 0 &&
           static_cast<std::uint64_t>(system.f_bavail) * system.f_frsize >= k_room_min;
  }

  std::string place_;
  bool is_used_ = false;
};

[[maybe_unused]] const auto* const k_disk =
    ::testing::AddGlobalTestEnvironment(new MemoryDisk);  // gtest's from here on

}  // namespace
}  // namespace pasig::drivers
