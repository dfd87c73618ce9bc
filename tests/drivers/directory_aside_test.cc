// Data kept aside: deleted for good, or copied out whole; by the path that was reported, and by
// no other.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "drivers/directory/files.h"
#include "tests/drivers/directory_share.h"
#include "tests/drivers/killed_process.h"

namespace pasig::drivers {
namespace {

class DirectoryAside : public ::testing::Test {
 protected:
  DirectoryAside() {
    const std::string tree = share.place(1).aside() + "/20261123T091402.120497Z-epoch1";
    fs::create_directories(tree + "/deep");
    EXPECT_TRUE(write_file(tree + "/file", "text"));
    EXPECT_TRUE(write_file(tree + "/deep/new\nline \xff", "odd"));
    fs::create_hard_link(tree + "/file", tree + "/deep/linked");
    fs::create_symlink("nowhere", tree + "/symbolic");
    const directory::Descriptor sparse(
        ::open((tree + "/sparse").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0640));
    EXPECT_EQ(::pwrite(sparse.get(), "end", 3, 8 << 20), 3);
    has_attributes = ::setxattr((tree + "/file").c_str(), "user.colour", "blue", 4, 0) == 0;
    const auto health = share.status(1);
    EXPECT_TRUE(health) << words_of(health);
    if (health && health->aside.size() == 1) aside = health->aside.front();
  }

  static void seal(const std::string& path) {
    const directory::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    directory::set_immutable(file.get(), true);
  }
  [[nodiscard]] std::string above() {
    return fs::path(share.world.root("beta")).parent_path().string();
  }
  Answer<void> remove(const Aside& which) {
    return share.driver().delete_aside(share.share.ref(), which, share.share.next_call());
  }
  Answer<AsideRestored> restore(const std::string& to) {
    return share.driver().restore_aside(share.share.ref(), aside, to, share.share.next_call());
  }
  Aside at(const std::string& path) {
    Aside other = aside;
    other.path = path;
    return other;
  }

  DirectoryShare share;
  Aside aside;
  bool has_attributes = false;
};

TEST_F(DirectoryAside, DeletedGoesWithItsFlagsAndIsToldNoMore) {
  seal(aside.path + "/file");
  seal(aside.path);
  const auto removed = remove(aside);
  ASSERT_TRUE(removed) << words_of(removed);
  EXPECT_FALSE(fs::exists(aside.path));
  const auto health = share.status(1);
  ASSERT_TRUE(health) << words_of(health);
  EXPECT_TRUE(health->aside.empty());
  const auto again = remove(aside);
  EXPECT_TRUE(again) << words_of(again);
}

TEST_F(DirectoryAside, KilledDeletionIsDoneByTheNextDelivery) {
  int step = 1;
  for (bool died = true; died; ++step) {
    fs::create_directories(aside.path);
    ASSERT_TRUE(write_file(aside.path + "/file", "text"));
    died = dies_at_flush(step, [&] { static_cast<void>(remove(aside)); });
    const auto removed = remove(aside);
    ASSERT_TRUE(removed) << words_of(removed);
    EXPECT_FALSE(fs::exists(aside.path));
    EXPECT_TRUE(directory::names_in(share.place(1).staging())->empty());
  }
  EXPECT_GT(step, 3);
}

TEST_F(DirectoryAside, NothingElseIsDeleted) {
  ASSERT_TRUE(share.write(0, "file", "text"));
  ASSERT_TRUE(share.sync(1));
  const std::string directory = share.place(1).aside();
  fs::create_directory_symlink(share.frozen(1), directory + "/link");
  const std::string wrong[] = {directory,
                               directory + "/",
                               directory + "/..",
                               directory + "/../frozen",
                               aside.path + "/deep",
                               share.frozen(1),
                               share.place(0).aside() + "/x",
                               "aside/x",
                               "",
                               directory + "/link"};
  for (const std::string& path : wrong) {
    const auto removed = remove(at(path));
    ASSERT_FALSE(removed) << path;
    EXPECT_EQ(removed.error().problem, Problem::failed) << path;
  }
  EXPECT_EQ(read_text(share.frozen(1) + "/file"), "text");
  EXPECT_EQ(read_text(aside.path + "/file"), "text");
}

TEST_F(DirectoryAside, LinkInPlaceOfItsDirectoryIsNotFollowed) {
  const std::string directory = share.place(1).aside();
  fs::rename(directory, above() + "/moved");
  fs::create_directory_symlink(above() + "/moved", directory);
  EXPECT_FALSE(remove(aside));
  EXPECT_TRUE(fs::exists(above() + "/moved/" + fs::path(aside.path).filename().string()));
}

TEST_F(DirectoryAside, OfARemovedReplicaIsFoundByThePathThatWasTold) {
  ASSERT_TRUE(share.driver().remove_replica(share.share.ref(), share.share.id(1), false,
                                            share.share.next_call()));
  share.share.ref().replicas.pop_back();
  ASSERT_FALSE(fs::exists(aside.path));
  const auto restored = restore(above() + "/back");
  ASSERT_TRUE(restored) << words_of(restored);
  EXPECT_EQ(read_text(above() + "/back/file"), "text");
  const auto removed = remove(aside);
  ASSERT_TRUE(removed) << words_of(removed);
  EXPECT_TRUE(directory::names_in(share.world.root("beta") + "/aside-kept")->empty());
}

TEST_F(DirectoryAside, RestoredIsEqual) {
  seal(aside.path);
  const auto restored = restore(above() + "/back");
  ASSERT_TRUE(restored) << words_of(restored);
  EXPECT_EQ(restored->files, aside.files);
  EXPECT_EQ(restored->bytes, aside.bytes);
  const std::string back = above() + "/back";
  EXPECT_TRUE(fs::equivalent(back + "/file", back + "/deep/linked"));
  EXPECT_EQ(read_text(back + "/deep/new\nline \xff"), "odd");
  EXPECT_EQ(fs::read_symlink(back + "/symbolic"), "nowhere");
  struct stat status {};
  ASSERT_EQ(::stat((back + "/sparse").c_str(), &status), 0);
  EXPECT_LT(status.st_blocks * 512, 1 << 20);
  EXPECT_EQ(status.st_mode & 07777, 0640U);
  std::string colour(4, ' ');
  if (has_attributes) {
    EXPECT_EQ(::getxattr((back + "/file").c_str(), "user.colour", colour.data(), 4), 4);
    EXPECT_EQ(colour, "blue");
  }
  EXPECT_TRUE(write_file(back + "/new", "it is its owner's"));
  EXPECT_TRUE(fs::exists(aside.path)) << "restoring takes nothing away";
}

TEST_F(DirectoryAside, ExistingTargetIsLeftAlone) {
  fs::create_directories(above() + "/back");
  const auto restored = restore(above() + "/back");
  ASSERT_FALSE(restored);
  EXPECT_NE(restored.error().words.find("exists already"), std::string::npos);
  EXPECT_TRUE(fs::is_empty(above() + "/back"));
}

TEST_F(DirectoryAside, TargetInARootIsRefused) {
  for (const char* below : {"/shares/back", "/unmanaged", "/aside-kept/back"}) {
    fs::create_directories(share.world.root("beta") + "/aside-kept");
    const auto restored = restore(share.world.root("beta") + below);
    ASSERT_FALSE(restored);
    EXPECT_NE(restored.error().words.find("which is Pasig's"), std::string::npos);
  }
}

TEST_F(DirectoryAside, TargetOnAnotherFileSystemIsRefused) {
  fs::create_directories(above() + "/mounted");
  if (::mount("none", (above() + "/mounted").c_str(), "tmpfs", 0, nullptr) != 0)
    GTEST_SKIP() << "may not mount here";
  const auto restored = restore(above() + "/mounted/back");
  ASSERT_FALSE(restored);
  EXPECT_NE(restored.error().words.find("file system of controller beta"), std::string::npos)
      << words_of(restored);
}

TEST_F(DirectoryAside, KilledRestorationIsDoneByTheNextDelivery) {
  int step = 1;
  for (bool died = true; died; ++step) {
    const std::string to = above() + "/back-" + std::to_string(step);
    CallContext call = share.share.next_call();
    const auto deliver = [&] {
      return share.driver().restore_aside(share.share.ref(), aside, to, call);
    };
    died = dies_at_flush(step, [&] { static_cast<void>(deliver()); });
    ++call.attempt;
    const auto restored = deliver();
    ASSERT_TRUE(restored) << words_of(restored);
    EXPECT_EQ(restored->files, aside.files);
    EXPECT_EQ(read_text(to + "/file"), "text");
    for (const auto& left : fs::directory_iterator(above()))
      EXPECT_FALSE(left.path().filename().string().starts_with(".pasig-restore-"));
  }
  EXPECT_GT(step, 2);
}

TEST_F(DirectoryAside, CancelledRestorationLeavesNothing) {
  std::stop_source stop;
  stop.request_stop();
  CallContext call = share.share.next_call();
  call.cancelled = stop.get_token();
  const auto restored =
      share.driver().restore_aside(share.share.ref(), aside, above() + "/back", call);
  EXPECT_EQ(problem_of(restored), Problem::cancelled);
  EXPECT_FALSE(fs::exists(above() + "/back"));
}

}  // namespace
}  // namespace pasig::drivers
