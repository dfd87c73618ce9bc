// What time alone brings about: operations that nobody claimed or that passed their deadline,
// and replicas that nothing confirmed. Any node's timers may submit these; the expectations of
// the record make each happen once. A process that just started has heard of no confirmation and
// its workers could claim nothing: it is as patient as if everything had been well at its start.
#pragma once

#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

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
  std::uint32_t claim_timeout_seconds = 60;
};

// start and stop by its owner; tick by one thread.
class Timers {
 public:
  explicit Timers(TimerParts parts) : parts_(std::move(parts)), started_(parts_.clock.now()) {}

  void start();
  void stop();
  // Submits what is due now; the loop's body, and what tests call.
  void tick();

 private:
  struct Due {
    Command command;
    std::string id;
  };
  TimerParts parts_;
  const Time started_;
  // Shares are all looked at when one of those seen last can be due, or something was applied
  // since and the last look is a while ago.
  Time next_look_;
  Time last_look_;
  Ordinal looked_at_ = 0;
  std::vector<ControllerOrders> retired_;  // as of this tick
  std::jthread thread_;                    // last: it uses all of the above

  void look_at(const View& view, const Operation& operation, Time now, std::vector<Due>& due) const;
  // True: nothing else is due of it.
  bool look_at_retired(const View& view, const Share& share, const Operation& operation,
                       std::vector<Due>& due) const;
  bool look_at_abandoned(const Operation& operation, Time now, std::vector<Due>& due) const;
  static void lose(const View& view, const Share& share, const std::string& controller,
                   std::vector<Due>& due);
  void look_at_shares(const View& view, Time now, std::vector<Due>& due);
  void look_at(const Share& share, Time now, std::vector<Due>& due);
  void look_at(const Share& share, const Snapshot& snapshot, Time now, std::vector<Due>& due);
};

// Where an operation that was not claimed goes next: the founding text's fall-backs. For a new
// replica its own controller, else any other controller of the share; empty: there is none.
std::string reroute_target(const Share& share, const Operation& operation);

}  // namespace pasig
