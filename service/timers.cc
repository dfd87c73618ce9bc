#include "service/timers.h"

#include <condition_variable>
#include <mutex>

namespace pasig {
namespace {

constexpr auto k_tick = std::chrono::seconds(1);

}  // namespace

void Timers::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    while (!never.wait_for(lock, stop, k_tick, [&] { return stop.stop_requested(); })) tick();
  });
}

void Timers::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Timers::tick() {
  const auto view = parts_.store.view();
  const Time now = parts_.clock.now();
  for (const Operation& one : view->pending_operations()) look_at(*view, one, now);
  for (const Share& one : view->shares()) look_at(one, now);
}

void Timers::look_at(const View& view, const Operation& operation, Time now) {
  const std::string id = to_string(operation.id);
  if (operation.deadline.is_set() && now > operation.deadline && !operation.cancel_requested) {
    submit(ExpireOperation{operation.id}, "expire/" + id + "/" + std::to_string(operation.attempt));
    return;
  }
  if (operation.status != OperationStatus::requested || now <= operation.claim_by) return;
  const auto share = view.share(operation.share);
  // Behind another one in its share's line it cannot be claimed yet: nobody is to blame.
  if (!share || share->operations.empty() || share->operations.front().id != operation.id) return;
  const std::string to = reroute_target(*share, operation);
  if (to.empty()) return;
  submit(RerouteOperation{operation.id, to,
                          "no worker of controller " + operation.runs_on + " claimed it in time"},
         "reroute/" + id + "/" + std::to_string(operation.claim_by.micros));
}

void Timers::look_at(const Share& share, Time now) {
  for (const Replica& one : share.replicas) {
    if (one.state != ReplicaState::in_sync) continue;
    Time confirmed = one.data_as_of;
    if (const auto seen = parts_.observations.replica(one.id))
      confirmed = std::max(confirmed, seen->data_as_of);
    const std::int64_t allowed =
        static_cast<std::int64_t>(share.rpo_seconds) + parts_.status_interval_seconds;
    if (now <= confirmed.plus_seconds(allowed)) continue;
    submit(ExpireConfirmation{share.id, one.id, confirmed},
           "unverified/" + to_string(one.id) + "/" + std::to_string(confirmed.micros));
  }
}

void Timers::submit(Command command, const std::string& id) {
  // An error (the log is full, applying stands) is met by the next tick.
  (void)parts_.handler.submit(
      {.command = std::move(command),
       .actor = {.kind = ActorKind::system, .name = "timer:" + parts_.node, .admin = true},
       .command_id = id});
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
