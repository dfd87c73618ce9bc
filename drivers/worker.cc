#include "drivers/worker.h"

#include <thread>

#include "drivers/operation_runner.h"
#include "drivers/task_pool.h"
#include "drivers/upkeep.h"

namespace pasig::drivers {
namespace {

// How long new records are waited for before time itself is looked at (intervals, leases).
constexpr auto k_tick = std::chrono::milliseconds(200);
// Others' claims are taken over only after lease + margin, watched on this process's own clock.
constexpr auto k_takeover_margin = std::chrono::seconds(5);

class LogWorker final : public Worker {
 public:
  explicit LogWorker(WorkerParts parts)
      : parts_(std::move(parts)), runner_(parts_), upkeep_(parts_) {}
  ~LogWorker() override { stop(); }

  void start() override {
    upkeep_.report_pools();
    operations_.start(parts_.operations_at_once);
    upkeep_.start();
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }

  void stop() override {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
    operations_.stop();
    upkeep_.stop();
  }

 private:
  // Another claimant's last sign of life, and when this process saw it.
  struct Seen {
    std::uint64_t version = 0;
    Monotonic since;
  };
  const WorkerParts parts_;
  OperationRunner runner_;
  Upkeep upkeep_;
  TaskPool operations_;
  std::map<OperationId, Seen> others_;
  std::jthread thread_;

  void run(const std::stop_token& stop) {
    Ordinal seen = 0;
    while (!stop.stop_requested()) {
      const auto view = parts_.store.view();
      seen = view->head().next_ordinal;
      start_operations(*view);
      runner_.tend();
      upkeep_.look_around();
      (void)parts_.wait_beyond(seen, k_tick, stop);
    }
  }

  void start_operations(const View& view) {
    for (const Operation& one : view.pending_operations()) {
      if (!parts_.controllers.contains(one.runs_on)) continue;
      const auto share = view.share(one.share);
      // One effect per share: the first in line runs.
      if (!share || share->operations.empty() || share->operations.front().id != one.id) continue;
      if (!may_claim(view, one)) continue;
      upkeep_.give_way(one.share);
      operations_.add(to_string(one.id),
                      [this, one](const std::stop_token& stop) { (void)runner_.run(one, stop); });
    }
  }

  // This node's own claims: a predecessor of this process is gone for certain (the data
  // directory's lock is ours), and what this process runs is named in the pool already. Anybody
  // else's claim has to run out while we watch.
  bool may_claim(const View& view, const Operation& one) {
    if (one.status == OperationStatus::requested) return true;
    if (one.node == parts_.node) return true;
    const std::uint64_t version = view.stream_version(stream_of(one.id));
    const Monotonic now = parts_.clock.monotonic();
    auto [at, is_new] = others_.try_emplace(one.id, Seen{version, now});
    if (!is_new && at->second.version != version) at->second = {version, now};
    return now - at->second.since > std::chrono::seconds(one.lease_seconds) + k_takeover_margin;
  }
};

}  // namespace

std::unique_ptr<Worker> make_worker(WorkerParts parts) {
  return std::make_unique<LogWorker>(std::move(parts));
}

}  // namespace pasig::drivers
