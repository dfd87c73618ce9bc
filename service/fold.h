// Judges and applies records of the log to a store: the one loop that the applier, verify and
// rebuild share, so that all of them mean the same by a log.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "log/log_reader.h"
#include "projections/store.h"

namespace pasig {

struct FoldStep {
  std::uint64_t records = 0;  // applied by this step; 0: at the end of the log
  std::uint64_t voids = 0;
};

// Applies up to `records_max` records from where the store stands, in one transaction.
// corrupt or unsupported: the record at the position in the message cannot be read; nothing
// of this step was committed, and applying must stop (log-protocol 8).
Result<FoldStep> fold_some(Store& store, const LogReader& log, std::size_t records_max);

}  // namespace pasig
