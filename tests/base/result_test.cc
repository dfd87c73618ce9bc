#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/assert.h"

namespace pasig {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return fail(ErrorCode::invalid, "odd", "use an even one");
  return number / 2;
}
Result<int> quarter(int number) {
  PASIG_TRY(const int once, half(number));
  PASIG_TRY(const int twice, half(once));
  return twice;
}
Result<void> check_even(int number) {
  PASIG_CHECK(half(number).map([](int) {}));
  return {};
}
Result<std::unique_ptr<int>> boxed_half(int number) {
  return half(number).map([](int value) { return std::make_unique<int>(value); });
}
Result<std::unique_ptr<int>> passed_on(int number) {
  PASIG_TRY(auto box, boxed_half(number));
  return box;
}

TEST(Try, GivesTheValue) { EXPECT_EQ(quarter(12).value(), 3); }

TEST(Try, ReturnsTheErrorOfTheFirstThatFails) {
  EXPECT_EQ(quarter(7).error(), (Error{ErrorCode::invalid, "odd", "use an even one"}));
  EXPECT_FALSE(quarter(6).has_value());
}

TEST(Try, MovesWhatCannotBeCopied) { EXPECT_EQ(*passed_on(10).value(), 5); }

TEST(Check, ReturnsTheError) {
  EXPECT_TRUE(check_even(2).has_value());
  EXPECT_EQ(check_even(3).error().message, "odd");
}

TEST(Error, SaysWhatWasBeingDone) {
  const Error error = half(1).error().within("halving 1");
  EXPECT_EQ(error.message, "halving 1: odd");
  EXPECT_EQ(error.code, ErrorCode::invalid);
  EXPECT_EQ(error.hint, "use an even one");
}

TEST(Error, IsOneLineForAPerson) {
  EXPECT_EQ((Error{ErrorCode::conflict, "busy", "wait"}).text(), "busy (wait)");
  EXPECT_EQ((Error{ErrorCode::conflict, "busy", ""}).text(), "busy");
}

TEST(AssertDeathTest, NamesTheConditionAndTheReason) {
  EXPECT_DEATH(PASIG_ASSERT(1 + 1 == 3, "sums are wrong"), "sums are wrong \\[1 \\+ 1 == 3\\]");
}

}  // namespace
}  // namespace pasig
