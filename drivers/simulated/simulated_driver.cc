#include "drivers/simulated/simulated_driver.h"

#include <algorithm>
#include <chrono>

#include "drivers/simulated/calls.h"

namespace pasig::drivers {
namespace simulated {
namespace {

constexpr std::chrono::milliseconds k_look_at_clock{20};  // while a call is held

}  // namespace

SimulatedDriver::SimulatedDriver(std::map<std::string, Options> controllers, const Clock& clock,
                                 std::shared_ptr<Simulation> simulation)
    : controllers_(std::move(controllers)), clock_(clock), world_(std::move(simulation)) {
  for (const auto& [name, options] : controllers_)
    latency_ = std::max(latency_, std::chrono::milliseconds(options.latency_ms));
}

Answer<void> SimulatedDriver::wait(const std::string& name, const CallContext& call,
                                   std::unique_lock<std::mutex>& lock) {
  if (latency_.count() > 0)
    world_->changed_.wait_for(lock, call.cancelled, latency_, [] { return false; });
  ++world_->waiting_[name];
  world_->changed_.notify_all();
  while (world_->held_.contains(name) && !call.cancelled.stop_requested() &&
         clock_.monotonic() < call.deadline)
    world_->changed_.wait_for(lock, call.cancelled, k_look_at_clock,
                              [&] { return !world_->held_.contains(name); });
  --world_->waiting_[name];
  if (call.cancelled.stop_requested())
    return tl::unexpected(failure(Problem::cancelled, {}, "asked to stop before " + name));
  if (clock_.monotonic() >= call.deadline)
    return tl::unexpected(failure(Problem::expired, {}, "the deadline passed before " + name));
  return {};
}

Answer<std::vector<PoolStats>> SimulatedDriver::stats(const std::string& controller) {
  const std::scoped_lock lock(world_->mutex_);
  PASIG_CHECK(reach(controller));
  constexpr std::uint64_t k_gib = std::uint64_t{1} << 30;
  const Options& options = controllers_.at(controller);
  std::vector<PoolStats> all;
  for (const std::string& name : options.pools) {
    std::uint64_t used = 0;
    for (const auto& [id, one] : world_->replicas_)
      if (one.controller == controller && one.pool == name) used += one.size_gb;
    PoolStats pool;
    pool.pool = name;
    pool.file_system = controller + "/" + name;
    pool.total_bytes = options.capacity_gb * k_gib;
    pool.free_bytes = (options.capacity_gb - std::min(used, options.capacity_gb)) * k_gib;
    pool.replication_domain = options.replication_domain;
    pool.replication = {Replication::none, Replication::writable, Replication::readable,
                        Replication::dr};
    pool.capabilities = {{"fence", "simulated"},
                         {"reflink", "true"},
                         {"ownership", "real"},
                         {"size", "observed"},
                         {"snapshot_support", "true"},
                         {"create_share_from_snapshot_support", "true"},
                         {"revert_to_snapshot_support", "true"},
                         {"thin_provisioning", "false"}};
    all.push_back(std::move(pool));
  }
  return all;
}

}  // namespace simulated

Result<std::unique_ptr<Driver>> make_simulated_driver(
    const std::vector<ControllerConfig>& controllers, const Clock& clock,
    std::shared_ptr<simulated::Simulation> simulation) {
  std::map<std::string, simulated::Options> all;
  for (const ControllerConfig& controller : controllers) {
    PASIG_TRY(simulated::Options options, simulated::read_options(controller));
    if (!all.emplace(controller.name, std::move(options)).second)
      return fail(ErrorCode::invalid, "two controllers are named " + controller.name);
  }
  if (!simulation) simulation = std::make_shared<simulated::Simulation>();
  return std::unique_ptr<Driver>(
      std::make_unique<simulated::SimulatedDriver>(std::move(all), clock, std::move(simulation)));
}

}  // namespace pasig::drivers
