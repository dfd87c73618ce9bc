#include "daemon/node.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <charconv>
#include <filesystem>

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

Result<http::TcpAddress> parse_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  http::TcpAddress address;
  unsigned port = 0;
  const char* end = text.data() + text.size();
  if (colon == std::string::npos ||
      std::from_chars(text.data() + colon + 1, end, port).ptr != end || port > 65'535)
    return fail(ErrorCode::invalid, "api.listen has \"" + text + "\"", "write host:port");
  address.address = text.substr(0, colon);
  if (address.address.starts_with('[') && address.address.ends_with(']'))
    address.address = address.address.substr(1, address.address.size() - 2);
  address.port = static_cast<std::uint16_t>(port);
  return address;
}

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

class RunningNode final : public Node {
 public:
  RunningNode(const Configuration& configuration, std::function<void(const Error&)> fatal)
      : c_(configuration), fatal_(std::move(fatal)) {}
  ~RunningNode() override { stop(); }

  Result<void> start() {
    PASIG_CHECK(open_stores());
    PASIG_CHECK(make_drivers());
    applier_ = std::make_unique<Applier>(*store_, *log_);
    applier_->start();
    if (const auto standing = applier_->standing())
      spdlog::error("applying stands: {}; reads go on, commands are refused", standing->text());
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
  std::unique_ptr<http::ServiceContext> service_;
  std::unique_ptr<http::Router> router_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<drivers::Worker> worker_;
  std::unique_ptr<Timers> timers_;
  std::atomic<bool> ready_ = false;
  bool stopped_ = false;

  Result<void> open_stores() {
    const fs::path data(c_.data_directory);
    PASIG_TRY(lock_, DirectoryLock::take(data));
    PASIG_TRY(log_, open_log({.engine = c_.log_engine,
                              .directory = data / "log",
                              .map_bytes = static_cast<std::uint64_t>(c_.log_map_gib) << 30,
                              .on_failure = fatal_}));
    PASIG_CHECK(create_log_if_empty(*log_, clock_, c_.node_name,
                                    static_cast<std::uint64_t>(c_.log_window)));
    PASIG_TRY(store_, open_state(data / "state", c_, *log_));
    PASIG_TRY(observations_, open_observations((data / "observations").string()));
    return {};
  }

  Result<void> make_drivers() {
    std::map<std::string, std::vector<drivers::ControllerConfig>> by_kind;
    for (const auto& one : c_.controllers) by_kind[one.driver].push_back(one);
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
  }

  Result<void> serve() {
    service_ = std::make_unique<http::ServiceContext>(http::ServiceContext{
        .handler = *handler_,
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
        .not_ready_because = [this] { return why_not_ready(); }});
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
      PASIG_TRY(options.tcp.emplace_back(), parse_address(text));
    }
    PASIG_TRY(server_, http::start_server(std::move(options), *router_, clock_));
    return {};
  }

  void observe(const http::Exchange& one) {
    metrics_.count(one);
    spdlog::debug("{} {} {} by {} in {} us, {}", one.method, one.target, one.status, one.actor,
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
        .note = [](const std::string& words) { spdlog::info("{}", words); },
        .node = c_.node_name,
        .process = static_cast<std::uint64_t>(clock_.now().micros),
        .operations_at_once = static_cast<std::uint32_t>(c_.operations_at_once),
        .syncs_at_once = static_cast<std::uint32_t>(c_.syncs_at_once),
        .lease_seconds = static_cast<std::uint32_t>(c_.lease_seconds),
        .status_interval_seconds = static_cast<std::uint32_t>(c_.status_interval_seconds),
        .stats_interval_seconds = static_cast<std::uint32_t>(c_.stats_interval_seconds)};
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
        .status_interval_seconds = static_cast<std::uint32_t>(c_.status_interval_seconds)});
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
