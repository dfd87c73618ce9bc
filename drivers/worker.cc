#include "drivers/worker.h"

#include <algorithm>
#include <exception>
#include <thread>

#include "drivers/operation_runner.h"
#include "drivers/task_pool.h"
#include "drivers/upkeep.h"
#include "statemachine/kept_off.h"

namespace pasig::drivers {
namespace {

// How long new records are waited for before time itself is looked at (intervals, leases).
constexpr auto k_tick = std::chrono::milliseconds(200);
// Others' claims are taken over only after lease + margin, watched on this process's own clock.
constexpr auto k_takeover_margin = std::chrono::seconds(5);
// What this process gave back it takes up again after a pause that grows with each attempt.
constexpr auto k_retake_pause = std::chrono::seconds(1);
constexpr std::uint32_t k_retake_doublings_max = 8;
constexpr std::uint32_t k_endings_at_once = 2;
constexpr auto k_after_failure = std::chrono::seconds(1);

class LogWorker final : public Worker {
 public:
  explicit LogWorker(WorkerParts parts)
      : parts_(std::move(parts)),
        runner_(parts_),
        upkeep_(parts_),
        operations_(parts_.note),
        endings_(parts_.note) {}
  ~LogWorker() override { stop(); }

  void start() override {
    upkeep_.report_pools();
    operations_.start(parts_.operations_at_once);
    endings_.start(k_endings_at_once);
    runner_.start();
    upkeep_.start();
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }

  void look() override {
    start_operations(*parts_.store.view());
    runner_.tend();
    upkeep_.look_around();
  }

  bool run_next() override {
    return operations_.run_next({}) || endings_.run_next({}) || runner_.run_next() ||
           upkeep_.run_next();
  }

  void stop() override {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
    operations_.stop();
    endings_.stop();
    runner_.stop();
    upkeep_.stop();
  }

 private:
  // A claimant's last sign of life, and when this process saw it.
  struct Seen {
    std::uint64_t version = 0;
    Monotonic since;
  };
  const WorkerParts parts_;
  OperationRunner runner_;
  Upkeep upkeep_;
  TaskPool operations_;
  TaskPool endings_;  // of what is to be abandoned: its own call may hold a thread for ever
  std::map<OperationId, Seen> claims_;  // of what is pending
  std::jthread thread_;

  void run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      try {
        const Ordinal seen = parts_.store.view()->head().next_ordinal;
        look();
        (void)parts_.wait_beyond(seen, k_tick, stop);
      } catch (const std::exception& thrown) {  // the state's disk, or no reader left
        parts_.note(std::string("the worker could not look at the state: ") + thrown.what());
        parts_.pause(k_after_failure, stop);
      }
    }
  }

  void start_operations(const View& view) {
    std::map<OperationId, Seen> before;
    before.swap(claims_);  // what is over is forgotten
    for (const Operation& one : view.pending_operations()) {
      if (!parts_.controllers.contains(one.runs_on)) continue;
      const auto share = view.share(one.share);
      // One effect per share: the first in line runs.
      if (!share || share->operations.empty() || share->operations.front().id != one.id) continue;
      if (is_own(one) && one.abandon_requested) {
        endings_.add(to_string(one.id), [this, one](const std::stop_token& stop) {
          runner_.settle_abandoned(one, stop);
        });
        continue;
      }
      if (!one.abandon_requested && !may_begin(view, one, *share)) continue;
      if (!may_claim(view, one, before)) continue;
      upkeep_.give_way(one.share);
      operations_.add(to_string(one.id),
                      [this, one](const std::stop_token& stop) { (void)runner_.run(one, stop); });
    }
  }

  bool is_own(const Operation& one) const {
    return one.status == OperationStatus::running && one.node == parts_.node &&
           one.process == parts_.process;
  }

  // A predecessor of this process is gone for certain (the data directory's lock is ours): what
  // it claimed is taken over at once. What this process claimed itself runs, and is named in the
  // pool, or was given back. Anybody else's claim has to run out while we watch.
  bool may_claim(const View& view, const Operation& one,
                 const std::map<OperationId, Seen>& before) {
    if (one.status == OperationStatus::requested) return true;
    const bool is_this_nodes = one.node == parts_.node;
    if (is_this_nodes && one.process != parts_.process) return true;
    const Monotonic now = parts_.clock.monotonic();
    Seen& seen = claims_[one.id] = {view.stream_version(stream_of(one.id)), now};
    const auto known = before.find(one.id);
    if (known != before.end() && known->second.version == seen.version) seen = known->second;
    const Duration wait =
        is_this_nodes
            ? Duration(k_retake_pause) * (1U << std::min(one.attempt, k_retake_doublings_max))
            : std::chrono::seconds(one.lease_seconds) + k_takeover_margin;
    return now - seen.since > wait;
  }
};

}  // namespace

std::unique_ptr<Worker> make_worker(WorkerParts parts) {
  return std::make_unique<LogWorker>(std::move(parts));
}

}  // namespace pasig::drivers
