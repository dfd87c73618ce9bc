// The rules of the verdict, one by one. See also tests/golden/logs/: the rules must not change.
#include "log/verdict.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/log/judged_log.h"

namespace pasig {
namespace {

constexpr std::int64_t k_most = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t k_least = std::numeric_limits<std::int64_t>::min();

Expectation stream_at(std::string stream, std::uint64_t version) {
  return {.subject = std::move(stream), .version = version};
}
Expectation within(std::int64_t delta, std::int64_t limit) {
  return {wire::ExpectationKind::counter_within, "counter", 0, delta, limit};
}
Expectation beyond(std::int64_t delta, std::int64_t limit) {
  return {wire::ExpectationKind::counter_beyond, "counter", 0, delta, limit};
}

// A log of a small window that has its record 0.
class VerdictOf : public testing::Test {
 protected:
  static constexpr std::uint64_t k_window = 4;
  JudgedLog log_;
  int made_ = 0;

  void SetUp() override { ASSERT_TRUE(log_.take(creation(k_window)).accepted()); }

  Record fresh() { return log_.decided_now("command-" + std::to_string(++made_)); }
  VoidReason reason(const Record& record) { return log_.take(record).reason; }
  VoidReason reason_expecting(Expectation expected) {
    Record record = fresh();
    record.expectations = {std::move(expected)};
    return reason(record);
  }
  // Accepted records that touch that share's stream once each.
  void touch(ShareId share, std::uint64_t times) {
    for (std::uint64_t i = 0; i < times; ++i) {
      Record record = fresh();
      const std::string stream = stream_of(share);
      record.expectations = {stream_at(stream, log_.memory.stream_version(stream))};
      record.touched = {{stream, 1}};
      record.events = {ShareDeleted{share}};
      ASSERT_EQ(reason(record), VoidReason::none);
    }
  }
  void count(std::int64_t delta) {
    Record record = fresh();
    record.moved = {{"counter", delta}};
    ASSERT_EQ(reason(record), VoidReason::none);
  }
  void pass(std::uint64_t records) {
    for (std::uint64_t i = 0; i < records; ++i) ASSERT_EQ(reason(fresh()), VoidReason::none);
  }
};

// ---- record 0 ---------------------------------------------------------------------------
TEST(VerdictOfRecordZero, IsAcceptedForLogCreated) {
  EXPECT_TRUE(JudgedLog().take(creation(10)).accepted());
}

TEST(VerdictOfRecordZero, IsNotFirstForAnyOther) {
  JudgedLog log;
  EXPECT_EQ(log.take(log.decided_now("c")).reason, VoidReason::not_first);
}

TEST(VerdictOfRecordZero, NeedsNoExpectationAndNoHistory) {
  Record record = creation(10);
  record.decided_ordinal = 77;
  record.decided_digest = sha256("another log");
  EXPECT_TRUE(JudgedLog().take(record).accepted());
}

TEST(VerdictOfRecordZero, LeavesALogWithoutItVoidForEver) {
  JudgedLog log;
  log.take(log.decided_now("a"));
  EXPECT_EQ(log.take(creation(10)).reason, VoidReason::not_first);
  EXPECT_EQ(log.take(log.decided_now("b")).reason, VoidReason::too_old);
}

TEST_F(VerdictOf, ASecondLogCreatedIsNotFirst) {
  EXPECT_EQ(reason(creation(10)), VoidReason::not_first);
  EXPECT_EQ(log_.memory.window(), k_window);
}

// ---- command ids ------------------------------------------------------------------------
TEST_F(VerdictOf, ARepeatedCommandIdIsDuplicate) {
  Record record = fresh();
  EXPECT_EQ(reason(record), VoidReason::none);
  Record again = fresh();
  again.command_id = record.command_id;
  const Verdict verdict = log_.take(again);
  EXPECT_EQ(verdict.reason, VoidReason::duplicate);
  EXPECT_NE(verdict.detail.find(record.command_id), std::string::npos);
}

TEST_F(VerdictOf, ADuplicateIsToldBeforeAnythingElseIsWrong) {
  Record record = fresh();
  record.expectations = {stream_at("share-1", 0)};
  EXPECT_EQ(reason(record), VoidReason::none);
  record.decided_digest = sha256("another");
  record.expectations = {stream_at("share-1", 9)};
  EXPECT_EQ(reason(record), VoidReason::duplicate);
}

TEST_F(VerdictOf, AVoidCommandMayComeAgain) {
  Record record = fresh();
  record.expectations = {stream_at("share-1", 9)};
  EXPECT_EQ(reason(record), VoidReason::stream_moved);
  Record again = log_.decided_now(record.command_id);
  EXPECT_EQ(reason(again), VoidReason::none);
}

TEST_F(VerdictOf, ACommandIdIsRememberedForTheWindow) {
  const Record record = fresh();
  EXPECT_EQ(reason(record), VoidReason::none);
  pass(k_window - 1);
  EXPECT_EQ(reason(log_.decided_now(record.command_id)), VoidReason::duplicate);
}

TEST_F(VerdictOf, ACommandIdIsForgottenBeyondTheWindow) {
  const Record record = fresh();
  EXPECT_EQ(reason(record), VoidReason::none);
  pass(k_window);
  EXPECT_EQ(reason(log_.decided_now(record.command_id)), VoidReason::none);
}

TEST_F(VerdictOf, TheSameBytesBeyondTheWindowAreTooOld) {
  const Record record = fresh();
  EXPECT_EQ(reason(record), VoidReason::none);
  pass(k_window);
  EXPECT_EQ(reason(record), VoidReason::too_old);
}

TEST_F(VerdictOf, AbandoningAfterTheCommandIsDuplicate) {
  const Record record = fresh();
  EXPECT_EQ(reason(record), VoidReason::none);
  Record abandoned = log_.decided_now(record.command_id);
  abandoned.kind = RecordKind::abandoned;
  EXPECT_EQ(reason(abandoned), VoidReason::duplicate);
}

TEST_F(VerdictOf, ACommandAfterItsAbandonmentIsDuplicate) {
  Record abandoned = fresh();
  abandoned.kind = RecordKind::abandoned;
  EXPECT_EQ(reason(abandoned), VoidReason::none);
  EXPECT_EQ(reason(log_.decided_now(abandoned.command_id)), VoidReason::duplicate);
}

// ---- history ----------------------------------------------------------------------------
TEST_F(VerdictOf, ARecordDecidedAWindowBackIsAccepted) {
  const Record late = fresh();  // after record 0
  pass(k_window - 1);
  EXPECT_EQ(reason(late), VoidReason::none);
}

TEST_F(VerdictOf, ARecordDecidedFurtherBackIsTooOld) {
  const Record late = fresh();
  pass(k_window);
  EXPECT_EQ(reason(late), VoidReason::too_old);
}

TEST_F(VerdictOf, ARecordOfAnotherLogIsOtherHistory) {
  Record record = fresh();
  record.decided_digest = sha256("another log");
  EXPECT_EQ(reason(record), VoidReason::other_history);
}

TEST_F(VerdictOf, ARecordDecidedOnItselfOrLaterIsOtherHistory) {
  Record itself = fresh();
  itself.decided_ordinal = log_.next;
  EXPECT_EQ(reason(itself), VoidReason::other_history);
  Record later = fresh();
  later.decided_ordinal = std::numeric_limits<Ordinal>::max();
  EXPECT_EQ(reason(later), VoidReason::other_history);
}

TEST_F(VerdictOf, AnOlderDigestOfThisLogIsOtherHistoryAtAnotherOrdinal) {
  const Digest after_first = log_.memory.digest();
  pass(1);
  Record record = fresh();
  record.decided_digest = after_first;
  EXPECT_EQ(reason(record), VoidReason::other_history);
}

// ---- streams ----------------------------------------------------------------------------
TEST_F(VerdictOf, AStreamAtItsVersionIsAccepted) {
  const ShareId share{{7, 7}};
  touch(share, 2);
  EXPECT_EQ(reason_expecting(stream_at(stream_of(share), 2)), VoidReason::none);
}

TEST_F(VerdictOf, AStreamThatMovedOnIsVoid) {
  const ShareId share{{7, 7}};
  touch(share, 2);
  EXPECT_EQ(reason_expecting(stream_at(stream_of(share), 1)), VoidReason::stream_moved);
  EXPECT_EQ(reason_expecting(stream_at(stream_of(share), 3)), VoidReason::stream_moved);
}

TEST_F(VerdictOf, AnUnknownStreamIsAtZero) {
  EXPECT_EQ(reason_expecting(stream_at("share-9", 0)), VoidReason::none);
  EXPECT_EQ(reason_expecting(stream_at("share-9", 1)), VoidReason::stream_moved);
}

TEST_F(VerdictOf, AVoidRecordMovesNoStreamAndNoCounter) {
  const ShareId share{{7, 7}};
  Record record = fresh();
  record.expectations = {stream_at(stream_of(share), 0), within(5, 4)};
  record.touched = {{stream_of(share), 1}};
  record.moved = {{"counter", 5}};
  record.events = {ShareDeleted{share}};
  EXPECT_EQ(reason(record), VoidReason::counter);
  EXPECT_EQ(log_.memory.stream_version(stream_of(share)), 0U);
  EXPECT_EQ(log_.memory.counter("counter"), 0);
}

// ---- counters ---------------------------------------------------------------------------
TEST_F(VerdictOf, ACounterUpToItsLimitIsWithin) {
  count(7);
  EXPECT_EQ(reason_expecting(within(3, 10)), VoidReason::none);
  EXPECT_EQ(reason_expecting(within(4, 10)), VoidReason::counter);
}

TEST_F(VerdictOf, BeyondIsTheNegationOfWithinForEveryInput) {
  const std::vector<std::int64_t> numbers = {k_least, k_least + 1, -8,         -1,    0,
                                             1,       8,           k_most - 1, k_most};
  for (const std::int64_t value : {k_least, std::int64_t{-3}, std::int64_t{0}, k_most}) {
    JudgedLog log;
    log.take(creation(1000));
    Record mover = log.decided_now("mover");
    mover.moved = {{"counter", value}};
    ASSERT_TRUE(log.take(mover).accepted());
    for (const std::int64_t delta : numbers) {
      for (const std::int64_t limit : numbers) {
        Record yes = log.decided_now("y" + std::to_string(log.next));
        yes.expectations = {within(delta, limit)};
        const bool is_within = log.take(yes).accepted();
        Record no = log.decided_now("n" + std::to_string(log.next));
        no.expectations = {beyond(delta, limit)};
        EXPECT_NE(is_within, log.take(no).accepted()) << value << " " << delta << " " << limit;
        const auto wide = static_cast<long double>(value) + static_cast<long double>(delta);
        EXPECT_EQ(is_within, wide <= static_cast<long double>(limit));
      }
    }
  }
}

TEST_F(VerdictOf, AMoveWithoutALimitIsAccepted) {
  count(1'000'000);
  EXPECT_EQ(log_.memory.counter("counter"), 1'000'000);
}

TEST_F(VerdictOf, ADecrementNeedsNoExpectation) {
  count(5);
  count(-5);
  EXPECT_EQ(log_.memory.counter("counter"), 0);
}

TEST_F(VerdictOf, AMoveThatWouldOverflowIsVoid) {
  count(k_most);
  Record record = fresh();
  record.moved = {{"counter", 1}};
  EXPECT_EQ(reason(record), VoidReason::counter);
  EXPECT_EQ(log_.memory.counter("counter"), k_most);
}

TEST_F(VerdictOf, MovesOfOneCounterAreMadeOneAfterTheOther) {
  count(k_most);
  Record up_first = fresh();
  up_first.moved = {{"counter", 1}, {"counter", -1}};
  EXPECT_EQ(reason(up_first), VoidReason::counter);
  Record down_first = fresh();
  down_first.moved = {{"counter", -1}, {"counter", 1}};
  EXPECT_EQ(reason(down_first), VoidReason::none);
}

TEST_F(VerdictOf, TheFirstExpectationThatFailsIsNamed) {
  Record record = fresh();
  record.expectations = {within(0, 0), stream_at("share-1", 3), within(1, 0)};
  EXPECT_EQ(reason(record), VoidReason::stream_moved);
}

// ---- the chain --------------------------------------------------------------------------
TEST(VerdictDigest, IsTheHashOfPreviousFrameHashAndReason) {
  const Digest previous = sha256("before");
  const std::string bytes =
      std::string(previous.view()) + std::string(sha256("frame").view()) + '\x04';
  EXPECT_EQ(next_verdict_digest(previous, "frame", VoidReason::stream_moved), sha256(bytes));
}

TEST(VerdictDigest, DependsOnEachOfItsParts) {
  const Digest one = next_verdict_digest({}, "frame", VoidReason::none);
  EXPECT_NE(one, next_verdict_digest(sha256(""), "frame", VoidReason::none));
  EXPECT_NE(one, next_verdict_digest({}, "frame!", VoidReason::none));
  EXPECT_NE(one, next_verdict_digest({}, "frame", VoidReason::duplicate));
}

TEST(VoidReason, HasAWordEach) {
  EXPECT_EQ(word(VoidReason::none), "accepted");
  EXPECT_EQ(word(VoidReason::duplicate), "duplicate");
  EXPECT_EQ(word(VoidReason::too_old), "too_old");
  EXPECT_EQ(word(VoidReason::other_history), "other_history");
  EXPECT_EQ(word(VoidReason::stream_moved), "stream_moved");
  EXPECT_EQ(word(VoidReason::counter), "counter");
  EXPECT_EQ(word(VoidReason::foreign), "foreign");
  EXPECT_EQ(word(VoidReason::quarantined), "quarantined");
  EXPECT_EQ(word(VoidReason::not_first), "not_first");
}

}  // namespace
}  // namespace pasig
