// The worker: claims the operations of its controllers in the log, calls their drivers, and
// reports what happened as commands. It decides nothing about state; a report that no longer
// fits is refused like any other. Syncs, status calls and capacity reports run beside the
// operations, on threads of their own, so that a long copy delays nothing else.
//
// What is due is found by look(); threads, or a caller that drives the time itself, run it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "drivers/driver.h"
#include "projections/observations.h"
#include "projections/store.h"
#include "service/handler.h"

namespace pasig::drivers {

struct WorkedController {
  std::string name;
  std::string zone;
  std::string kind;  // the driver's word
  Driver* driver = nullptr;
};

struct WorkerParts {
  Handler& handler;
  const Store& store;
  Observations& observations;
  const Clock& clock;
  // Blocks until more than so many records are applied, the timeout passes or stop.
  std::function<bool(Ordinal, Duration, std::stop_token)> wait_beyond;
  // Which shares records from this one on changed, so that a look costs what changed.
  std::function<SharesChanged(Ordinal)> shares_changed;
  // Sleeps that long, unless it is asked to stop: between two tries of a call.
  std::function<void(Duration, std::stop_token)> pause;
  // For the operator's log: what is not an event and not an answer.
  std::function<void(const std::string&)> note;
  std::string node;
  std::uint64_t process = 0;                            // this start of the process
  std::map<std::string, WorkedController> controllers;  // those that this node works for
  std::uint32_t operations_at_once = 8;
  std::uint32_t syncs_at_once = 4;
  std::uint32_t lease_seconds = 300;
  std::uint32_t status_interval_seconds = 300;
  std::uint32_t stats_interval_seconds = 60;
  std::uint32_t scrub_interval_seconds = 24 * 3600;
};

class Worker {
 public:
  virtual ~Worker() = default;
  // One capacity report of every controller, so that the first command can be placed; then all
  // threads run.
  virtual void start() = 0;
  // Asks running calls to stop, waits for them, and ends. What was not finished is taken up
  // again by the next start.
  virtual void stop() = 0;
  // One look at the log and the clock: queues all that is due, renews leases, passes requests to
  // cancel on. start()'s thread does this for ever; without start(), the one thread that steps.
  virtual void look() = 0;
  // Runs one queued task to its end on the calling thread, operations first; for worlds that
  // have no threads, instead of start(). False: nothing is queued.
  virtual bool run_next() = 0;
};

std::unique_ptr<Worker> make_worker(WorkerParts parts);

}  // namespace pasig::drivers
