// A change of the active replica as it would go, without doing it: the records that a real run
// would write, each decided by the same functions on a copy of the state, the refusals on the way,
// and what would be lost. Pure; what storage shows is handed in.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "commands/decide.h"

namespace pasig {

// One replica as its storage shows it now.
struct SideSeen {
  ReplicaId replica;
  bool is_reachable = false;
  std::string words;  // why it is not
  std::uint64_t generation = 0;
  Time data_as_of;  // of its last complete copy; of the active one: unset
  Consistency consistency = Consistency::unknown;
};

struct PlannedRecord {
  std::string command;
  Events events;
};

struct ChangePlan {
  std::vector<PlannedRecord> records;
  std::vector<Refusal> refusals;  // what a real run would be told instead of going on
  ChangeMode effective_mode = ChangeMode::planned;
  bool loses_nothing = false;  // planned, or nothing to do
  bool loss_is_known = false;
  std::int64_t loss_micros = 0;      // at most so much of the newest writes
  Time data_as_of;                   // what it would open with; unset: unknown, or a final sync's
  std::vector<ReplicaId> ahead;      // hold newer copies than that; they are kept aside
  std::vector<std::string> remarks;  // what else would happen, in words
};

// Of the events, by their names in JSON: what only the real run can say.
constexpr std::array<std::string_view, 13> k_not_foretold = {
    "claim_by",   "deadline",        "node",   "process",     "lease_seconds",
    "generation", "data_as_of",      "fence",  "consistency", "loss_window_micros",
    "exports",    "demoted_exports", "failure"};

[[nodiscard]] ChangePlan plan_change(const StateReader& state, const Surroundings& now,
                                     const SetActiveReplica& command,
                                     const std::vector<SideSeen>& seen);

}  // namespace pasig
