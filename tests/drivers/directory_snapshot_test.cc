// Snapshots of the directory driver: what a snapshot holds, that nothing changes it, and how it
// gets to every replica and away from all.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <functional>

#include "tests/drivers/snapshot_share.h"

namespace pasig::drivers {
namespace {

class Opened {
 public:
  explicit Opened(const std::string& path, int how = O_RDWR)
      : fd_(::open(path.c_str(), how | O_CLOEXEC)) {}
  ~Opened() { ::close(fd_); }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

bool map_and_write(const std::string& path) {
  const Opened file(path);
  void* memory = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (memory == MAP_FAILED) return false;
  static_cast<char*>(memory)[5] = '!';
  return ::msync(memory, 4096, MS_SYNC) == 0 && ::munmap(memory, 4096) == 0;
}

struct Change {
  const char* name;
  std::function<bool(const std::string&)> act;  // on a file of the live tree
};

const std::vector<Change> k_changes = {
    {"PwriteInPlace",
     [](const std::string& path) { return ::pwrite(Opened(path).get(), "X", 1, 3) == 1; }},
    {"WriteThroughAMap", map_and_write},
    {"Truncation", [](const std::string& path) { return ::truncate(path.c_str(), 2) == 0; }},
    {"Append",
     [](const std::string& path) {
       return ::write(Opened(path, O_WRONLY | O_APPEND).get(), "more", 4) == 4;
     }},
    {"Chmod", [](const std::string& path) { return ::chmod(path.c_str(), 0600) == 0; }},
    {"Chown", [](const std::string& path) { return ::chown(path.c_str(), 65534, 65534) == 0; }},
    {"RenameOver",
     [](const std::string& path) {
       return write_file(path + ".new", "other") &&
              ::rename((path + ".new").c_str(), path.c_str()) == 0;
     }},
};

class SnapshotUnder : public ::testing::TestWithParam<Change> {
 protected:
  void change(std::size_t n) {
    EXPECT_TRUE(GetParam().act(share.live(n) + "/file")) << std::strerror(errno);
  }
  void expect_whole_on_both() {
    share.expect_whole(0, id);
    share.expect_whole(1, id);
    EXPECT_EQ(read_text(share.tree(0, id) + "/file").substr(0, 8), "original");
    EXPECT_EQ(read_text(share.tree(1, id) + "/file").substr(0, 8), "original");
  }

  SnapshotShare share;
  SnapshotId id;
};

TEST_P(SnapshotUnder, OnBothSidesIsUnchangedBeforeAndAfterAPromotion) {
  if (::geteuid() != 0) GTEST_SKIP() << "gives files to others";
  ASSERT_TRUE(share.write(0, "file", "original" + std::string(5000, 'a')));
  id = share.take();
  change(0);
  share.expect_whole(0, id);
  ASSERT_TRUE(share.sync(1));
  change(0);
  ASSERT_TRUE(share.sync(1));
  expect_whole_on_both();
  const auto changed = share.change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  EXPECT_TRUE(contains(changed->base.snapshots, id));
  EXPECT_TRUE(write_file(share.live(1) + "/file", "original" + std::string(5000, 'b')));
  change(1);
  ASSERT_TRUE(share.sync(0));
  expect_whole_on_both();
}

INSTANTIATE_TEST_SUITE_P(Changes, SnapshotUnder, ::testing::ValuesIn(k_changes),
                         [](const auto& change) { return std::string(change.param.name); });

TEST(DirectorySnapshot, HoldsWhatTheActiveReplicaHeldOnEverySide) {
  SnapshotShare share;
  share.add("gamma");
  ASSERT_TRUE(share.write(0, "file", "then"));
  const SnapshotId id = share.take();
  ASSERT_TRUE(share.write(0, "file", "later"));
  for (const std::size_t n : {1U, 2U}) {
    const auto copy = share.sync(n);
    ASSERT_TRUE(copy) << words_of(copy);
    EXPECT_TRUE(contains(copy->snapshots, id));
    EXPECT_EQ(read_text(share.exported(n) + "/file"), "later");
  }
  for (const std::size_t n : {0U, 1U, 2U}) {
    EXPECT_EQ(read_text(share.tree(n, id) + "/file"), "then");
    share.expect_whole(n, id);
    EXPECT_TRUE(contains(share.status(n)->snapshots, id));
  }
}

TEST(DirectorySnapshot, SaysWhatItHolds) {
  SnapshotShare share;
  ASSERT_TRUE(share.write(0, "one", "12345"));
  ASSERT_TRUE(share.write(0, "two", "123"));
  const auto taken = share.take(share.ask());
  ASSERT_TRUE(taken) << words_of(taken);
  EXPECT_EQ(taken->files, 2U);
  EXPECT_EQ(taken->bytes, 8U);
  EXPECT_EQ(taken->consistency, CopyConsistency::settled);
  EXPECT_TRUE(taken->taken_at.is_set());
}

TEST(DirectorySnapshot, AskedForAgainIsTheSame) {
  SnapshotShare share;
  ASSERT_TRUE(share.write(0, "file", "then"));
  const SnapshotId id = share.ask();
  const auto first = share.take(id);
  ASSERT_TRUE(share.write(0, "file", "later"));
  const auto second = share.take(id, share.share.same_call());
  ASSERT_TRUE(second) << words_of(second);
  EXPECT_EQ(second->digest, first->digest);
  EXPECT_EQ(second->taken_at, first->taken_at);
  EXPECT_EQ(read_text(share.tree(0, id) + "/file"), "then");
}

TEST(DirectorySnapshot, OfAnOlderOperationIsRefused) {
  SnapshotShare share;
  const auto refused =
      share.driver().create_snapshot(share.share.ref(), share.ask(), share.share.older_call());
  EXPECT_EQ(problem_of(refused), Problem::stale_token) << words_of(refused);
}

TEST(DirectorySnapshot, SharesNoInodeWithLive) {
  SnapshotShare share;
  ASSERT_TRUE(share.write(0, "file", "text"));
  const SnapshotId id = share.take();
  EXPECT_FALSE(fs::equivalent(share.live(0) + "/file", share.tree(0, id) + "/file"));
}

TEST(DirectorySnapshot, SharesItsFilesWithFrozenTreesOfItsReplica) {
  SnapshotShare share;
  ASSERT_TRUE(share.write(0, "file", "text"));
  const SnapshotId first = share.take();
  ASSERT_TRUE(share.write(0, "other", "text"));
  const SnapshotId second = share.take();
  ASSERT_TRUE(share.sync(1));
  EXPECT_TRUE(fs::equivalent(share.tree(1, first) + "/file", share.tree(1, second) + "/file"));
  EXPECT_TRUE(fs::equivalent(share.tree(1, second) + "/other", share.frozen(1) + "/other"));
}

TEST(DirectorySnapshot, OutlivesTheGenerationsThatItWasTakenFrom) {
  SnapshotShare share;
  ASSERT_TRUE(share.write(0, "file", "then"));
  const SnapshotId id = share.take();
  for (const char* text : {"a", "b", "c", "d"}) {
    ASSERT_TRUE(share.write(0, "file", text));
    ASSERT_TRUE(share.sync(1));
  }
  EXPECT_EQ(directory::generation_numbers(share.place(0))->size(), 2U);
  share.expect_whole(0, id);
  share.expect_whole(1, id);
}

TEST(DirectorySnapshot, CannotBeWrittenTo) {
  SnapshotShare share;
  ASSERT_TRUE(share.write(0, "file", "then"));
  const SnapshotId id = share.take();
  ASSERT_TRUE(share.sync(1));
  if (share.driver().stats("alpha")->front().capabilities.at("frozen") != "immutable")
    GTEST_SKIP() << "no immutable flag here";
  for (const std::size_t n : {0U, 1U}) {
    EXPECT_FALSE(write_file(share.tree(n, id) + "/file", "changed"));
    EXPECT_FALSE(write_file(share.tree(n, id) + "/new", "made"));
  }
}

TEST(DirectorySnapshot, WithoutItsSealIsSealedByTheStatusCall) {
  SnapshotShare share;
  ASSERT_TRUE(share.write(0, "file", "then"));
  const SnapshotId id = share.take();
  const directory::Descriptor top(::open(share.tree(0, id).c_str(), O_RDONLY | O_CLOEXEC));
  if (directory::set_immutable(top.get(), false) != 0) GTEST_SKIP() << "no immutable flag here";
  const auto health = share.status(0);
  ASSERT_TRUE(health) << words_of(health);
  EXPECT_TRUE(directory::is_immutable(top.get()));
  ASSERT_EQ(health->repaired.size(), 1U);
  EXPECT_NE(health->repaired[0].find(to_string(id)), std::string::npos) << health->repaired[0];
  EXPECT_TRUE(share.status(0)->repaired.empty());
}

TEST(DirectorySnapshot, ThatCannotBeReadForAMomentIsNotToldAsMissing) {
  SnapshotShare share;
  ASSERT_TRUE(share.write(0, "file", "then"));
  const SnapshotId id = share.take();
  const std::string record = share.place(0).snapshot(id) + "/snapshot.json";
  fs::rename(record, record + ".away");
  fs::create_directories(record);  // reading it fails, and it is there
  const auto health = share.status(0);
  ASSERT_TRUE(health) << words_of(health);
  EXPECT_FALSE(health->snapshots);
  fs::remove(record);
  const auto without = share.status(0);  // this one is no snapshot any more
  ASSERT_TRUE(without) << words_of(without);
  EXPECT_FALSE(contains(without->snapshots, id));
  EXPECT_TRUE(without->snapshots);
  fs::rename(record + ".away", record);
  EXPECT_TRUE(contains(share.status(0)->snapshots, id));
}

TEST(DirectorySnapshot, CountsInWhatItsReplicaUses) {
  SnapshotShare share;
  ASSERT_TRUE(share.write(0, "old", std::string(1000, 'a')));
  ASSERT_TRUE(share.write(0, "stays", std::string(10, 'a')));
  share.take();
  ASSERT_TRUE(fs::remove(share.live(0) + "/old"));
  share.take();
  EXPECT_EQ(share.status(0)->used_bytes, 1010U);
  ASSERT_TRUE(share.write(0, "new", std::string(5, 'b')));
  ASSERT_TRUE(share.sync(1));
  EXPECT_EQ(share.status(1)->used_bytes, 1015U);
  EXPECT_EQ(share.status(1)->used_bytes, 1015U);  // from what was noted
}

TEST(DirectorySnapshot, IsOfferedByItsPools) {
  SnapshotShare share;
  const auto pools = share.driver().stats("alpha");
  ASSERT_TRUE(pools) << words_of(pools);
  for (const char* name :
       {"snapshot_support", "create_share_from_snapshot_support", "revert_to_snapshot_support"})
    EXPECT_EQ(pools->front().capabilities.at(name), "true") << name;
}

// --- deletion

TEST(DirectorySnapshotDeletion, TakesItFromEveryReplica) {
  SnapshotShare share;
  ASSERT_TRUE(share.write(0, "file", "then"));
  const SnapshotId kept = share.take();
  const SnapshotId id = share.take();
  ASSERT_TRUE(share.sync(1));
  const auto deleted = share.remove(id);
  ASSERT_TRUE(deleted) << words_of(deleted);
  ASSERT_EQ(deleted->replicas.size(), 2U);
  for (const ReplicaAnswer& one : deleted->replicas) EXPECT_FALSE(one.failure);
  for (const std::size_t n : {0U, 1U}) {
    EXPECT_FALSE(fs::exists(share.place(n).snapshot(id)));
    share.expect_whole(n, kept);  // it shared its files with the one that is gone
  }
  const auto again = share.remove(id);
  ASSERT_TRUE(again) << words_of(again);
  EXPECT_FALSE(again->replicas[0].failure);
}

class SnapshotDeletedWithoutBeta : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(share.write(0, "file", "then"));
    id = share.take();
    ASSERT_TRUE(share.sync(1));
    share.world.set_reachable("beta", false);
    const auto deleted = share.remove(id);
    ASSERT_TRUE(deleted) << words_of(deleted);
    ASSERT_EQ(deleted->replicas.size(), 2U);
    EXPECT_FALSE(deleted->replicas[0].failure);
    ASSERT_TRUE(deleted->replicas[1].failure);
    EXPECT_EQ(deleted->replicas[1].failure->problem, Problem::unreachable);
    EXPECT_EQ(deleted->replicas[1].failure->controller, "beta");
    share.world.set_reachable("beta", true);
    ASSERT_TRUE(share.holds(1, id));
  }
  SnapshotShare share;
  SnapshotId id;
};

TEST_F(SnapshotDeletedWithoutBeta, GoesWithItsNextStatusCall) {
  const auto health = share.status(1);
  ASSERT_TRUE(health) << words_of(health);
  EXPECT_FALSE(contains(health->snapshots, id));
  EXPECT_FALSE(fs::exists(share.place(1).snapshot(id)));
}

TEST_F(SnapshotDeletedWithoutBeta, GoesWithItsNextSync) {
  const auto copy = share.sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_FALSE(contains(copy->snapshots, id));
  EXPECT_FALSE(fs::exists(share.place(1).snapshot(id)));
}

TEST(DirectorySnapshotDeletion, OfTheReplicaTakesItsSnapshots) {
  SnapshotShare share;
  ASSERT_TRUE(share.write(0, "file", "then"));
  share.take();
  ASSERT_TRUE(share.sync(1));
  const auto removed = share.driver().remove_replica(share.share.ref(), share.share.id(1), false,
                                                     share.share.next_call());
  ASSERT_TRUE(removed) << words_of(removed);
  EXPECT_FALSE(fs::exists(share.top(1)));
  const auto deleted =
      share.driver().delete_share(share.share.ref(), false, share.share.next_call());
  ASSERT_TRUE(deleted) << words_of(deleted);
  EXPECT_FALSE(fs::exists(share.top(0)));
}

}  // namespace
}  // namespace pasig::drivers
