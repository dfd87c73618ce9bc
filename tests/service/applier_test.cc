// Applying: whose log it is, who waits for it, and what happens when it cannot go on.
#include "service/applier.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "tests/service/service_node.h"

namespace pasig {
namespace {

using namespace std::chrono_literals;

// Ours by its magic and format; its checksum is wrong.
std::string corrupt_frame() {
  return std::string("PSG1\x01\0\0\0\x04\0\0\0", 12) + std::string(8, 'x');
}

class Applying : public testing::Test {
 protected:
  MemoryLog memory_;
  DoctoredLog log_{memory_};
  SystemClock clock_;
  ServiceNode node_{log_, clock_};
  const ShareId share_ = node_.make_share();
};

// ---- a record that cannot be read -----------------------------------------------------------
TEST_F(Applying, StandsOnACorruptRecordAndSaysWhereAndWhatToDo) {
  const std::uint64_t position = memory_.append(corrupt_frame())->offset;
  const auto refused = node_.submit(AddReplica{.share = share_});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_NE(refused.error().message.find("position " + std::to_string(position)), std::string::npos)
      << refused.error().text();
  EXPECT_NE(refused.error().hint, "");
  ASSERT_TRUE(node_.applier().standing().has_value());
  EXPECT_EQ(node_.applier().standing()->code, ErrorCode::corrupt);
}

TEST_F(Applying, WritesNothingMoreWhileItStands) {
  ASSERT_TRUE(memory_.append(corrupt_frame()));
  ASSERT_FALSE(node_.submit(AddReplica{.share = share_}));
  const std::uint64_t end = memory_.end().value();
  EXPECT_FALSE(node_.submit(AddReplica{.share = share_}));
  EXPECT_EQ(memory_.end().value(), end);
}

TEST_F(Applying, AnswersReadsWhileItStands) {
  ASSERT_TRUE(memory_.append(corrupt_frame()));
  ASSERT_FALSE(node_.submit(AddReplica{.share = share_}));
  EXPECT_EQ(node_.store().view()->share(share_)->replicas.size(), 1U);
}

TEST_F(Applying, TakesEverythingBeforeACorruptRecord) {
  MemoryLog whole;
  {
    ServiceNode first(whole, clock_);
    first.make_share();
  }
  const std::uint64_t good = whole.end().value();
  ASSERT_TRUE(whole.append(corrupt_frame()));
  ServiceNode late(whole, clock_);  // all of it is one step for this one
  EXPECT_EQ(late.applier().applied(), good);
  EXPECT_TRUE(late.applier().standing().has_value());
}

// It is in the log, but nobody can say what it came to.
TEST_F(Applying, LeavesACommandOpenThatWasWrittenBehindACorruptRecord) {
  log_.before_next_append([&] { (void)memory_.append(corrupt_frame()); });
  const auto outcome = node_.submit(AddReplica{.share = share_}, "key");
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::unknown) << outcome.error().text();
}

TEST_F(Applying, PassesOverWhatIsNotOurs) {
  ASSERT_TRUE(memory_.append("{\"somebody\": \"else's\"}"));
  node_.run(AddReplica{.share = share_});
  EXPECT_EQ(node_.share(share_).replicas.size(), 2U);
}

// ---- a full disk ----------------------------------------------------------------------------
TEST_F(Applying, SaysThatTheStateIsFullAndGoesOnAnsweringReads) {
  MemoryLog memory;
  ServiceNode small(memory, clock_, {.map_bytes = 512 * 1024});
  Error error;
  for (int i = 0; i < 3000 && error.message.empty(); ++i) {
    const auto outcome =
        small.submit(CreateShareType{.name = "type " + std::to_string(i),
                                     .extra_specs = {{"driver_handles_share_servers", "False"}}});
    if (!outcome) error = outcome.error();
  }
  EXPECT_EQ(error.code, ErrorCode::unknown) << error.text();  // of the one that was written
  const auto refused = small.submit(CreateShareType{.name = "one more"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::exhausted) << refused.error().text();
  EXPECT_FALSE(small.store().view()->share_types().empty());
}

// ---- waiting ----------------------------------------------------------------------------------
TEST_F(Applying, WakesWhoWaitsForTheNextRecord) {
  const Ordinal applied = node_.applier().applied();
  bool woken = false;
  {
    std::jthread waiter([&] { woken = node_.applier().wait_beyond(applied, 1min, {}); });
    node_.run(AddReplica{.share = share_});
  }
  EXPECT_TRUE(woken);
}

TEST_F(Applying, StopsWaitingWhenTheTimeIsUp) {
  EXPECT_FALSE(node_.applier().wait_beyond(node_.applier().applied(), 1ms, {}));
  const auto waited = node_.applier().wait_applied(1'000'000, 1ms);
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().code, ErrorCode::unavailable);
}

TEST_F(Applying, GoesOnAfterWhatWasThrown) {
  const Ordinal before = node_.applier().applied();
  log_.throw_at_next_reads(1);
  (void)node_.submit(AddReplica{.share = share_});
  EXPECT_TRUE(node_.applier().wait_beyond(before, 1min, {}));
}

// ---- what changed -----------------------------------------------------------------------------
TEST_F(Applying, TellsWhichSharesRecordsTouched) {
  const ShareId other = node_.make_share();
  const SharesChanged before = node_.applier().shares_changed(0);
  EXPECT_NE(std::find(before.shares.begin(), before.shares.end(), share_), before.shares.end());
  node_.run(AddReplica{.share = other});
  const SharesChanged after = node_.applier().shares_changed(before.upto);
  EXPECT_TRUE(after.is_complete);
  EXPECT_FALSE(after.shares.empty());
  EXPECT_EQ(std::count(after.shares.begin(), after.shares.end(), other), std::ssize(after.shares));
  EXPECT_TRUE(node_.applier().shares_changed(after.upto).shares.empty());
}

TEST_F(Applying, SaysThatItDoesNotKnowWhatChangedBeforeItsStart) {
  Applier later(node_.store(), log_);
  later.start();
  EXPECT_FALSE(later.shares_changed(0).is_complete);
  EXPECT_TRUE(later.shares_changed(later.applied()).is_complete);
  later.stop();
}

// ---- whose log it is --------------------------------------------------------------------------
TEST_F(Applying, KnowsItsLog) {
  EXPECT_TRUE(check_identity(node_.view()->head(), memory_));
  EXPECT_TRUE(check_identity(StoreHead{}, memory_));
}

TEST_F(Applying, KnowsItsLogWhenThatWentOn) {
  const StoreHead before = node_.view()->head();
  node_.run(AddReplica{.share = share_});
  EXPECT_TRUE(check_identity(before, memory_));
}

TEST_F(Applying, RefusesAnotherLogOfTheSameLength) {
  MemoryLog other;
  for (std::uint64_t i = 0; i < memory_.end().value(); ++i)
    ASSERT_TRUE(other.append("record " + std::to_string(i)));
  const auto checked = check_identity(node_.view()->head(), other);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ErrorCode::conflict);
}

TEST_F(Applying, RefusesALogThatEndsBeforeTheState) {
  MemoryLog shorter;
  ASSERT_TRUE(shorter.append(memory_.read(0, 1)->front().frame));
  const auto checked = check_identity(node_.view()->head(), shorter);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace pasig
