// The Handler over an event log: ticket → decide → append → apply → answer. Optimistic: a
// record that turns out void was overtaken by another command; it is decided again, and the
// client never notices.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "commands/decide.h"
#include "log/event_log.h"
#include "projections/store.h"
#include "service/applier.h"
#include "service/handler.h"

namespace pasig {

struct HandlerParts {
  EventLog& log;
  const Store& store;
  const Applier& applier;
  const Clock& clock;
  std::string node;
  // What a decision needs and the log does not hold, as of now (pools, quotas, copies).
  std::function<Surroundings(const View&, const Command&)> surroundings;
  // How long a client's command tries before it answers 503.
  Duration tries_end_after = std::chrono::seconds(20);
};

std::unique_ptr<Handler> make_command_handler(HandlerParts parts);

// Writes record 0 if the log is empty. `window` is W of log-protocol 2.
Result<void> create_log_if_empty(EventLog& log, const Clock& clock, const std::string& node,
                                 std::uint64_t window);
constexpr std::uint64_t k_default_window = 1'000'000;

}  // namespace pasig
