// Answers that lie (log-protocol 3): a record that nobody knows of is settled by giving the command
// up under the same id; the first of the two wins.
#include <gtest/gtest.h>

#include "tests/service/service_node.h"

namespace pasig {
namespace {

using Fault = DoctoredLog::Fault;

class UnknownAppend : public testing::Test {
 protected:
  Result<CommandOutcome> add(const std::string& id) {
    return node_.submit(AddReplica{.share = share_}, id);
  }
  std::size_t replicas() { return node_.share(share_).replicas.size(); }

  MemoryLog memory_;
  DoctoredLog log_{memory_};
  SystemClock clock_;
  ServiceNode node_{log_, clock_};
  const ShareId share_ = node_.make_share();
};

TEST_F(UnknownAppend, ThatWasWrittenCounts) {
  log_.fail_next(Fault::unknown_written);
  const auto outcome = add("key");
  ASSERT_TRUE(outcome) << outcome.error().text();
  EXPECT_FALSE(outcome->refusal);
  EXPECT_EQ(tries_of(memory_, "key"), (Tries{.accepted = 1, .voids = 1}));
  EXPECT_EQ(replicas(), 2U);
}

TEST_F(UnknownAppend, ThatWasLostNeverHappens) {
  log_.fail_next(Fault::unknown_lost);
  const auto outcome = add("key");
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::unavailable);
  EXPECT_NE(outcome.error().message.find("never happened"), std::string::npos);
  EXPECT_EQ(replicas(), 1U);
}

TEST_F(UnknownAppend, ThatAppearsAfterItWasGivenUpIsVoid) {
  log_.fail_next(Fault::unknown_late);
  ASSERT_FALSE(add("key"));
  log_.release();
  EXPECT_EQ(tries_of(memory_, "key"), (Tries{.accepted = 1, .voids = 1}));
  EXPECT_EQ(replicas(), 1U);
}

TEST_F(UnknownAppend, ThatWasGivenUpIsNotTakenUpUnderItsId) {
  log_.fail_next(Fault::unknown_lost);
  ASSERT_FALSE(add("key"));
  const auto again = add("key");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::unavailable);
  EXPECT_EQ(node_.handler().outcome("key").error().code, ErrorCode::unavailable);
  EXPECT_TRUE(add("new key"));
}

TEST_F(UnknownAppend, OfSomebodyWhoDoesNotGiveUpGoesOnUnderTheNextId) {
  const OperationId operation = node_.share(node_.request_share()).operations.at(0).id;
  Submission claim{
      .command =
          ClaimOperation{.operation = operation, .node = "n1", .process = 1, .lease_seconds = 300},
      .actor = k_worker,
      .command_id = "claim",
      .never_give_up = true};
  log_.fail_next(Fault::unknown_late);
  const auto outcome = node_.handler().submit(claim);
  ASSERT_TRUE(outcome) << outcome.error().text();
  EXPECT_EQ(outcome->command_id, "claim+");
  log_.release();
  EXPECT_EQ(node_.operation(operation).attempt, 1U);
  // As does the same command from elsewhere: they meet under that id.
  const auto again = node_.handler().submit(claim);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->ordinal, outcome->ordinal);
}

TEST_F(UnknownAppend, IsToldAsUnknownWhenGivingUpFailsToo) {
  log_.fail_next(Fault::unknown_late);
  log_.fail_next(Fault::not_written);
  const auto outcome = add("key");
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::unknown);
  EXPECT_NE(outcome.error().hint.find("/pasig/v1/commands/key"), std::string::npos);
  EXPECT_EQ(node_.handler().outcome("key").error().code, ErrorCode::not_found);
  log_.release();
  const auto later = node_.handler().outcome("key");
  ASSERT_TRUE(later) << later.error().text();
  EXPECT_EQ(replicas(), 2U);
  EXPECT_TRUE(add("key")->repeated);
}

TEST_F(UnknownAppend, IsNoneWhenTheLogSaysThatNothingWasWritten) {
  const std::uint64_t end = memory_.end().value();
  log_.fail_next(Fault::not_written);
  const auto outcome = add("key");
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::unavailable);
  EXPECT_NE(outcome.error().message.find("the log is not there"), std::string::npos);
  EXPECT_EQ(memory_.end().value(), end);
  EXPECT_TRUE(add("key"));
  EXPECT_EQ(tries_of(memory_, "key"), (Tries{.accepted = 1}));
}

}  // namespace
}  // namespace pasig
