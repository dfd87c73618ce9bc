#include "http/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <map>

namespace pasig::http {
namespace {

using GaugeFamily = prometheus::Family<prometheus::Gauge>;

constexpr std::array<double, 11> k_seconds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                              0.1,   0.25,   1.0,   5.0,  30.0};

// A label's value: never what a client made up, or it could grow the series without end.
std::string route_label(const Exchange& exchange) {
  return exchange.route.empty() ? "none" : exchange.route;
}
std::string method_label(const Exchange& exchange) {
  for (const std::string_view known : {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})
    if (exchange.method == known) return exchange.method;
  return "other";
}

GaugeFamily& gauge(prometheus::Registry& registry, const std::string& name,
                   const std::string& help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

// Gauges are made anew for each scrape, so that what is gone is gone.
void add_state(prometheus::Registry& registry, const View& view) {
  gauge(registry, "pasig_applied_records", "Records of the log that this node has applied.")
      .Add({})
      .Set(static_cast<double>(view.head().next_ordinal));
  std::map<std::string, double> pending;
  for (int i = static_cast<int>(OperationKind::MIN); i <= static_cast<int>(OperationKind::MAX); ++i)
    pending[std::string(word(static_cast<OperationKind>(i)))] = 0;
  for (const Operation& one : view.pending_operations()) ++pending[std::string(word(one.kind))];
  auto& operations =
      gauge(registry, "pasig_operations_pending", "Operations that are asked for or running.");
  for (const auto& [kind, count] : pending) operations.Add({{"kind", kind}}).Set(count);
}

void add_snapshots(prometheus::Registry& registry, const View& view) {
  std::map<std::string, double> by_status;
  for (int i = static_cast<int>(SnapshotStatus::MIN); i <= static_cast<int>(SnapshotStatus::MAX);
       ++i)
    by_status[std::string(word(static_cast<SnapshotStatus>(i)))] = 0;
  for (const Share& share : view.shares())
    for (const Snapshot& one : share.snapshots) ++by_status[std::string(word(status_of(one)))];
  auto& snapshots = gauge(registry, "pasig_snapshots", "Snapshots by status, each as a whole.");
  for (const auto& [status, count] : by_status) snapshots.Add({{"status", status}}).Set(count);
}

void add_replicas(prometheus::Registry& registry, const View& view, const ServiceContext& service) {
  std::map<std::string, double> by_state;
  for (int i = static_cast<int>(ReplicaState::MIN); i <= static_cast<int>(ReplicaState::MAX); ++i)
    by_state[std::string(word(static_cast<ReplicaState>(i)))] = 0;
  auto& lag = gauge(registry, "pasig_replica_lag_seconds",
                    "Age of the data on a replica that is not active: what a forced fail-over "
                    "to it may lose.");
  auto& rpo = gauge(registry, "pasig_replica_rpo_seconds",
                    "The age that the data on a replica may have (its share type's RPO).");
  auto& damaged = gauge(registry, "pasig_replica_damaged_files",
                        "Files whose content is not what was written, found by a scrub and not "
                        "repaired.");
  const Time now = service.clock.now();
  double shares = 0;
  double over_rpo = 0;
  for (const Share& share : view.shares()) {
    ++shares;
    for (const Replica& replica : share.replicas)
      if (replica.verified_at.is_set())
        damaged.Add({{"share", to_string(share.id)}, {"replica", to_string(replica.id)}})
            .Set(static_cast<double>(replica.damaged));
    if (share.replication == ReplicationType::none) continue;
    for (const Replica& replica : share.replicas) {
      ++by_state[std::string(word(replica.state))];
      const auto seen = service.observations.replica(replica.id);
      const Time as_of = std::max(replica.data_as_of, seen ? seen->data_as_of : Time{});
      if (replica.state == ReplicaState::active || !as_of.is_set()) continue;
      const prometheus::Labels labels{{"share", to_string(share.id)},
                                      {"replica", to_string(replica.id)}};
      lag.Add(labels).Set(static_cast<double>(now.micros_since(as_of)) / 1e6);
      rpo.Add(labels).Set(static_cast<double>(share.rpo_seconds));
      if (now > as_of.plus_seconds(share.rpo_seconds)) ++over_rpo;
    }
  }
  add_snapshots(registry, view);
  gauge(registry, "pasig_shares", "Shares that exist.").Add({}).Set(shares);
  gauge(registry, "pasig_replicas_over_rpo", "Replicas whose data is older than their RPO.")
      .Add({})
      .Set(over_rpo);
  auto& replicas =
      gauge(registry, "pasig_replicas", "Replicas by replica_state; none: still being created.");
  for (const auto& [state, count] : by_state) replicas.Add({{"replica_state", state}}).Set(count);
}

void add_sizes_and_access(prometheus::Registry& registry, const View& view) {
  double over_size = 0;
  std::map<std::string, double> rules;
  for (int i = static_cast<int>(AccessState::MIN); i <= static_cast<int>(AccessState::MAX); ++i)
    rules[std::string(word(static_cast<AccessState>(i)))] = 0;
  for (const Share& share : view.shares()) {
    if (share.over_size_bytes > 0) ++over_size;
    for (const ShareAccessRule& rule : share.access_rules)
      for (const AppliedRule& one : rule.replicas) ++rules[std::string(word(one.state))];
  }
  gauge(registry, "pasig_shares_over_size",
        "Shares that hold more than their size, which is observed there and not enforced.")
      .Add({})
      .Set(over_size);
  auto& access = gauge(registry, "pasig_access_rules",
                       "Access rules by what they are on a replica; each counts once for each.");
  for (const auto& [state, count] : rules) access.Add({{"state", state}}).Set(count);
}

// What operators ordered, so that a pause that was forgotten raises an alarm.
void add_orders(prometheus::Registry& registry, const View& view, const ServiceContext& service) {
  auto& paused =
      gauge(registry, "pasig_effects_paused",
            "1 while work on a controller's storage is paused; controller \"\": on all.");
  auto& drained = gauge(registry, "pasig_controller_drained",
                        "1 while nothing new is placed on the controller.");
  auto& retired =
      gauge(registry, "pasig_controller_retired", "1 when the controller is gone for good.");
  std::map<std::string, ControllerOrders> all{{"", {}}};
  for (const ControllerState& one : service.controllers()) all[one.name] = {.name = one.name};
  for (ControllerOrders& one : view.controllers()) all[one.name] = std::move(one);
  for (const auto& [name, orders] : all) {
    const prometheus::Labels labels{{"controller", name}};
    paused.Add(labels).Set(orders.effects_paused ? 1 : 0);
    if (name.empty()) continue;
    drained.Add(labels).Set(orders.is_drained ? 1 : 0);
    retired.Add(labels).Set(orders.is_retired ? 1 : 0);
  }
  double shares_paused = 0;
  double suspended = 0;
  double debris = 0;
  for (const Share& share : view.shares()) {
    shares_paused += share.effects_paused ? 1 : 0;
    suspended += share.replication_suspended ? 1 : 0;
    debris += static_cast<double>(share.debris.size());
  }
  gauge(registry, "pasig_shares_paused", "Shares whose storage is not worked on, by order.")
      .Add({})
      .Set(shares_paused);
  gauge(registry, "pasig_shares_replication_suspended", "Shares that are not synced, by order.")
      .Add({})
      .Set(suspended);
  gauge(registry, "pasig_debris", "Places where something of a removed replica may remain.")
      .Add({})
      .Set(debris);
}

void add_storage(prometheus::Registry& registry, const ServiceContext& service) {
  auto& free = gauge(registry, "pasig_pool_free_bytes", "Free space of a pool.");
  auto& total = gauge(registry, "pasig_pool_total_bytes", "Size of a pool.");
  auto& up = gauge(registry, "pasig_pool_up", "1 when the pool's worker reported lately.");
  for (const PoolObservation& pool : service.observations.pools()) {
    const prometheus::Labels labels{{"pool", pool.host}, {"zone", pool.zone}};
    free.Add(labels).Set(static_cast<double>(pool.free_bytes));
    total.Add(labels).Set(static_cast<double>(pool.total_bytes));
    up.Add(labels).Set(pool.up ? 1 : 0);
  }
  auto& controllers =
      gauge(registry, "pasig_controller_up", "1 when the controller's worker reported lately.");
  for (const ControllerState& one : service.controllers())
    controllers.Add({{"controller", one.name}, {"zone", one.zone}, {"driver", one.driver}})
        .Set(one.up ? 1 : 0);
  if (const auto end = service.log.end())
    gauge(registry, "pasig_log_end_offset", "One past the last durable record of the log.")
        .Add({})
        .Set(static_cast<double>(*end));
}

std::string_view outcome_word(const Result<CommandOutcome>& outcome) {
  if (outcome) {
    if (outcome->refusal) return word(outcome->refusal->guard);
    return outcome->events.empty() ? "unchanged" : "accepted";
  }
  switch (outcome.error().code) {
    case ErrorCode::invalid:
      return "error_invalid";
    case ErrorCode::not_found:
      return "error_not_found";
    case ErrorCode::conflict:
      return "error_conflict";
    case ErrorCode::forbidden:
      return "error_forbidden";
    case ErrorCode::unavailable:
      return "error_unavailable";
    case ErrorCode::exhausted:
      return "error_exhausted";
    case ErrorCode::corrupt:
      return "error_corrupt";
    case ErrorCode::unknown:
      return "error_unknown";
    case ErrorCode::unsupported:
      return "error_unsupported";
  }
  return "error";
}

}  // namespace

struct Metrics::Series {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests =
      prometheus::BuildCounter()
          .Name("pasig_http_requests_total")
          .Help("Requests that were answered, by route and code.")
          .Register(registry);
  prometheus::Family<prometheus::Histogram>& seconds =
      prometheus::BuildHistogram()
          .Name("pasig_http_request_duration_seconds")
          .Help("From the first byte of a request to the last one of its answer.")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& commands =
      prometheus::BuildCounter()
          .Name("pasig_commands_total")
          .Help("Commands by name and what became of them.")
          .Register(registry);
};

Metrics::Metrics() : series_(std::make_unique<Series>()) {}
Metrics::~Metrics() = default;

void Metrics::count(const Exchange& exchange) {
  const std::string route = route_label(exchange);
  series_->requests
      .Add({{"method", method_label(exchange)},
            {"route", route},
            {"code", std::to_string(exchange.status)}})
      .Increment();
  const prometheus::Histogram::BucketBoundaries buckets(k_seconds.begin(), k_seconds.end());
  series_->seconds.Add({{"route", route}}, buckets)
      .Observe(static_cast<double>(exchange.micros) / 1e6);
}

void Metrics::count_command(std::string_view command, std::string_view outcome) {
  series_->commands.Add({{"command", std::string(command)}, {"outcome", std::string(outcome)}})
      .Increment();
}

std::string Metrics::text(const ServiceContext& service) {
  prometheus::Registry now;
  const std::unique_ptr<View> view = service.view();
  add_state(now, *view);
  add_replicas(now, *view, service);
  add_orders(now, *view, service);
  add_sizes_and_access(now, *view);
  add_storage(now, service);
  std::vector<prometheus::MetricFamily> all = series_->registry.Collect();
  for (auto& family : now.Collect()) all.push_back(std::move(family));
  return prometheus::TextSerializer().Serialize(all);
}

Result<CommandOutcome> CountedHandler::submit(Submission submission) {
  const std::string command(name_of(submission.command));
  auto outcome = inner_.submit(std::move(submission));
  metrics_.count_command(command, outcome_word(outcome));
  return outcome;
}

}  // namespace pasig::http
