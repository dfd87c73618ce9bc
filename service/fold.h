// Judges and applies records of the log to a store: the one loop that the applier, verify and
// rebuild share, so that all of them mean the same by a log.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "events/record.h"
#include "log/log_reader.h"
#include "projections/store.h"

namespace pasig {

struct FoldStep {
  std::uint64_t records = 0;  // applied by this step; 0: at the end of the log
  std::uint64_t voids = 0;
  std::vector<ShareId> shares;  // that accepted records touched; may name one twice
  // Where the store stands now.
  Ordinal next_ordinal = 0;
  std::uint64_t next_offset = 0;
};

// Applies up to `records_max` records from where the store stands, in one transaction. Stops
// before a record that cannot be read; the next call gives its error.
// corrupt or unsupported: that record (its position is in the message); applying must stop
// (log-protocol 8). exhausted, unavailable: the state's disk; nothing of this step was committed.
Result<FoldStep> fold_some(Store& store, const LogReader& log, std::size_t records_max);

}  // namespace pasig
