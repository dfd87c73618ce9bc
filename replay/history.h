// What happened to a share or a replica, and why it is as it is. Reads only: it is handed a
// view and a log reader, so it can neither append nor act.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "log/log_reader.h"
#include "projections/store.h"

namespace pasig::replay {

struct HistoryEntry {
  Ordinal ordinal = 0;
  bool accepted = true;
  Record record;  // decoded; its events say before and after
};

struct HistoryPage {
  std::vector<HistoryEntry> entries;   // oldest first
  std::optional<Ordinal> next;         // from where to go on; none: that was all
};

// Of one stream, from `from` on, at most `limit` records. When `replica` is given, only
// records with an event of that replica or of its share as a whole.
Result<HistoryPage> history(const View& view, const LogReader& log, const std::string& stream,
                            std::optional<ReplicaId> replica, Ordinal from, std::size_t limit);

// One record of the log by its ordinal.
Result<HistoryEntry> record_at(const View& view, const LogReader& log, Ordinal ordinal);

// One event in a sentence: "replica … fell out of sync: …".
std::string sentence(const Event& event);
// The causal chain of a replica's present state in words, most recent cause first; each line
// names position, time, actor, command, reason and what the guards, the driver or the scheduler
// said. Golden texts: tests/golden/why/.
Result<std::string> why(const View& view, const LogReader& log, ReplicaId replica);

// Folds the log from zero into a private store and compares it with the live one.
struct VerifyReport {
  std::uint64_t records = 0;
  std::uint64_t void_records = 0;
  Digest live_verdict, replayed_verdict, live_state, replayed_state, scanned_state;
  std::uint64_t live_ordinal = 0;
  [[nodiscard]] bool equal() const {
    return live_verdict == replayed_verdict && live_state == replayed_state &&
           scanned_state == live_state;
  }
};
using ProgressCallback = std::function<bool(std::uint64_t done, std::uint64_t total)>;  // false: stop
// scratch_directory: made, used and removed; not the live one.
Result<VerifyReport> verify(const Store& live, const LogReader& log,
                            const std::string& scratch_directory, const ProgressCallback& progress);
// Folds the log from zero into an empty store directory (the daemon is stopped).
Result<StoreHead> rebuild(const LogReader& log, const std::string& state_directory,
                          const ProgressCallback& progress);

}  // namespace pasig::replay
