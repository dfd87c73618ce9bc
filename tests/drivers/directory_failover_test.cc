// Changes of the active replica with parts of the world gone: a dead pasigd, an rsync that
// outlived it, a root that comes back. Each test ends with both sides whole.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <random>
#include <thread>

#include "drivers/directory/processes.h"
#include "tests/drivers/directory_share.h"

namespace pasig::drivers {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

// Looks again until it is so, or a minute has passed.
template <class Condition>
bool becomes_true(const Condition& condition) {
  const auto give_up = steady_clock::now() + seconds(60);
  while (!condition()) {
    if (steady_clock::now() > give_up) return false;
    std::this_thread::yield();
  }
  return true;
}

// Runs the act in another process, as a pasigd that can be killed.
template <class Act>
pid_t run_apart(const Act& act) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    act();
    ::_exit(0);
  }
  return pid;
}

void kill_hard(pid_t pid) {
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
}

TEST(DirectoryFailover, OldRootComesBackFencedItsWritesAsideAndFollows) {
  DirectoryShare share;
  ASSERT_TRUE(share.write(0, "file", "copied"));
  ASSERT_TRUE(share.sync(1));
  share.world.set_reachable("alpha", false);
  const auto changed = share.change(1, Mode::automatic);
  ASSERT_TRUE(changed) << words_of(changed);
  EXPECT_FALSE(changed->fence.enforced);
  share.world.set_reachable("alpha", true);
  ASSERT_TRUE(share.write(0, "file", "late"));  // by the old export, not fenced yet
  ASSERT_TRUE(share.write(1, "file", "new line"));
  const auto health = share.status(0);
  ASSERT_TRUE(health) << words_of(health);
  ASSERT_TRUE(health->fenced_now);
  ASSERT_EQ(health->aside.size(), 1U);
  EXPECT_EQ(read_text(health->aside[0].path + "/file"), "late");
  EXPECT_EQ(health->aside[0].files, 1U);
  const auto copy = share.sync(0);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_EQ(read_text(share.exported(0) + "/file"), "new line");
  EXPECT_EQ(share.status(0)->epoch_on_storage, 2U);
  EXPECT_EQ(read_text(health->aside[0].path + "/file"), "late");
  if (health->fenced_now->kind == "immutable") {
    EXPECT_FALSE(write_file(health->aside[0].path + "/file", "changed"));
  }
}

TEST(DirectoryFailover, ReturnedSideWithoutWritesOfItsOwnKeepsNothingAside) {
  DirectoryShare share;
  ASSERT_TRUE(share.write(0, "file", "text"));
  ASSERT_TRUE(share.sync(1));
  share.world.set_reachable("alpha", false);
  ASSERT_TRUE(share.change(1, Mode::forced));
  share.world.set_reachable("alpha", true);
  const auto health = share.status(0);
  ASSERT_TRUE(health) << words_of(health);
  EXPECT_TRUE(health->fenced_now);
  EXPECT_TRUE(health->aside.empty());
  ASSERT_TRUE(share.sync(0));
  EXPECT_FALSE(fs::exists(share.live(0)));
}

TEST(DirectoryFailover, SyncFencesAReturnedSideFirstAndSaysSo) {
  DirectoryShare share;
  ASSERT_TRUE(share.write(0, "file", "copied"));
  ASSERT_TRUE(share.sync(1));
  share.world.set_reachable("alpha", false);
  ASSERT_TRUE(share.change(1, Mode::forced));
  share.world.set_reachable("alpha", true);
  ASSERT_TRUE(share.write(0, "late", "text"));
  const auto copy = share.sync(0);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_TRUE(copy->fenced_now);
  ASSERT_EQ(copy->aside.size(), 1U);
  EXPECT_EQ(read_text(copy->aside[0].path + "/late"), "text");
}

// Past the point of no return there is no "not done": the log would keep the old side active,
// which stays fenced.
TEST(DirectoryFailover, ChangeWhoseNewSideIsOpenIsUnknownUntilItIsFinished) {
  DirectoryShare share;
  ASSERT_TRUE(share.write(0, "file", "text"));
  ASSERT_TRUE(share.sync(1));
  const ActiveChangeRequest request{.replica = share.share.id(1), .mode = Mode::planned};
  const auto change = [&](const CallContext& call) {
    return share.driver().set_active_replica(share.share.ref(), request, call);
  };
  ASSERT_TRUE(change(share.share.next_call()));  // its answer is lost
  fs::rename(share.live(1), share.live(1) + ".away");
  const auto again = change(share.share.same_call());
  ASSERT_FALSE(again);
  EXPECT_TRUE(again.error().unknown) << words_of(again);
  fs::rename(share.live(1) + ".away", share.live(1));
  const auto finished = change(share.share.same_call());
  ASSERT_TRUE(finished) << words_of(finished);
  EXPECT_EQ(finished->epoch, 2U);
  EXPECT_TRUE(finished->fence.enforced);
}

// A share whose old side came back with a late write in it.
void let_old_side_diverge(DirectoryShare& share) {
  ASSERT_TRUE(share.write(0, "file", "copied"));
  ASSERT_TRUE(share.sync(1));
  share.world.set_reachable("alpha", false);
  ASSERT_TRUE(share.change(1, Mode::forced));
  share.world.set_reachable("alpha", true);
  ASSERT_TRUE(share.write(0, "late", "text"));
}

TEST(DirectoryFailover, DataMovedAsideByAPasigdThatDiedIsToldByTheNextStatusCall) {
  DirectoryShare share;
  let_old_side_diverge(share);
  const pid_t pasigd = run_apart([&share] { static_cast<void>(share.status(0)); });
  ASSERT_EQ(::waitpid(pasigd, nullptr, 0), pasigd);  // gone with its answer
  EXPECT_FALSE(fs::exists(share.live(0)));
  const auto health = share.status(0);
  ASSERT_TRUE(health) << words_of(health);
  ASSERT_EQ(health->aside.size(), 1U);
  EXPECT_EQ(read_text(health->aside[0].path + "/late"), "text");
  EXPECT_EQ(health->aside[0].files, 2U);
  EXPECT_EQ(health->aside[0].bytes, 10U);
  EXPECT_EQ(health->aside[0].epoch, 1U);
}

TEST(DirectoryFailover, DataAsideThatTheRecordDoesNotKnowIsCounted) {
  DirectoryShare share;
  let_old_side_diverge(share);
  ASSERT_TRUE(share.status(0));
  const std::string put = share.top(0) + "/aside/20260302T080700.000000Z-epoch7";
  fs::create_directories(put);
  ASSERT_TRUE(write_file(put + "/found", "12345"));
  const auto health = share.status(0);
  ASSERT_TRUE(health) << words_of(health);
  ASSERT_EQ(health->aside.size(), 2U);
  EXPECT_EQ(health->aside[0].path, put);
  EXPECT_EQ(health->aside[0].files, 1U);
  EXPECT_EQ(health->aside[0].bytes, 5U);
  EXPECT_EQ(health->aside[0].epoch, 7U);
}

TEST(DirectoryFailover, DataAsideThatAnOperatorTookAwayIsToldNoMore) {
  DirectoryShare share;
  let_old_side_diverge(share);
  const auto first = share.status(0);
  ASSERT_TRUE(first) << words_of(first);
  ASSERT_EQ(first->aside.size(), 1U);
  ASSERT_TRUE(directory::remove_tree(first->aside[0].path));
  EXPECT_TRUE(share.status(0)->aside.empty());
  const auto record = directory::decode_record(read_text(share.place(0).record()), "record");
  ASSERT_TRUE(record);
  EXPECT_TRUE(record->asides.empty());
}

TEST(DirectoryFailover, PlannedChangeAfterThePointOfNoReturnGoesForwardWithoutTheOldSide) {
  DirectoryShare share;
  ASSERT_TRUE(share.write(0, "file", "text"));
  const ShareRef before = share.share.ref();
  ASSERT_TRUE(share.change(1, Mode::planned));
  share.world.set_reachable("alpha", false);
  const auto again = share.driver().set_active_replica(
      before, {.replica = share.share.id(1), .mode = Mode::planned, .quiesce_wait_seconds = 0},
      share.share.same_call());
  share.world.set_reachable("alpha", true);
  ASSERT_TRUE(again) << words_of(again);
  EXPECT_EQ(again->epoch, 2U);
  EXPECT_FALSE(again->forced);
}

TEST(DirectoryFailover, OpenFileKeepsTheOldTreeUntilItIsClosed) {
  DirectoryShare share;
  ASSERT_TRUE(share.write(0, "file", "text"));
  const int held = ::open((share.live(0) + "/file").c_str(), O_RDONLY);
  ASSERT_TRUE(share.change(1, Mode::planned));
  ASSERT_TRUE(share.sync(0));
  EXPECT_TRUE(fs::exists(share.live(0) + "/file"));
  ::close(held);
  ASSERT_TRUE(share.sync(0));
  EXPECT_FALSE(fs::exists(share.live(0)));
}

TEST(DirectoryFailover, OrphanedRsyncIsEndedByTheNextAttempt) {
  const Script rsync("");
  rsync.replace("touch " + rsync.beside("runs") + "; exec sleep 1000");
  DirectoryShare share(with({{"rsync", rsync.path()}}));
  ASSERT_TRUE(share.write(0, "file", "text"));
  const pid_t pasigd = run_apart([&share] { static_cast<void>(share.sync(1)); });
  ASSERT_TRUE(becomes_true([&] {
    const auto record = directory::decode_record(read_text(share.place(1).record()), "record");
    return fs::exists(rsync.beside("runs")) && record && record->child.pid != 0;
  }));
  kill_hard(pasigd);
  const auto record = directory::decode_record(read_text(share.place(1).record()), "record");
  ASSERT_TRUE(record);
  ASSERT_TRUE(directory::is_alive(record->child)) << "the orphan should have outlived pasigd";
  rsync.replace("exec rsync \"$@\"");
  const auto copy = share.sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_FALSE(directory::is_alive(record->child));
  EXPECT_EQ(read_text(share.exported(1) + "/file"), "text");
}

TEST(DirectoryFailover, OrphanedRsyncHoldsNothingOfPasigdButTheLock) {
  const Script rsync("");
  rsync.replace("ls -l /proc/$$/fd > " + rsync.beside("held") + "; touch " + rsync.beside("runs") +
                "; exec rsync \"$@\"");
  DirectoryShare share(with({{"rsync", rsync.path()}}));
  ASSERT_TRUE(share.write(0, "file", "text"));
  const int inherited = ::open("/dev/zero", O_RDONLY);  // like a socket that nobody marked
  ASSERT_TRUE(share.sync(1));
  ::close(inherited);
  const std::string held = read_text(rsync.beside("held"));
  EXPECT_NE(held.find(share.place(1).lock()), std::string::npos) << held;
  EXPECT_EQ(held.find("/dev/zero"), std::string::npos) << held;
}

TEST(DirectoryFailover, StatusCallSweepsWhatADeadCallLeft) {
  DirectoryShare share;
  ASSERT_TRUE(share.write(0, "file", "text"));
  ASSERT_TRUE(share.sync(1));
  for (const int replica : {0, 1}) {
    const std::string left = share.place(replica).staging() + "/freeze-left";
    fs::create_directories(left + "/tree");
    ASSERT_TRUE(share.status(replica));
    EXPECT_FALSE(fs::exists(left));
  }
}

TEST(DirectoryFailover, LivingRsyncOfALivingPasigdIsWaitedForNotEnded) {
  const Script rsync("");
  rsync.replace("touch " + rsync.beside("runs") + "; exec sleep 1000");
  DirectoryShare share(with({{"rsync", rsync.path()}}));
  ASSERT_TRUE(share.write(0, "file", "text"));
  std::stop_source stop;
  CallContext first = share.share.next_call();
  first.cancelled = stop.get_token();
  Answer<Copy> outcome;
  std::thread other(
      [&] { outcome = share.driver().sync_replica(share.share.ref(), share.share.id(1), first); });
  EXPECT_TRUE(becomes_true([&] { return fs::exists(rsync.beside("runs")); }));
  CallContext second = share.share.next_call();
  second.deadline = steady_clock::now() + seconds(2);
  const auto busy = share.driver().sync_replica(share.share.ref(), share.share.id(1), second);
  stop.request_stop();
  other.join();
  EXPECT_EQ(problem_of(busy), Problem::busy) << words_of(busy);
  EXPECT_EQ(problem_of(outcome), Problem::cancelled) << words_of(outcome);
}

TEST(DirectoryFailover, CancelledSyncEndsItsRsync) {
  const Script rsync("");
  rsync.replace("echo $$ > " + rsync.beside("pid") + "; exec sleep 1000");
  DirectoryShare share(with({{"rsync", rsync.path()}}));
  ASSERT_TRUE(share.write(0, "file", "text"));
  std::stop_source stop;
  CallContext call = share.share.next_call();
  call.cancelled = stop.get_token();
  Answer<Copy> outcome;
  std::thread other(
      [&] { outcome = share.driver().sync_replica(share.share.ref(), share.share.id(1), call); });
  EXPECT_TRUE(becomes_true([&] { return !read_text(rsync.beside("pid")).empty(); }));
  stop.request_stop();
  other.join();
  EXPECT_EQ(problem_of(outcome), Problem::cancelled) << words_of(outcome);
  EXPECT_FALSE(directory::is_alive(
      directory::mark_of(static_cast<pid_t>(std::stol(read_text(rsync.beside("pid")))))));
}

TEST(DirectoryFailover, ProgressIsReportedWithItsTotal) {
  DirectoryShare share;
  ASSERT_TRUE(share.write(0, "file", std::string(3 << 20, 'x')));
  CallContext call = share.share.next_call();
  std::vector<Progress> seen;
  call.progress = [&seen](const Progress& progress) { seen.push_back(progress); };
  ASSERT_TRUE(share.driver().sync_replica(share.share.ref(), share.share.id(1), call));
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.back().step, "verifying");
  EXPECT_EQ(seen.back().bytes_total, std::uint64_t{3 << 20});
}

// pasigd is killed at a random moment of a planned change, which is then delivered again. The
// end is the same every time: one writable side, nothing lost, the other one fenced.
TEST(DirectoryFailover, KilledPlannedChangeEndsWellWhenItIsDeliveredAgain) {
  constexpr int k_rounds = 12;
  std::mt19937 random(20261123);
  int finished_first = 0;
  for (int round = 0; round < k_rounds; ++round) {
    DirectoryShare share;
    for (int i = 0; i < 20; ++i)
      ASSERT_TRUE(share.write(0, "file-" + std::to_string(i), std::string(1000, 'a')));
    ASSERT_TRUE(share.sync(1));
    ASSERT_TRUE(share.write(0, "last", "written"));
    const ActiveChangeRequest request{.replica = share.share.id(1), .mode = Mode::planned};
    const CallContext call = share.share.next_call();
    const pid_t pasigd = run_apart([&] {
      static_cast<void>(share.driver().set_active_replica(share.share.ref(), request, call));
    });
    const auto kill_at = steady_clock::now() + std::chrono::microseconds(random() % 120'000);
    while (steady_clock::now() < kill_at) std::this_thread::yield();
    finished_first += ::waitpid(pasigd, nullptr, WNOHANG) == pasigd ? 1 : 0;
    ::kill(pasigd, SIGKILL);
    ::waitpid(pasigd, nullptr, 0);
    CallContext again = call;
    again.attempt = 2;
    const auto changed = share.driver().set_active_replica(share.share.ref(), request, again);
    ASSERT_TRUE(changed) << "round " << round << ": " << words_of(changed);
    share.share.record_active(1, *changed);
    EXPECT_EQ(read_text(share.exported(1) + "/last"), "written") << "round " << round;
    EXPECT_TRUE(share.write(1, "new", "text")) << "round " << round;
    EXPECT_FALSE(write_file(share.live(0) + "/last", "late")) << "round " << round;
    const auto copy = share.sync(0);
    ASSERT_TRUE(copy) << "round " << round << ": " << words_of(copy);
    EXPECT_TRUE(copy->aside.empty()) << "round " << round;
    EXPECT_EQ(read_text(share.exported(0) + "/new"), "text") << "round " << round;
  }
  EXPECT_LT(finished_first, k_rounds) << "no kill came in time";
}

// The same, but the change is given up: the status call makes the old side writable again, or,
// past the point of no return, leaves it fenced.
TEST(DirectoryFailover, KilledPlannedChangeThatIsGivenUpLeavesOneWritableSide) {
  constexpr int k_rounds = 12;
  std::mt19937 random(7);
  for (int round = 0; round < k_rounds; ++round) {
    DirectoryShare share;
    for (int i = 0; i < 20; ++i)
      ASSERT_TRUE(share.write(0, "file-" + std::to_string(i), std::string(1000, 'a')));
    ASSERT_TRUE(share.sync(1));
    const ActiveChangeRequest request{.replica = share.share.id(1), .mode = Mode::planned};
    const CallContext call = share.share.next_call();
    const pid_t pasigd = run_apart([&] {
      static_cast<void>(share.driver().set_active_replica(share.share.ref(), request, call));
    });
    const auto kill_at = steady_clock::now() + std::chrono::microseconds(random() % 120'000);
    while (steady_clock::now() < kill_at) std::this_thread::yield();
    kill_hard(pasigd);
    const auto old_side = share.status(0);
    const auto new_side = share.status(1);
    ASSERT_TRUE(old_side) << words_of(old_side);
    ASSERT_TRUE(new_side) << words_of(new_side);
    const bool has_changed =
        new_side->role_on_storage == Role::active && new_side->epoch_on_storage == 2;
    const bool old_writes = write_file(share.live(0) + "/file-0", "x");
    const bool new_writes = fs::exists(share.live(1)) && write_file(share.live(1) + "/file-0", "x");
    EXPECT_EQ(old_writes, !has_changed) << "round " << round;
    EXPECT_EQ(new_writes, has_changed) << "round " << round;
  }
}

}  // namespace
}  // namespace pasig::drivers
