// A node whose worker is stepped by hand: a log in memory, simulated storage, a clock that is
// moved; and what a test puts between: commands that do not get through, views that are counted.
// One thread, but where a test starts the worker's own.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "drivers/simulated/simulated_driver.h"
#include "drivers/simulated/simulation.h"
#include "drivers/worker.h"
#include "tests/scenarios/script.h"
#include "tests/service/service_node.h"

namespace pasig::drivers {

// What the worker submits, first seen by the test: an answer of the test's own comes instead.
class AskedHandler final : public Handler {
 public:
  explicit AskedHandler(Handler& handler) : handler_(handler) {}
  Result<CommandOutcome> submit(Submission submission) override {
    if (before) {
      const auto error = before(submission);
      if (error) return tl::unexpected(*error);
    }
    return handler_.submit(std::move(submission));
  }
  Result<CommandOutcome> outcome(const std::string& command_id) override {
    return handler_.outcome(command_id);
  }
  std::function<std::optional<Error>(const Submission&)> before;

 private:
  Handler& handler_;
};

// How the worker reads the state.
struct Reading {
  std::atomic<int> shares_decoded = 0;
  std::atomic<int> views_held = 0;
  std::atomic<int> views_to_fail = 0;
};

class CountedView final : public View {
 public:
  CountedView(std::unique_ptr<View> view, Reading& reading)
      : view_(std::move(view)), reading_(reading) {
    ++reading_.views_held;
  }
  ~CountedView() override { --reading_.views_held; }
  Position position() const override { return view_->position(); }
  std::optional<Share> share(ShareId id) const override {
    ++reading_.shares_decoded;
    return view_->share(id);
  }
  std::optional<ShareId> share_of(ReplicaId id) const override { return view_->share_of(id); }
  std::optional<ShareId> share_of(SnapshotId id) const override { return view_->share_of(id); }
  std::optional<ShareId> share_of(AccessRuleId id) const override { return view_->share_of(id); }
  std::optional<ControllerOrders> controller(std::string_view name) const override {
    return view_->controller(name);
  }
  std::vector<ControllerOrders> controllers() const override { return view_->controllers(); }
  std::optional<Operation> operation(OperationId id) const override { return view_->operation(id); }
  std::optional<ShareType> share_type(ShareTypeId id) const override {
    return view_->share_type(id);
  }
  std::optional<ShareTypeId> share_type_named(std::string_view name) const override {
    return view_->share_type_named(name);
  }
  std::uint64_t stream_version(std::string_view stream) const override {
    return view_->stream_version(stream);
  }
  std::int64_t counter(std::string_view counter) const override { return view_->counter(counter); }
  const StoreHead& head() const override { return view_->head(); }
  std::vector<Share> shares() const override {
    auto all = view_->shares();
    reading_.shares_decoded += static_cast<int>(all.size());
    return all;
  }
  std::vector<ShareType> share_types() const override { return view_->share_types(); }
  std::vector<Operation> pending_operations() const override { return view_->pending_operations(); }
  std::vector<Operation> operations(std::size_t limit) const override {
    return view_->operations(limit);
  }
  std::optional<StoredOutcome> outcome(std::string_view command_id) const override {
    return view_->outcome(command_id);
  }
  std::optional<Digest> digest_after(Ordinal ordinal) const override {
    return view_->digest_after(ordinal);
  }
  std::vector<HistoryRef> history(std::string_view stream, Ordinal from,
                                  std::size_t limit) const override {
    return view_->history(stream, from, limit);
  }
  std::uint64_t offset_of(Ordinal ordinal) const override { return view_->offset_of(ordinal); }
  std::optional<ShareId> share_once_of(ReplicaId id) const override {
    return view_->share_once_of(id);
  }
  Digest scanned_digest() const override { return view_->scanned_digest(); }

 private:
  std::unique_ptr<View> view_;
  Reading& reading_;
};

class CountedStore final : public Store {
 public:
  explicit CountedStore(Store& store) : store_(store) {}
  std::unique_ptr<View> view() const override {
    if (reading.views_to_fail > 0) {
      --reading.views_to_fail;
      throw StoreFailure({ErrorCode::unavailable, "reading the state: no reader is left", {}});
    }
    return std::make_unique<CountedView>(store_.view(), reading);
  }
  std::unique_ptr<Writer> begin() override { return store_.begin(); }
  Result<void> close_cleanly() override { return store_.close_cleanly(); }
  mutable Reading reading;

 private:
  Store& store_;
};

class WorkingNode : public testing::Test {
 protected:
  static constexpr std::uint32_t k_lease = 300;
  static constexpr std::uint32_t k_status_interval = 300;

  WorkingNode() { start_process(1); }

  void start_process(std::uint64_t process) {
    worker_.reset();
    WorkerParts parts{
        .handler = handler_,
        .store = store_,
        .observations = *observations_,
        .clock = clock_,
        .wait_beyond =
            [this](Ordinal seen, Duration timeout, std::stop_token stop) {
              return node_.applier().wait_beyond(seen, timeout, std::move(stop));
            },
        .shares_changed = [this](Ordinal from) { return node_.applier().shares_changed(from); },
        .pause = [this](Duration, const std::stop_token&) { pausing_(); },
        .note = [](const std::string&) {},
        .node = "n1",
        .process = process,
        .lease_seconds = k_lease,
        .status_interval_seconds = k_status_interval};
    for (const auto& one : configs_)
      parts.controllers[one.name] = {one.name, one.zone, one.driver, &scripted_};
    worker_ = make_worker(std::move(parts));
  }

  // One look, and all that it queued.
  bool step() {
    (void)node_.view();  // all is applied
    worker_->look();
    bool ran = false;
    while (worker_->run_next()) ran = true;
    return ran;
  }
  void settle() {
    for (int i = 0; i < 50; ++i)
      if (!step()) return;
    ADD_FAILURE() << "there is always something due";
  }
  void pass(std::int64_t seconds) {
    clock_.advance_seconds(seconds);
    settle();
  }

  ShareId make_share() {
    const ShareId id = node_.request_share();
    settle();
    return id;
  }
  ReplicaId add_replica(ShareId id) {
    const ReplicaId replica = node_.request_replica(id);
    settle();
    return replica;
  }
  // The operation that a command asked for.
  OperationId request(Command command) {
    for (const Event& event : node_.run(std::move(command)).events)
      if (const auto* one = std::get_if<OperationRequested>(&event)) return one->operation;
    ADD_FAILURE() << "no operation was asked for";
    return {};
  }
  // How many calls of that name took effect.
  int calls(const std::string& name) const {
    const auto all = storage_->calls();
    return static_cast<int>(std::count(all.begin(), all.end(), name));
  }
  int events(std::string_view name) const {
    int count = 0;
    for (const Judged& one : judged_records(log_))
      for (const Event& event : one.record.events)
        if (one.verdict == VoidReason::none && name_of(event) == name) ++count;
    return count;
  }

  MemoryLog log_;
  ManualClock clock_{Time{1'790'000'000'000'000}};
  ServiceNode node_{log_, clock_};
  AskedHandler handler_{node_.handler()};
  CountedStore store_{node_.store()};
  std::unique_ptr<Observations> observations_ = std::move(open_observations("")).value();
  std::shared_ptr<simulated::Simulation> storage_ = std::make_shared<simulated::Simulation>();
  const std::vector<ControllerConfig> configs_{{"a", "zone-a", "simulated", {{"pools", "p0"}}},
                                               {"b", "zone-b", "simulated", {{"pools", "p0"}}},
                                               {"c", "zone-c", "simulated", {{"pools", "p0"}}}};
  const std::unique_ptr<Driver> driver_ =
      std::move(make_simulated_driver(configs_, clock_, storage_)).value();
  scenario::Script script_;
  scenario::ScriptedDriver scripted_{*driver_, script_};
  std::function<void()> pausing_ = [this] { clock_.advance_seconds(1); };
  std::unique_ptr<Worker> worker_;
};

}  // namespace pasig::drivers
