// What a record costs to judge and to fold, and a rebuild against a raw scan and put.
#include <chrono>
#include <unordered_map>

#include "bench/bed.h"
#include "bench/benches.h"
#include "bench/limits/raw_lmdb.h"
#include "log/open.h"
#include "log/verdict.h"
#include "service/fold.h"
#include "statemachine/evolve.h"

namespace pasig::bench {
namespace {

using Clock = std::chrono::steady_clock;
double since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

// A log of many shares' lives.
struct History {
  explicit History(std::size_t records) : directory(scratch.below("log")) {
    Bed bed(directory, scratch.below("state"));
    constexpr std::size_t k_shares = 50;
    bed.make_shares(k_shares);
    std::size_t turn = 0;
    while (*bed.log().end() < records) {
      for (const ReplicaId replica : bed.replicas()) bed.submit(toggle(replica, turn));
      ++turn;
    }
    frames = frames_of(bed.log(), 0);
  }
  Scratch scratch;
  std::string directory;
  std::vector<std::string> frames;
};

class RememberedVerdicts final : public VerdictState {
 public:
  std::uint64_t window() const override { return k_default_window; }
  std::optional<Ordinal> seen(std::string_view id) const override {
    const auto at = ids_.find(std::string(id));
    return at == ids_.end() ? std::nullopt : std::optional(at->second);
  }
  std::optional<Digest> digest_after(Ordinal ordinal) const override {
    return ordinal < digests_.size() ? std::optional(digests_[ordinal]) : std::nullopt;
  }
  std::uint64_t stream_version(std::string_view stream) const override {
    const auto at = streams_.find(std::string(stream));
    return at == streams_.end() ? 0 : at->second;
  }
  std::int64_t counter(std::string_view counter) const override {
    const auto at = counters_.find(std::string(counter));
    return at == counters_.end() ? 0 : at->second;
  }
  void take(const Record& record, Ordinal ordinal, const Digest& digest) {
    ids_.emplace(record.command_id, ordinal);
    digests_.push_back(digest);
    for (const StreamTouch& touch : record.touched) streams_[touch.stream] += touch.events;
    for (const CounterMove& move : record.moved) counters_[move.counter] += move.delta;
  }

 private:
  std::unordered_map<std::string, Ordinal> ids_;
  std::unordered_map<std::string, std::uint64_t> streams_;
  std::unordered_map<std::string, std::int64_t> counters_;
  std::vector<Digest> digests_;
};

std::vector<Record> decoded(const std::vector<std::string>& frames) {
  std::vector<Record> records;
  for (const std::string& frame : frames) {
    auto record = decode(frame);
    if (!record) give_up(record.error().message);
    records.push_back(*std::move(record));
  }
  return records;
}

Run judge_all(const std::vector<std::string>& frames, const std::vector<Record>& records) {
  RememberedVerdicts state;
  Digest digest;
  double seconds = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const auto began = Clock::now();
    const Verdict verdict = judge(records[i], i, state);
    digest = next_verdict_digest(digest, frames[i], verdict.reason);
    seconds += since(began);
    if (!verdict.accepted()) give_up("a record of the benchmark is void: " + verdict.detail);
    state.take(records[i], i, digest);
  }
  return {.seconds = seconds, .operations = records.size()};
}

Run evolve_all(const std::vector<Record>& records) {
  World world;
  Run run;
  const auto began = Clock::now();
  for (std::size_t i = 0; i < records.size(); ++i)
    for (const Event& event : records[i].events) {
      evolve(world, event, {.ordinal = i, .time = records[i].time});
      ++run.operations;
    }
  run.seconds = since(began);
  return run;
}

Run rebuild_state(const History& history, int run_number) {
  const auto log = open_log({.directory = history.directory});
  if (!log) give_up(log.error().message);
  const std::string directory = history.scratch.below("rebuilt-" + std::to_string(run_number));
  std::string why;
  const auto store = open_store(directory, {}, &why);
  if (!store) give_up(store.error().message);
  Run run;
  const auto began = Clock::now();
  while (true) {
    const auto step = fold_some(**store, **log, 1000);
    if (!step) give_up(step.error().message);
    if (step->records == 0) break;
    run.operations += step->records;
  }
  run.seconds = since(began);
  for (const std::string& frame : history.frames) run.bytes += frame.size();
  return run;
}

}  // namespace

bool verdict(const Size& size) {
  const History history(size.scaled(3000));
  const std::vector<Record> records = decoded(history.frames);
  return measure({.name = "verdict",
                  .what = "judge a record and go on with the verdict digest",
                  .goal_nanoseconds = 3000,
                  .ours = [&] { return judge_all(history.frames, records); }},
                 size.runs);
}

bool fold(const Size& size) {
  const History history(size.scaled(3000));
  const std::vector<Record> records = decoded(history.frames);
  return measure({.name = "fold",
                  .what = "evolve one event, without storage",
                  .goal_nanoseconds = 1000,
                  .ours = [&] { return evolve_all(records); }},
                 size.runs);
}

bool rebuild(const Size& size) {
  const History history(size.scaled(3000));
  int runs = 0;
  return compare({.name = "rebuild",
                  .what = "fold a log from zero, against a raw scan and put of its bytes",
                  .goal = 0.5,
                  .ours = [&] { return rebuild_state(history, runs++); },
                  .limit =
                      [&] {
                        return raw_scan_and_put(
                            history.directory,
                            history.scratch.below("raw-" + std::to_string(runs++)));
                      }},
                 size.runs);
}

}  // namespace pasig::bench
