// How frozen trees are sealed, where a file system has the immutable flag and where it has not.
// This program answers the flag's system calls itself for the paths that shall not have it.
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdarg>

#include "drivers/directory/files.h"
#include "tests/drivers/client.h"
#include "tests/drivers/directory_share.h"

namespace {
std::string no_flags_below;  // "": everything has them
}  // namespace

extern "C" int ioctl(int file, unsigned long request, ...) noexcept {
  va_list arguments;
  va_start(arguments, request);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  if (!no_flags_below.empty() && (request == FS_IOC_GETFLAGS || request == FS_IOC_SETFLAGS)) {
    std::array<char, 4096> path{};
    const ssize_t length =
        ::readlink(("/proc/self/fd/" + std::to_string(file)).c_str(), path.data(), path.size());
    if (length > 0 &&
        std::string_view(path.data(), static_cast<std::size_t>(length)).find(no_flags_below) !=
            std::string_view::npos) {
      errno = ENOTTY;
      return -1;
    }
  }
  return static_cast<int>(::syscall(SYS_ioctl, file, request, argument));
}

namespace pasig::drivers {
namespace {

class Flags {
 public:
  explicit Flags(const std::string& none_below) { no_flags_below = none_below; }
  ~Flags() { no_flags_below.clear(); }
  Flags(const Flags&) = delete;
  Flags& operator=(const Flags&) = delete;
};

class DirectorySeals : public ::testing::TestWithParam<std::string> {
 protected:
  const Flags flags{GetParam()};
  DirectoryShare share;
};

TEST_P(DirectorySeals, UnchangedFilesAreShared) {
  ASSERT_TRUE(share.write(0, "stays", "text"));
  ASSERT_TRUE(share.sync(1));
  for (const char* name : {"second", "third"}) {
    ASSERT_TRUE(share.write(0, name, "text"));
    const auto copy = share.sync(1);
    ASSERT_TRUE(copy) << words_of(copy);
  }
  EXPECT_EQ(read_text(share.frozen(1) + "/third"), "text");
  struct stat now {};
  ASSERT_EQ(::stat((share.frozen(1) + "/stays").c_str(), &now), 0);
  EXPECT_GE(now.st_nlink, 2U);
}

TEST_P(DirectorySeals, NewNameOfASharedFileIsLinkedToo) {
  ASSERT_TRUE(share.write(0, "a", "text"));
  ASSERT_TRUE(share.sync(1));
  fs::create_hard_link(share.live(0) + "/a", share.live(0) + "/b");
  const auto copy = share.sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_TRUE(fs::equivalent(share.frozen(1) + "/a", share.frozen(1) + "/b"));
}

TEST_P(DirectorySeals, ModesArriveAndComeBack) {
  ASSERT_TRUE(share.write(0, "file", "text"));
  fs::permissions(share.live(0) + "/file", fs::perms(0664));
  ASSERT_TRUE(share.sync(1));
  ASSERT_TRUE(share.write(0, "second", "text"));
  ASSERT_TRUE(share.sync(1));
  const auto changed = share.change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  EXPECT_EQ(fs::status(share.live(1) + "/file").permissions(), fs::perms(0664));
  ASSERT_TRUE(share.write(1, "third", "text"));
  for (int i = 0; i < 2; ++i) {
    const auto back = share.sync(0);
    ASSERT_TRUE(back) << words_of(back);
    ASSERT_TRUE(share.write(1, "fourth", "text"));
  }
}

// As a pasigd that was killed on the way to the seal leaves it.
TEST_P(DirectorySeals, UnsealedCopyIsSealedByTheNextLook) {
  ASSERT_TRUE(share.write(0, "file", "text"));
  ASSERT_TRUE(share.sync(1));
  for (const std::string& path : {share.frozen(1), share.frozen(1) + "/file"}) {
    const directory::Descriptor opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    directory::set_immutable(opened.get(), false);
    ASSERT_EQ(::fchmod(opened.get(), path == share.frozen(1) ? 0777 : 0644), 0);
  }
  ASSERT_TRUE(share.status(1));
  const Client client(share.exported(1) + "/new");
  EXPECT_NE(client.opened(), 0);
  EXPECT_EQ(fs::exists(share.exported(1) + "/new"), false);
  struct stat status {};
  ASSERT_EQ(::stat((share.frozen(1) + "/file").c_str(), &status), 0);
  const directory::Descriptor file(
      ::open((share.frozen(1) + "/file").c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_TRUE((status.st_mode & 0222) == 0 || directory::is_immutable(file.get()));
}

INSTANTIATE_TEST_SUITE_P(EachSide, DirectorySeals,
                         ::testing::Values("", "/alpha/", "/beta/", "/pasig-test-"),
                         [](const auto& of) {
                           const std::string& none = of.param;
                           return none.empty()        ? "WithFlags"
                                  : none == "/alpha/" ? "ActiveWithout"
                                  : none == "/beta/"  ? "SecondaryWithout"
                                                      : "BothWithout";
                         });

}  // namespace
}  // namespace pasig::drivers
