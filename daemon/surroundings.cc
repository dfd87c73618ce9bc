#include "daemon/surroundings.h"

#include <charconv>
#include <set>

namespace pasig::daemon {
namespace {

// A controller counts as down when this many capacity reports in a row are missing.
constexpr std::int64_t k_reports_missed_max = 3;
constexpr std::int64_t k_report_slack_seconds = 10;

bool is_fresh(const Configuration& configuration, const PoolObservation& pool, Time now) {
  const std::int64_t allowed =
      configuration.stats_interval_seconds * k_reports_missed_max + k_report_slack_seconds;
  return pool.up && now <= pool.reported_at.plus_seconds(allowed);
}

std::uint32_t reserved_percent(const Configuration& configuration, const std::string& controller) {
  for (const auto& one : configuration.controllers) {
    const auto at = one.options.find("reserved_percentage");
    if (one.name != controller || at == one.options.end()) continue;
    std::uint32_t percent = 0;
    (void)std::from_chars(at->second.data(), at->second.data() + at->second.size(), percent);
    return percent;
  }
  return 0;
}

PoolReport report_of(const Configuration& configuration, const PoolObservation& pool,
                     const View& view, Time now) {
  return {.host = pool.host,
          .controller = pool.controller,
          .pool = pool.pool,
          .zone = pool.zone,
          .driver = pool.driver,
          .file_system = pool.file_system,
          .total_bytes = pool.total_bytes,
          .free_bytes = pool.free_bytes,
          .reserved_percent = reserved_percent(configuration, pool.controller),
          .provisioned_gb = view.counter("provisioned-gb-" + pool.host),
          .replication_domain = pool.replication_domain,
          .replication_types = pool.replication_types,
          .capabilities = pool.capabilities,
          .up = is_fresh(configuration, pool, now)};
}

std::optional<std::int64_t> limit_of(std::int64_t configured) {
  return configured < 0 ? std::nullopt : std::optional(configured);
}

std::uint32_t seconds(std::int64_t configured) { return static_cast<std::uint32_t>(configured); }

bool is_configured(const Configuration& configuration, const std::string& controller) {
  for (const auto& one : configuration.controllers)
    if (one.name == controller) return true;
  return false;
}

}  // namespace

Quotas quotas_of(const Configuration& configuration) {
  return {.shares = limit_of(configuration.quota_shares),
          .gigabytes = limit_of(configuration.quota_gigabytes),
          .share_replicas = limit_of(configuration.quota_share_replicas),
          .replica_gigabytes = limit_of(configuration.quota_replica_gigabytes),
          .snapshots = limit_of(configuration.quota_snapshots),
          .snapshot_gigabytes = limit_of(configuration.quota_snapshot_gigabytes)};
}

std::vector<std::string> zones_of(const Configuration& configuration) {
  std::set<std::string> zones;
  for (const auto& one : configuration.controllers) zones.insert(one.zone);
  return {zones.begin(), zones.end()};
}

std::vector<drivers::ControllerConfig> controllers_to_start(const Configuration& configuration,
                                                            const View& view, bool is_whole) {
  std::set<std::string> known;
  for (const Share& share : view.shares()) {
    for (const Replica& one : share.replicas) known.insert(one.controller);
    for (const Debris& one : share.debris) known.insert(one.controller);
    for (const AsideData& one : share.aside) known.insert(one.controller);
  }
  std::vector<drivers::ControllerConfig> all = configuration.controllers;
  for (drivers::ControllerConfig& one : all)
    if (!is_whole || known.contains(one.name)) one.options.erase("create");
  return all;
}

std::vector<http::ControllerState> controllers_now(const Configuration& configuration,
                                                   const Observations& observations, Time now) {
  std::vector<http::ControllerState> all;
  const auto pools = observations.pools();
  for (const auto& one : configuration.controllers) {
    http::ControllerState state{one.name, one.zone, one.driver, false, "not reported yet"};
    for (const PoolObservation& pool : pools)
      if (pool.controller == one.name) {
        state.up = is_fresh(configuration, pool, now);
        state.words = pool.words;
      }
    all.push_back(std::move(state));
  }
  return all;
}

Surroundings surroundings_of(const Configuration& configuration, const Observations& observations,
                             const View& view, const Command& command, Time now) {
  Surroundings all{.zones = zones_of(configuration), .quotas = quotas_of(configuration)};
  all.timings = {.claim_timeout_seconds = seconds(configuration.claim_timeout_seconds),
                 .operation_deadline_seconds = seconds(configuration.operation_deadline_seconds),
                 .quiesce_wait_seconds = seconds(configuration.quiesce_wait_seconds),
                 .status_interval_seconds = seconds(configuration.status_interval_seconds),
                 .rpo_seconds = seconds(configuration.rpo_seconds),
                 .sync_interval_seconds = seconds(configuration.sync_interval_seconds),
                 .snapshot_copy_seconds = seconds(configuration.snapshot_copy_seconds)};
  for (const PoolObservation& pool : observations.pools())
    if (is_configured(configuration, pool.controller))
      all.pools.push_back(report_of(configuration, pool, view, now));
  all.controllers.emplace();
  for (const auto& one : configuration.controllers) all.controllers->push_back(one.name);
  if (const auto* change = std::get_if<SetActiveReplica>(&command)) {
    const auto id = view.share_of(change->replica);
    const auto share = id ? view.share(*id) : std::nullopt;
    if (!share) return all;
    for (const Replica& one : share->replicas)
      if (const auto seen = observations.replica(one.id))
        all.copies.push_back({one.id, seen->data_as_of, seen->reachable});
  }
  return all;
}

}  // namespace pasig::daemon
