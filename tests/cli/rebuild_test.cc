// The offline rebuild on a real embedded log.
#include "cli/rebuild.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/clock.h"
#include "log/open.h"
#include "projections/store.h"
#include "service/command_handler.h"
#include "tests/log/scratch_directory.h"

namespace pasig::cli {
namespace {

class Rebuild : public ::testing::Test {
 protected:
  ScratchDirectory data_;
  std::ostringstream out_;
  std::ostringstream err_;
  Output output_{{out_, err_}, {}, Format::table};
  Interrupt interrupt_;

  std::unique_ptr<EventLog> open() {
    return std::move(open_log({.directory = data_.path() / "log"})).value();
  }
  void write_record_zero() {
    const auto log = open();
    ASSERT_TRUE(create_log_if_empty(*log, SystemClock(), "n1", 1000));
  }
  Answer<void> run() { return rebuild(output_, interrupt_, {data_.path().string()}); }
};

TEST_F(Rebuild, MakesTheStateFromTheLog) {
  write_record_zero();
  const auto done = run();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_NE(out_.str().find("records         1"), std::string::npos) << out_.str();
  std::string because;
  const auto store = open_store((data_.path() / "state").string(), {}, &because);
  ASSERT_TRUE(store);
  EXPECT_EQ((*store)->view()->head().next_ordinal, 1U);
  EXPECT_EQ(because, "");
}

TEST_F(Rebuild, IsRefusedWhileTheLogIsInUse) {
  write_record_zero();
  const auto running = open();
  const auto done = run();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().exit, Exit::refused);
  EXPECT_NE(done.error().hint.find("stop pasigd first"), std::string::npos);
}

TEST_F(Rebuild, IsNotFoundWithoutALog) {
  const auto done = run();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().exit, Exit::not_found);
  EXPECT_FALSE(std::filesystem::exists(data_.path() / "log"));
}

TEST_F(Rebuild, AnInterruptLeavesTheOldState) {
  write_record_zero();
  ASSERT_TRUE(run());
  interrupt_.raise();
  const auto done = run();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().exit, Exit::wait_ended);
  EXPECT_TRUE(std::filesystem::exists(data_.path() / "state" / "data.mdb"));
}

}  // namespace
}  // namespace pasig::cli
