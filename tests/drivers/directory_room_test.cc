// What a freeze leaves of the room on the active side's file system, and what it does when there
// is none. This program answers statvfs itself for the paths that shall look full.
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <deque>

#include "drivers/directory/files.h"
#include "tests/drivers/snapshot_share.h"

namespace {

constexpr std::uint64_t k_mib = 1 << 20;

// What is free on alpha, look by look; the last one stays. Empty: as it is.
std::deque<std::uint64_t> free_on_alpha;

}  // namespace

extern "C" int statvfs(const char* path, struct statvfs* system) noexcept {
  const pasig::drivers::directory::Descriptor place(::open(path, O_PATH | O_CLOEXEC));
  if (::fstatvfs(place.get(), system) != 0) return -1;
  if (free_on_alpha.empty() || std::string_view(path).find("/alpha") == std::string_view::npos)
    return 0;
  system->f_frsize = k_mib;
  system->f_blocks = 1000;  // 64 MiB are more than 5 % of that
  system->f_bavail = free_on_alpha.front();
  if (free_on_alpha.size() > 1) free_on_alpha.pop_front();
  return 0;
}

namespace pasig::drivers {
namespace {

class DirectoryRoom : public ::testing::Test {
 protected:
  DirectoryRoom() {
    EXPECT_TRUE(share.write(0, "first", "text"));
    EXPECT_TRUE(share.sync(1));
  }
  ~DirectoryRoom() override { free_on_alpha.clear(); }

  std::size_t staged() { return directory::names_in(share.place(0).staging())->size(); }

  SnapshotShare share;
};

TEST_F(DirectoryRoom, FreezeThatWouldTakeTheReserveIsRefused) {
  ASSERT_TRUE(share.write(0, "large", std::string(3 * k_mib, 'x')));
  free_on_alpha = {66};
  const auto copy = share.sync(1);
  ASSERT_FALSE(copy);
  EXPECT_EQ(copy.error().problem, Problem::no_space);
  EXPECT_NE(copy.error().words.find(std::to_string(66 * k_mib)), std::string::npos);
  EXPECT_NE(copy.error().words.find(std::to_string(64 * k_mib)), std::string::npos);
  EXPECT_FALSE(copy.error().hint.empty());
  EXPECT_EQ(staged(), 0U);
}

TEST_F(DirectoryRoom, FreezeBesideTheReserveIsMade) {
  ASSERT_TRUE(share.write(0, "large", std::string(3 * k_mib, 'x')));
  free_on_alpha = {68};
  const auto copy = share.sync(1);
  EXPECT_TRUE(copy) << words_of(copy);
}

TEST_F(DirectoryRoom, FreezeStopsWhereTheReserveBegins) {
  ASSERT_TRUE(share.write(0, "large", std::string(20 * k_mib, 'x')));
  free_on_alpha = {500, 63};
  const auto copy = share.sync(1);
  ASSERT_FALSE(copy);
  EXPECT_EQ(copy.error().problem, Problem::no_space);
  EXPECT_EQ(staged(), 0U);
}

TEST_F(DirectoryRoom, HolesTakeNoRoom) {
  ASSERT_TRUE(share.write(0, "sparse", ""));
  fs::resize_file(share.live(0) + "/sparse", 50 * k_mib);
  free_on_alpha = {68};
  const auto copy = share.sync(1);
  EXPECT_TRUE(copy) << words_of(copy);
}

TEST_F(DirectoryRoom, PlannedChangeIsRefusedBeforeItsFence) {
  ASSERT_TRUE(share.write(0, "large", std::string(3 * k_mib, 'x')));
  free_on_alpha = {2};
  const auto changed = share.change(1, Mode::planned);
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().problem, Problem::no_space);
  EXPECT_FALSE(fs::exists(share.place(0).fence_before()));
  EXPECT_TRUE(share.write(0, "second", "text"));
}

TEST_F(DirectoryRoom, PlannedChangeMayTakeTheReserve) {
  ASSERT_TRUE(share.write(0, "large", std::string(20 * k_mib, 'x')));
  free_on_alpha = {30};
  const auto changed = share.change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  EXPECT_FALSE(changed->forced);
  EXPECT_EQ(fs::file_size(share.live(1) + "/large"), 20 * k_mib);
}

TEST_F(DirectoryRoom, RestorationThatDoesNotFitIsRefused) {
  const std::string tree = share.place(0).aside() + "/20261123T091402.120497Z-epoch1";
  fs::create_directories(tree);
  ASSERT_TRUE(write_file(tree + "/large", std::string(3 * k_mib, 'x')));
  const Aside aside{.replica = share.share.id(0), .controller = "alpha", .path = tree};
  const std::string to = share.world.root("alpha") + "-restored";
  const auto restore = [&] {
    return share.driver().restore_aside(share.share.ref(), aside, to, share.share.next_call());
  };
  free_on_alpha = {2};
  const auto refused = restore();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().problem, Problem::no_space);
  EXPECT_NE(refused.error().words.find(std::to_string(2 * k_mib)), std::string::npos);
  EXPECT_FALSE(fs::exists(to));
  free_on_alpha = {4};
  const auto restored = restore();
  ASSERT_TRUE(restored) << words_of(restored);
  EXPECT_EQ(restored->bytes, 3 * k_mib);
}

TEST_F(DirectoryRoom, SnapshotThatWouldTakeTheReserveIsRefused) {
  ASSERT_TRUE(share.write(0, "large", std::string(3 * k_mib, 'x')));
  free_on_alpha = {66};
  const SnapshotId id = share.ask();
  const auto taken = share.take(id);
  EXPECT_EQ(problem_of(taken), Problem::no_space) << words_of(taken);
  EXPECT_EQ(staged(), 0U);
  EXPECT_FALSE(share.holds(0, id));
}

class DirectoryRoomForASnapshot : public DirectoryRoom {
 protected:
  DirectoryRoomForASnapshot() {
    EXPECT_TRUE(share.write(0, "large", std::string(3 * k_mib, 'x')));
    id = share.take();
  }
  SnapshotId id;
};

TEST_F(DirectoryRoomForASnapshot, RevertWithoutItChangesNothing) {
  ASSERT_TRUE(share.write(0, "large", "later"));
  free_on_alpha = {66};
  const auto refused = share.revert(id);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().problem, Problem::no_space) << words_of(refused);
  EXPECT_FALSE(refused.error().unknown);
  EXPECT_EQ(read_text(share.exported(0) + "/large"), "later");
  EXPECT_EQ(staged(), 0U);
}

TEST_F(DirectoryRoomForASnapshot, ShareFromItIsNotMadeWithout) {
  ASSERT_TRUE(share.sync(1));
  for (const bool is_here : {true, false}) {  // else it would come from beta
    if (!is_here) {
      ASSERT_TRUE(directory::remove_tree(share.place(0).snapshot(id)));
    }
    ShareOnDriver made(Replication::readable);
    made.ref().size_gb = 0;
    made.add("alpha");
    free_on_alpha = {66};
    const auto created = share.driver().create_share_from_snapshot(
        made.ref(), made.id(0), {share.share.ref(), id}, made.next_call());
    free_on_alpha.clear();
    EXPECT_EQ(problem_of(created), Problem::no_space) << words_of(created);
    const std::string top = share.world.top(made.ref().replicas[0], made.ref());
    EXPECT_TRUE(directory::names_in(top + "/staging")->empty());
  }
}

TEST_F(DirectoryRoomForASnapshot, OneThatTheActiveReplicaLacksWaitsForItAndKeepsNoSync) {
  ASSERT_TRUE(share.sync(1));
  ASSERT_TRUE(fs::remove(share.live(0) + "/large"));
  for (const char* text : {"second", "third"}) {  // until no generation holds it any more
    ASSERT_TRUE(share.write(0, "first", text));
    ASSERT_TRUE(share.sync(1));
  }
  ASSERT_TRUE(directory::remove_tree(share.place(0).snapshot(id)));
  free_on_alpha = {66};
  const auto copy = share.sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_FALSE(share.holds(0, id));
  EXPECT_EQ(staged(), 0U);
  free_on_alpha = {500};
  ASSERT_TRUE(share.sync(1));
  share.expect_whole(0, id);
}

TEST(DirectoryRemoval, AppendOnlyFilesAndDirectoriesGo) {
  const TemporaryDirectory place;
  const std::string tree = place.path() + "/tree";
  fs::create_directories(tree + "/logs");
  ASSERT_TRUE(write_file(tree + "/logs/log", "text"));
  for (const char* name : {"/logs/log", "/logs"}) {
    const directory::Descriptor file(::open((tree + name).c_str(), O_RDONLY | O_CLOEXEC));
    int flags = 0;
    ASSERT_EQ(::ioctl(file.get(), FS_IOC_GETFLAGS, &flags), 0);
    flags |= FS_APPEND_FL;
    if (::ioctl(file.get(), FS_IOC_SETFLAGS, &flags) != 0)
      GTEST_SKIP() << "no right to make files append-only";
  }
  const auto removed = directory::remove_tree(tree);
  EXPECT_TRUE(removed) << words_of(removed);
  EXPECT_FALSE(fs::exists(tree));
}

}  // namespace
}  // namespace pasig::drivers
