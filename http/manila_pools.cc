// What there is to put shares on: pools, the services that drive them, zones.
#include <algorithm>
#include <array>
#include <cmath>

#include "http/faults.h"
#include "http/manila_routes.h"
#include "http/text_pattern.h"

namespace pasig::http {
namespace {

namespace json = boost::json;

// node@controller, the part of a pool's host before #.
std::string backend_of(const PoolObservation& pool) {
  return pool.host.substr(0, pool.host.find('#'));
}
std::string node_of(const PoolObservation& pool) {
  return pool.host.substr(0, pool.host.find_first_of("@#"));
}

double gigabytes(std::uint64_t bytes) {
  return std::floor(static_cast<double>(bytes) / (1024.0 * 1024.0 * 1024.0) * 100.0) / 100.0;
}

json::value capability(const std::string& text) {
  if (text == "true" || text == "True") return true;
  if (text == "false" || text == "False") return false;
  return json::value(text);
}

json::value replication_types(const PoolObservation& pool) {
  if (pool.replication_types.empty()) return nullptr;
  if (pool.replication_types.size() == 1) return json::value(word(pool.replication_types.front()));
  json::array words;
  for (const ReplicationType type : pool.replication_types)
    words.push_back(json::value(word(type)));
  return words;
}

// Manila's keys in Manila's order, then what else the driver reports.
json::object capabilities_of(const PoolObservation& pool) {
  json::object view{{"pool_name", pool.pool},
                    {"total_capacity_gb", gigabytes(pool.total_bytes)},
                    {"free_capacity_gb", gigabytes(pool.free_bytes)},
                    {"reserved_percentage", 0},
                    {"reserved_snapshot_percentage", 0},
                    {"reserved_share_extend_percentage", 0},
                    {"replication_type", replication_types(pool)},
                    {"share_backend_name", pool.controller},
                    {"storage_protocol", "NFS_CIFS"},
                    {"vendor_name", "Pasig"},
                    {"driver_version", nullptr},
                    {"driver_name", pool.driver},
                    {"timestamp", time_or_null(pool.reported_at)},
                    {"driver_handles_share_servers", false},
                    {"snapshot_support", false},
                    {"create_share_from_snapshot_support", false},
                    {"revert_to_snapshot_support", false},
                    {"mount_snapshot_support", false},
                    {"dedupe", false},
                    {"compression", false},
                    {"replication_domain", nullptr}};
  if (!pool.replication_domain.empty()) view["replication_domain"] = pool.replication_domain;
  for (const auto& [key, value] : pool.capabilities) view[key] = capability(value);
  return view;
}

PoolReport report_of(const PoolObservation& pool) {
  return {.host = pool.host,
          .controller = pool.controller,
          .pool = pool.pool,
          .zone = pool.zone,
          .driver = pool.driver,
          .file_system = pool.file_system,
          .total_bytes = pool.total_bytes,
          .free_bytes = pool.free_bytes,
          .replication_domain = pool.replication_domain,
          .replication_types = pool.replication_types,
          .capabilities = pool.capabilities,
          .up = pool.up};
}

struct PoolFilter {
  std::vector<std::pair<std::string_view, TextPattern>> patterns;  // by key of the view
  std::optional<ShareType> type;
};

Checked<PoolFilter> read_filter(const Call& call, const View& view) {
  PoolFilter filter;
  for (const std::string_view key : {"name", "host", "backend", "pool"}) {
    const auto text = call.request.query_value(key);
    if (!text) continue;
    auto pattern = TextPattern::parse(*text);
    if (!pattern)
      return fail_with(400, "The filter '" + std::string(key) +
                                "' is too complex: plain text, "
                                "'.', '*', '+', '?' and backslash are understood.");
    filter.patterns.emplace_back(key, std::move(*pattern));
  }
  const auto wanted = call.request.query_value("share_type");
  if (!wanted || !call.at_least(23)) return filter;
  const auto parsed = ShareTypeId::parse(*wanted);
  if (parsed) filter.type = view.share_type(*parsed);
  if (const auto named = view.share_type_named(*wanted); !filter.type && named)
    filter.type = view.share_type(*named);
  if (!filter.type) return fail_with(400, "Share type " + *wanted + " could not be found.");
  return filter;
}

// Whether the scheduler would put a share of this type there, space apart.
bool takes_type(const PoolObservation& pool, const ShareType& type) {
  const Placement placement =
      place({.extra_specs = type.extra_specs, .replication = type.replication}, {report_of(pool)});
  return !placement.host.empty();
}

json::object pool_view(const PoolObservation& pool) {
  const std::string backend = backend_of(pool);
  const std::size_t at = backend.find('@');
  return {{"name", pool.host},
          {"host", node_of(pool)},
          {"backend", at == std::string::npos ? backend : backend.substr(at + 1)},
          {"pool", pool.pool}};
}

Answer list(const Call& call, bool with_detail) {
  PASIG_CHECK(require_admin(call, "scheduler_stats:pools"));
  PASIG_TRY(const auto view, open_view(call));
  PASIG_TRY(const PoolFilter filter, read_filter(call, *view));
  json::array rows;
  for (const PoolObservation& pool : call.service.observations.pools()) {
    json::object row = pool_view(pool);
    const bool fits =
        pool.up &&
        std::all_of(filter.patterns.begin(), filter.patterns.end(), [&](const auto& one) {
          const auto& text = row[one.first].get_string();
          return one.second.matches({text.data(), text.size()});
        });
    if (!fits || (filter.type && !takes_type(pool, *filter.type))) continue;
    if (with_detail) row["capabilities"] = capabilities_of(pool);
    rows.push_back(std::move(row));
  }
  return answer_as_of(*view, {{"pools", std::move(rows)}});
}

Answer list_pools(const Call& call) { return list(call, false); }
Answer list_pools_detail(const Call& call) { return list(call, true); }

// When the controller's worker was last heard of: its pools' newest report.
Time heard_of(const Call& call, const std::string& controller) {
  Time newest;
  for (const PoolObservation& pool : call.service.observations.pools())
    if (pool.controller == controller) newest = std::max(newest, pool.reported_at);
  return newest;
}

Answer list_services(const Call& call) {
  PASIG_CHECK(require_admin(call, "service:index"));
  const Request& request = call.request;
  const auto fits = [&](std::string_view key, std::string_view value) {
    const auto wanted = request.query_value(key);
    return !wanted || *wanted == value;
  };
  PASIG_TRY(const auto ensuring, query_flag(request, "ensuring"));
  json::array rows;
  int id = 0;
  for (const ControllerState& one : call.service.controllers()) {
    ++id;
    const std::string host = "pasig@" + one.name;
    const std::string_view state = one.up ? "up" : "down";
    const bool wanted = fits("host", host) && fits("binary", "manila-share") &&
                        fits("zone", one.zone) && fits("state", state) &&
                        fits("status", "enabled") &&
                        !(call.at_least(93) && ensuring.value_or(false));
    if (!wanted) continue;
    json::object row{{"id", id},
                     {"binary", "manila-share"},
                     {"host", host},
                     {"zone", one.zone},
                     {"status", "enabled"},
                     {"state", state},
                     {"updated_at", time_or_null(heard_of(call, one.name))}};
    if (call.at_least(83)) row["disabled_reason"] = nullptr;
    if (call.at_least(86)) row["ensuring"] = false;
    rows.push_back(std::move(row));
  }
  return json_response(200, {{"services", std::move(rows)}});
}

Answer list_zones(const Call& call) {
  json::array rows;
  for (const std::string& zone : call.service.zones)
    rows.push_back(json::object{
        {"id", zone_id(zone)}, {"name", zone}, {"created_at", nullptr}, {"updated_at", nullptr}});
  return json_response(200, {{"availability_zones", std::move(rows)}});
}

}  // namespace

std::vector<CallRoute> pool_routes() {
  return {{"GET", "/v2/scheduler-stats/pools", list_pools},
          {"GET", "/v2/scheduler-stats/pools/detail", list_pools_detail},
          {"GET", "/v2/services", list_services, 7},
          {"GET", "/v2/os-services", list_services, 0, 6},
          {"GET", "/v2/availability-zones", list_zones, 7},
          {"GET", "/v2/os-availability-zone", list_zones, 0, 6}};
}

}  // namespace pasig::http
