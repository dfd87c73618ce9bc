// The command path: load → decide → append → apply → answer. The one way to change anything.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "commands/command.h"
#include "commands/decide.h"
#include "commands/decision.h"
#include "events/record.h"

namespace pasig {

// A command with all that surrounds it.
struct Submission {
  Command command;
  Actor actor;
  std::string command_id;  // empty: the handler makes one
  std::string reason;
  std::string request_id;
  std::string traceparent;
  std::string cause;
  // Workers' reports never give up on being overtaken, and go on under the id with a '+' behind it
  // when theirs was abandoned; clients' tries end by time (Error::unavailable).
  bool never_give_up = false;
};

// What became of it, as of the record that settled it.
struct CommandOutcome {
  std::string command_id;
  Ordinal ordinal = 0;        // of that record; unset when nothing was written
  bool written = false;       // false: nothing to do, or a refusal that is not recorded
  bool repeated = false;      // an earlier submission of this id settled it
  std::vector<Event> events;  // accepted ones; empty for refusals
  std::optional<Refusal> refusal;
};

// All calls from any thread; they block.
class Handler {
 public:
  virtual ~Handler() = default;

  // Error, not outcome: unavailable (503: it never happened, try again), unknown (504: look at
  // GET /pasig/v1/commands/{id}), exhausted (507), invalid (422: same id, other content; or more
  // than one record holds).
  [[nodiscard]] virtual Result<CommandOutcome> submit(Submission submission) = 0;

  // What became of a command id; not_found when it is not in the window.
  [[nodiscard]] virtual Result<CommandOutcome> outcome(const std::string& command_id) = 0;
};

}  // namespace pasig
