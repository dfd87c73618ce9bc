// What happened to a share or a replica, and why it is as it is. Reads only: it is handed a
// view and a log reader, so it can neither append nor act. Any thread; a view belongs to one.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "events/record.h"
#include "log/log_reader.h"
#include "projections/store.h"

namespace pasig::replay {

struct HistoryEntry {
  Ordinal ordinal = 0;
  bool accepted = true;
  // Of a void record, the verdict's word (stream_moved, duplicate, …); empty when the record
  // is older than the log's window, which is as far as verdicts are kept.
  std::string void_because;
  Record record;  // decoded; its events say before and after
};

struct HistoryPage {
  std::vector<HistoryEntry> entries;  // oldest first
  std::optional<Ordinal> next;        // from where to go on; none: that was all
};

// Of one stream, from `from` on, at most `limit` records (and possibly fewer, with `next` set,
// when many had to be passed over). When `replica` is given, only records with an event of
// that replica or of its share as a whole.
Result<HistoryPage> history(const View& view, const LogReader& log, const std::string& stream,
                            std::optional<ReplicaId> replica, Ordinal from, std::size_t limit);

// One record of the log by its ordinal. not_found: the log has none there yet, or the bytes
// are not a record of Pasig's (the verdict "foreign").
Result<HistoryEntry> record_at(const View& view, const LogReader& log, Ordinal ordinal);

// One event in a sentence: "replica … fell out of sync (…): …".
std::string sentence(const Event& event);

// The causal chain of a replica's present state in words, most recent cause first; each item
// names position, time, command, actor, reason and what the guards, the driver or the scheduler
// said. Made of the log alone: the same text on every node. Golden texts: tests/golden/why/.
// not_found: the log never knew this replica.
Result<std::string> why(const View& view, const LogReader& log, ReplicaId replica);

// done of total records. false: stop.
using ProgressCallback = std::function<bool(std::uint64_t done, std::uint64_t total)>;

// What verify found. scanned_state is made of every key and value of the live store, read again
// in the view that the other live digests are of.
struct VerifyReport {
  std::uint64_t records = 0;
  std::uint64_t void_records = 0;
  Digest live_verdict, replayed_verdict, live_state, replayed_state, scanned_state;
  std::uint64_t live_ordinal = 0;  // records that the live store had applied
  [[nodiscard]] bool equal() const {
    return live_verdict == replayed_verdict && live_state == replayed_state &&
           scanned_state == live_state;
  }
};

// Folds the log from zero, as far as the live store has come, into a private store and compares
// the two. scratch_directory: made, used and removed; conflict when it is there already.
// unavailable: progress said stop. Records that are applied meanwhile do not count.
Result<VerifyReport> verify(const Store& live, const LogReader& log,
                            const std::string& scratch_directory, const ProgressCallback& progress);

// Folds the whole log from zero into a store beside state_directory, which then takes its place.
// The daemon is stopped. When this fails, or progress says stop, the old state is untouched.
// conflict: state_directory holds something that is no state of Pasig's.
Result<StoreHead> rebuild(const LogReader& log, const std::string& state_directory,
                          const ProgressCallback& progress);

}  // namespace pasig::replay
