// What an old log means never changes: the verdicts of tests/golden/logs (golden_files.h says how
// the files look). A difference here is a defect of the change, not of the files.
#include <gtest/gtest.h>

#include "tests/log/golden_files.h"
#include "tests/log/scratch_directory.h"

namespace pasig {
namespace {

namespace fs = std::filesystem;

// ---- the generator ------------------------------------------------------------------------
// Writes a log and judges it at the same time, so that records can name real digests.
class Composer {
 public:
  GoldenLog log;

  void add(const Record& record) { add_bytes(encode(record).value()); }
  void add_bytes(const std::string& frame) {
    log.frames.push_back(frame);
    judged_.take_bytes(frame);
  }
  void add_quarantined(const std::string& frame) {
    log.quarantined.insert(judged_.next);
    log.frames.push_back(frame);
    judged_.pass_over(frame, VoidReason::quarantined);
  }
  Record fresh(const std::string& id) const {
    Record record = judged_.decided_now(id);
    record.command = "Golden";
    record.actor = {.kind = ActorKind::local, .name = "local:1000"};
    record.reason = "to be read for ever";
    record.time = {1'764'000'000'000'000};
    return record;
  }
  // Deletes a share, expecting its stream at that version.
  Record deletion(const std::string& id, ShareId share, std::uint64_t version) const {
    Record record = fresh(id);
    record.expectations = {{.subject = stream_of(share), .version = version}};
    record.touched = {{stream_of(share), 1}};
    record.events = {ShareDeletionStarted{share}};
    return record;
  }
  Record counting(const std::string& id, wire::ExpectationKind kind, std::int64_t delta) const {
    Record record = fresh(id);
    record.expectations = {{kind, "shares:project-a", 0, delta, 10}};
    if (kind == wire::ExpectationKind::counter_within) record.moved = {{"shares:project-a", delta}};
    return record;
  }
  void pass(int records) {
    for (int i = 0; i < records; ++i) add(fresh("pass-" + std::to_string(judged_.next)));
  }

 private:
  JudgedLog judged_;
};

constexpr auto k_within = wire::ExpectationKind::counter_within;
constexpr auto k_beyond = wire::ExpectationKind::counter_beyond;

GoldenLog every_reason() {
  Composer log;
  const ShareId share{{0x1111, 0x2222}};
  log.add(creation(6));
  const Record first = log.deletion("first", share, 0);
  log.add(first);                                // accepted
  log.add(first);                                // duplicate
  log.add(log.deletion("second", share, 0));     // stream_moved
  log.add(log.deletion("second", share, 1));     // accepted: a void one may come again
  log.add(log.counting("third", k_within, 8));   // accepted
  log.add(log.counting("fourth", k_within, 8));  // counter
  log.add(log.counting("fifth", k_beyond, 8));   // accepted
  log.add(log.counting("sixth", k_beyond, 1));   // counter
  log.add_bytes("{\"not\": \"ours\"}");          // foreign
  Record elsewhere = log.fresh("seventh");
  elsewhere.decided_digest = sha256("another log");
  log.add(elsewhere);     // other_history
  log.add(creation(99));  // not_first
  const Record late = log.fresh("late");
  log.pass(6);
  log.add(late);                             // too_old
  log.add(log.deletion("first", share, 2));  // accepted: its id is beyond the window
  log.add_quarantined(encode(log.fresh("listed")).value().substr(0, 40));
  log.pass(2);
  return log.log;
}

GoldenLog counters_at_their_edges() {
  Composer log;
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  log.add(creation(1000));
  Record fill = log.fresh("fill");
  fill.moved = {{"a", most}, {"b", -most}, {"c", 3}};
  log.add(fill);  // accepted
  Record overflow = log.fresh("overflow");
  overflow.moved = {{"c", 1}, {"a", 1}};
  log.add(overflow);  // counter
  Record underflow = log.fresh("underflow");
  underflow.moved = {{"b", -2}};
  log.add(underflow);  // counter
  Record back = log.fresh("back");
  back.moved = {{"a", -most}, {"a", most}, {"c", -3}};
  log.add(back);  // accepted
  Record above = log.fresh("above");
  above.expectations = {{k_beyond, "a", 0, most, most}};
  log.add(above);  // accepted: the exact sum is beyond
  Record below = log.fresh("below");
  below.expectations = {{k_within, "b", 0, -most, -most}};
  log.add(below);  // accepted: the exact sum is below
  Record both = log.fresh("both");
  both.expectations = {{k_within, "c", 0, 1, 1}, {k_within, "c", 0, 2, 1}};
  log.add(both);  // counter
  return log.log;
}

GoldenLog commands_that_settle_each_other() {
  Composer log;
  log.add(creation(1000));
  Record abandoned = log.fresh("lost");
  abandoned.kind = RecordKind::abandoned;
  log.add(abandoned);          // accepted
  log.add(log.fresh("lost"));  // duplicate: it never happened
  log.add(log.fresh("won"));   // accepted
  Record late = log.fresh("won");
  late.kind = RecordKind::abandoned;
  log.add(late);  // duplicate: it did happen
  Record barrier = log.fresh("barrier");
  barrier.kind = RecordKind::barrier;
  log.add(barrier);  // accepted
  Record future = log.fresh("future");
  future.decided_ordinal = 100;
  log.add(future);  // other_history
  return log.log;
}

GoldenLog never_created() {
  Composer log;
  log.add(log.fresh("too early"));   // not_first
  log.add(creation(1000));           // not_first
  log.add(log.fresh("afterwards"));  // too_old
  return log.log;
}

// One step to each side of every bound.
GoldenLog at_the_bounds() {
  Composer log;
  log.add(creation(3));
  const Record last_in_window = log.fresh("last in window");
  const Record first_beyond = log.fresh("first beyond");
  log.pass(2);
  log.add(last_in_window);     // accepted: decided 3 back
  log.add(first_beyond);       // too_old: decided 4 back
  log.add(log.fresh("kept"));  // accepted
  log.pass(2);
  log.add(log.fresh("kept"));  // duplicate: seen 3 back
  log.add(log.fresh("kept"));  // accepted: seen 4 back
  Record itself = log.fresh("itself");
  ++itself.decided_ordinal;
  log.add(itself);                                         // other_history
  log.add(log.counting("up to the limit", k_within, 10));  // accepted
  log.add(log.counting("one more", k_within, 1));          // counter
  log.add(log.counting("still within", k_beyond, 0));      // counter
  log.add(log.counting("now beyond", k_beyond, 1));        // accepted
  return log.log;
}

TEST(GoldenLogs, AreThere) {
  const std::map<std::string, GoldenLog (*)()> makers = {
      {"0001_every_reason", every_reason},
      {"0002_counters_at_their_edges", counters_at_their_edges},
      {"0003_commands_that_settle_each_other", commands_that_settle_each_other},
      {"0004_never_created", never_created},
      {"0005_at_the_bounds", at_the_bounds}};
  for (const auto& [name, make] : makers) {
    if (golden::may_write()) golden::write_if_missing(golden::folder(), name, make());
    EXPECT_TRUE(fs::exists(golden::folder() / (name + ".bin")))
        << name << ": run with PASIG_REWRITE=1";
  }
}

TEST(GoldenLogs, MeanWhatTheyMeant) {
  for (const fs::path& path : golden::logs())
    EXPECT_EQ(golden::meaning_of(golden::read_log(path)),
              golden::contents(fs::path(path).replace_extension(".txt")))
        << path;
}

TEST(GoldenLogs, AreNeverWrittenOver) {
  const ScratchDirectory scratch;
  ASSERT_TRUE(golden::write_if_missing(scratch.path(), "one", every_reason()));
  const std::string bytes = golden::contents(scratch.path() / "one.bin");
  EXPECT_FALSE(golden::write_if_missing(scratch.path(), "one", never_created()));
  EXPECT_EQ(golden::contents(scratch.path() / "one.bin"), bytes);
}

TEST(GoldenLogs, HoldEveryReason) {
  std::string all;
  for (const fs::path& path : golden::logs())
    all += golden::contents(fs::path(path).replace_extension(".txt"));
  for (int i = 0; i <= static_cast<int>(VoidReason::not_first); ++i) {
    const std::string line = " " + std::string(word(static_cast<VoidReason>(i))) + "\n";
    EXPECT_NE(all.find(line), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace pasig
