// What clients make at the path of an export while there is none: it goes aside and is told, and
// stands in nobody's way.
#include "drivers/directory/files.h"
#include "drivers/directory/inode_flags.h"
#include "tests/drivers/directory_share.h"

namespace pasig::drivers {
namespace {

// A dr share: its secondaries have no export. What rsync does besides is up to the test.
class DirectoryExport : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(share.write(0, "file", "text"));
    ASSERT_TRUE(share.sync(1));
    ASSERT_TRUE(share.write(0, "second", "text"));
  }
  // As `docker -v` and makedirs do, and then they write.
  void make_directory_at_export(std::size_t n) {
    ASSERT_TRUE(fs::create_directories(share.exported(n) + "/d"));
    ASSERT_TRUE(write_file(share.exported(n) + "/d/made", "late"));
  }
  void make_directory_at_export_during_the_fence(std::size_t n, const std::string& then) {
    const std::string made = share.exported(n) + "/d";
    rsync.replace("mkdir -p " + made + " && printf late >" + made + "/made\n" + then);
  }
  static void expect_kept(const std::vector<Aside>& aside) {
    ASSERT_EQ(aside.size(), 1U);
    EXPECT_EQ(aside[0].files, 1U);
    EXPECT_EQ(aside[0].bytes, 4U);
    EXPECT_EQ(read_text(aside[0].path + "/d/made"), "late");
  }
  bool has_temporary_names(std::size_t n) {
    for (const auto& entry : fs::directory_iterator(share.top(n)))
      if (entry.path().filename().string().find(".new-") != std::string::npos) return true;
    return false;
  }

  const Script rsync{"exec rsync \"$@\""};
  DirectoryShare share{with({{"rsync", rsync.path()}}), Replication::dr};
};

TEST_F(DirectoryExport, DirectoryOnTheNewSideGoesAsideAndTheChangeComesAbout) {
  make_directory_at_export(1);
  const auto changed = share.change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  expect_kept(changed->aside);
  EXPECT_EQ(changed->aside[0].replica, share.share.id(1));
  EXPECT_EQ(read_text(share.exported(1) + "/second"), "text");
  EXPECT_FALSE(has_temporary_names(1));
  const auto health = share.status(1);
  ASSERT_TRUE(health) << words_of(health);
  expect_kept(health->aside);
}

TEST_F(DirectoryExport, DirectoryMadeOnTheNewSideDuringTheFenceGoesAside) {
  make_directory_at_export_during_the_fence(1, "exec rsync \"$@\"");
  const auto changed = share.change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  expect_kept(changed->aside);
  EXPECT_TRUE(share.write(1, "third", "text"));
}

TEST_F(DirectoryExport, DirectoryMadeOnTheOldSideDuringTheFenceGoesAsideAndTheSideFollows) {
  make_directory_at_export_during_the_fence(0, "exec rsync \"$@\"");
  const auto changed = share.change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  expect_kept(changed->aside);
  EXPECT_EQ(changed->aside[0].replica, share.share.id(0));
  EXPECT_FALSE(fs::exists(share.exported(0)));
  rsync.replace("exec rsync \"$@\"");
  ASSERT_TRUE(share.write(1, "third", "text"));
  const auto copy = share.sync(0);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_EQ(read_text(share.frozen(0) + "/third"), "text");
  const auto health = share.status(0);
  ASSERT_TRUE(health) << words_of(health);
  expect_kept(health->aside);
}

TEST_F(DirectoryExport, ChangeThatFailsGivesTheExportBackPastADirectory) {
  make_directory_at_export_during_the_fence(0, "exit 12");
  EXPECT_EQ(problem_of(share.change(1, Mode::planned)), Problem::failed);
  EXPECT_TRUE(share.write(0, "third", "text"));
  EXPECT_EQ(read_text(share.live(0) + "/third"), "text");
  const auto health = share.status(0);
  ASSERT_TRUE(health) << words_of(health);
  expect_kept(health->aside);
}

TEST_F(DirectoryExport, StatusOfASecondaryKeepsItAside) {
  make_directory_at_export(1);
  const auto health = share.status(1);
  ASSERT_TRUE(health) << words_of(health);
  expect_kept(health->aside);
  ASSERT_EQ(health->repaired.size(), 1U);
  EXPECT_NE(health->repaired[0].find(health->aside[0].path), std::string::npos);
  EXPECT_FALSE(fs::exists(share.exported(1)));
}

TEST_F(DirectoryExport, FileGoesAsideToo) {
  ASSERT_TRUE(write_file(share.exported(1), "late"));
  const auto changed = share.change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  ASSERT_EQ(changed->aside.size(), 1U);
  EXPECT_EQ(read_text(changed->aside[0].path + "/export"), "late");
}

TEST_F(DirectoryExport, EmptyDirectoryIsRemoved) {
  ASSERT_TRUE(fs::create_directory(share.exported(1)));
  const auto changed = share.change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  EXPECT_TRUE(changed->aside.empty());
  EXPECT_EQ(read_text(share.exported(1) + "/second"), "text");
}

TEST_F(DirectoryExport, RemovalOfTheReplicaLeavesItToTheOperator) {
  make_directory_at_export(1);
  const auto removed = share.driver().remove_replica(share.share.ref(), share.share.id(1), false,
                                                     share.share.next_call());
  ASSERT_TRUE(removed) << words_of(removed);
  EXPECT_EQ(removed->remains.size(), 1U);
  EXPECT_FALSE(fs::exists(share.top(1)));
}

TEST(DirectoryExportOfReadable, FirstCopyTakesThePlaceOfADirectory) {
  DirectoryShare share;
  ASSERT_TRUE(share.write(0, "file", "text"));
  ASSERT_TRUE(fs::create_directories(share.exported(1)));
  ASSERT_TRUE(write_file(share.exported(1) + "/made", "late"));
  const auto copy = share.sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  ASSERT_EQ(copy->aside.size(), 1U);
  EXPECT_EQ(read_text(copy->aside[0].path + "/made"), "late");
  EXPECT_EQ(read_text(share.exported(1) + "/file"), "text");
}

TEST(DirectoryExportOfReadable, IsThereThroughoutTheFence) {
  const Script rsync("exec rsync \"$@\"");
  DirectoryShare share(with({{"rsync", rsync.path()}}));
  ASSERT_TRUE(share.write(0, "file", "text"));
  ASSERT_TRUE(share.sync(1));
  const auto frozen = directory::open_directory(share.frozen(0));
  ASSERT_TRUE(frozen);
  if (!directory::is_immutable(frozen->get())) GTEST_SKIP() << "no immutable flag here";
  ASSERT_TRUE(share.write(0, "second", "text"));
  rsync.replace("cat " + share.exported(0) + "/file >" + rsync.beside("seen") +
                "\nexec rsync \"$@\"");
  const auto changed = share.change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  EXPECT_EQ(read_text(rsync.beside("seen")), "text");
}

}  // namespace
}  // namespace pasig::drivers
