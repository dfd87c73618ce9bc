#include "tests/cli/live_service.h"

namespace pasig::cli {
namespace {

constexpr std::uint64_t k_gib = 1ULL << 30;

PoolReport pool(const std::string& controller, const std::string& zone) {
  return {.host = "n1@" + controller + "#p0",
          .controller = controller,
          .pool = "p0",
          .zone = zone,
          .driver = "simulated",
          .total_bytes = 1000 * k_gib,
          .free_bytes = 900 * k_gib,
          .replication_domain = "D",
          .replication_types = {ReplicationType::readable, ReplicationType::dr}};
}

const Actor k_worker{.kind = ActorKind::system, .name = "worker:n1", .admin = true};

}  // namespace

LiveService::LiveService() {
  std::string because;
  store_ = std::move(open_store((scratch_.path() / "state").string(), {}, &because)).value();
  observations_ = std::move(open_observations("")).value();
  EXPECT_TRUE(create_log_if_empty(log_, clock_, "n1", k_default_window));
  applier_ = std::make_unique<Applier>(*store_, log_);
  applier_->start();
  handler_ = make_command_handler(
      {.log = log_,
       .store = *store_,
       .applier = *applier_,
       .clock = clock_,
       .node = "n1",
       .surroundings = [this](const View&, const Command&) { return surroundings(); }});
  context_ = std::make_unique<http::ServiceContext>(http::ServiceContext{
      .handler = *handler_,
      .view = [this] { return store_->view(); },
      .observations = *observations_,
      .log = log_,
      .clock = clock_,
      .controllers =
          [] {
            return std::vector<http::ControllerState>{
                {"alpha", "zone-a", "simulated", true, ""},
                {"beta", "zone-b", "simulated", false, "not reported for 5 min"}};
          },
      .zones = {"zone-a", "zone-b"},
      .options = {.node = "n1"}});
  router_ = std::make_unique<http::Router>();
  http::add_pasig_routes(*router_, *context_, *store_, (scratch_.path() / "replay").string());
  http::ServerOptions options{.unix_socket = socket(), .workers = 2};
  options.observe = [this](const http::Exchange& one) {
    if (one.route != "/pasig/v1/operations/{operation}") return;
    ++operation_looks_;
    operation_looks_.notify_all();
  };
  server_ = std::move(http::start_server(std::move(options), *router_, clock_)).value();
}

LiveService::~LiveService() {
  server_->stop();
  applier_->stop();
}

Surroundings LiveService::surroundings() const {
  return {.now = clock_.now(),
          .pools = {pool("alpha", "zone-a"), pool("beta", "zone-b")},
          .zones = {"zone-a", "zone-b"}};
}

LiveService::Ran LiveService::pasig(std::vector<std::string> arguments) {
  std::ostringstream out;
  std::ostringstream err;
  arguments.insert(arguments.end(), {"--socket", socket()});
  const Exit exit =
      run_program(arguments, {.out = out,
                              .err = err,
                              .terminal = {},
                              .environment = [](const std::string&) { return std::nullopt; },
                              .interrupt = interrupt,
                              .rebuild = [](Output&, const Interrupt&,
                                            const ReplayRebuild&) -> Answer<void> { return {}; }});
  return {exit, out.str(), err.str()};
}

http::Response LiveService::ask(const std::string& method, const std::string& target,
                                const std::string& body, http::Pairs headers) {
  http::Request request{.method = method,
                        .target = target,
                        .headers = std::move(headers),
                        .body = body,
                        .request_id = "req-1"};
  request.peer = {.kind = ActorKind::anonymous, .name = "anonymous@loopback"};
  if (!body.empty()) request.headers.emplace_back("content-type", "application/json");
  return router_->dispatch(request);
}

CommandOutcome LiveService::work(Command command) {
  auto outcome = handler_->submit({.command = std::move(command), .actor = k_worker});
  EXPECT_TRUE(outcome) << (outcome ? "" : outcome.error().text());
  EXPECT_FALSE(outcome->refusal) << outcome->refusal->message;
  return *outcome;
}

Share LiveService::share(const std::string& name) const {
  for (const Share& one : store_->view()->shares())
    if (one.name == name) return one;
  ADD_FAILURE() << "no share " << name;
  return {};
}

OperationId LiveService::claim(const std::string& name) {
  const OperationId id = share(name).operations.front().id;
  work(ClaimOperation{.operation = id, .node = "n1", .process = 1, .lease_seconds = 300});
  return id;
}

void LiveService::finish_create(const std::string& name) {
  work(ReportShareCreated{
      .operation = claim(name), .attempt = 1, .failure = {}, .exports = {"/exports/" + name}});
}

void LiveService::finish_add(const std::string& name) {
  work(ReportReplicaAdded{.operation = claim(name),
                          .attempt = 1,
                          .failure = {},
                          .exports = {"/copies/" + name},
                          .verified = true,
                          .generation = 3,
                          .data_as_of = clock_.now(),
                          .consistency = Consistency::settled});
}

}  // namespace pasig::cli
