// Sync on real trees: what rsync says is not believed, what changed is found, and what lies in
// a users' tree arrives as it was.
#include <fcntl.h>
#include <sys/xattr.h>

#include "tests/drivers/directory_share.h"

namespace pasig::drivers {
namespace {

// The last argument of rsync is its target.
constexpr const char* k_target = "for last; do :; done; ";

TEST(DirectorySync, SkippedFileIsNotVerified) {
  const Script rsync("exec rsync --exclude=secret \"$@\"");
  DirectoryShare share(with({{"rsync", rsync.path()}}));
  ASSERT_TRUE(share.write(0, "secret", "text") && share.write(0, "other", "text"));
  const auto copy = share.sync(1);
  EXPECT_EQ(problem_of(copy), Problem::not_verified) << words_of(copy);
  EXPECT_NE(words_of(copy).find("secret is missing"), std::string::npos) << words_of(copy);
  EXPECT_FALSE(share.status(1)->latest);
}

TEST(DirectorySync, TruncatedFileIsNotVerified) {
  const Script rsync(std::string("rsync \"$@\"; ") + k_target +
                     "chmod u+w \"$last/file\"; truncate -s 2 \"$last/file\"");
  DirectoryShare share(with({{"rsync", rsync.path()}}));
  ASSERT_TRUE(share.write(0, "file", "text"));
  const auto copy = share.sync(1);
  EXPECT_EQ(problem_of(copy), Problem::not_verified) << words_of(copy);
}

TEST(DirectorySync, FlippedBitIsNotVerified) {
  const Script rsync(std::string("rsync \"$@\"; ") + k_target +
                     "chmod u+w \"$last/file\"; t=$(stat -c %y \"$last/file\"); printf X | dd "
                     "of=\"$last/file\" conv=notrunc "
                     "2>/dev/null; touch -d \"$t\" \"$last/file\"; touch -r \"$last\" \"$last\"");
  DirectoryShare share(with({{"rsync", rsync.path()}}));
  ASSERT_TRUE(share.write(0, "file", "text"));
  const auto copy = share.sync(1);
  EXPECT_EQ(problem_of(copy), Problem::not_verified) << words_of(copy);
  EXPECT_NE(words_of(copy).find("content"), std::string::npos) << words_of(copy);
}

TEST(DirectorySync, EarlySuccessIsNotVerifiedAndTheLastCopyStays) {
  const Script rsync("exec rsync \"$@\"");
  DirectoryShare share(with({{"rsync", rsync.path()}}));
  ASSERT_TRUE(share.write(0, "file", "text"));
  const auto first = share.sync(1);
  ASSERT_TRUE(first) << words_of(first);
  rsync.replace("exit 0");
  ASSERT_TRUE(share.write(0, "second", "text"));
  EXPECT_EQ(problem_of(share.sync(1)), Problem::not_verified);
  EXPECT_EQ(share.status(1)->latest->generation, first->generation);
  EXPECT_EQ(read_text(share.exported(1) + "/file"), "text");
}

TEST(DirectorySync, VanishedFilesMakeAnotherPass) {
  const Script rsync("");
  rsync.replace("if [ ! -e " + rsync.beside("ran") + " ]; then touch " + rsync.beside("ran") +
                "; exit 24; fi; exec rsync \"$@\"");
  DirectoryShare share(with({{"rsync", rsync.path()}}));
  ASSERT_TRUE(share.write(0, "file", "text"));
  const auto copy = share.sync(1);
  EXPECT_TRUE(copy) << words_of(copy);
}

TEST(DirectorySync, OtherCodeFailsWithRsyncsWords) {
  const Script rsync("echo 'protocol broke' >&2; exit 12");
  DirectoryShare share(with({{"rsync", rsync.path()}}));
  ASSERT_TRUE(share.write(0, "file", "text"));
  const auto copy = share.sync(1);
  EXPECT_EQ(problem_of(copy), Problem::failed);
  EXPECT_NE(words_of(copy).find("protocol broke"), std::string::npos) << words_of(copy);
  EXPECT_NE(words_of(copy).find("12"), std::string::npos) << words_of(copy);
}

TEST(DirectorySync, FullTargetIsNoSpace) {
  const Script rsync("echo 'write failed: No space left on device (28)' >&2; exit 11");
  DirectoryShare share(with({{"rsync", rsync.path()}}));
  ASSERT_TRUE(share.write(0, "file", "text"));
  EXPECT_EQ(problem_of(share.sync(1)), Problem::no_space);
}

TEST(DirectorySync, MissingRsyncSaysWhatToDo) {
  DirectoryShare share(with({{"rsync", "/nowhere/rsync"}}));
  ASSERT_TRUE(share.write(0, "file", "text"));
  const auto copy = share.sync(1);
  EXPECT_EQ(problem_of(copy), Problem::failed);
  EXPECT_NE(words_of(copy).find("install rsync"), std::string::npos) << words_of(copy);
}

TEST(DirectorySync, SameSizeChangeWithinOneSecondIsFound) {
  DirectoryShare share;
  ASSERT_TRUE(share.write(0, "file", "aaaa"));
  ASSERT_TRUE(share.sync(1));
  ASSERT_TRUE(share.write(0, "file", "bbbb"));
  ASSERT_TRUE(share.sync(1));
  EXPECT_EQ(read_text(share.exported(1) + "/file"), "bbbb");
}

TEST(DirectorySync, ChangeThatKeepsSizeAndTimeIsFound) {
  DirectoryShare share;
  ASSERT_TRUE(share.write(0, "file", "aaaa"));
  ASSERT_TRUE(share.sync(1));
  const auto time = fs::last_write_time(share.live(0) + "/file");
  ASSERT_TRUE(share.write(0, "file", "bbbb"));
  fs::last_write_time(share.live(0) + "/file", time);
  const auto copy = share.sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_EQ(read_text(share.exported(1) + "/file"), "bbbb");
}

TEST(DirectorySync, DeletedFileIsDeletedThere) {
  DirectoryShare share;
  ASSERT_TRUE(share.write(0, "a", "1") && share.write(0, "b", "2") && share.write(0, "c", "3"));
  ASSERT_TRUE(share.sync(1));
  fs::remove(share.live(0) + "/b");
  ASSERT_TRUE(share.sync(1));
  EXPECT_FALSE(fs::exists(share.exported(1) + "/b"));
  EXPECT_EQ(read_text(share.exported(1) + "/c"), "3");
}

TEST(DirectorySync, MassDeletionStopsUntilItIsAccepted) {
  DirectoryShare share;
  for (const char* name : {"a", "b", "c", "d"}) ASSERT_TRUE(share.write(0, name, name));
  ASSERT_TRUE(share.sync(1));
  for (const char* name : {"a", "b", "c"}) fs::remove(share.live(0) + "/" + name);
  const auto stopped = share.sync(1);
  EXPECT_EQ(problem_of(stopped), Problem::mass_deletion) << words_of(stopped);
  EXPECT_EQ(read_text(share.exported(1) + "/a"), "a");
  share.share.ref().replicas.at(1).accepts_mass_deletion = true;
  const auto accepted = share.sync(1);
  ASSERT_TRUE(accepted) << words_of(accepted);
  EXPECT_FALSE(fs::exists(share.exported(1) + "/a"));
}

TEST(DirectorySync, RenamedDirectoryIsNoMassDeletion) {
  DirectoryShare share;
  fs::create_directory(share.live(0) + "/old");
  for (const char* name : {"old/a", "old/b", "old/c"}) ASSERT_TRUE(share.write(0, name, name));
  ASSERT_TRUE(share.sync(1));
  fs::rename(share.live(0) + "/old", share.live(0) + "/new");
  const auto copy = share.sync(1);
  EXPECT_TRUE(copy) << words_of(copy);
}

TEST(DirectorySync, LinksHolesAttributesAndNamesSurvive) {
  DirectoryShare share;
  const std::string live = share.live(0);
  ASSERT_TRUE(write_file(live + "/first", "linked"));
  fs::create_hard_link(live + "/first", live + "/second");
  fs::create_symlink("../nowhere/at all", live + "/symbolic");
  ASSERT_TRUE(write_file(live + "/new\nline", "n"));
  ASSERT_TRUE(write_file(live + "/\xff\xfe not utf-8", "u"));
  ASSERT_EQ(::mkfifo((live + "/fifo").c_str(), 0640), 0);
  const int sparse = ::open((live + "/sparse").c_str(), O_WRONLY | O_CREAT, 0600);
  ASSERT_EQ(::pwrite(sparse, "end", 3, 8 << 20), 3);
  ::close(sparse);
  const bool has_attributes =
      ::setxattr((live + "/first").c_str(), "user.colour", "blue", 4, 0) == 0;
  if (::geteuid() == 0) {
    ASSERT_EQ(::lchown((live + "/symbolic").c_str(), 65534, 65534), 0);
  }
  const auto copy = share.sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  const std::string there = share.frozen(1);
  EXPECT_TRUE(fs::equivalent(there + "/first", there + "/second"));
  EXPECT_EQ(fs::read_symlink(there + "/symbolic"), "../nowhere/at all");
  EXPECT_EQ(read_text(there + "/new\nline"), "n");
  EXPECT_EQ(read_text(there + "/\xff\xfe not utf-8"), "u");
  EXPECT_TRUE(fs::is_fifo(there + "/fifo"));
  struct stat status {};
  ASSERT_EQ(::stat((there + "/sparse").c_str(), &status), 0);
  EXPECT_EQ(status.st_size, (8 << 20) + 3);
  EXPECT_LT(status.st_blocks * 512, 1 << 20);
  std::string colour(4, ' ');
  if (has_attributes) {
    EXPECT_EQ(::getxattr((there + "/second").c_str(), "user.colour", colour.data(), 4), 4);
    EXPECT_EQ(colour, "blue");
  }
}

TEST(DirectorySync, SocketsAndDevicesAreSkippedAndCounted) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  DirectoryShare share;
  ASSERT_TRUE(share.write(0, "file", "text"));
  ASSERT_EQ(::mknod((share.live(0) + "/null").c_str(), S_IFCHR | 0600, 0x103), 0);
  const auto copy = share.sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_EQ(copy->skipped, 1U);
  EXPECT_EQ(copy->files, 1U);
}

TEST(DirectorySync, LiveSharesNoInodeWithAnyFrozenTree) {
  DirectoryShare share;
  ASSERT_TRUE(share.write(0, "file", "text"));
  ASSERT_TRUE(share.sync(1));
  EXPECT_FALSE(fs::equivalent(share.live(0) + "/file", share.frozen(0) + "/file"));
  ASSERT_TRUE(share.change(1, Mode::planned));
  EXPECT_FALSE(fs::equivalent(share.live(1) + "/file", share.frozen(1) + "/file"));
  ASSERT_TRUE(write_file(share.live(1) + "/file", "changed"));
  EXPECT_EQ(read_text(share.frozen(1) + "/file"), "text");
}

TEST(DirectorySync, UnchangedFilesOfTwoGenerationsShareTheirSpace) {
  DirectoryShare share;
  ASSERT_TRUE(share.write(0, "stays", "text"));
  ASSERT_TRUE(share.sync(1));
  const std::string before = share.frozen(1);
  ASSERT_TRUE(share.write(0, "comes", "text"));
  ASSERT_TRUE(share.sync(1));
  EXPECT_NE(share.frozen(1), before);
  EXPECT_TRUE(fs::equivalent(before + "/stays", share.frozen(1) + "/stays"));
}

TEST(DirectorySync, KeepsTheLastTwoGenerations) {
  DirectoryShare share;
  for (const char* name : {"a", "b", "c", "d"}) {
    ASSERT_TRUE(share.write(0, name, name));
    ASSERT_TRUE(share.sync(1));
  }
  for (const std::size_t n : {0U, 1U})
    EXPECT_EQ(directory::generation_numbers(share.place(n))->size(), 2U);
}

TEST(DirectorySync, FrozenTreeCannotBeWrittenThroughAReadableExport) {
  DirectoryShare share;
  ASSERT_TRUE(share.write(0, "file", "text"));
  ASSERT_TRUE(share.sync(1));
  EXPECT_FALSE(share.write(1, "file", "changed"));
  EXPECT_FALSE(share.write(1, "new", "text"));
}

TEST(DirectorySync, DamageOfTheLastCopyIsNotBuiltUpon) {
  DirectoryShare share;
  ASSERT_TRUE(share.write(0, "file", "text"));
  ASSERT_TRUE(share.sync(1));
  const std::string damaged = share.frozen(1) + "/file";
  const int fd = ::open(damaged.c_str(), O_RDONLY);
  directory::set_immutable(fd, false);
  ::close(fd);
  fs::permissions(damaged, fs::perms(0644));
  const auto time = fs::last_write_time(damaged);
  ASSERT_TRUE(write_file(damaged, "tex!"));
  fs::last_write_time(damaged, time);
  ASSERT_TRUE(share.write(0, "second", "text"));
  const auto copy = share.sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_EQ(read_text(share.frozen(1) + "/file"), "text");
}

TEST(DirectorySync, QuietShareIsSettled) {
  DirectoryShare share;
  ASSERT_TRUE(share.write(0, "file", "text"));
  EXPECT_EQ(share.sync(1)->consistency, CopyConsistency::settled);
}

}  // namespace
}  // namespace pasig::drivers
