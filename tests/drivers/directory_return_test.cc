// Sides that come back, follow, or are removed: whatever only they hold is kept aside, whatever
// order things happen in.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

#include "drivers/directory/inode_flags.h"
#include "drivers/directory/open_files.h"
#include "drivers/directory/processes.h"
#include "tests/drivers/directory_share.h"

namespace pasig::drivers {
namespace {

bool holds_text(const std::string& tree, const std::string& text) {
  if (!fs::exists(tree)) return false;
  for (const auto& entry : fs::recursive_directory_iterator(tree))
    if (entry.is_regular_file() && read_text(entry.path()).find(text) != std::string::npos)
      return true;
  return false;
}

directory::Patience endless(const Clock& clock) { return {clock, Monotonic::max(), {}}; }

// Its newest state, frozen but never copied, and the other side opened without it.
void freeze_without_copying(DirectoryShare& share) {
  ASSERT_TRUE(share.write(0, "first", "copied"));
  ASSERT_TRUE(share.sync(1));
  ASSERT_TRUE(share.write(0, "second", "precious"));
  share.world.set_reachable("beta", false);
  EXPECT_FALSE(share.sync(1));
  share.world.set_reachable("beta", true);
  ASSERT_TRUE(holds_text(share.top(0) + "/frozen", "precious"));
}

TEST(DirectoryReturn, FrozenStateOfALostLiveTreeIsKeptAside) {
  DirectoryShare share;
  freeze_without_copying(share);
  ASSERT_TRUE(directory::remove_tree(share.live(0)));
  ASSERT_TRUE(share.change(1, Mode::forced));
  const auto health = share.status(0);
  ASSERT_TRUE(health) << words_of(health);
  ASSERT_EQ(health->aside.size(), 1U);
  EXPECT_EQ(read_text(health->aside[0].path + "/second"), "precious");
}

TEST(DirectoryReturn, FrozenStateOfAnEmptiedLiveTreeIsKeptAside) {
  DirectoryShare share;
  freeze_without_copying(share);
  ASSERT_TRUE(fs::remove(share.live(0) + "/first"));
  ASSERT_TRUE(fs::remove(share.live(0) + "/second"));
  ASSERT_TRUE(share.change(1, Mode::forced));
  ASSERT_TRUE(share.status(0));
  EXPECT_TRUE(holds_text(share.top(0) + "/aside", "precious"));
}

TEST(DirectoryReturn, FrozenStateThatLiveHasTooIsKeptOnce) {
  DirectoryShare share;
  freeze_without_copying(share);
  ASSERT_TRUE(share.change(1, Mode::forced));
  const auto health = share.status(0);
  ASSERT_TRUE(health) << words_of(health);
  ASSERT_EQ(health->aside.size(), 1U);
  EXPECT_EQ(read_text(health->aside[0].path + "/second"), "precious");
}

TEST(DirectoryReturn, WriteBetweenComparisonAndRemovalIsKeptAside) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs a writer that the fence does not bind";
  const Script rsync("exec rsync \"$@\"");
  DirectoryShare share(with({{"fence", "mode"}, {"rsync", rsync.path()}}));
  ASSERT_TRUE(share.write(0, "journal", "copied\n"));
  ASSERT_TRUE(share.sync(1));
  const pid_t writer = ::fork();
  if (writer == 0) {
    const int file = ::open((share.live(0) + "/journal").c_str(), O_WRONLY | O_APPEND);
    while (!fs::exists(rsync.beside("runs"))) continue;
    const bool written = ::write(file, "late\n", 5) == 5;
    ::close(file);
    write_file(rsync.beside("written"), written ? "yes" : "no");
    ::_exit(0);
  }
  ASSERT_TRUE(share.change(1, Mode::forced));
  ASSERT_TRUE(share.write(1, "other", "new line"));
  rsync.replace("touch " + rsync.beside("runs") + "; until test -s " + rsync.beside("written") +
                "; do :; done; exec rsync \"$@\"");
  const auto copy = share.sync(0);
  ::waitpid(writer, nullptr, 0);
  ASSERT_TRUE(copy) << words_of(copy);
  ASSERT_EQ(copy->aside.size(), 1U);
  EXPECT_EQ(read_text(copy->aside[0].path + "/journal"), "copied\nlate\n");
  EXPECT_FALSE(fs::exists(share.live(0)));
}

TEST(DirectoryReturn, WhoHasAFileOfAnotherUserOpenCannotBeTold) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs another user";
  const TemporaryDirectory tree;
  const SystemClock clock;
  ASSERT_TRUE(write_file(tree.path() + "/file", "x"));
  EXPECT_EQ(*directory::open_files(tree.path(), endless(clock)), directory::OpenFiles::none);
  const int reader = ::open((tree.path() + "/file").c_str(), O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(*directory::open_files(tree.path(), endless(clock)), directory::OpenFiles::some);
  ::close(reader);
  ASSERT_EQ(::seteuid(65534), 0);
  const auto seen = directory::open_files(tree.path(), endless(clock));
  ASSERT_EQ(::seteuid(0), 0);
  EXPECT_EQ(*seen, directory::OpenFiles::unknown);
}

// Beta was opened by a change that the log never heard of, then the log gave its epoch to gamma.
TEST(DirectoryReturn, LineThatTheLogNeverHeardOfIsKeptAside) {
  DirectoryShare share;
  share.add("gamma");
  ASSERT_TRUE(share.write(0, "file", "x"));
  ASSERT_TRUE(share.sync(1));
  ASSERT_TRUE(share.sync(2));
  ASSERT_TRUE(share.driver().set_active_replica(
      share.share.ref(), {.replica = share.share.id(1), .mode = Mode::planned},
      share.share.next_call()));
  ASSERT_TRUE(share.write(1, "late", "of the other line"));
  share.world.set_reachable("beta", false);
  auto old_side = directory::decode_record(read_text(share.place(0).record()), "record");
  ASSERT_TRUE(old_side);
  old_side->role = directory::StoredRole::active;
  old_side->epoch = 1;
  ASSERT_TRUE(directory::write_record(share.place(0), *old_side));
  const auto changed = share.change(2, Mode::forced);
  ASSERT_TRUE(changed) << words_of(changed);
  share.world.set_reachable("beta", true);
  const auto health = share.status(1);
  ASSERT_TRUE(health) << words_of(health);
  ASSERT_EQ(health->aside.size(), 1U);
  EXPECT_EQ(read_text(health->aside[0].path + "/late"), "of the other line");
  ASSERT_TRUE(share.write(2, "new", "line"));
  const auto copy = share.sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_EQ(read_text(share.exported(1) + "/new"), "line");
}

TEST(DirectoryReturn, CopyAheadOfALineThatCannotBeReadNowStaysAsItIs) {
  DirectoryShare share;
  share.add("gamma");
  ASSERT_TRUE(share.write(0, "file", "x"));
  ASSERT_TRUE(share.sync(1));
  ASSERT_TRUE(share.sync(2));
  ASSERT_TRUE(share.write(0, "more", "ahead"));
  ASSERT_TRUE(share.sync(2));
  share.world.set_reachable("alpha", false);
  const auto changed = share.driver().set_active_replica(share.share.ref(),
                                                         {.replica = share.share.id(1),
                                                          .mode = Mode::forced,
                                                          .quiesce_wait_seconds = 0,
                                                          .accept_older = true},
                                                         share.share.next_call());
  ASSERT_TRUE(changed) << words_of(changed);
  share.share.record_active(1, *changed);
  share.world.set_reachable("beta", false);
  const auto away = share.status(2);
  EXPECT_EQ(problem_of(away), Problem::unreachable) << words_of(away);
  EXPECT_EQ(read_text(share.exported(2) + "/more"), "ahead");
  share.world.set_reachable("beta", true);
  const auto health = share.status(2);
  ASSERT_TRUE(health) << words_of(health);
  EXPECT_EQ(health->epoch_on_storage, 2U);
  EXPECT_TRUE(holds_text(share.top(2) + "/aside", "ahead"));
  share.world.set_reachable("alpha", true);
}

// A share whose old side came back with a late write in it.
void let_old_side_diverge(DirectoryShare& share) {
  ASSERT_TRUE(share.write(0, "file", "copied"));
  ASSERT_TRUE(share.sync(1));
  share.world.set_reachable("alpha", false);
  ASSERT_TRUE(share.change(1, Mode::forced));
  share.world.set_reachable("alpha", true);
  ASSERT_TRUE(share.write(0, "late", "diverged"));
}

TEST(DirectoryReturn, RemovalOfAReturnedSideKeepsItsLateWrites) {
  DirectoryShare share;
  let_old_side_diverge(share);
  const auto removed = share.driver().remove_replica(share.share.ref(), share.share.id(0), false,
                                                     share.share.next_call());
  ASSERT_TRUE(removed) << words_of(removed);
  ASSERT_EQ(removed->remains.size(), 1U);
  EXPECT_FALSE(fs::exists(share.top(0)));
  const std::string kept = share.world.root("alpha") + "/aside-kept";
  EXPECT_TRUE(holds_text(kept, "diverged"));
  EXPECT_NE(removed->remains[0].words.find(kept), std::string::npos) << removed->remains[0].words;
}

// As it is cleaned when it answers again: the share does not list it any more.
TEST(DirectoryReturn, CleaningAfterARemovalByForceKeepsThemToo) {
  DirectoryShare share;
  let_old_side_diverge(share);
  ShareRef ref = share.share.ref();
  const ReplicaRef old_side = ref.replicas.front();
  ref.replicas.erase(ref.replicas.begin());
  ref.replicas.push_back(
      {.id = old_side.id, .controller = old_side.controller, .role = Role::secondary});
  for (int times = 0; times < 2; ++times) {
    const auto cleaned =
        share.driver().remove_replica(ref, old_side.id, false, share.share.next_call());
    ASSERT_TRUE(cleaned) << words_of(cleaned);
    EXPECT_EQ(cleaned->remains.size(), 1U);
  }
  EXPECT_FALSE(fs::exists(share.top(0)));
  EXPECT_TRUE(holds_text(share.world.root("alpha") + "/aside-kept", "diverged"));
}

TEST(DirectoryReturn, DeletionOfTheShareKeepsThemToo) {
  DirectoryShare share;
  let_old_side_diverge(share);
  const auto deleted =
      share.driver().delete_share(share.share.ref(), false, share.share.next_call());
  ASSERT_TRUE(deleted) << words_of(deleted);
  EXPECT_EQ(deleted->remains.size(), 1U);
  EXPECT_TRUE(holds_text(share.world.root("alpha") + "/aside-kept", "diverged"));
}

TEST(DirectoryReturn, RemovalOfAFollowingSideLeavesNothing) {
  DirectoryShare share;
  ASSERT_TRUE(share.write(0, "file", "copied"));
  ASSERT_TRUE(share.change(1, Mode::planned));  // its old tree is still there
  const auto removed = share.driver().remove_replica(share.share.ref(), share.share.id(0), false,
                                                     share.share.next_call());
  ASSERT_TRUE(removed) << words_of(removed);
  EXPECT_TRUE(removed->remains.empty());
  EXPECT_FALSE(fs::exists(share.world.root("alpha") + "/aside-kept"));
}

TEST(DirectoryReturn, WhatRemovalLeftCanBeRemovedByHand) {
  DirectoryShare share;
  let_old_side_diverge(share);
  ASSERT_TRUE(share.sync(0));
  ASSERT_TRUE(share.driver().remove_replica(share.share.ref(), share.share.id(0), false,
                                            share.share.next_call()));
  std::error_code error;
  EXPECT_GT(fs::remove_all(share.world.root("alpha") + "/aside-kept", error), 0U);
  EXPECT_FALSE(error) << error.message();
}

class DirectoryRemovalOfAReplacedRoot : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(share.write(0, "file", "x"));
    ASSERT_TRUE(share.sync(1));
    share.world.set_reachable("beta", false);  // and an empty root is made in its place
    std::vector<ControllerConfig> controllers;
    for (const std::string& name : k_controllers)
      controllers.push_back({name,
                             "zone_" + name,
                             "directory",
                             {{"root", share.world.root(name)}, {"create", "true"}}});
    auto made = make_directory_driver(controllers, clock);
    ASSERT_TRUE(made) << made.error().text();
    driver = std::move(*made);
  }
  Answer<Removed> remove(bool force) {
    return driver->remove_replica(share.share.ref(), share.share.id(1), force,
                                  share.share.next_call());
  }
  SystemClock clock;
  DirectoryShare share;
  std::unique_ptr<Driver> driver;
};

TEST_F(DirectoryRemovalOfAReplacedRoot, IsAMismatch) {
  const auto refused = remove(false);
  EXPECT_EQ(problem_of(refused), Problem::mismatch) << words_of(refused);
}

TEST_F(DirectoryRemovalOfAReplacedRoot, ForcedLeavesThatEndBehind) {
  const auto removed = remove(true);
  ASSERT_TRUE(removed) << words_of(removed);
  ASSERT_EQ(removed->remains.size(), 1U);
  EXPECT_EQ(removed->remains[0].controller, "beta");
}

TEST_F(DirectoryRemovalOfAReplacedRoot, DeletionOfTheShareTakesNothingAway) {
  const auto refused = driver->delete_share(share.share.ref(), false, share.share.next_call());
  EXPECT_EQ(problem_of(refused), Problem::mismatch) << words_of(refused);
  EXPECT_EQ(read_text(share.exported(0) + "/file"), "x");
}

TEST(DirectoryReturn, LiftedFenceLeavesTheFlagsThatUsersSet) {
  const Script rsync("exec rsync \"$@\"");
  DirectoryShare share(with({{"rsync", rsync.path()}}));
  ASSERT_TRUE(share.write(0, "theirs", "x"));
  ASSERT_TRUE(share.write(0, "plain", "x"));
  ASSERT_TRUE(share.sync(1));
  const int theirs = ::open((share.live(0) + "/theirs").c_str(), O_RDONLY | O_CLOEXEC);
  if (directory::set_immutable(theirs, true) != 0) {
    ::close(theirs);
    GTEST_SKIP() << "no immutable flag for this user here";
  }
  ASSERT_TRUE(share.write(0, "second", "x"));
  rsync.replace("exit 12");
  EXPECT_FALSE(share.change(1, Mode::planned));
  EXPECT_TRUE(directory::is_immutable(theirs));
  EXPECT_TRUE(share.write(0, "plain", "changed"));
  ::close(theirs);
}

TEST(DirectoryReturn, MountFenceLeavesTheExportOfAFrozenTree) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs mounts";
  const Script rsync("exec rsync \"$@\"");
  DirectoryShare share(with({{"fence", "mount"}, {"rsync", rsync.path()}}));
  ASSERT_TRUE(share.write(0, "file", "x"));
  ASSERT_TRUE(share.change(1, Mode::planned));
  ASSERT_EQ(read_text(share.exported(0) + "/file"), "x");
  ASSERT_TRUE(share.write(1, "new", "line"));
  rsync.replace("exit 12");
  EXPECT_FALSE(share.sync(0));
  EXPECT_EQ(read_text(share.exported(0) + "/file"), "x");
}

TEST(DirectoryReturn, FenceThatAFailedSyncRaisedIsToldByTheStatusCall) {
  const Script rsync("exec rsync \"$@\"");
  DirectoryShare share(with({{"rsync", rsync.path()}}));
  let_old_side_diverge(share);
  rsync.replace("exit 12");
  EXPECT_FALSE(share.sync(0));
  const auto health = share.status(0);
  ASSERT_TRUE(health) << words_of(health);
  ASSERT_TRUE(health->fenced_now);
  EXPECT_TRUE(health->fenced_now->enforced);
}

// pasigd dies after it has started rsync and before it has put that down.
TEST(DirectoryReturn, OrphanThatWasNotRecordedIsEnded) {
  const Script rsync("");
  rsync.replace("echo $$ > " + rsync.beside("pid") + "; exec sleep 1000");
  DirectoryShare share(with({{"rsync", rsync.path()}}));
  ASSERT_TRUE(share.write(0, "file", "text"));
  const pid_t pasigd = ::fork();
  if (pasigd == 0) {
    static_cast<void>(share.sync(1));
    ::_exit(0);
  }
  while (read_text(rsync.beside("pid")).empty()) continue;
  ::kill(pasigd, SIGKILL);
  ::waitpid(pasigd, nullptr, 0);
  const auto orphan =
      directory::mark_of(static_cast<pid_t>(std::stol(read_text(rsync.beside("pid")))));
  auto record = directory::decode_record(read_text(share.place(1).record()), "record");
  ASSERT_TRUE(record);
  record->child = {};
  ASSERT_TRUE(directory::write_record(share.place(1), *record));
  rsync.replace("exec rsync \"$@\"");
  CallContext call = share.share.next_call();
  call.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  const auto copy = share.driver().sync_replica(share.share.ref(), share.share.id(1), call);
  EXPECT_TRUE(copy) << words_of(copy);
  EXPECT_FALSE(directory::is_alive(orphan));
  directory::signal_all({orphan}, SIGKILL);
}

}  // namespace
}  // namespace pasig::drivers
