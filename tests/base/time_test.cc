#include "base/time.h"

#include <gtest/gtest.h>

#include "base/clock.h"

namespace pasig {
namespace {

TEST(Time, IsPrintedInUtcWithMicroseconds) {
  EXPECT_EQ(to_string(Time{1'763'889'242'120'497}), "2025-11-23T09:14:02.120497");
  EXPECT_EQ(to_string(Time{0}), "1970-01-01T00:00:00.000000");
}

TEST(Time, KnowsLeapDays) {
  EXPECT_EQ(to_string(Time{1'709'164'800'000'001}), "2024-02-29T00:00:00.000001");
}

TEST(Time, BeforeTheEpochCountsBack) {
  EXPECT_EQ(to_string(Time{-1}), "1969-12-31T23:59:59.999999");
  EXPECT_EQ(to_string(Time{-1'000'000}), "1969-12-31T23:59:59.000000");
}

TEST(Time, IsSetUnlessZero) {
  EXPECT_FALSE(Time{}.is_set());
  EXPECT_TRUE(Time{1}.is_set());
}

TEST(Time, AddsAndSubtracts) {
  EXPECT_EQ(Time{5}.plus_seconds(2), Time{2'000'005});
  EXPECT_EQ(Time{7}.micros_since(Time{10}), -3);
}

TEST(ManualClock, StandsStillUntilItIsMoved) {
  ManualClock clock(Time{1'000});
  const Monotonic before = clock.monotonic();
  EXPECT_EQ(clock.now(), Time{1'000});
  EXPECT_EQ(clock.monotonic(), before);
  clock.advance_seconds(3);
  EXPECT_EQ(clock.now(), Time{3'001'000});
  EXPECT_EQ(clock.monotonic() - before, std::chrono::seconds(3));
}

TEST(SystemClock, IsOfThisCenturyAndNeverGoesBack) {
  const SystemClock clock;
  const Monotonic before = clock.monotonic();
  EXPECT_GT(clock.now(), Time{1'700'000'000'000'000});
  EXPECT_GE(clock.monotonic(), before);
}

}  // namespace
}  // namespace pasig
