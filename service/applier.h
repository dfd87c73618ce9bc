// Applies the log to the projections, in order, on one thread of its own, and tells who waits.
// When a record cannot be read, applying stands: reads go on, commands are refused
// (log-protocol 5, 8). When the state's disk is full, it stands until there is room again.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "log/log_reader.h"
#include "projections/store.h"

namespace pasig {

// Whether the log is the one that the state was folded from, and reaches as far
// (log-protocol 7). conflict: it is not; the state has to be rebuilt. corrupt: the log is shorter
// than the state, so records of it are lost.
Result<void> check_identity(const StoreHead& head, const LogReader& log);

// What a command hears while applying stands for that reason.
Error refusal_by(const Error& standing);

class Applier {
 public:
  Applier(Store& store, const LogReader& log) : store_(store), log_(log) {}

  // Applies all there is, then goes on in the background. The error of a record that cannot be
  // read is not returned here but kept: see standing().
  void start();
  void stop();

  // Blocks until the record at this offset is applied. unavailable, exhausted: the timeout passed,
  // applying stands or stops.
  [[nodiscard]] Result<void> wait_applied(std::uint64_t offset, Duration timeout) const;
  // Blocks until all that is in the log now is applied.
  [[nodiscard]] Result<void> catch_up(Duration timeout) const;
  // Blocks until more than `ordinal` records are applied (true), or timeout, or stop (false).
  bool wait_beyond(Ordinal ordinal, Duration timeout, std::stop_token stop) const;
  [[nodiscard]] Ordinal applied() const;
  // By the records from `from` on, so that who follows the state looks at what changed only.
  [[nodiscard]] SharesChanged shares_changed(Ordinal from) const;
  // Why applying stands; nothing while it goes on.
  [[nodiscard]] std::optional<Error> standing() const;

 private:
  Store& store_;
  const LogReader& log_;
  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;
  Ordinal applied_ = 0;
  std::uint64_t next_offset_ = 0;
  // Share, and how many records were applied with the last one that touched it; oldest first.
  std::deque<std::pair<Ordinal, ShareId>> changes_;
  Ordinal changes_from_ = 0;  // older ones are forgotten
  std::optional<Error> standing_;
  bool stopped_ = false;
  std::jthread thread_;  // last: it uses all of the above

  void run(const std::stop_token& stop);
  bool step();
  bool step_or_stand();
  void stand(const Error& error);
  void remember(Ordinal applied, const std::vector<ShareId>& shares);
};

}  // namespace pasig
