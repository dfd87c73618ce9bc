// What a copy stands on: clocks, manifests, seals, depths, and the processes that make it.
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <fstream>

#include "drivers/directory/files.h"
#include "drivers/directory/processes.h"
#include "drivers/directory/replica_lock.h"
#include "tests/drivers/directory_share.h"

namespace pasig::drivers {
namespace {

// The system's clock, set forward or back.
class SetClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override { return {real_.now().micros + offset_}; }
  [[nodiscard]] Monotonic monotonic() const override { return real_.monotonic(); }
  void set_back(std::int64_t seconds) { offset_ -= seconds * 1'000'000; }

 private:
  SystemClock real_;
  std::atomic<std::int64_t> offset_ = 0;
};

TEST(DirectoryCopies, ClockThatWasSetBackDoesNotStopThem) {
  const TemporaryDirectory directory;
  SetClock clock;
  std::vector<ControllerConfig> configs;
  for (const std::string name : {"alpha", "beta"})
    configs.push_back(
        {name, "z", "directory", {{"root", directory.path() + "/" + name}, {"create", "true"}}});
  const auto driver = make_directory_driver(configs, clock);
  ASSERT_TRUE(driver) << driver.error().text();
  ShareOnDriver share(Replication::readable);
  share.add("alpha");
  const auto created = (*driver)->create_share(share.ref(), share.id(0), share.next_call());
  ASSERT_TRUE(created) << words_of(created);
  share.record_provisioned();
  share.add("beta");
  ASSERT_TRUE((*driver)->add_replica(share.ref(), share.id(1), share.next_call()));
  share.record_added(1);
  const std::string live = created->exports.front();
  ASSERT_TRUE(write_file(live + "/before", "text"));
  const auto first = (*driver)->sync_replica(share.ref(), share.id(1), share.next_call());
  ASSERT_TRUE(first) << words_of(first);
  clock.set_back(3600);
  ASSERT_TRUE(write_file(live + "/after", "text"));
  const auto second = (*driver)->sync_replica(share.ref(), share.id(1), share.next_call());
  ASSERT_TRUE(second) << words_of(second);
  EXPECT_GT(second->generation, first->generation);
  EXPECT_LE(second->data_as_of, clock.now());
  EXPECT_EQ(second->files, 2U);
}

TEST(DirectoryCopies, WhatRsyncLeavesRunningIsEnded) {
  const Script rsync("true");
  // It would go on writing into a tree that is published by then.
  rsync.replace("sleep 1000 & echo $! > " + rsync.beside("left") + "; rsync \"$@\"");
  DirectoryShare share(with({{"rsync", rsync.path()}}));
  ASSERT_TRUE(share.write(0, "file", "text"));
  const auto copy = share.sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  const pid_t left = std::stoi(read_text(rsync.beside("left")));
  EXPECT_FALSE(directory::is_alive(directory::mark_of(left)));
}

void damage(const std::string& file) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(60);
  stream.put('\xff');
}

class DamagedManifest : public ::testing::Test {
 protected:
  DamagedManifest() {
    for (const char* name : {"a", "b", "c"}) EXPECT_TRUE(share.write(0, name, "text"));
    EXPECT_TRUE(share.sync(1));
    tree = share.frozen(1);
    damage(tree + ".manifest");
    for (const char* name : {"a", "b", "c"}) fs::remove(share.live(0) + "/" + name);
  }
  DirectoryShare share;
  std::string tree;
};

TEST_F(DamagedManifest, LetsNoMassDeletionPass) {
  const auto copy = share.sync(1);
  EXPECT_EQ(problem_of(copy), Problem::not_verified) << words_of(copy);
  EXPECT_NE(words_of(copy).find(tree), std::string::npos) << words_of(copy);
  EXPECT_EQ(read_text(tree + "/a"), "text");
}

TEST_F(DamagedManifest, GivesItsTreeUpWhenThatIsSaid) {
  share.share.ref().replicas.at(1).accepts_mass_deletion = true;
  const auto copy = share.sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_FALSE(fs::exists(tree));
  EXPECT_EQ(directory::generation_numbers(share.place(1))->size(), 1U);
}

TEST_F(DamagedManifest, ThatIsMissingIsNoneTheBetter) {
  fs::remove(tree + ".manifest");
  EXPECT_EQ(problem_of(share.sync(1)), Problem::not_verified);
}

// On the active one it says nothing that the live tree does not say better.
TEST_F(DamagedManifest, OfTheActiveReplicaIsReplaced) {
  const std::string own = share.frozen(0);
  damage(own + ".manifest");
  EXPECT_EQ(problem_of(share.sync(1)), Problem::not_verified);  // of the receiving side
  EXPECT_FALSE(fs::exists(own));
}

constexpr int k_levels = 30;  // of 200 bytes each: more than a path may have

void write_deep(const std::string& top, const std::string& name) {
  directory::Descriptor at(::open(top.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const std::string level(200, 'd');
  for (int i = 0; i < k_levels; ++i) {
    ::mkdirat(at.get(), level.c_str(), 0755);
    at = directory::Descriptor(
        ::openat(at.get(), level.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  const directory::Descriptor file(
      ::openat(at.get(), name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0640));
  ASSERT_EQ(::write(file.get(), "deep", 4), 4);
  ASSERT_EQ(::symlinkat(name.c_str(), at.get(), ("to-" + name).c_str()), 0);
  ASSERT_EQ(::linkat(at.get(), name.c_str(), at.get(), ("also-" + name).c_str(), 0), 0);
}

// Names in the deepest directory, and their inodes.
std::map<std::string, std::uint64_t> deepest(const std::string& top) {
  const auto tree = directory::scan(top, std::stop_token());
  std::map<std::string, std::uint64_t> found;
  for (const directory::Entry& entry : tree->entries)
    if (entry.path.size() > k_levels * 201) found[entry.path.substr(k_levels * 201)] = entry.inode;
  return found;
}

TEST(DirectoryCopies, PathsLongerThanTheKernelTakesArrive) {
  DirectoryShare share;
  write_deep(share.live(0), "one");
  const auto first = share.sync(1);
  ASSERT_TRUE(first) << words_of(first);
  const auto before = deepest(share.frozen(1));
  ASSERT_EQ(before.size(), 3U);
  EXPECT_EQ(before.at("one"), before.at("also-one"));
  write_deep(share.live(0), "two");
  const auto second = share.sync(1);
  ASSERT_TRUE(second) << words_of(second);
  const auto after = deepest(share.frozen(1));
  EXPECT_EQ(after.size(), 6U);
  EXPECT_EQ(after.at("one"), before.at("one"));  // shared with the generation before
}

TEST(DirectoryCopies, PathsLongerThanTheKernelTakesAreFencedPromotedAndRemoved) {
  DirectoryShare share;
  write_deep(share.live(0), "one");
  ASSERT_TRUE(share.sync(1));
  const auto changed = share.change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  EXPECT_EQ(deepest(share.live(1)).size(), 3U);
  const auto back = share.sync(0);
  ASSERT_TRUE(back) << words_of(back);
  const auto removed = share.driver().remove_replica(share.share.ref(), share.share.id(0), false,
                                                     share.share.next_call());
  ASSERT_TRUE(removed) << words_of(removed);
  EXPECT_FALSE(fs::exists(share.top(0)));
}

TEST(DirectoryCopies, ReadingAFileEndsWhenAskedTo) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(write_file(directory.path() + "/file", "text"));
  const SystemClock clock;
  std::stop_source stop;
  stop.request_stop();
  directory::Entry entry;
  entry.path = "file";
  const directory::Patience patience{clock, Monotonic::max(), stop.get_token()};
  const auto read = directory::content_digest(directory.path(), entry, patience);
  EXPECT_EQ(problem_of(read), Problem::cancelled);
}

// Two names of one link are copied as two links; told apart they would never be at rest.
TEST(DirectoryCopies, HardLinkedSymbolicLinksAreTwoLinks) {
  const TemporaryDirectory directory;
  fs::create_symlink("file", directory.path() + "/one");
  ASSERT_EQ(::link((directory.path() + "/one").c_str(), (directory.path() + "/two").c_str()), 0);
  const auto tree = directory::scan(directory.path(), std::stop_token());
  ASSERT_TRUE(tree) << words_of(tree);
  EXPECT_EQ(tree->find("two")->linked_to, "");
  EXPECT_EQ(tree->find("two")->target, "file");
}

TEST(DirectoryCopies, ExportIsToldWhenThereIsOne) {
  DirectoryShare share;
  share.share.add("gamma");
  const auto added =
      share.driver().add_replica(share.share.ref(), share.share.id(2), share.share.next_call());
  ASSERT_TRUE(added) << words_of(added);
  share.share.record_added(2);
  EXPECT_TRUE(added->exports.empty());
  EXPECT_TRUE(share.status(2)->exports.empty());
  const auto first = share.sync(2);
  ASSERT_TRUE(first) << words_of(first);
  const std::vector<std::string> exports = {share.exported(2)};
  EXPECT_EQ(first->exports, exports);
  EXPECT_TRUE(fs::is_directory(exports.front()));
  EXPECT_EQ(share.status(2)->exports, exports);
  EXPECT_FALSE(share.sync(2)->exports);  // as they were
}

TEST(DirectoryCopies, ExportOfDisasterRecoveryIsNone) {
  DirectoryShare share({}, Replication::dr);
  const auto copy = share.sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_FALSE(copy->exports);
  EXPECT_TRUE(share.status(1)->exports.empty());
}

}  // namespace
}  // namespace pasig::drivers
