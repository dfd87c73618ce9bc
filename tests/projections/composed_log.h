// A log that is written, judged and folded at once, in memory, with nothing of the service: what
// stores and golden files are compared with. Decisions are made on it as nodes make them.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "commands/decide.h"
#include "log/memory.h"
#include "statemachine/world_reader.h"
#include "tests/log/judged_log.h"

namespace pasig {

class ComposedLog {
 public:
  // Record 0 is a LogCreated with this window.
  explicit ComposedLog(std::uint64_t window);
  // A log as it was written once.
  ComposedLog(const std::vector<std::string>& frames, const std::set<Ordinal>& quarantined);

  MemoryLog log;                    // what was written
  std::vector<std::string> frames;  // the same
  JudgedLog judged;
  FoldedWorld folded;  // of the accepted ones
  Surroundings now;    // three pools in three zones

  // The command's record as of now; nothing when there is nothing to do. A refusal that is
  // recorded is its record.
  [[nodiscard]] std::optional<Record> decide_now(const Command& command, const std::string& id);
  // A record with these facts, that expects every stream they are in as it is now.
  [[nodiscard]] Record stating(Events events, const std::string& id) const;
  [[nodiscard]] Record fresh(const std::string& id) const;  // without events

  VoidReason add(const Record& record);
  VoidReason add_bytes(const std::string& frame);
  // The position is one that an operator listed: its bytes are not looked at.
  void add_quarantined(const std::string& frame);

  // Decides, and writes what there is to write.
  VoidReason run(const Command& command);
  void later(std::int64_t seconds) { now.now = now.now.plus_seconds(seconds); }

  [[nodiscard]] const Share& share(ShareId id) const { return folded.world.shares.at(id); }
  // The first in the share's line: claimed, and reported as done.
  void finish_first(ShareId share);
  void claim_first(ShareId share);

 private:
  int commands_ = 0;
  void put(const std::string& frame);
};

// What a worker would say of an operation that went well.
Command report_of_success(const ComposedLog& log, const Operation& operation);

}  // namespace pasig
