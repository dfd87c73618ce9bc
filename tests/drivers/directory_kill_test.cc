// pasigd is killed at a random moment of a change of the active replica, which is then delivered
// again into a worse world: asked to stop, out of time, or with the new side away. What storage
// shows is what is answered, and in the end one side is writable and nothing is lost.
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <random>
#include <thread>

#include "tests/drivers/directory_share.h"

namespace pasig::drivers {
namespace {

using std::chrono::steady_clock;

enum class Delivery { cancelled, expired, new_side_away };

struct Story {
  std::string name;
  Mode mode = Mode::forced;
  bool is_old_side_dead = false;
  Delivery delivery = Delivery::cancelled;
};

class KilledChange : public ::testing::TestWithParam<Story> {
 protected:
  static constexpr int k_rounds = 6;

  void prepare(DirectoryShare& share) {
    for (int i = 0; i < 20; ++i)
      ASSERT_TRUE(share.write(0, "file-" + std::to_string(i), std::string(1000, 'a')));
    ASSERT_TRUE(share.sync(1));
    request_ = {.replica = share.share.id(1), .mode = GetParam().mode, .quiesce_wait_seconds = 0};
    call_ = share.share.next_call();
    if (GetParam().is_old_side_dead) share.world.set_reachable("alpha", false);
  }

  void kill_in_the_midst(DirectoryShare& share) {
    const pid_t pasigd = ::fork();
    if (pasigd == 0) {
      static_cast<void>(deliver(share));
      ::_exit(0);
    }
    const auto kill_at = steady_clock::now() + std::chrono::microseconds(random_() % 120'000);
    while (steady_clock::now() < kill_at) std::this_thread::yield();
    ::kill(pasigd, SIGKILL);
    ::waitpid(pasigd, nullptr, 0);
    ++call_.attempt;
  }

  Answer<ActiveChange> deliver(DirectoryShare& share) {
    return share.driver().set_active_replica(share.share.ref(), request_, call_);
  }

  static bool is_open(DirectoryShare& share) {
    const auto record = directory::decode_record(read_text(share.place(1).record()), "record");
    return record && record->role == directory::StoredRole::active && record->epoch == 2;
  }

  Answer<ActiveChange> deliver_into_trouble(DirectoryShare& share) {
    const CallContext before = call_;
    std::stop_source stop;
    stop.request_stop();
    if (GetParam().delivery == Delivery::cancelled) call_.cancelled = stop.get_token();
    if (GetParam().delivery == Delivery::expired) call_.deadline = steady_clock::now();
    if (GetParam().delivery == Delivery::new_side_away) share.world.set_reachable("beta", false);
    auto answer = deliver(share);
    if (GetParam().delivery == Delivery::new_side_away) share.world.set_reachable("beta", true);
    call_ = before;
    ++call_.attempt;
    return answer;
  }

  void expect_truth(DirectoryShare& share, const Answer<ActiveChange>& answer, bool was_open) {
    if (GetParam().delivery == Delivery::new_side_away) {
      ASSERT_FALSE(answer);
      EXPECT_TRUE(answer.error().unknown) << words_of(answer);
      return;
    }
    if (was_open) {
      EXPECT_TRUE(answer) << words_of(answer);
      return;
    }
    ASSERT_FALSE(answer);
    EXPECT_FALSE(answer.error().unknown) << words_of(answer);
    EXPECT_FALSE(is_open(share));
    if (!GetParam().is_old_side_dead) {
      EXPECT_TRUE(share.write(0, "file-0", "still writable"));
    }
  }

  void expect_good_end(DirectoryShare& share) {
    const auto changed = deliver(share);
    ASSERT_TRUE(changed) << words_of(changed);
    share.share.record_active(1, *changed);
    EXPECT_TRUE(share.write(1, "new", "line"));
    if (GetParam().is_old_side_dead) share.world.set_reachable("alpha", true);
    const auto copy = share.sync(0);
    ASSERT_TRUE(copy) << words_of(copy);
    EXPECT_EQ(read_text(share.exported(0) + "/new"), "line");
    EXPECT_FALSE(write_file(share.exported(0) + "/new", "late"));
  }

  std::mt19937 random_{20261123};
  ActiveChangeRequest request_;
  CallContext call_;
};

TEST_P(KilledChange, SaysWhatStorageShowsAndEndsWell) {
  int opened = 0;
  for (int round = 0; round < k_rounds; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    DirectoryShare share;
    prepare(share);
    kill_in_the_midst(share);
    const bool was_open = is_open(share);
    opened += was_open ? 1 : 0;
    expect_truth(share, deliver_into_trouble(share), was_open);
    expect_good_end(share);
    if (HasFailure()) return;
  }
  RecordProperty("opened", opened);
}

std::vector<Story> stories() {
  std::vector<Story> all;
  const std::pair<const char*, Delivery> deliveries[] = {{"Cancelled", Delivery::cancelled},
                                                         {"Expired", Delivery::expired},
                                                         {"NewSideAway", Delivery::new_side_away}};
  for (const auto& [words, delivery] : deliveries) {
    all.push_back({"Forced" + std::string(words), Mode::forced, false, delivery});
    all.push_back({"Automatic" + std::string(words), Mode::automatic, false, delivery});
    all.push_back({"OldSideDead" + std::string(words), Mode::automatic, true, delivery});
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Stories, KilledChange, ::testing::ValuesIn(stories()),
                         [](const auto& story) { return story.param.name; });

}  // namespace
}  // namespace pasig::drivers
