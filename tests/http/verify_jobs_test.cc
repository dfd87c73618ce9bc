// Verifications in the background: whatever happens to one, the process goes on.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "http/pasig_v1_jobs.h"
#include "log/memory.h"
#include "tests/log/scratch_directory.h"
#include "tests/service/failing_store.h"

namespace pasig::http::v1 {
namespace {

TEST(VerifyJobs, StateThatCannotBeReadFailsTheJobAlone) {
  const FailingStore store;
  const MemoryLog log;
  const ScratchDirectory scratch;
  VerifyJobs jobs(store, log, (scratch.path() / "replay").string());
  const auto started = jobs.start();
  ASSERT_TRUE(started);
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  auto found = jobs.find(started->id);
  while (found && found->state == VerifyJobs::Job::State::running &&
         std::chrono::steady_clock::now() < give_up) {
    std::this_thread::yield();
    found = jobs.find(started->id);
  }
  ASSERT_TRUE(found);
  EXPECT_EQ(found->state, VerifyJobs::Job::State::failed);
  ASSERT_TRUE(found->error);
  EXPECT_NE(found->error->message.find("the disk does not answer"), std::string::npos);
}

}  // namespace
}  // namespace pasig::http::v1
