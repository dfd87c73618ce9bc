#include "http/manila_views.h"

#include <algorithm>
#include <array>

#include "http/access_status.h"

namespace pasig::http {
namespace {

namespace json = boost::json;

json::value text_or_null(const std::string& text) {
  if (text.empty()) return nullptr;
  return json::value(text);
}

json::object pairs_object(const std::vector<KeyValue>& pairs) {
  json::object object;
  for (const KeyValue& pair : pairs) object[pair.key] = pair.value;
  return object;
}

bool is_set(const std::vector<KeyValue>& specs, std::string_view key) {
  for (const KeyValue& spec : specs) {
    if (spec.key != key) continue;
    std::string word;
    for (const char c : spec.value)
      if (c >= 'A' && c <= 'Z') word.push_back(static_cast<char>(c - 'A' + 'a'));
      else word.push_back(c);
    return word == "true" || word == "<is> true" || word == "1";
  }
  return false;
}

json::value replication_word(const Share& share) {
  if (share.replication == ReplicationType::none) return nullptr;
  return json::value(word(share.replication));
}

// Of a tree that is still to be taken in it is not known.
json::value size_of(const Share& share) {
  if (share.size_gb == 0) return nullptr;
  return json::value(share.size_gb);
}

json::value state_word(const Share& share, const Replica& replica) {
  if (!is_replica(share, replica)) return nullptr;
  return json::value(word(replica.state));
}

// Manila's progress of a creation: nothing while it goes on or when it failed.
json::value progress_of(const Replica* replica) {
  if (replica == nullptr || replica->state == ReplicaState::none) return nullptr;
  return "100%";
}

json::array all_exports(const Share& share) {
  json::array paths;
  for (const Replica& replica : share.replicas)
    for (const std::string& path : replica.exports) paths.emplace_back(path);
  return paths;
}

// Below 2.9 the locations are part of the share and of the instance.
void add_locations(json::object& view, std::string_view key, const json::array& paths) {
  if (key == "export_location") view[key] = paths.empty() ? json::value() : paths.front();
  else view[key] = paths;
}

// Before 2.28, what is still to be applied had another name.
std::string_view access_word(const Call& call, AccessSum sum) {
  if (sum == AccessSum::syncing && !call.at_least(28)) return "out_of_sync";
  return sum_word(sum);
}

void add_share_fields(const Call& call, const Share& share, json::object& view) {
  const Replica* chosen = chosen_replica(share);
  const auto count = std::count_if(share.replicas.begin(), share.replicas.end(),
                                   [&](const Replica& one) { return is_replica(share, one); });
  if (call.at_least(2)) view["snapshot_support"] = is_set(share.extra_specs, "snapshot_support");
  if (call.at_least(5)) view["task_state"] = nullptr;
  if (call.at_least(6)) {
    view["share_type"] = to_string(share.type);
    view["share_type_name"] = share.type_name;
  }
  if (call.at_least(10)) view["access_rules_status"] = access_word(call, access_sum(share));
  if (call.at_least(11)) {
    view["replication_type"] = replication_word(share);
    view["has_replicas"] = count > 1;
  }
  if (call.at_least(16)) view["user_id"] = text_or_null(share.user);
  if (call.at_least(24))
    view["create_share_from_snapshot_support"] =
        is_set(share.extra_specs, "create_share_from_snapshot_support");
  if (call.at_least(27))
    view["revert_to_snapshot_support"] = is_set(share.extra_specs, "revert_to_snapshot_support");
  if (call.at_least(31)) {
    view["share_group_id"] = nullptr;
    view["source_share_group_snapshot_member_id"] = nullptr;
  }
  if (call.at_least(32))
    view["mount_snapshot_support"] = is_set(share.extra_specs, "mount_snapshot_support");
  if (call.at_least(54)) view["progress"] = progress_of(chosen);
  if (call.at_least(69)) {
    view["is_soft_deleted"] = false;
    view["scheduled_to_be_deleted_at"] = nullptr;
  }
  if (call.at_least(80)) view["source_backup_id"] = nullptr;
  if (call.at_least(90)) view["encryption_key_ref"] = nullptr;
  if (call.caller.admin) {
    view["share_server_id"] = nullptr;
    view["host"] = chosen == nullptr ? "" : chosen->host;
  }
}

}  // namespace

bool is_spec_set(const Share& share, std::string_view spec) {
  return is_set(share.extra_specs, spec);
}

json::object share_summary(const Call& call, const Share& share) {
  const std::string id = to_string(share.id);
  return {{"id", id},
          {"name", text_or_null(share.name)},
          {"links", object_links(call.request, "shares", id)}};
}

json::object share_detail(const Call& call, const Share& share) {
  const std::string id = to_string(share.id);
  const Replica* chosen = chosen_replica(share);
  const json::array paths = all_exports(share);
  json::object view{{"id", id},
                    {"size", size_of(share)},
                    {"availability_zone", text_or_null(chosen == nullptr ? "" : chosen->zone)},
                    {"created_at", time_or_null(share.created_at)},
                    {"status", status_word(share)},
                    {"name", text_or_null(share.name)},
                    {"description", text_or_null(share.description)},
                    {"project_id", share.project},
                    {"snapshot_id", nullptr},
                    {"share_network_id", nullptr},
                    {"share_proto", share.protocol}};
  if (!share.source_snapshot.is_nil()) view["snapshot_id"] = to_string(share.source_snapshot);
  if (!call.at_least(9)) add_locations(view, "export_location", paths);
  view["metadata"] = pairs_object(share.metadata);
  view["share_type"] = share.type_name;  // from 2.6 on its id
  view["volume_type"] = share.type_name;
  view["links"] = object_links(call.request, "shares", id);
  view["is_public"] = share.is_public;
  if (!call.at_least(9)) add_locations(view, "export_locations", paths);
  add_share_fields(call, share, view);
  return view;
}

json::object replica_summary(const Share& share, const Replica& replica) {
  return {{"id", to_string(replica.id)},
          {"share_id", to_string(share.id)},
          {"status", word(replica.status)},
          {"replica_state", state_word(share, replica)}};
}

json::object replica_detail(const Call& call, const Share& share, const Replica& replica) {
  json::object view{{"id", to_string(replica.id)},
                    {"share_id", to_string(share.id)},
                    {"availability_zone", text_or_null(replica.zone)},
                    {"created_at", time_or_null(replica.created_at)},
                    {"status", word(replica.status)},
                    {"share_network_id", nullptr},
                    {"replica_state", state_word(share, replica)},
                    {"updated_at", time_or_null(replica.updated_at)}};
  if (call.caller.admin) {
    view["share_server_id"] = nullptr;
    view["host"] = replica.host;
    if (call.at_least(30)) view["cast_rules_to_readonly"] = replica.cast_rules_to_readonly;
  }
  return view;
}

json::object instance_view(const Call& call, const Share& share, const Replica& replica) {
  json::object view{{"id", to_string(replica.id)},
                    {"share_id", to_string(share.id)},
                    {"availability_zone", text_or_null(replica.zone)},
                    {"created_at", time_or_null(replica.created_at)},
                    {"host", replica.host},
                    {"status", word(replica.status)},
                    {"share_network_id", nullptr},
                    {"share_server_id", nullptr}};
  if (!call.at_least(9)) {
    json::array paths;
    for (const std::string& path : replica.exports) paths.emplace_back(path);
    add_locations(view, "export_location", paths);
    add_locations(view, "export_locations", paths);
  }
  if (call.at_least(10))
    view["access_rules_status"] = access_word(call, access_sum(share, replica));
  if (call.at_least(11)) view["replica_state"] = state_word(share, replica);
  if (call.at_least(22)) view["share_type_id"] = to_string(share.type);
  if (call.at_least(30)) view["cast_rules_to_readonly"] = replica.cast_rules_to_readonly;
  if (call.at_least(54)) view["progress"] = progress_of(&replica);
  if (call.at_least(71)) view["updated_at"] = time_or_null(replica.updated_at);
  return view;
}

json::object snapshot_summary(const Call& call, const Share&, const Snapshot& snapshot) {
  const std::string id = to_string(snapshot.id);
  return {{"id", id},
          {"name", text_or_null(snapshot.name)},
          {"links", object_links(call.request, "snapshots", id)}};
}

json::object snapshot_detail(const Call& call, const Share& share, const Snapshot& snapshot) {
  const std::string id = to_string(snapshot.id);
  json::object view{{"id", id},
                    {"share_id", to_string(share.id)},
                    {"share_size", share.size_gb},
                    {"created_at", time_or_null(snapshot.created_at)},
                    {"status", word(status_of(snapshot))},
                    {"name", text_or_null(snapshot.name)},
                    {"description", text_or_null(snapshot.description)},
                    {"size", snapshot.size_gb},
                    {"share_proto", share.protocol},
                    {"links", object_links(call.request, "snapshots", id)}};
  if (call.at_least(12) && call.caller.admin)
    view["provider_location"] = text_or_null(snapshot.managed_path);
  if (call.at_least(17)) {
    view["user_id"] = text_or_null(snapshot.user);
    view["project_id"] = share.project;
  }
  if (call.at_least(73)) view["metadata"] = pairs_object(snapshot.metadata);
  return view;
}

std::string snapshot_instance_id(const Snapshot& snapshot, const SnapshotCopy& copy) {
  return to_string(
      derived_uuid("snapshot:" + to_string(snapshot.id) + ":" + to_string(copy.replica), 0));
}

json::object snapshot_instance_view(const Share& share, const Snapshot& snapshot,
                                    const SnapshotCopy& copy, bool whole) {
  json::object view{{"id", snapshot_instance_id(snapshot, copy)},
                    {"snapshot_id", to_string(snapshot.id)},
                    {"status", word(copy.status)}};
  if (!whole) return view;
  view["created_at"] = time_or_null(snapshot.created_at);
  view["updated_at"] = time_or_null(copy.updated_at);
  view["share_id"] = to_string(share.id);
  view["share_instance_id"] = to_string(copy.replica);
  view["progress"] = copy.status == SnapshotStatus::available ? "100%" : "0%";
  view["provider_location"] = text_or_null(snapshot.managed_path);
  return view;
}

json::object type_view(const Call& call, const ShareType& type) {
  constexpr std::string_view k_dhss = "driver_handles_share_servers";
  json::object required{{k_dhss, "False"}};
  json::object specs;
  for (const KeyValue& spec : type.extra_specs) {
    if (spec.key == k_dhss) required[k_dhss] = spec.value;
    // Who is no admin sees the specs that tenants may know of.
    static constexpr std::array<std::string_view, 8> k_tenant_specs = {
        "snapshot_support",           "create_share_from_snapshot_support",
        "revert_to_snapshot_support", "mount_snapshot_support",
        "availability_zones",         "replication_type",
        "pasig:rpo_seconds",          "pasig:sync_interval_seconds"};
    if (call.caller.admin ||
        std::find(k_tenant_specs.begin(), k_tenant_specs.end(), spec.key) != k_tenant_specs.end())
      specs[spec.key] = spec.value;
  }
  if (!call.caller.admin && call.at_least(24))
    for (const std::string_view key : {"snapshot_support", "create_share_from_snapshot_support",
                                       "revert_to_snapshot_support", "mount_snapshot_support"})
      if (!specs.contains(key)) specs[key] = "False";
  json::object view{{"id", to_string(type.id)},
                    {"name", type.name},
                    {"extra_specs", std::move(specs)},
                    {"required_extra_specs", std::move(required)}};
  view[call.at_least(7) ? "share_type_access:is_public" : "os-share-type-access:is_public"] =
      type.is_public;
  if (call.at_least(41)) view["description"] = text_or_null(type.description);
  if (call.at_least(46)) view["is_default"] = type.name == call.service.options.default_share_type;
  return view;
}

json::object type_answer(const Call& call, const ShareType& type) {
  const json::object view = type_view(call, type);
  return {{"volume_type", view}, {"share_type", view}};
}

std::string export_id(const Replica& replica, const std::string& path) {
  return to_string(derived_uuid("export:" + to_string(replica.id) + ":" + path, 0));
}

json::object export_view(const Call& call, const Replica& replica, const std::string& path,
                         ExportView how) {
  json::object view{{"id", export_id(replica, path)}, {"path", path}};
  if (call.at_least(14))
    view["preferred"] = !replica.exports.empty() && replica.exports.front() == path;
  if (call.at_least(87)) view["metadata"] = json::object();
  if (call.caller.admin) {
    view["share_instance_id"] = to_string(replica.id);
    view["is_admin_only"] = false;
  }
  if (how.with_times) {
    view["created_at"] = time_or_null(replica.created_at);
    view["updated_at"] = time_or_null(replica.updated_at);
  }
  if (how.of == ExportOf::replica) {
    view["replica_state"] = word(replica.state);
    view["availability_zone"] = text_or_null(replica.zone);
  }
  return view;
}

}  // namespace pasig::http
