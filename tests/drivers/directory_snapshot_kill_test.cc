// pasigd is killed at a random moment of a call on a snapshot, which is then delivered again. Each
// call ends as if nothing had happened, and at no moment is anything half made in place.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <random>
#include <thread>

#include "tests/drivers/snapshot_share.h"

namespace pasig::drivers {
namespace {

using std::chrono::steady_clock;

class KilledSnapshotCall : public ::testing::Test {
 protected:
  static constexpr int k_rounds = 8;

  // Runs it in another process, which dies in the midst of it.
  void kill_in(const std::function<void()>& call) {
    const pid_t pasigd = ::fork();
    if (pasigd == 0) {
      call();
      ::_exit(0);
    }
    const auto kill_at = steady_clock::now() + std::chrono::microseconds(random_() % 120'000);
    while (steady_clock::now() < kill_at) std::this_thread::yield();
    ::kill(pasigd, SIGKILL);
    ::waitpid(pasigd, nullptr, 0);
  }
  static void fill(SnapshotShare& share, char with) {
    for (int i = 0; i < 20; ++i)
      ASSERT_TRUE(share.write(0, "file-" + std::to_string(i), std::string(1000, with)));
  }
  static CallContext next_attempt(CallContext call) {
    ++call.attempt;
    return call;
  }

  std::mt19937 random_{20261123};
};

TEST_F(KilledSnapshotCall, TakingIsTakenOnce) {
  for (int round = 0; round < k_rounds; ++round) {
    SnapshotShare share;
    fill(share, 'a');
    const SnapshotId id = share.ask();
    const CallContext call = share.share.next_call();
    kill_in([&] { static_cast<void>(share.take(id, call)); });
    const bool was_there = share.holds(0, id);
    const std::string before = was_there ? share.digest_on_disk(0, id) : "";
    fill(share, 'b');
    const auto taken = share.take(id, next_attempt(call));
    ASSERT_TRUE(taken) << words_of(taken);
    if (was_there) {
      EXPECT_EQ(taken->digest, before);
    }
    share.expect_whole(0, id);
    ASSERT_TRUE(share.sync(1));
    share.expect_whole(1, id);
  }
}

TEST_F(KilledSnapshotCall, CopyingIsMadeUpForByTheNextSync) {
  for (int round = 0; round < k_rounds; ++round) {
    SnapshotShare share;
    fill(share, 'a');
    const SnapshotId id = share.take();
    fill(share, 'b');
    const CallContext call = share.share.next_call();
    kill_in([&] {
      static_cast<void>(share.driver().sync_replica(share.share.ref(), share.share.id(1), call));
    });
    if (share.holds(1, id)) share.expect_whole(1, id);
    const auto copy = share.sync(1);
    ASSERT_TRUE(copy) << words_of(copy);
    EXPECT_TRUE(contains(copy->snapshots, id));
    share.expect_whole(1, id);
    EXPECT_TRUE(directory::names_in(share.place(1).staging())->empty());
  }
}

TEST_F(KilledSnapshotCall, DeletionIsCompleted) {
  for (int round = 0; round < k_rounds; ++round) {
    SnapshotShare share;
    fill(share, 'a');
    const SnapshotId kept = share.take();
    const SnapshotId id = share.take();
    ASSERT_TRUE(share.sync(1));
    share.known(id).is_deleting = true;
    const CallContext call = share.share.next_call();
    kill_in(
        [&] { static_cast<void>(share.driver().delete_snapshot(share.share.ref(), id, call)); });
    const auto deleted = share.driver().delete_snapshot(share.share.ref(), id, next_attempt(call));
    ASSERT_TRUE(deleted) << words_of(deleted);
    for (const std::size_t n : {0U, 1U}) {
      EXPECT_FALSE(fs::exists(share.place(n).snapshot(id)));
      ASSERT_TRUE(share.status(n));
      EXPECT_TRUE(directory::names_in(share.place(n).staging())->empty());
      share.expect_whole(n, kept);
    }
  }
}

TEST_F(KilledSnapshotCall, RevertLeavesTheOldTreeOrTheNewOneExported) {
  int switched = 0;
  for (int round = 0; round < 2 * k_rounds; ++round) {
    SnapshotShare share;
    fill(share, 'a');
    const SnapshotId id = share.take();
    ASSERT_TRUE(share.sync(1));
    fill(share, 'b');
    const CallContext call = share.share.next_call();
    kill_in([&] { static_cast<void>(share.driver().revert(share.share.ref(), id, call)); });
    const std::string first = read_text(share.exported(0) + "/file-0");
    const std::string last = read_text(share.exported(0) + "/file-19");
    EXPECT_EQ(first, last);
    ASSERT_FALSE(first.empty());
    switched += first[0] == 'a' ? 1 : 0;
    if (round % 2 == 0) {  // a status call in between, of no newer operation
      const auto health = share.driver().update_replica_status(share.share.ref(), share.share.id(0),
                                                               {.token = call.token});
      ASSERT_TRUE(health) << words_of(health);
    }
    const bool was_switched = first[0] == 'a';
    ASSERT_TRUE(share.write(0, "since", "text"));
    const auto reverted = share.driver().revert(share.share.ref(), id, next_attempt(call));
    ASSERT_TRUE(reverted) << words_of(reverted);
    EXPECT_EQ(read_text(share.exported(0) + "/file-0")[0], 'a');
    EXPECT_EQ(fs::exists(share.exported(0) + "/since"), was_switched);
    const auto copy = share.sync(1);
    ASSERT_TRUE(copy) << words_of(copy);
    EXPECT_EQ(read_text(share.exported(1) + "/file-0")[0], 'a');
    share.expect_whole(0, id);
    share.expect_whole(1, id);
    EXPECT_FALSE(fs::exists(share.place(0).prepared()));
  }
  RecordProperty("switched", switched);
}

TEST_F(KilledSnapshotCall, ShareFromASnapshotIsWholeOrNotThere) {
  for (int round = 0; round < k_rounds; ++round) {
    SnapshotShare share;
    fill(share, 'a');
    const SnapshotId id = share.take();
    ShareOnDriver made(Replication::readable);
    made.add(round % 2 == 0 ? "alpha" : "gamma");
    const CallContext call = made.next_call();
    const auto make = [&](const CallContext& with) {
      return share.driver().create_share_from_snapshot(made.ref(), made.id(0),
                                                       {share.share.ref(), id}, with);
    };
    kill_in([&] { static_cast<void>(make(call)); });
    const auto created = make(next_attempt(call));
    ASSERT_TRUE(created) << words_of(created);
    for (int i = 0; i < 20; ++i)
      EXPECT_EQ(read_text(created->exports.at(0) + "/file-" + std::to_string(i)),
                std::string(1000, 'a'));
  }
}

TEST_F(KilledSnapshotCall, AdoptedDirectoryIsNeverLost) {
  for (int round = 0; round < k_rounds; ++round) {
    DirectoryWorld world;
    ShareOnDriver share(Replication::none);
    share.add("alpha");
    ASSERT_TRUE(world.driver().create_share(share.ref(), share.id(0), share.next_call()));
    share.record_provisioned();
    const std::string path = world.root("alpha") + "/old";
    fs::create_directories(path);
    for (int i = 0; i < 20; ++i)
      ASSERT_TRUE(write_file(path + "/file-" + std::to_string(i), std::string(1000, 'a')));
    const SnapshotId id{random_uuid()};
    const CallContext call = share.next_call();
    kill_in(
        [&] { static_cast<void>(world.driver().manage_snapshot(share.ref(), id, path, call)); });
    const auto taken = world.driver().manage_snapshot(share.ref(), id, path, next_attempt(call));
    ASSERT_TRUE(taken) << words_of(taken);
    EXPECT_EQ(taken->files, 20U);
    const CallContext back = share.next_call();
    kill_in([&] { static_cast<void>(world.driver().unmanage_snapshot(share.ref(), id, back)); });
    const auto unmanaged = world.driver().unmanage_snapshot(share.ref(), id, next_attempt(back));
    ASSERT_TRUE(unmanaged) << words_of(unmanaged);
    for (int i = 0; i < 20; ++i)
      EXPECT_TRUE(write_file(unmanaged->path + "/file-" + std::to_string(i), "changed"));
  }
}

}  // namespace
}  // namespace pasig::drivers
