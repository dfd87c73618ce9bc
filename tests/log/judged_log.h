// A log that is judged as it is written, without projections: the verdict, its memory and the
// chain of digests, as every node runs them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "log/verdict_memory.h"

namespace pasig {

struct JudgedLog {
  VerdictMemory memory;
  Ordinal next = 0;
  std::vector<VoidReason> reasons;

  // A record that was decided on the log as it is now.
  Record decided_now(std::string command_id) const {
    Record record;
    record.command_id = std::move(command_id);
    record.decided_ordinal = next == 0 ? 0 : next - 1;
    record.decided_digest = memory.digest();
    return record;
  }

  Verdict take(const Record& record) { return take(record, encode(record).value()); }

  // Any bytes, as they lie in the log.
  Verdict take_bytes(const std::string& frame) {
    const Result<Record> record = decode(frame);
    if (record) return take(*record, frame);
    return pass_over(frame, VoidReason::foreign);
  }
  Verdict pass_over(const std::string& frame, VoidReason reason) {
    memory.skip(next++, next_verdict_digest(memory.digest(), frame, reason));
    reasons.push_back(reason);
    return {reason, {}};
  }

 private:
  Verdict take(const Record& record, const std::string& frame) {
    const Verdict verdict = judge(record, next, memory);
    const Digest digest = next_verdict_digest(memory.digest(), frame, verdict.reason);
    memory.apply(record, next, verdict, digest);
    ++next;
    reasons.push_back(verdict.reason);
    return verdict;
  }
};

inline Record creation(std::uint64_t window) {
  Record record;
  record.command_id = "create-log";
  record.events = {LogCreated{.log = {{1, 2}}, .window = window}};
  return record;
}

}  // namespace pasig
