// A guard's no is recorded as true as a yes, moves nothing, and cannot fill the log (log-protocol
// 4).
#include <gtest/gtest.h>

#include "service/refusal_limiter.h"
#include "tests/service/service_node.h"

namespace pasig {
namespace {

class RecordedRefusal : public testing::Test {
 protected:
  // The last active replica cannot be removed.
  Result<CommandOutcome> ask(const std::string& id = {}, const Actor& actor = k_admin) {
    return node_.submit(RemoveReplica{active_}, id, actor);
  }
  int count_of(const std::string& command) {
    int count = 0;
    for (const Judged& one : judged_records(memory_))
      if (one.record.command == command) ++count;
    return count;
  }
  Judged last() { return judged_records(memory_).back(); }

  MemoryLog memory_;
  DoctoredLog log_{memory_};
  ManualClock clock_{{1'764'000'000'000'000}};
  ServiceNode node_{log_, clock_};
  ServiceNode other_{memory_, clock_, {.name = "n2"}};
  const ShareId share_ = node_.make_share();
  const ReplicaId active_ = node_.share(share_).replicas[0].id;
};

TEST_F(RecordedRefusal, SaysWhoAskedForWhatAndWhichGuardRefused) {
  const auto outcome = ask("key");
  ASSERT_TRUE(outcome && outcome->refusal);
  EXPECT_TRUE(outcome->written);
  const Judged written = last();
  EXPECT_EQ(written.verdict, VoidReason::none);
  EXPECT_EQ(written.record.command, "RemoveReplica");
  EXPECT_EQ(written.record.actor, k_admin);
  ASSERT_EQ(written.record.events.size(), 1U);
  const auto& rejected = std::get<CommandRejected>(written.record.events[0]);
  EXPECT_EQ(rejected.guard, word(outcome->refusal->guard));
  EXPECT_EQ(rejected.message, outcome->refusal->message);
  EXPECT_EQ(rejected.subject, stream_of(share_));
}

TEST_F(RecordedRefusal, StatesOnWhatItWasDecidedAndMovesNothing) {
  const std::uint64_t version = node_.view()->stream_version(stream_of(share_));
  ASSERT_TRUE(ask());
  const Record record = last().record;
  ASSERT_FALSE(record.expectations.empty());
  EXPECT_EQ(record.expectations[0].subject, stream_of(share_));
  EXPECT_EQ(record.expectations[0].version, version);
  EXPECT_TRUE(record.touched.empty());
  EXPECT_TRUE(record.moved.empty());
  EXPECT_EQ(node_.view()->stream_version(stream_of(share_)), version);
}

TEST_F(RecordedRefusal, IsDecidedAgainWhenItWasOvertaken) {
  const ReplicaId added = node_.make_replica(share_);
  node_.run(ResetReplicaState{added, ReplicaState::out_of_sync});
  log_.before_next_append([&] { other_.run(ResetReplicaState{added, ReplicaState::in_sync}); });
  const auto outcome = node_.submit(SetActiveReplica{added}, "key", k_member);
  ASSERT_TRUE(outcome) << outcome.error().text();
  EXPECT_FALSE(outcome->refusal) << outcome->refusal->message;
  EXPECT_EQ(tries_of(memory_, "key"), (Tries{.accepted = 1, .voids = 1}));
}

TEST_F(RecordedRefusal, OfAWorkerIsNotWritten) {
  const std::uint64_t end = memory_.end().value();
  const auto outcome = ask({}, k_worker);
  ASSERT_TRUE(outcome && outcome->refusal);
  EXPECT_FALSE(outcome->written);
  EXPECT_EQ(memory_.end().value(), end);
}

TEST_F(RecordedRefusal, IsLimitedForEachActor) {
  for (std::uint32_t i = 0; i < k_refusals_per_minute + 5; ++i) {
    const auto outcome = ask();
    ASSERT_TRUE(outcome && outcome->refusal);  // told to the client, written or not
    EXPECT_EQ(outcome->written, i < k_refusals_per_minute);
  }
  EXPECT_EQ(count_of("RemoveReplica"), static_cast<int>(k_refusals_per_minute));
  EXPECT_TRUE(ask({}, k_member)->written);
}

TEST_F(RecordedRefusal, IsCountedWhenItWasNotWritten) {
  for (std::uint32_t i = 0; i < k_refusals_per_minute + 5; ++i) (void)ask();
  clock_.advance_seconds(61);
  node_.make_type("somebody else's command");
  std::vector<RefusalsSuppressed> told;
  for (const Judged& one : judged_records(memory_))
    for (const Event& event : one.record.events)
      if (const auto* held = std::get_if<RefusalsSuppressed>(&event)) told.push_back(*held);
  EXPECT_EQ(told, (std::vector<RefusalsSuppressed>{{k_admin.name, 5}}));
  EXPECT_TRUE(ask()->written);
}

TEST_F(RecordedRefusal, ThatWasCountedIsCountedOnce) {
  for (std::uint32_t i = 0; i < k_refusals_per_minute + 1; ++i) (void)ask();
  for (int minute = 0; minute < 3; ++minute) {
    clock_.advance_seconds(61);
    node_.make_type("type " + std::to_string(minute));
  }
  EXPECT_EQ(count_of("CountRefusals"), 1);
}

TEST(RefusalLimiter, TellsAgainWhatCouldNotBeTold) {
  RefusalLimiter limiter;
  const Time start{1'764'000'000'000'000};
  for (std::uint32_t i = 0; i < k_refusals_per_minute + 2; ++i) (void)limiter.admit("a", start);
  const auto first = limiter.take_suppressed(start.plus_seconds(60));
  ASSERT_EQ(first.size(), 1U);
  limiter.give_back(first[0], start.plus_seconds(60));
  const auto second = limiter.take_suppressed(start.plus_seconds(120));
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].count, 2U);
}

}  // namespace
}  // namespace pasig
