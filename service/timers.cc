#include "service/timers.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>

#include "commands/lose_replicas.h"
#include "commands/snapshots.h"
#include "statemachine/orders.h"

namespace pasig {
namespace {

constexpr auto k_tick = std::chrono::seconds(1);
constexpr std::int64_t k_look_seconds = 10;
constexpr std::int64_t k_look_seconds_max = 300;  // a clock that was set back is noticed
// An abandoned operation ends this long after its claimant's lease, if nobody could look by then.
constexpr std::int64_t k_abandon_seconds = 180;

}  // namespace

void Timers::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    while (!never.wait_for(lock, stop, k_tick, [&] { return stop.stop_requested(); })) {
      try {
        tick();
      } catch (const std::exception& thrown) {  // the state's disk: the next tick tries again
        spdlog::error("the timers could not look at the state: {}", thrown.what());
      }
    }
  });
}

void Timers::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Timers::tick() {
  std::vector<Due> due;
  {
    const auto view = parts_.store.view();
    const Time now = parts_.clock.now();
    retired_ = view->controllers();
    std::erase_if(retired_, [](const ControllerOrders& one) { return !one.is_retired; });
    for (const Operation& one : view->pending_operations()) look_at(*view, one, now, due);
    look_at_shares(*view, now, due);
  }
  // An error (the log is full, applying stands) is met by the next tick.
  for (Due& one : due)
    (void)parts_.handler.submit(
        {.command = std::move(one.command),
         .actor = {.kind = ActorKind::system, .name = "timer:" + parts_.node, .admin = true},
         .command_id = std::move(one.id)});
}

void Timers::look_at(const View& view, const Operation& operation, Time now,
                     std::vector<Due>& due) const {
  const std::string id = to_string(operation.id);
  const auto share = view.share(operation.share);
  if (!share) return;
  if (look_at_retired(view, *share, operation, due) || look_at_abandoned(operation, now, due))
    return;
  const OrdersInForce orders = orders_about(view, controllers_of(operation, *share));
  const bool waits = operation.status == OperationStatus::requested;
  if (waits && !pause_in_words(*share, orders).empty()) return;
  const TimeLimits limits = limits_of(
      operation, resumed_at(*share, orders_about(view, may_have_held(operation, *share))));
  if (limits.deadline.is_set() && now > limits.deadline && !operation.cancel_requested) {
    due.push_back(
        {ExpireOperation{operation.id}, "expire/" + id + "/" + std::to_string(operation.attempt)});
    return;
  }
  const Time claim_by =
      std::max(limits.claim_by, started_.plus_seconds(parts_.claim_timeout_seconds));
  if (!waits || now <= claim_by) return;
  // Behind another one in its share's line it cannot be claimed yet: nobody is to blame.
  if (share->operations.empty() || share->operations.front().id != operation.id) return;
  const std::string to = reroute_target(*share, operation);
  const bool is_gone = std::any_of(retired_.begin(), retired_.end(),
                                   [&](const ControllerOrders& one) { return one.name == to; });
  if (to.empty() || is_gone) return;
  due.push_back(
      {RerouteOperation{operation.id, to,
                        "no worker of controller " + operation.runs_on + " claimed it in time"},
       "reroute/" + id + "/" + std::to_string(limits.claim_by.micros)});
}

// Of a controller that was retired: its replicas are lost, and nobody will do its work.
void Timers::lose(const View& view, const Share& share, const std::string& controller,
                  std::vector<Due>& due) {
  due.push_back({LoseReplicas{share.id, controller},
                 "lose/" + to_string(share.id) + "/" + controller + "/" +
                     std::to_string(view.stream_version(stream_of(share.id)))});
}

bool Timers::look_at_retired(const View& view, const Share& share, const Operation& operation,
                             std::vector<Due>& due) const {
  for (const ControllerOrders& one : retired_)
    if (is_stranded(share, operation, one.name)) {
      lose(view, share, one.name, due);
      return true;
    }
  return false;
}

// Whoever can looks at storage and ends it. When nobody did for longer than any lease lasts, there
// is nobody who can.
bool Timers::look_at_abandoned(const Operation& operation, Time now, std::vector<Due>& due) const {
  if (!operation.abandon_requested) return false;
  const Time end = std::max(operation.abandon_requested_at, started_)
                       .plus_seconds(k_abandon_seconds + operation.lease_seconds);
  if (operation.status != OperationStatus::running || now <= end) return true;
  due.push_back({ReportOperationAbandoned{operation.id, operation.attempt,
                                          "no worker could look at storage in time: whether it was "
                                          "done there is not known, the next status call tells"},
                 "abandon/" + to_string(operation.id) + "/" + std::to_string(operation.attempt)});
  return true;
}

void Timers::look_at_shares(const View& view, Time now, std::vector<Due>& due) {
  const bool changed = view.head().next_ordinal != looked_at_;
  if (now < next_look_ && !(changed && now >= last_look_.plus_seconds(k_look_seconds))) return;
  last_look_ = now;
  looked_at_ = view.head().next_ordinal;
  next_look_ = now.plus_seconds(k_look_seconds_max);
  for (const Share& one : view.shares()) {
    look_at(one, now, due);
    for (const ControllerOrders& orders : retired_)
      if (has_replicas_to_lose(one, orders.name)) lose(view, one, orders.name, due);
  }
}

void Timers::look_at(const Share& share, Time now, std::vector<Due>& due) {
  for (const Replica& one : share.replicas) {
    if (one.state != ReplicaState::in_sync) continue;
    Time confirmed = std::max(one.data_as_of, started_);
    if (const auto seen = parts_.observations.replica(one.id))
      confirmed = std::max(confirmed, seen->data_as_of);
    const std::int64_t allowed =
        static_cast<std::int64_t>(share.rpo_seconds) + parts_.status_interval_seconds;
    const Time end = confirmed.plus_seconds(allowed);
    if (now <= end) {
      next_look_ = std::min(next_look_, Time{end.micros + 1});
      continue;
    }
    next_look_ = now;  // until the log says that it is not in sync any more
    due.push_back({ExpireConfirmation{share.id, one.id, confirmed},
                   "unverified/" + to_string(one.id) + "/" + std::to_string(confirmed.micros)});
  }
  for (const Snapshot& one : share.snapshots) look_at(share, one, now, due);
}

void Timers::look_at(const Share& share, const Snapshot& snapshot, Time now,
                     std::vector<Due>& due) {
  const Time deadline = copy_deadline(snapshot);
  if (!deadline.is_set()) return;
  for (const SnapshotCopy& one : snapshot.copies) {
    if (!one.required || one.status != SnapshotStatus::creating) continue;
    if (now <= deadline) {
      next_look_ = std::min(next_look_, Time{deadline.micros + 1});
      continue;
    }
    due.push_back({ExpireSnapshotCopy{share.id, snapshot.id, one.replica},
                   "overdue/" + to_string(snapshot.id) + "/" + to_string(one.replica) + "/" +
                       std::to_string(deadline.micros)});
  }
}

std::string reroute_target(const Share& share, const Operation& operation) {
  const Replica* own = share.find(operation.replica);
  if (own != nullptr && !own->controller.empty() && own->controller != operation.runs_on)
    return own->controller;
  for (const Replica& one : share.replicas)
    if (!one.controller.empty() && one.controller != operation.runs_on) return one.controller;
  return {};
}

}  // namespace pasig
