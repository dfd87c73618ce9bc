#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "replay/history.h"
#include "tests/replay/chronicle.h"

namespace pasig::replay {
namespace {

namespace fs = std::filesystem;

bool go_on(std::uint64_t, std::uint64_t) { return true; }
bool stop(std::uint64_t, std::uint64_t) { return false; }

// A log whose record at one offset is another one than was folded.
class ForgedLog final : public LogReader {
 public:
  ForgedLog(const LogReader& real, std::uint64_t at) : real_(real), at_(at) {}
  Result<std::vector<LogEntry>> read(std::uint64_t offset, std::size_t max) const override {
    PASIG_TRY(std::vector<LogEntry> entries, real_.read(offset, max));
    for (LogEntry& entry : entries) {
      if (entry.position.offset != at_) continue;
      PASIG_TRY(Record record, decode(entry.frame));
      record.reason += " (forged)";
      PASIG_TRY(entry.frame, encode(record));
    }
    return entries;
  }
  Result<std::uint64_t> end() const override { return real_.end(); }
  bool wait_beyond(std::uint64_t offset, Duration timeout, std::stop_token token) const override {
    return real_.wait_beyond(offset, timeout, token);
  }

 private:
  const LogReader& real_;
  std::uint64_t at_;
};

TEST(Verify, FindsTheLiveStateEqualToTheFoldOfTheLog) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  force_over_to_second(chronicle);
  chronicle.void_record({.command = "DeleteShare"}, {ShareDeletionStarted{.share = k_share}});
  const auto report = verify(chronicle.store(), chronicle.log(),
                             (chronicle.directory() / "scratch").string(), go_on);
  ASSERT_TRUE(report.has_value()) << report.error().text();
  EXPECT_TRUE(report->equal());
  EXPECT_EQ(report->records, 8U);
  EXPECT_EQ(report->void_records, 1U);
  EXPECT_EQ(report->live_ordinal, 8U);
}

// A store that is never seen at rest: one more record is applied whenever a view is asked for.
class BusyStore final : public Store {
 public:
  BusyStore(const Store& real, std::function<void()> apply_one)
      : real_(real), apply_one_(std::move(apply_one)) {}
  std::unique_ptr<View> view() const override {
    apply_one_();
    return real_.view();
  }
  std::unique_ptr<Writer> begin() override { return nullptr; }  // verify only reads
  Result<void> close_cleanly() override { return {}; }

 private:
  const Store& real_;
  std::function<void()> apply_one_;
};

TEST(Verify, IsOfOneMomentWhileTheServiceGoesOn) {
  Chronicle chronicle;
  create_share(chronicle);
  const BusyStore busy(chronicle.store(), [&] {
    chronicle.record({.command = "ReportStatus"},
                     {ReplicaExportsChanged{.share = k_share, .replica = k_first}});
  });
  const auto report =
      verify(busy, chronicle.log(), (chronicle.directory() / "scratch").string(), go_on);
  ASSERT_TRUE(report.has_value()) << report.error().text();
  EXPECT_TRUE(report->equal());
  EXPECT_EQ(report->live_ordinal, 4U);
}

TEST(View, ScansWhatItSawWhenItWasOpened) {
  Chronicle chronicle;
  create_share(chronicle);
  const auto before = chronicle.view();
  chronicle.record({.command = "DeleteShare"}, {ShareDeletionStarted{.share = k_share}});
  EXPECT_EQ(before->scanned_digest(), before->head().state_digest);
  const auto after = chronicle.view();
  EXPECT_EQ(after->scanned_digest(), after->head().state_digest);
  EXPECT_NE(before->scanned_digest(), after->scanned_digest());
}

TEST(Verify, FindsARecordThatIsNotTheOneThatWasFolded) {
  Chronicle chronicle;
  create_share(chronicle);
  const ForgedLog forged(chronicle.log(), 1);
  const auto report =
      verify(chronicle.store(), forged, (chronicle.directory() / "scratch").string(), go_on);
  ASSERT_TRUE(report.has_value()) << report.error().text();
  EXPECT_FALSE(report->equal());
  EXPECT_NE(report->live_verdict, report->replayed_verdict);
}

TEST(Verify, RemovesItsScratchDirectory) {
  Chronicle chronicle;
  create_share(chronicle);
  const fs::path scratch = chronicle.directory() / "scratch";
  ASSERT_TRUE(verify(chronicle.store(), chronicle.log(), scratch.string(), go_on).has_value());
  EXPECT_FALSE(fs::exists(scratch));
}

TEST(Verify, LeavesADirectoryAloneThatIsThereAlready) {
  Chronicle chronicle;
  const fs::path scratch = chronicle.directory() / "scratch";
  fs::create_directories(scratch);
  std::ofstream(scratch / "mine") << "x";
  const auto report = verify(chronicle.store(), chronicle.log(), scratch.string(), go_on);
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().code, ErrorCode::conflict);
  EXPECT_TRUE(fs::exists(scratch / "mine"));
}

TEST(Verify, StopsWhenItIsTold) {
  Chronicle chronicle;
  create_share(chronicle);
  const fs::path scratch = chronicle.directory() / "scratch";
  const auto report = verify(chronicle.store(), chronicle.log(), scratch.string(), stop);
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().code, ErrorCode::unavailable);
  EXPECT_FALSE(fs::exists(scratch));
}

TEST(Rebuild, GivesTheDigestsOfTheLiveState) {
  Chronicle chronicle;
  create_replicated_share(chronicle);
  const fs::path target = chronicle.directory() / "fresh";
  const auto head = rebuild(chronicle.log(), target.string() + "/", go_on);
  ASSERT_TRUE(head.has_value()) << head.error().text();
  const StoreHead live = chronicle.view()->head();
  EXPECT_EQ(head->state_digest, live.state_digest);
  EXPECT_EQ(head->verdict_digest, live.verdict_digest);
  EXPECT_TRUE(fs::exists(target / "data.mdb"));
}

TEST(Rebuild, TakesThePlaceOfAnOlderState) {
  Chronicle chronicle;
  create_share(chronicle);
  const fs::path target = chronicle.directory() / "fresh";
  ASSERT_TRUE(rebuild(chronicle.log(), target.string(), go_on).has_value());
  chronicle.record({.command = "DeleteShare"}, {ShareDeletionStarted{.share = k_share}});
  const auto head = rebuild(chronicle.log(), target.string(), go_on);
  ASSERT_TRUE(head.has_value()) << head.error().text();
  EXPECT_EQ(head->next_ordinal, 4U);
}

TEST(Rebuild, LeavesTheOldStateWhenItIsToldToStop) {
  Chronicle chronicle;
  create_share(chronicle);
  const fs::path target = chronicle.directory() / "fresh";
  ASSERT_TRUE(rebuild(chronicle.log(), target.string(), go_on).has_value());
  EXPECT_FALSE(rebuild(chronicle.log(), target.string(), stop).has_value());
  EXPECT_TRUE(fs::exists(target / "data.mdb"));
  EXPECT_FALSE(fs::exists(target.string() + ".rebuilding"));
}

TEST(Rebuild, RefusesADirectoryOfSomethingElse) {
  Chronicle chronicle;
  const fs::path target = chronicle.directory() / "photos";
  fs::create_directories(target);
  std::ofstream(target / "cat.jpg") << "x";
  const auto head = rebuild(chronicle.log(), target.string(), go_on);
  ASSERT_FALSE(head.has_value());
  EXPECT_EQ(head.error().code, ErrorCode::conflict);
  EXPECT_TRUE(fs::exists(target / "cat.jpg"));
}

}  // namespace
}  // namespace pasig::replay
