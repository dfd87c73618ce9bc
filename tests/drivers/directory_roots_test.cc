// Roots that are away, empty, foreign or replaced: nothing is read from them, and nothing is
// deleted on the other side because of them.
#include <sys/mount.h>

#include "tests/drivers/directory_share.h"

namespace pasig::drivers {
namespace {

class DirectoryRoots : public ::testing::Test {
 protected:
  DirectoryRoots() {
    EXPECT_TRUE(share.write(0, "file", "text"));
    EXPECT_TRUE(share.sync(1));
  }
  void expect_copy_stays() {
    EXPECT_EQ(read_text(share.frozen(1) + "/file"), "text");
    EXPECT_EQ(read_text(share.exported(1) + "/file"), "text");
  }
  std::string alpha() { return share.world.root("alpha"); }
  void put_back() {
    fs::remove_all(alpha());
    share.world.set_reachable("alpha", true);
  }
  // As after a restart of pasigd, which makes new roots where it may.
  auto another_process() {
    std::vector<ControllerConfig> configs;
    for (const std::string& name : k_controllers)
      configs.push_back({name,
                         "zone_" + name,
                         "directory",
                         {{"root", share.world.root(name)}, {"create", "true"}}});
    return make_directory_driver(configs, clock);
  }

  SystemClock clock;
  DirectoryShare share;
};

TEST_F(DirectoryRoots, MissingSourceIsUnreachable) {
  share.world.set_reachable("alpha", false);
  const auto copy = share.sync(1);
  EXPECT_EQ(problem_of(copy), Problem::unreachable) << words_of(copy);
  EXPECT_EQ(copy.error().controller, "alpha");
  expect_copy_stays();
  share.world.set_reachable("alpha", true);
}

TEST_F(DirectoryRoots, EmptySourceIsUnreachable) {
  share.world.set_reachable("alpha", false);
  fs::create_directory(alpha());  // a mount point without its mount
  EXPECT_EQ(problem_of(share.sync(1)), Problem::unreachable);
  expect_copy_stays();
  EXPECT_TRUE(fs::is_empty(alpha()));  // and nothing was written there
  put_back();
}

TEST_F(DirectoryRoots, ForeignSourceIsAMismatch) {
  share.world.set_reachable("alpha", false);
  fs::create_directory(alpha());
  fs::copy_file(share.world.root("gamma") + "/.pasig-controller", alpha() + "/.pasig-controller");
  const auto copy = share.sync(1);
  EXPECT_EQ(problem_of(copy), Problem::mismatch) << words_of(copy);
  expect_copy_stays();
  put_back();
}

TEST_F(DirectoryRoots, ReplacedSourceIsNoticedByANewProcessToo) {
  share.world.set_reachable("alpha", false);
  const auto restarted = another_process();
  ASSERT_TRUE(restarted) << restarted.error().text();
  const auto health =
      (*restarted)
          ->update_replica_status(share.share.ref(), share.share.id(0), share.share.next_call());
  EXPECT_EQ(problem_of(health), Problem::mismatch) << words_of(health);
  EXPECT_EQ(
      problem_of((*restarted)
                     ->sync_replica(share.share.ref(), share.share.id(1), share.share.next_call())),
      Problem::mismatch);
  expect_copy_stays();
  put_back();
}

TEST_F(DirectoryRoots, ReplacedTargetIsToldWithBothRoots) {
  share.world.set_reachable("beta", false);
  const auto restarted = another_process();
  ASSERT_TRUE(restarted) << restarted.error().text();
  const auto health =
      (*restarted)
          ->update_replica_status(share.share.ref(), share.share.id(1), share.share.next_call());
  EXPECT_EQ(problem_of(health), Problem::mismatch);
  EXPECT_NE(words_of(health).find("it was on the root"), std::string::npos) << words_of(health);
  fs::remove_all(share.world.root("beta"));
  share.world.set_reachable("beta", true);
}

TEST_F(DirectoryRoots, MissingLiveTreeIsNeverReadAsEmpty) {
  fs::rename(share.live(0), share.live(0) + ".lost");
  const auto copy = share.sync(1);
  EXPECT_EQ(problem_of(copy), Problem::mismatch) << words_of(copy);
  expect_copy_stays();
}

TEST_F(DirectoryRoots, EmptiedLiveTreeIsAMassDeletion) {
  fs::remove(share.live(0) + "/file");
  EXPECT_EQ(problem_of(share.sync(1)), Problem::mass_deletion);
  expect_copy_stays();
}

TEST_F(DirectoryRoots, OtherMountOnTheRootIsAMismatch) {
  const std::string marker = read_text(alpha() + "/.pasig-controller");
  if (::mount("none", alpha().c_str(), "tmpfs", 0, nullptr) != 0)
    GTEST_SKIP() << "may not mount here";
  ASSERT_TRUE(write_file(alpha() + "/.pasig-controller", marker));
  const auto copy = share.sync(1);
  ::umount(alpha().c_str());
  EXPECT_EQ(problem_of(copy), Problem::mismatch) << words_of(copy);
  expect_copy_stays();
}

TEST_F(DirectoryRoots, OtherKindOfFileSystemIsNoticedByANewProcessToo) {
  const std::string marker = read_text(alpha() + "/.pasig-controller");
  if (::mount("none", alpha().c_str(), "tmpfs", 0, nullptr) != 0)
    GTEST_SKIP() << "may not mount here";
  ASSERT_TRUE(write_file(alpha() + "/.pasig-controller", marker));
  const auto restarted = another_process();
  ::umount(alpha().c_str());
  ASSERT_FALSE(restarted);
  EXPECT_NE(restarted.error().message.find("was made on a file system"), std::string::npos)
      << restarted.error().text();
}

TEST_F(DirectoryRoots, CopyOnAnotherFileSystemIsNoticedByANewProcessToo) {
  const std::string path = alpha() + "/.pasig-controller";
  std::string marker = read_text(path);
  const std::string name = "\"file_system_id\":\"";
  const auto id = marker.find(name) + name.size();
  ASSERT_GT(id, name.size()) << marker;
  if (marker.substr(id, 2) == "0\"") GTEST_SKIP() << "this file system has no lasting number";
  marker[id] = marker[id] == '1' ? '2' : '1';
  ASSERT_TRUE(write_file(path, marker));
  EXPECT_FALSE(another_process());
}

// Moved on purpose: an operator takes the old file system out of the marker.
TEST_F(DirectoryRoots, MarkerThatNamesNoFileSystemFitsAny) {
  const std::string path = alpha() + "/.pasig-controller";
  std::string marker = read_text(path);
  const auto from = marker.find(",\"file_system_type\"");
  ASSERT_NE(from, std::string::npos) << marker;
  marker.erase(from, marker.find('}') - from);
  ASSERT_TRUE(write_file(path, marker));
  const auto restarted = another_process();
  EXPECT_TRUE(restarted) << restarted.error().text();
}

TEST_F(DirectoryRoots, RecordOfAnotherReplicaIsAMismatch) {
  fs::copy_file(share.place(0).record(), share.place(1).record(),
                fs::copy_options::overwrite_existing);
  EXPECT_EQ(problem_of(share.status(1)), Problem::mismatch);
}

TEST_F(DirectoryRoots, DamagedRecordIsAMismatchAndIsLeftAlone) {
  ASSERT_TRUE(write_file(share.place(1).record(), "{\"format\": 1"));
  const auto health = share.status(1);
  EXPECT_EQ(problem_of(health), Problem::mismatch) << words_of(health);
  EXPECT_EQ(read_text(share.place(1).record()), "{\"format\": 1");
}

TEST(DirectorySetUp, RefusesANonEmptyForeignDirectory) {
  TemporaryDirectory directory;
  ASSERT_TRUE(write_file(directory.path() + "/precious", "text"));
  SystemClock clock;
  const auto made = make_directory_driver(
      {{"one", "z", "directory", {{"root", directory.path()}, {"create", "true"}}}}, clock);
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("not empty"), std::string::npos) << made.error().text();
  EXPECT_FALSE(fs::exists(directory.path() + "/.pasig-controller"));
}

TEST(DirectorySetUp, WithoutCreateAMissingRootIsUnreachableLater) {
  TemporaryDirectory directory;
  SystemClock clock;
  const auto made = make_directory_driver(
      {{"one", "z", "directory", {{"root", directory.path() + "/away"}}}}, clock);
  ASSERT_TRUE(made) << made.error().text();
  EXPECT_EQ(problem_of((*made)->stats("one")), Problem::unreachable);
}

TEST(DirectorySetUp, ExpectedUuidIsHeldAgainstTheMarker) {
  TemporaryDirectory directory;
  SystemClock clock;
  const std::map<std::string, std::string> options = {{"root", directory.path() + "/root"},
                                                      {"create", "true"}};
  ASSERT_TRUE(make_directory_driver({{"one", "z", "directory", options}}, clock));
  auto expecting = options;
  expecting["expect_uuid"] = to_string(random_uuid());
  const auto made = make_directory_driver({{"one", "z", "directory", expecting}}, clock);
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("expect_uuid"), std::string::npos);
}

TEST(DirectorySetUp, OptionsAreCheckedByNameAndValue) {
  SystemClock clock;
  const auto refused = [&clock](const std::string& key, const std::string& value) {
    std::map<std::string, std::string> options = {{"root", "/nowhere"}};
    options[key] = value;
    const auto made = make_directory_driver({{"one", "z", "directory", options}}, clock);
    return made ? std::string() : made.error().message;
  };
  EXPECT_NE(refused("colour", "blue").find("colour"), std::string::npos);
  EXPECT_NE(refused("fence", "wall").find("wall"), std::string::npos);
  EXPECT_NE(refused("reserved_percentage", "100").find("100"), std::string::npos);
  EXPECT_NE(refused("root", "relative/path").find("absolute"), std::string::npos);
  EXPECT_NE(refused("create", "yes").find("yes"), std::string::npos);
  EXPECT_NE(refused("share_mode", "888").find("888"), std::string::npos);
  EXPECT_NE(refused("expect_uuid", "1").find("UUID"), std::string::npos);
}

TEST(DirectorySetUp, TwoControllersMayNotShareARoot) {
  SystemClock clock;
  const auto made = make_directory_driver({{"one", "z", "directory", {{"root", "/nowhere"}}},
                                           {"two", "z", "directory", {{"root", "/nowhere/"}}}},
                                          clock);
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("same root"), std::string::npos);
}

}  // namespace
}  // namespace pasig::drivers
