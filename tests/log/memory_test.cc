// The memory log's faults: what a real log does to an append now and then.
#include "log/memory.h"

#include <gtest/gtest.h>

namespace pasig {
namespace {

TEST(MemoryLog, MayBeUnavailableOnce) {
  MemoryLog log;
  log.fail_next(MemoryLog::Fault::unavailable);
  EXPECT_EQ(log.append("a").error().code, ErrorCode::unavailable);
  EXPECT_EQ(log.end().value(), 0U);
  EXPECT_EQ(log.append("a")->offset, 0U);
}

TEST(MemoryLog, MayKeepAnAppendThatItDidNotAnswer) {
  MemoryLog log;
  log.fail_next(MemoryLog::Fault::unknown_but_appears);
  EXPECT_EQ(log.append("a").error().code, ErrorCode::unknown);
  EXPECT_EQ(log.read(0, 1)->front().frame, "a");
}

TEST(MemoryLog, MayLoseAnAppendThatItDidNotAnswer) {
  MemoryLog log;
  log.fail_next(MemoryLog::Fault::unknown_and_lost);
  EXPECT_EQ(log.append("a").error().code, ErrorCode::unknown);
  EXPECT_EQ(log.end().value(), 0U);
}

TEST(MemoryLog, FailsInTheOrderItWasTold) {
  MemoryLog log;
  log.fail_next(MemoryLog::Fault::unavailable);
  log.fail_next(MemoryLog::Fault::unknown_and_lost);
  EXPECT_EQ(log.append("a").error().code, ErrorCode::unavailable);
  EXPECT_EQ(log.append("a").error().code, ErrorCode::unknown);
  EXPECT_TRUE(log.append("a").has_value());
}

}  // namespace
}  // namespace pasig
