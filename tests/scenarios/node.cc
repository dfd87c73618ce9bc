#include "tests/scenarios/node.h"

#include "base/assert.h"
#include "daemon/surroundings.h"

namespace pasig::scenario {
namespace {

constexpr auto k_patience = std::chrono::seconds(60);
constexpr std::uint64_t k_map_bytes = 64ULL << 20;

std::uint32_t seconds(std::int64_t configured) { return static_cast<std::uint32_t>(configured); }

}  // namespace

Ordinal Node::start(const Surrounded& around) {
  ++process_;
  std::filesystem::remove_all(directory_);
  auto opened =
      open_store(directory_.string(), {.map_bytes = k_map_bytes, .boot_id = "scenario"}, nullptr);
  PASIG_ASSERT(opened.has_value(), opened ? "" : opened.error().message);
  store_ = *std::move(opened);
  applier_ = std::make_unique<Applier>(*store_, around.log);
  applier_->start();
  make_handler(around);
  make_worker(around);
  timers_ = std::make_unique<Timers>(
      TimerParts{.handler = *handler_,
                 .store = *store_,
                 .observations = around.observations,
                 .clock = around.clock,
                 .node = name_,
                 .status_interval_seconds = seconds(around.configuration.status_interval_seconds)});
  return store_->view()->head().next_ordinal;
}

void Node::end() {
  timers_.reset();
  worker_.reset();
  handler_.reset();
  if (applier_) applier_->stop();
  applier_.reset();
  store_.reset();
}

Result<void> Node::catch_up() const { return applier_->catch_up(k_patience); }

void Node::make_handler(const Surrounded& around) {
  const daemon::Configuration& configuration = around.configuration;
  const Observations& observations = around.observations;
  const Clock& clock = around.clock;
  handler_ = make_command_handler({.log = around.log,
                                   .store = *store_,
                                   .applier = *applier_,
                                   .clock = clock,
                                   .node = name_,
                                   .surroundings = [&configuration, &observations, &clock](
                                                       const View& view, const Command& command) {
                                     return daemon::surroundings_of(configuration, observations,
                                                                    view, command, clock.now());
                                   }});
}

void Node::make_worker(const Surrounded& around) {
  const daemon::Configuration& configuration = around.configuration;
  drivers::WorkerParts parts{
      .handler = *handler_,
      .store = *store_,
      .observations = around.observations,
      .clock = around.clock,
      .wait_beyond =
          [this](Ordinal seen, Duration timeout, std::stop_token stop) {
            return applier_->wait_beyond(seen, timeout, std::move(stop));
          },
      .shares_changed = [this](Ordinal from) { return applier_->shares_changed(from); },
      .pause = [wait = around.pause](Duration duration, const std::stop_token&) { wait(duration); },
      .note = around.note,
      .node = name_,
      .process = process_,
      .lease_seconds = seconds(configuration.lease_seconds),
      .status_interval_seconds = seconds(configuration.status_interval_seconds),
      .stats_interval_seconds = seconds(configuration.stats_interval_seconds),
      .scrub_interval_seconds = seconds(configuration.scrub_interval_seconds)};
  for (const auto& one : configuration.controllers)
    for (const std::string& mine : controllers_)
      if (mine == one.name)
        parts.controllers[one.name] = {one.name, one.zone, one.driver, &around.driver};
  worker_ = drivers::make_worker(std::move(parts));
}

}  // namespace pasig::scenario
