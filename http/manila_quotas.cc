// Quotas and limits as they are configured, and what a project uses of them: the counters that
// commands are judged by. What cannot be made here (networks, groups, back-ups) has
// the limit 0.
#include "http/faults.h"
#include "http/manila_routes.h"

namespace pasig::http {
namespace {

namespace json = boost::json;

// Manila: -1 is unlimited.
std::int64_t limit_of(const std::optional<std::int64_t>& quota) { return quota.value_or(-1); }

struct Quota {
  std::string_view name;
  std::uint32_t since = 0;
  std::int64_t limit = 0;
  bool is_counted = false;   // there is a counter <name>-<project>
  bool is_for_types = true;  // shown for a share type too
};

// In Manila's order.
std::vector<Quota> quotas_of(const Quotas& quotas) {
  return {{"shares", 0, limit_of(quotas.shares), true},
          {"gigabytes", 0, limit_of(quotas.gigabytes), true},
          {"snapshots", 0, limit_of(quotas.snapshots), true},
          {"snapshot_gigabytes", 0, limit_of(quotas.snapshot_gigabytes), true},
          {.name = "share_networks", .is_for_types = false},
          {.name = "share_groups", .since = 40, .is_for_types = false},
          {.name = "share_group_snapshots", .since = 40, .is_for_types = false},
          {"share_replicas", 53, limit_of(quotas.share_replicas), true},
          {"replica_gigabytes", 53, limit_of(quotas.replica_gigabytes), true},
          {"per_share_gigabytes", 62, -1},
          {"backups", 80},
          {"backup_gigabytes", 80},
          {"encryption_keys", 90}};
}

std::int64_t used(const View& view, std::string_view name, const std::string& project) {
  return view.counter(std::string(name) + "-" + project);
}

// The id comes after the fourth key, as Manila has it.
json::object quota_set(const Call& call, const View& view, const std::string& project,
                       bool with_usage) {
  const bool of_a_type = call.at_least(39) && call.request.query_value("share_type").has_value();
  json::object set;
  for (const Quota& quota : quotas_of(call.service.options.quotas)) {
    if (quota.name == "share_networks") set["id"] = project;
    if (!call.at_least(quota.since) || (of_a_type && !quota.is_for_types)) continue;
    if (with_usage)
      set[quota.name] =
          json::object{{"limit", quota.limit},
                       {"in_use", quota.is_counted ? used(view, quota.name, project) : 0},
                       {"reserved", 0}};
    else set[quota.name] = quota.limit;
  }
  return {{"quota_set", std::move(set)}};
}

Answer show(const Call& call, bool with_usage) {
  const std::string project = call.request.parameter("project");
  if (project != call.caller.project) PASIG_CHECK(require_admin(call, "quota_set:show"));
  PASIG_TRY(const auto view, open_view(call));
  return answer_as_of(*view, quota_set(call, *view, project, with_usage));
}

Answer show_quotas(const Call& call) { return show(call, false); }
Answer show_usage(const Call& call) { return show(call, true); }

Answer show_limits(const Call& call) {
  PASIG_TRY(const auto view, open_view(call));
  const Quotas& quotas = call.service.options.quotas;
  const std::string& project = call.caller.project;
  json::object absolute{{"maxTotalShares", limit_of(quotas.shares)},
                        {"maxTotalShareGigabytes", limit_of(quotas.gigabytes)},
                        {"maxTotalShareSnapshots", limit_of(quotas.snapshots)},
                        {"maxTotalSnapshotGigabytes", limit_of(quotas.snapshot_gigabytes)},
                        {"maxTotalShareNetworks", 0},
                        {"totalSharesUsed", used(*view, "shares", project)},
                        {"totalShareGigabytesUsed", used(*view, "gigabytes", project)},
                        {"totalShareSnapshotsUsed", used(*view, "snapshots", project)},
                        {"totalSnapshotGigabytesUsed", used(*view, "snapshot_gigabytes", project)},
                        {"totalShareNetworksUsed", 0}};
  if (call.at_least(53)) {
    absolute["maxTotalShareReplicas"] = limit_of(quotas.share_replicas);
    absolute["maxTotalReplicaGigabytes"] = limit_of(quotas.replica_gigabytes);
    absolute["totalShareReplicasUsed"] = used(*view, "share_replicas", project);
    absolute["totalReplicaGigabytesUsed"] = used(*view, "replica_gigabytes", project);
  }
  if (call.at_least(58))
    for (const std::string_view key : {"maxTotalShareGroups", "maxTotalShareGroupSnapshots",
                                       "totalShareGroupsUsed", "totalShareGroupSnapshotsUsed"})
      absolute[key] = 0;
  if (call.at_least(80))
    for (const std::string_view key : {"maxTotalShareBackups", "maxTotalBackupGigabytes",
                                       "totalShareBackupsUsed", "totalBackupGigabytesUsed"})
      absolute[key] = 0;
  json::object limits{{"rate", json::array()}, {"absolute", std::move(absolute)}};
  return answer_as_of(*view, {{"limits", std::move(limits)}});
}

}  // namespace

std::vector<CallRoute> quota_routes() {
  return {{"GET", "/v2/quota-sets/{project}", show_quotas, 7},
          {"GET", "/v2/quota-sets/{project}/defaults", show_quotas, 7},
          {"GET", "/v2/quota-sets/{project}/detail", show_usage, 25},
          {"GET", "/v2/os-quota-sets/{project}", show_quotas, 0, 6},
          {"GET", "/v2/os-quota-sets/{project}/defaults", show_quotas, 0, 6},
          {"GET", "/v2/limits", show_limits}};
}

}  // namespace pasig::http
