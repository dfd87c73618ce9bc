// What time alone brings about: operations that nobody claimed or that passed their deadline,
// and replicas that nothing confirmed. Any node's timers may submit these; the expectations of
// the record make each happen once.
#pragma once

#include <cstdint>
#include <set>
#include <thread>

#include "base/clock.h"
#include "projections/observations.h"
#include "projections/store.h"
#include "service/handler.h"

namespace pasig {

struct TimerParts {
  Handler& handler;
  const Store& store;
  const Observations& observations;
  const Clock& clock;
  std::string node;
  std::uint32_t status_interval_seconds = 300;
};

class Timers {
 public:
  explicit Timers(TimerParts parts) : parts_(std::move(parts)) {}

  void start();
  void stop();
  // Submits what is due now; the loop's body, and what tests call.
  void tick();

 private:
  TimerParts parts_;
  std::jthread thread_;

  void submit(Command command, const std::string& id);
  void look_at(const View& view, const Operation& operation, Time now);
  void look_at(const Share& share, Time now);
};

// Where an operation that was not claimed goes next: the founding text's fall-backs. For a new
// replica its own controller, else any other controller of the share; empty: there is none.
std::string reroute_target(const Share& share, const Operation& operation);

}  // namespace pasig
