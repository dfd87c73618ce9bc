// What every log promises (log/event_log.h), held by each engine. An engine joins by a Maker.
#include <gtest/gtest.h>

#include <thread>

#include "log/embedded.h"
#include "log/limits.h"
#include "log/memory.h"
#include "tests/log/scratch_directory.h"

namespace pasig {
namespace {

using namespace std::chrono_literals;

struct MemoryMaker {
  std::unique_ptr<EventLog> make() { return std::make_unique<MemoryLog>(); }
};

struct EmbeddedMaker {
  ScratchDirectory scratch;
  std::unique_ptr<EventLog> make() {
    auto log = open_embedded_log({.directory = scratch.path() / "log"});
    PASIG_ASSERT(log.has_value(), log.error().text());
    return std::move(*log);
  }
};

template <class Maker>
class Log : public testing::Test {
 protected:
  Maker maker_;
  std::unique_ptr<EventLog> log_ = maker_.make();

  std::uint64_t append(const std::string& frame) {
    const Result<LogPosition> position = log_->append(frame);
    EXPECT_TRUE(position.has_value()) << position.error().text();
    return position.value_or(LogPosition{}).offset;
  }
  // All frames, read in pages of that many.
  std::vector<std::string> frames(std::size_t page = 100) {
    std::vector<std::string> all;
    while (true) {
      const auto entries = log_->read(all.size(), page);
      EXPECT_TRUE(entries.has_value());
      if (!entries || entries->empty()) return all;
      EXPECT_LE(entries->size(), page);
      for (const LogEntry& entry : *entries) {
        EXPECT_EQ(entry.position, LogPosition{.offset = all.size()});
        all.push_back(entry.frame);
      }
    }
  }
};

using Makers = testing::Types<MemoryMaker, EmbeddedMaker>;
class EngineNames {
 public:
  template <class T>
  static std::string GetName(int) {
    return std::is_same_v<T, MemoryMaker> ? "memory" : "embedded";
  }
};
TYPED_TEST_SUITE(Log, Makers, EngineNames);

TYPED_TEST(Log, IsEmptyAtFirst) {
  EXPECT_EQ(this->log_->end().value(), 0U);
  EXPECT_TRUE(this->log_->read(0, 10)->empty());
}

TYPED_TEST(Log, CountsPositionsFromZeroWithoutGaps) {
  EXPECT_EQ(this->append("a"), 0U);
  EXPECT_EQ(this->append("b"), 1U);
  EXPECT_EQ(this->append("c"), 2U);
  EXPECT_EQ(this->log_->end().value(), 3U);
}

TYPED_TEST(Log, GivesBackTheBytesInOrder) {
  const std::vector<std::string> bytes = {"a", std::string("\0\xFF\0", 3), "c"};
  for (const std::string& frame : bytes) this->append(frame);
  EXPECT_EQ(this->frames(), bytes);
}

TYPED_TEST(Log, KeepsEqualFramesApart) {
  this->append("a");
  this->append("a");
  EXPECT_EQ(this->frames(), (std::vector<std::string>{"a", "a"}));
}

TYPED_TEST(Log, IsReadInPages) {
  std::vector<std::string> bytes;
  for (int i = 0; i < 25; ++i) bytes.push_back(std::to_string(i));
  for (const std::string& frame : bytes) this->append(frame);
  for (const std::size_t page : {1U, 7U, 25U, 26U}) EXPECT_EQ(this->frames(page), bytes) << page;
}

TYPED_TEST(Log, IsReadFromAnyOffset) {
  for (const char* frame : {"a", "b", "c"}) this->append(frame);
  const auto entries = this->log_->read(2, 10);
  ASSERT_EQ(entries->size(), 1U);
  EXPECT_EQ(entries->front().frame, "c");
}

TYPED_TEST(Log, GivesNothingAtAndBeyondItsEnd) {
  this->append("a");
  EXPECT_TRUE(this->log_->read(1, 10)->empty());
  EXPECT_TRUE(this->log_->read(1'000'000, 10)->empty());
}

TYPED_TEST(Log, DoesNotFillTheMemoryWithOnePage) {
  const std::string large(k_record_bytes_max, 'x');
  const std::size_t count = k_read_bytes_max / k_record_bytes_max + 4;
  for (std::size_t i = 0; i < count; ++i) this->append(large);
  const auto entries = this->log_->read(0, 1000);
  EXPECT_EQ(entries->size(), k_read_bytes_max / k_record_bytes_max);
  EXPECT_EQ(this->frames(1000).size(), count);
}

TYPED_TEST(Log, RefusesAnEmptyFrame) {
  EXPECT_EQ(this->log_->append("").error().code, ErrorCode::invalid);
  EXPECT_EQ(this->log_->end().value(), 0U);
}

TYPED_TEST(Log, RefusesAFrameThatIsTooLarge) {
  const auto refused = this->log_->append(std::string(k_record_bytes_max + 1, 'x'));
  EXPECT_EQ(refused.error().code, ErrorCode::invalid);
  EXPECT_EQ(this->log_->end().value(), 0U);
}

TYPED_TEST(Log, TakesTheLargestFrame) {
  this->append(std::string(k_record_bytes_max, 'x'));
  EXPECT_EQ(this->frames().front().size(), k_record_bytes_max);
}

TYPED_TEST(Log, TakesEachFrameOnceFromManyThreadsAndKeepsTheirOrder) {
  constexpr int k_threads = 12;
  constexpr int k_each = 40;
  std::vector<std::vector<std::uint64_t>> offsets(k_threads);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < k_threads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < k_each; ++i)
          offsets[static_cast<std::size_t>(t)].push_back(
              this->append(std::to_string(t) + "/" + std::to_string(i)));
      });
    }
  }
  const std::vector<std::string> all = this->frames();
  ASSERT_EQ(all.size(), static_cast<std::size_t>(k_threads * k_each));
  for (std::size_t t = 0; t < k_threads; ++t) {
    EXPECT_TRUE(std::is_sorted(offsets[t].begin(), offsets[t].end()));
    for (std::size_t i = 0; i < k_each; ++i)
      EXPECT_EQ(all[offsets[t][i]], std::to_string(t) + "/" + std::to_string(i));
  }
}

TYPED_TEST(Log, IsReadWhileItIsWritten) {
  constexpr std::uint64_t k_count = 200;
  std::jthread writer([&] {
    for (std::uint64_t i = 0; i < k_count; ++i) this->append(std::to_string(i));
  });
  std::uint64_t next = 0;
  while (next < k_count) {
    ASSERT_TRUE(this->log_->wait_beyond(next, 1min, {}));
    const auto entries = this->log_->read(next, 1000);
    ASSERT_TRUE(entries.has_value());
    ASSERT_FALSE(entries->empty());
    for (const LogEntry& entry : *entries) ASSERT_EQ(entry.frame, std::to_string(next++));
  }
}

TYPED_TEST(Log, DoesNotWaitForWhatIsThere) {
  this->append("a");
  EXPECT_TRUE(this->log_->wait_beyond(0, 0s, {}));
}

TYPED_TEST(Log, StopsWaitingWhenTheTimeIsUp) {
  EXPECT_FALSE(this->log_->wait_beyond(0, 1ms, {}));
  this->append("a");
  EXPECT_FALSE(this->log_->wait_beyond(1, 1ms, {}));
}

TYPED_TEST(Log, WakesWhoWaitsForTheNextRecord) {
  bool woken = false;
  std::jthread waiter([&] { woken = this->log_->wait_beyond(0, Duration::max(), {}); });
  this->append("a");
  waiter.join();
  EXPECT_TRUE(woken);
}

TYPED_TEST(Log, WakesWhoIsToldToStop) {
  bool woken = true;
  std::jthread waiter([&](const std::stop_token& stop) {
    woken = this->log_->wait_beyond(0, Duration::max(), stop);
  });
  waiter.request_stop();
  waiter.join();
  EXPECT_FALSE(woken);
}

}  // namespace
}  // namespace pasig
