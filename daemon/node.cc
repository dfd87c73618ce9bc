#include "daemon/node.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <set>
#include <stop_token>

#include "daemon/change_plans.h"
#include "daemon/surroundings.h"
#include "drivers/directory/directory_driver.h"
#include "drivers/simulated/simulated_driver.h"
#include "drivers/worker.h"
#include "http/manila.h"
#include "http/pasig_v1.h"
#include "http/probes.h"
#include "http/server.h"
#include "log/directory_lock.h"
#include "log/open.h"
#include "service/applier.h"
#include "service/command_handler.h"
#include "service/timers.h"

namespace pasig::daemon {
namespace {

namespace fs = std::filesystem;

Result<std::unique_ptr<Store>> open_state(const fs::path& directory, const Configuration& c,
                                          const LogReader& log) {
  const Store::Options options{.sync_every_commit = c.state_durability == "integrity"};
  std::string because;
  PASIG_TRY(auto store, open_store(directory.string(), options, &because));
  if (!because.empty()) spdlog::warn("the state is rebuilt from the log: {}", because);
  const auto identity = check_identity(store->view()->head(), log);
  if (identity) return store;
  if (identity.error().code != ErrorCode::conflict) return tl::unexpected(identity.error());
  spdlog::warn("the state is rebuilt from the log: {}", identity.error().message);
  store.reset();
  std::error_code error;
  fs::remove_all(directory, error);
  if (error)
    return fail(ErrorCode::unavailable, "removing " + directory.string() + ": " + error.message());
  return open_store(directory.string(), options, nullptr);
}

// Waits, unless it is asked to stop.
void pause(Duration duration, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  (void)never.wait_for(lock, stop, duration, [] { return false; });
}

// The clients' way in. Until the workers have reported the pools once, there is none that a replica
// could be placed on, and an answer would be wrong for good.
class ClientsHandler final : public Handler {
 public:
  ClientsHandler(Handler& inner, const std::atomic<bool>& ready) : inner_(inner), ready_(ready) {}
  Result<CommandOutcome> submit(Submission submission) override {
    if (!ready_)
      return fail(ErrorCode::unavailable, "workers are starting", "try again in a moment");
    return inner_.submit(std::move(submission));
  }
  Result<CommandOutcome> outcome(const std::string& command_id) override {
    return inner_.outcome(command_id);
  }

 private:
  Handler& inner_;
  const std::atomic<bool>& ready_;
};

class RunningNode final : public Node {
 public:
  RunningNode(const Configuration& configuration, std::function<void(const Error&)> fatal)
      : c_(configuration), fatal_(std::move(fatal)) {}
  ~RunningNode() override { stop(); }

  Result<void> start() {
    PASIG_CHECK(open_stores());
    applier_ = std::make_unique<Applier>(*store_, *log_);
    applier_->start();
    if (const auto standing = applier_->standing())
      spdlog::error("applying stands: {}; reads go on, commands are refused", standing->text());
    PASIG_CHECK(make_drivers());
    make_handler();
    PASIG_CHECK(serve());
    start_workers();
    return {};
  }

  void stop() override {
    if (stopped_) return;
    stopped_ = true;
    if (server_) server_->stop();
    if (timers_) timers_->stop();
    if (worker_) worker_->stop();
    if (applier_) applier_->stop();
    if (store_)
      if (const auto closed = store_->close_cleanly(); !closed)
        spdlog::error("closing the state: {}", closed.error().text());
  }

  std::string addresses() const override {
    std::string text = c_.socket;
    for (const std::string& one : server_->tcp_addresses())
      text += (text.empty() ? "http://" : ", http://") + one;
    return text;
  }

 private:
  const Configuration c_;
  const std::function<void(const Error&)> fatal_;
  const SystemClock clock_;
  std::optional<DirectoryLock> lock_;
  std::unique_ptr<EventLog> log_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Observations> observations_;
  std::unique_ptr<Applier> applier_;
  std::map<std::string, std::unique_ptr<drivers::Driver>> drivers_;  // by kind
  std::unique_ptr<Handler> command_handler_;
  http::Metrics metrics_;
  std::unique_ptr<Handler> handler_;
  std::unique_ptr<Handler> clients_handler_;
  std::unique_ptr<http::ServiceContext> service_;
  std::unique_ptr<http::Router> router_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<drivers::Worker> worker_;
  std::unique_ptr<Timers> timers_;
  std::atomic<bool> ready_ = false;
  bool stopped_ = false;

  // A log disk that is not mounted looks like a new log. Beginning one would throw away the state
  // of the old one, and run against storage that only the old one knows.
  Result<void> refuse_lost_log(const fs::path& data) const {
    PASIG_TRY(const std::uint64_t end, log_->end());
    std::error_code ignored;
    if (end > 0 || !fs::exists(data / "state" / "data.mdb", ignored)) return {};
    return fail(ErrorCode::conflict,
                "the log in " + (data / "log").string() + " is empty, but " +
                    (data / "state").string() + " was made from a log with records",
                "put the log back (is its disk mounted?); to begin a new log, remove both "
                "directories");
  }

  Result<void> open_stores() {
    const fs::path data(c_.data_directory);
    PASIG_TRY(lock_, DirectoryLock::take(data));
    PASIG_TRY(log_, open_log({.engine = c_.log_engine,
                              .directory = data / "log",
                              .map_bytes = static_cast<std::uint64_t>(c_.log_map_gib) << 30,
                              .on_failure = fatal_}));
    PASIG_CHECK(refuse_lost_log(data));
    PASIG_CHECK(create_log_if_empty(*log_, clock_, c_.node_name,
                                    static_cast<std::uint64_t>(c_.log_window)));
    PASIG_TRY(store_, open_state(data / "state", c_, *log_));
    PASIG_TRY(observations_, open_observations((data / "observations").string()));
    std::set<std::string> configured;
    for (const auto& one : c_.controllers) configured.insert(one.name);
    observations_->forget_pools_except_of(configured);
    return {};
  }

  Result<void> make_drivers() {
    std::map<std::string, std::vector<drivers::ControllerConfig>> by_kind;
    for (auto& one : controllers_to_start(c_, *store_->view(), !applier_->standing()))
      by_kind[one.driver].push_back(std::move(one));
    for (auto& [kind, controllers] : by_kind) {
      auto made = kind == "directory" ? drivers::make_directory_driver(controllers, clock_)
                                      : drivers::make_simulated_driver(controllers, clock_);
      if (!made) return tl::unexpected(made.error().within("starting driver " + kind));
      drivers_[kind] = *std::move(made);
    }
    if (c_.controllers.empty())
      spdlog::warn("no [[controller]] is configured: no share can be placed");
    return {};
  }

  void make_handler() {
    command_handler_ = make_command_handler(
        {.log = *log_,
         .store = *store_,
         .applier = *applier_,
         .clock = clock_,
         .node = c_.node_name,
         .surroundings = [this](const View& view, const Command& command) {
           return surroundings_of(c_, *observations_, view, command, clock_.now());
         }});
    handler_ = std::make_unique<http::CountedHandler>(*command_handler_, metrics_);
    clients_handler_ = std::make_unique<ClientsHandler>(*handler_, ready_);
  }

  Result<void> serve() {
    service_ = std::make_unique<http::ServiceContext>(http::ServiceContext{
        .handler = *clients_handler_,
        .view = [this] { return store_->view(); },
        .observations = *observations_,
        .log = *log_,
        .clock = clock_,
        .controllers = [this] { return controllers_now(c_, *observations_, clock_.now()); },
        .zones = zones_of(c_),
        .options = {.node = c_.node_name,
                    .anonymous_is_admin = c_.anonymous_role == "admin",
                    .default_share_type = c_.default_share_type,
                    .quotas = quotas_of(c_)},
        .not_ready_because = [this] { return why_not_ready(); },
        .wait_applied =
            [this](Ordinal ordinal, Duration timeout) {
              return applier_->wait_beyond(ordinal, timeout, {});
            },
        .plan_change = [this](const View& view, const SetActiveReplica& command,
                              const Submission& as) { return plan(view, command, as); }});
    router_ = std::make_unique<http::Router>();
    http::add_manila_routes(*router_, *service_);
    http::add_pasig_routes(*router_, *service_, *store_, c_.data_directory + "/replay");
    http::add_probe_routes(*router_, *service_, metrics_);
    http::ServerOptions options{.unix_socket = c_.socket,
                                .host_names = c_.host_names,
                                .workers = static_cast<std::uint32_t>(c_.api_workers),
                                .connections_max = static_cast<std::size_t>(c_.connections_max),
                                .observe = [this](const http::Exchange& one) { observe(one); }};
    options.unix_mode =
        static_cast<std::uint32_t>(std::strtoul(c_.socket_mode.c_str(), nullptr, 8));
    for (const std::string& text : c_.listen) {
      const auto address = parse_listen_address(text);
      if (!address)
        return fail(ErrorCode::invalid, "api.listen has \"" + text + "\"", "write host:port");
      options.tcp.push_back({.address = address->address, .port = address->port});
    }
    PASIG_TRY(server_, http::start_server(std::move(options), *router_, clock_));
    return {};
  }

  // What a real run would be decided with, and what storage shows; nothing is written.
  ChangePlan plan(const View& view, const SetActiveReplica& command, const Submission& as) {
    Surroundings now = surroundings_of(c_, *observations_, view, command, clock_.now());
    now.now = clock_.now();
    now.actor = as.actor;
    now.command_id = as.command_id;
    const auto id = view.share_of(command.replica);
    const auto share = id ? view.share(*id) : std::nullopt;
    const auto driver_of = [this](const std::string& controller) -> drivers::Driver* {
      for (const auto& one : c_.controllers)
        if (one.name == controller) return drivers_.at(one.driver).get();
      return nullptr;
    };
    return plan_change(
        view, now, command,
        share ? look_at_sides(view, *share, driver_of, clock_) : std::vector<SideSeen>{});
  }

  void observe(const http::Exchange& one) {
    metrics_.count(one);
    // What was refused at the door is told nowhere else (log-protocol 4).
    const auto level = one.status >= 500   ? spdlog::level::warn
                       : one.status >= 400 ? spdlog::level::info
                                           : spdlog::level::debug;
    spdlog::log(level, "{} {} {} by {} in {} us, {}", one.method, one.target, one.status, one.actor,
                one.micros, one.request_id);
  }

  std::string why_not_ready() const {
    if (const auto standing = applier_->standing()) return "applying stands: " + standing->message;
    return ready_ ? "" : "workers are starting";
  }

  void start_workers() {
    drivers::WorkerParts parts{
        .handler = *handler_,
        .store = *store_,
        .observations = *observations_,
        .clock = clock_,
        .wait_beyond =
            [this](Ordinal seen, Duration timeout, std::stop_token stop) {
              return applier_->wait_beyond(seen, timeout, std::move(stop));
            },
        .shares_changed = [this](Ordinal from) { return applier_->shares_changed(from); },
        .pause = pause,
        .note = [](const std::string& words) { spdlog::info("{}", words); },
        .node = c_.node_name,
        .process = static_cast<std::uint64_t>(clock_.now().micros),
        .operations_at_once = static_cast<std::uint32_t>(c_.operations_at_once),
        .syncs_at_once = static_cast<std::uint32_t>(c_.syncs_at_once),
        .lease_seconds = static_cast<std::uint32_t>(c_.lease_seconds),
        .status_interval_seconds = static_cast<std::uint32_t>(c_.status_interval_seconds),
        .stats_interval_seconds = static_cast<std::uint32_t>(c_.stats_interval_seconds),
        .scrub_interval_seconds = static_cast<std::uint32_t>(c_.scrub_interval_seconds)};
    for (const auto& one : c_.controllers)
      parts.controllers[one.name] = {one.name, one.zone, one.driver, drivers_.at(one.driver).get()};
    worker_ = drivers::make_worker(std::move(parts));
    worker_->start();
    timers_ = std::make_unique<Timers>(TimerParts{
        .handler = *handler_,
        .store = *store_,
        .observations = *observations_,
        .clock = clock_,
        .node = c_.node_name,
        .status_interval_seconds = static_cast<std::uint32_t>(c_.status_interval_seconds),
        .claim_timeout_seconds = static_cast<std::uint32_t>(c_.claim_timeout_seconds)});
    timers_->start();
    ready_ = true;
  }
};

}  // namespace

Result<std::unique_ptr<Node>> start_node(const Configuration& configuration,
                                         std::function<void(const Error&)> fatal) {
  auto node = std::make_unique<RunningNode>(configuration, std::move(fatal));
  PASIG_CHECK(node->start());
  return node;
}

}  // namespace pasig::daemon
