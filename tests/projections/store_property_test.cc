// Any history, folded as it comes (in steps of any size, with stops in between), is the same as the
// whole log folded at once, and both are what the fold in memory says.
#include <gtest/gtest.h>
// After GoogleTest, whose names it uses.
#include <rapidcheck/gtest.h>

#include "tests/projections/folding.h"
#include "tests/projections/random_history.h"

namespace pasig {
namespace {

RC_GTEST_PROP(AnyHistory, RebuiltEqualsIncremental, ()) {
  ComposedLog log(*rc::gen::inRange<std::uint64_t>(3, 80));
  RandomHistory history(
      log, [](std::uint64_t below) { return *rc::gen::inRange<std::uint64_t>(0, below); });
  ScratchStore incremental;
  const int rounds = *rc::gen::inRange(1, 8);
  for (int round = 0; round < rounds; ++round) {
    const int steps = *rc::gen::inRange(0, 25);
    for (int i = 0; i < steps; ++i) history.step();
    incremental.fold(log.log, *rc::gen::inRange<std::size_t>(1, 12));
    if (*rc::gen::inRange(0, 3) == 0) incremental.open();
    RC_ASSERT(incremental.rebuilt_because().empty());
    RC_ASSERT(difference(*incremental->view(), log) == "");
  }
  ScratchStore rebuilt;
  rebuilt.fold(log.log, 10'000);
  RC_ASSERT(rebuilt.head() == incremental.head());
  RC_ASSERT(rebuilt->view()->scanned_digest() == rebuilt.head().state_digest);
  RC_ASSERT(incremental->view()->scanned_digest() == rebuilt.head().state_digest);
}

}  // namespace
}  // namespace pasig
