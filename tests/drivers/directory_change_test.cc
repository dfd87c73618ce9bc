// Changes of the active replica where a side is full, read-only, locked, written to or not
// pasigd's to change, and what may be said of one whose first delivery died.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <memory>

#include "drivers/directory/inode_flags.h"
#include "tests/drivers/directory_share.h"

namespace pasig::drivers {
namespace {

using std::chrono::steady_clock;

directory::ReplicaRecord record_of(DirectoryShare& share, std::size_t n) {
  const auto record = directory::decode_record(read_text(share.place(n).record()), "record");
  EXPECT_TRUE(record);
  return record.value_or(directory::ReplicaRecord{});
}

ActiveChangeRequest to(DirectoryShare& share, std::size_t n, Mode mode) {
  return {.replica = share.share.id(n), .mode = mode, .quiesce_wait_seconds = 0};
}

// A root that answers every read and takes no write.
class ReadOnlyRoot {
 public:
  explicit ReadOnlyRoot(std::string root) : root_(std::move(root)) {
    constexpr unsigned long k_read_only = MS_REMOUNT | MS_BIND | MS_RDONLY;
    is_so_ = ::mount(root_.c_str(), root_.c_str(), nullptr, MS_BIND, nullptr) == 0 &&
             ::mount(nullptr, root_.c_str(), nullptr, k_read_only, nullptr) == 0;
  }
  ~ReadOnlyRoot() { static_cast<void>(directory::unmount_all(root_)); }
  ReadOnlyRoot(const ReadOnlyRoot&) = delete;
  ReadOnlyRoot& operator=(const ReadOnlyRoot&) = delete;
  [[nodiscard]] bool is_so() const { return is_so_; }

 private:
  std::string root_;
  bool is_so_ = false;
};

class ChangeWithoutTheOldSide : public ::testing::TestWithParam<Mode> {};

TEST_P(ChangeWithoutTheOldSide, ReadOnlyOldSideIsSilence) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs mounts";
  DirectoryShare share;
  ASSERT_TRUE(share.write(0, "file", "copied"));
  ASSERT_TRUE(share.sync(1));
  {
    const ReadOnlyRoot alpha(share.world.root("alpha"));
    ASSERT_TRUE(alpha.is_so());
    const auto changed = share.change(1, GetParam());
    ASSERT_TRUE(changed) << words_of(changed);
    EXPECT_TRUE(changed->forced);
    EXPECT_FALSE(changed->fence.enforced);
    EXPECT_NE(changed->fence.words.find("Read-only"), std::string::npos) << changed->fence.words;
  }
  EXPECT_TRUE(share.write(1, "new", "line"));
  EXPECT_TRUE(share.status(0)->fenced_now);
}

TEST_P(ChangeWithoutTheOldSide, FullOldSideIsSilence) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs mounts";
  DirectoryShare share;
  ASSERT_TRUE(share.write(0, "file", "copied"));
  ASSERT_TRUE(share.sync(1));
  // Everything of alpha moves to a small file system that has no room left.
  const std::string root = share.world.root("alpha");
  const TemporaryDirectory small;
  ASSERT_EQ(::mount("tmpfs", small.path().c_str(), "tmpfs", 0, "size=4m"), 0);
  ASSERT_EQ(std::system(("cp -a " + root + "/. " + small.path()).c_str()), 0);
  // Its marker is of that file system from the start.
  ASSERT_TRUE(write_file(
      small.path() + "/.pasig-controller",
      R"({"format":1,"zone":"zone_alpha","uuid":")" + record_of(share, 0).controller_uuid + "\"}"));
  {
    std::ofstream filler(small.path() + "/filler", std::ios::binary);
    const std::string part(4096, 'x');
    while (filler.write(part.data(), 4096).flush()) continue;
  }
  ASSERT_EQ(::mount(small.path().c_str(), root.c_str(), nullptr, MS_BIND, nullptr), 0);
  // pasigd starts there: the file system is the one it knows.
  SystemClock clock;
  std::vector<ControllerConfig> controllers;
  for (const std::string& name : k_controllers)
    controllers.push_back(
        {name, "zone_" + name, "directory", {{"root", share.world.root(name)}, {"fence", "mode"}}});
  const auto driver = make_directory_driver(controllers, clock);
  ASSERT_TRUE(driver) << driver.error().text();
  const auto changed = (*driver)->set_active_replica(share.share.ref(), to(share, 1, GetParam()),
                                                     share.share.next_call());
  EXPECT_TRUE(changed) << words_of(changed);
  if (changed) {
    EXPECT_TRUE(changed->forced);
    EXPECT_FALSE(changed->fence.enforced);
  }
  static_cast<void>(directory::unmount_all(root));
}

INSTANTIATE_TEST_SUITE_P(Modes, ChangeWithoutTheOldSide,
                         ::testing::Values(Mode::automatic, Mode::forced), [](const auto& mode) {
                           return mode.param == Mode::forced ? "forced" : "automatic";
                         });

TEST(DirectoryChange, AutomaticChangeIsNotForcedByALockThatIsHeld) {
  DirectoryShare share;
  ASSERT_TRUE(share.write(0, "file", "x"));
  ASSERT_TRUE(share.sync(1));
  ASSERT_TRUE(share.write(0, "acknowledged", "x"));
  const int lock = ::open((share.top(0) + "/lock").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(::flock(lock, LOCK_EX), 0);
  CallContext call = share.share.next_call();
  call.deadline = steady_clock::now() + std::chrono::seconds(4);
  const auto changed =
      share.driver().set_active_replica(share.share.ref(), to(share, 1, Mode::automatic), call);
  ::close(lock);
  EXPECT_EQ(problem_of(changed), Problem::busy) << words_of(changed);
  const auto again = share.change(1, Mode::automatic);
  ASSERT_TRUE(again) << words_of(again);
  EXPECT_FALSE(again->forced);
  EXPECT_EQ(read_text(share.exported(1) + "/acknowledged"), "x");
}

TEST(DirectoryChange, AutomaticChangeIsNotForcedByARootThatIsAnother) {
  DirectoryShare share;
  ASSERT_TRUE(share.write(0, "file", "x"));
  ASSERT_TRUE(share.sync(1));
  const std::string marker = share.world.root("alpha") + "/.pasig-controller";
  const std::string before = read_text(marker);
  std::string other = before;
  other.replace(other.find("zone_alpha"), 10, "zone_other");
  ASSERT_TRUE(write_file(marker, other));
  const auto changed = share.change(1, Mode::automatic);
  EXPECT_EQ(problem_of(changed), Problem::mismatch) << words_of(changed);
  ASSERT_TRUE(write_file(marker, before));
  EXPECT_TRUE(share.write(0, "still", "writable"));
}

// A change that came about, and whose first delivery died with its answer.
class ChangeDeliveredAgain : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(share.write(0, "file", "x"));
    call = share.share.next_call();
    ASSERT_TRUE(share.driver().set_active_replica(share.share.ref(), request(), call));
    call.attempt = 2;
  }
  ActiveChangeRequest request() { return to(share, 1, Mode::planned); }
  Answer<ActiveChange> deliver() {
    return share.driver().set_active_replica(share.share.ref(), request(), call);
  }
  DirectoryShare share;
  CallContext call;
};

TEST_F(ChangeDeliveredAgain, IsFinishedThoughItWasCancelled) {
  std::stop_source stop;
  stop.request_stop();
  call.cancelled = stop.get_token();
  const auto changed = deliver();
  ASSERT_TRUE(changed) << words_of(changed);
  EXPECT_EQ(changed->epoch, 2U);
  EXPECT_TRUE(changed->fence.enforced);
}

TEST_F(ChangeDeliveredAgain, IsFinishedThoughItsTimeIsOver) {
  call.deadline = steady_clock::now();
  const auto changed = deliver();
  ASSERT_TRUE(changed) << words_of(changed);
  EXPECT_EQ(changed->epoch, 2U);
}

TEST_F(ChangeDeliveredAgain, IsUnknownWhileTheNewSideIsAway) {
  share.world.set_reachable("beta", false);
  const auto unknown = deliver();
  share.world.set_reachable("beta", true);
  ASSERT_FALSE(unknown);
  EXPECT_TRUE(unknown.error().unknown) << words_of(unknown);
  EXPECT_EQ(unknown.error().controller, "beta");
  EXPECT_FALSE(write_file(share.live(0) + "/file", "late"));
  EXPECT_TRUE(deliver());
}

TEST_F(ChangeDeliveredAgain, CommitmentOnTheOldSideMakesItUnknownToo) {
  call.attempt = 1;  // as far as the log knows
  directory::ReplicaRecord record = record_of(share, 0);
  record.role = directory::StoredRole::active;
  record.epoch = 1;
  record.fence.committing = true;
  record.fence.target = share.share.id(1);
  ASSERT_TRUE(directory::write_record(share.place(0), record));
  share.world.set_reachable("beta", false);
  const auto unknown = deliver();
  share.world.set_reachable("beta", true);
  ASSERT_FALSE(unknown);
  EXPECT_TRUE(unknown.error().unknown) << words_of(unknown);
}

TEST_F(ChangeDeliveredAgain, IsFinishedWithoutTheManifestOfItsBase) {
  ASSERT_TRUE(fs::remove(share.place(1).base(2)));
  const auto changed = deliver();
  ASSERT_TRUE(changed) << words_of(changed);
  EXPECT_EQ(changed->base.files, 1U);
}

TEST_F(ChangeDeliveredAgain, IsUnknownWhileTheNewSideCannotBeOpenedWhole) {
  ASSERT_TRUE(fs::remove(share.exported(1)));
  ASSERT_TRUE(fs::create_directories(share.exported(1) + "/made"));
  const std::string in_the_way = share.top(1) + "/aside";
  ASSERT_TRUE(write_file(in_the_way, "no directory"));
  const auto unknown = deliver();
  ASSERT_FALSE(unknown);
  EXPECT_TRUE(unknown.error().unknown) << words_of(unknown);
  ASSERT_TRUE(fs::remove(in_the_way));
  EXPECT_TRUE(deliver());
}

TEST(DirectoryChange, RefusedRedeliveryLiftsTheFenceOfTheFirst) {
  DirectoryShare share(with({{"fence", "mode"}}));
  ASSERT_TRUE(share.write(0, "file", "x"));
  fs::permissions(share.live(0) + "/file", fs::perms(0644));
  CallContext call = share.share.next_call();
  ASSERT_TRUE(
      share.driver().set_active_replica(share.share.ref(), to(share, 1, Mode::planned), call));
  // As a pasigd killed between fence and switch leaves it, and a new side that is refused.
  directory::ReplicaRecord old_side = record_of(share, 0);
  old_side.role = directory::StoredRole::active;
  old_side.epoch = 1;
  old_side.fence.target = share.share.id(1);
  directory::ReplicaRecord new_side = record_of(share, 1);
  new_side.epoch = 1;
  ASSERT_TRUE(directory::write_record(share.place(0), old_side));
  ASSERT_TRUE(directory::write_record(share.place(1), new_side));
  call.attempt = 2;
  const auto refused =
      share.driver().set_active_replica(share.share.ref(), to(share, 1, Mode::planned), call);
  EXPECT_EQ(problem_of(refused), Problem::mismatch) << words_of(refused);
  EXPECT_TRUE(fs::exists(share.exported(0)));
  EXPECT_EQ(fs::status(share.live(0) + "/file").permissions(), fs::perms(0644));
  EXPECT_EQ(record_of(share, 0).fence.stage, directory::StoredFence::Stage::none);
}

TEST(DirectoryChange, PlannedChangeNamesWhoWritesBehindItsFence) {
  DirectoryShare share(with({{"fence", "mode"}}));
  ASSERT_TRUE(share.write(0, "journal", "x"));
  ASSERT_TRUE(share.sync(1));
  const int writer = ::open((share.live(0) + "/journal").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  CallContext call = share.share.next_call();
  call.progress = [writer](const Progress&) { EXPECT_EQ(::write(writer, "y", 1), 1); };
  const auto refused =
      share.driver().set_active_replica(share.share.ref(), to(share, 1, Mode::planned), call);
  EXPECT_EQ(problem_of(refused), Problem::busy) << words_of(refused);
  EXPECT_NE(words_of(refused).find("process " + std::to_string(::getpid())), std::string::npos)
      << words_of(refused);
  EXPECT_NE(words_of(refused).find("journal"), std::string::npos) << words_of(refused);
  ::close(writer);
  EXPECT_TRUE(share.write(0, "still", "writable"));
  EXPECT_TRUE(share.change(1, Mode::planned));
}

TEST(DirectoryChange, ReaderOfTheOldTreeDoesNotStopTheWayBack) {
  DirectoryShare share;
  ASSERT_TRUE(share.write(0, "file", "x"));
  const int reader = ::open((share.live(0) + "/file").c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_TRUE(share.change(1, Mode::planned));
  ASSERT_TRUE(share.write(1, "new", "line"));
  const auto back = share.change(0, Mode::planned);
  EXPECT_TRUE(back) << words_of(back);
  char letter = 0;
  EXPECT_EQ(::read(reader, &letter, 1), 1);
  ::close(reader);
  EXPECT_EQ(read_text(share.exported(0) + "/new"), "line");
}

// pasigd as an ordinary user, for as long as it lives.
class AsNobody {
 public:
  AsNobody() { is_so_ = ::setegid(65534) == 0 && ::seteuid(65534) == 0; }
  ~AsNobody() { EXPECT_TRUE(::seteuid(0) == 0 && ::setegid(0) == 0); }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;
  [[nodiscard]] bool is_so() const { return is_so_; }

 private:
  bool is_so_ = false;
};

// A share of a pasigd that is not root, with a file of root's in it.
class ShareWithAForeignFile : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs another user";
    {
      const AsNobody user;
      ASSERT_TRUE(user.is_so());
      share = std::make_unique<DirectoryShare>();
      ASSERT_TRUE(share->write(0, "own", "x"));
      fs::permissions(share->live(0) + "/own", fs::perms(0644));
    }
    ASSERT_TRUE(write_file(share->live(0) + "/foreign", "y"));
    fs::permissions(share->live(0) + "/foreign", fs::perms(0644));
    const AsNobody user;
    ASSERT_TRUE(share->sync(1));
  }
  std::unique_ptr<DirectoryShare> share;
};

TEST_F(ShareWithAForeignFile, PlannedChangeFailsAndLeavesItAsItWas) {
  const AsNobody user;
  const auto refused = share->change(1, Mode::planned);
  EXPECT_EQ(problem_of(refused), Problem::busy) << words_of(refused);
  EXPECT_NE(words_of(refused).find("foreign"), std::string::npos) << words_of(refused);
  EXPECT_EQ(words_of(refused).find("could not be opened again"), std::string::npos)
      << words_of(refused);
  EXPECT_TRUE(share->write(0, "own", "changed"));
  EXPECT_TRUE(share->write(0, "new", "text"));
  EXPECT_EQ(fs::status(share->live(0) + "/own").permissions(), fs::perms(0644));
  EXPECT_EQ(record_of(*share, 0).fence.stage, directory::StoredFence::Stage::none);
  EXPECT_TRUE(share->status(0));
}

TEST_F(ShareWithAForeignFile, AutomaticChangeIsNotForcedByIt) {
  const AsNobody user;
  EXPECT_EQ(problem_of(share->change(1, Mode::automatic)), Problem::busy);
  EXPECT_TRUE(share->write(0, "own", "changed"));
}

TEST_F(ShareWithAForeignFile, ForcedChangeGoesOnAndSaysThatTheFenceIsOpen) {
  const AsNobody user;
  const auto changed = share->change(1, Mode::forced);
  ASSERT_TRUE(changed) << words_of(changed);
  EXPECT_FALSE(changed->fence.enforced);
  EXPECT_NE(changed->fence.words.find("foreign"), std::string::npos) << changed->fence.words;
  EXPECT_FALSE(write_file(share->live(0) + "/own", "late"));
}

TEST(DirectoryChange, FenceThatCannotBeLiftedAsAWholeIsLiftedElsewhere) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs another user";
  std::unique_ptr<DirectoryShare> share;
  {
    const AsNobody user;
    share = std::make_unique<DirectoryShare>();
    for (const std::string name : {"first", "second"}) {
      ASSERT_TRUE(share->write(0, name, "x"));
      fs::permissions(share->live(0) + "/" + name, fs::perms(0644));
    }
    ASSERT_TRUE(share->change(1, Mode::planned));
    // As a pasigd killed between fence and switch leaves it.
    directory::ReplicaRecord old_side = record_of(*share, 0);
    old_side.role = directory::StoredRole::active;
    old_side.epoch = 1;
    directory::ReplicaRecord new_side = record_of(*share, 1);
    new_side.role = directory::StoredRole::secondary;
    new_side.epoch = 1;
    ASSERT_TRUE(directory::write_record(share->place(0), old_side));
    ASSERT_TRUE(directory::write_record(share->place(1), new_side));
    ASSERT_TRUE(fs::remove(share->exported(0)));
  }
  ASSERT_EQ(::chown((share->live(0) + "/first").c_str(), 0, 0), 0);
  ActiveChange back;
  back.epoch = 1;
  share->share.record_active(0, back);
  const AsNobody user;
  const auto health = share->status(0);
  EXPECT_EQ(problem_of(health), Problem::failed) << words_of(health);
  EXPECT_NE(words_of(health).find("first"), std::string::npos) << words_of(health);
  EXPECT_TRUE(share->write(0, "second", "changed"));
  EXPECT_TRUE(share->write(0, "new", "text"));
}

}  // namespace
}  // namespace pasig::drivers
