// Snapshots, and their instances: the copies on each replica (admins only).
#include <algorithm>

#include "http/faults.h"
#include "http/manila_routes.h"
#include "http/manila_views.h"
#include "http/python_literal.h"
#include "http/refusals.h"

namespace pasig::http {
namespace {

namespace json = boost::json;

struct FoundSnapshot {
  Share share;
  Snapshot snapshot;
};

// Snapshots of public shares are their owner's all the same.
std::optional<FoundSnapshot> find_snapshot(const Call& call, const View& view,
                                           const std::string& text) {
  const auto id = SnapshotId::parse(text);
  const auto share_id = id ? view.share_of(*id) : std::nullopt;
  auto share = share_id ? view.share(*share_id) : std::nullopt;
  if (!share || !call.owns(*share)) return std::nullopt;
  const Snapshot snapshot = *share->find(*id);
  return FoundSnapshot{*std::move(share), snapshot};
}

Answer show_snapshot(const Call& call) {
  PASIG_TRY(const auto view, open_view(call));
  const auto found = find_snapshot(call, *view, call.request.parameter("id"));
  if (!found) return not_found();
  return answer_as_of(*view, {{"snapshot", snapshot_detail(call, found->share, found->snapshot)}});
}

// None is mounted by itself (mount_snapshot_support is never offered); clients ask all the same.
Answer list_exports(const Call& call) {
  PASIG_TRY(const auto view, open_view(call));
  if (!find_snapshot(call, *view, call.request.parameter("id"))) return not_found();
  return answer_as_of(*view, {{"share_snapshot_export_locations", json::array()}});
}

// ---- lists -----------------------------------------------------------------------------------
struct Wanted {
  bool all_projects = false;
  bool with_count = false;
  std::vector<KeyValue> metadata;
};

Checked<Wanted> read_wanted(const Call& call) {
  Wanted wanted;
  PASIG_TRY(const auto all, query_flag(call.request, "all_tenants"));
  const bool by_project = call.request.query_value("project_id").has_value();
  wanted.all_projects = call.caller.admin && (all.value_or(false) || by_project);
  if (call.at_least(79)) {
    PASIG_TRY(const auto count, query_flag(call.request, "with_count"));
    wanted.with_count = count.value_or(false);
  }
  const auto text = call.at_least(73) ? call.request.query_value("metadata") : std::nullopt;
  if (!text) return wanted;
  auto pairs = parse_python_dict(*text);
  if (!pairs) return fail_with(400, "The filter 'metadata' is not of the form {'key': 'value'}.");
  wanted.metadata = std::move(*pairs);
  return wanted;
}

// One item of the query against one snapshot; items that are no filters fit always.
bool fits(const Call& call, const FoundSnapshot& one, const std::string& key,
          const std::string& value) {
  const auto& [share, snapshot] = one;
  if (key == "name" || key == "display_name") return snapshot.name == value;
  if (key == "description" || key == "display_description") return snapshot.description == value;
  if (key == "status") return word(status_of(snapshot)) == value;
  if (key == "share_id") return to_string(share.id) == value;
  if (key == "size") return std::to_string(snapshot.size_gb) == value;
  if (key == "project_id") return !call.caller.admin || share.project == value;
  if (!call.at_least(36)) return true;
  if (key == "name~" || key == "display_name~")
    return snapshot.name.find(value) != std::string::npos;
  if (key == "description~" || key == "display_description~")
    return snapshot.description.find(value) != std::string::npos;
  return true;
}

bool is_wanted(const Call& call, const FoundSnapshot& one, const Wanted& wanted) {
  if (!wanted.all_projects && one.share.project != call.caller.project) return false;
  const auto& pairs = one.snapshot.metadata;
  for (const KeyValue& pair : wanted.metadata)
    if (std::find(pairs.begin(), pairs.end(), pair) == pairs.end()) return false;
  return std::all_of(call.request.query.begin(), call.request.query.end(),
                     [&](const auto& item) { return fits(call, one, item.first, item.second); });
}

using Before = bool (*)(const FoundSnapshot&, const FoundSnapshot&);

Before order_by(std::string_view key) {
  using One = const FoundSnapshot&;
  if (key == "created_at")
    return [](One a, One b) { return a.snapshot.created_at < b.snapshot.created_at; };
  if (key == "updated_at")
    return [](One a, One b) { return a.snapshot.updated_at < b.snapshot.updated_at; };
  if (key == "name" || key == "display_name")
    return [](One a, One b) { return a.snapshot.name < b.snapshot.name; };
  if (key == "id") return [](One a, One b) { return a.snapshot.id < b.snapshot.id; };
  if (key == "size") return [](One a, One b) { return a.snapshot.size_gb < b.snapshot.size_gb; };
  if (key == "status")
    return [](One a, One b) { return word(status_of(a.snapshot)) < word(status_of(b.snapshot)); };
  if (key == "share_id") return [](One a, One b) { return a.share.id < b.share.id; };
  return nullptr;
}

Checked<void> sort_snapshots(const Call& call, std::vector<FoundSnapshot>& all) {
  const std::string key = call.request.query_value("sort_key").value_or("created_at");
  const std::string direction = call.request.query_value("sort_dir").value_or("desc");
  const Before before = order_by(key);
  if (before == nullptr) return fail_with(400, "Bad value for 'sort_key': '" + key + "'.");
  if (direction != "asc" && direction != "desc")
    return fail_with(400, "Bad value for 'sort_dir': '" + direction + "' (asc or desc).");
  std::stable_sort(all.begin(), all.end(), [&](const FoundSnapshot& a, const FoundSnapshot& b) {
    return direction == "asc" ? before(a, b) : before(b, a);
  });
  return {};
}

using SnapshotView = json::object (*)(const Call&, const Share&, const Snapshot&);

Answer list(const Call& call, SnapshotView view_of) {
  PASIG_TRY(const Page page, parse_page(call));
  PASIG_TRY(const Wanted wanted, read_wanted(call));
  PASIG_TRY(const auto view, open_view(call));
  std::vector<FoundSnapshot> all;
  for (const Share& share : view->shares())
    for (const Snapshot& snapshot : share.snapshots)
      if (FoundSnapshot one{share, snapshot}; is_wanted(call, one, wanted))
        all.push_back(std::move(one));
  PASIG_CHECK(sort_snapshots(call, all));
  json::array rows;
  const std::size_t count = rows_on(page, all.size());
  for (std::size_t i = page.offset; i < page.offset + count; ++i)
    rows.push_back(view_of(call, all[i].share, all[i].snapshot));
  json::object body{{"snapshots", std::move(rows)}};
  if (wanted.with_count) body["count"] = all.size();
  const std::string last = count == 0 ? "" : to_string(all[page.offset + count - 1].snapshot.id);
  if (auto links = next_links(call.request, page, count, last))
    body["share_snapshots_links"] = std::move(*links);
  return answer_as_of(*view, body);
}

Answer list_snapshots(const Call& call) { return list(call, snapshot_summary); }
Answer list_snapshots_detail(const Call& call) { return list(call, snapshot_detail); }

// ---- acting ----------------------------------------------------------------------------------
Checked<CreateSnapshot> read_snapshot(const Call& call) {
  PASIG_TRY(const json::object body, body_object(call, "snapshot"));
  const Fields fields(body, "snapshot");
  CreateSnapshot command;
  PASIG_TRY(const auto share, fields.text("share_id", {.length_min = 1}));
  if (!share) return fail_with(400, "'snapshot.share_id' is missing.");
  const auto id = ShareId::parse(*share);
  if (!id) return fail_with(404, "Share " + *share + " could not be found.");
  command.share = *id;
  PASIG_TRY(const auto name, fields.text("name"));
  PASIG_TRY(const auto old_name, fields.text("display_name"));
  command.name = name ? *name : old_name.value_or("");
  PASIG_TRY(const auto description, fields.text("description"));
  PASIG_TRY(const auto old_description, fields.text("display_description"));
  command.description = description ? *description : old_description.value_or("");
  PASIG_TRY(const auto force, fields.boolean("force"));
  static_cast<void>(force);  // Manila takes it, and does nothing with it
  if (call.at_least(73)) {
    PASIG_TRY(command.metadata, fields.pairs("metadata", false));
  }
  return command;
}

// Manila: a share that is not settled is 400 here, and one whose type has no snapshots 422.
Response tell_creation(const Refusal& refusal) {
  Response response = refused(refusal);
  int code = response.status;
  if (refusal.guard == Guard::share_not_available) code = 400;
  if (refusal.guard == Guard::snapshot_not_supported) code = 422;
  if (code == response.status) return response;
  Response told = fault(code, refusal.message);
  told.headers = response.headers;
  return told;
}

Answer create_snapshot(const Call& call) {
  PASIG_TRY(CreateSnapshot command, read_snapshot(call));
  PASIG_TRY(auto view, open_view(call));
  const auto share = visible_share(call, *view, to_string(command.share));
  if (!share) return fail_with(404, "Share " + to_string(command.share) + " could not be found.");
  if (!is_spec_set(*share, "snapshot_support"))
    return fail_with(422, "Share " + to_string(share->id) + " cannot take snapshots: its type " +
                              share->type_name + " has no snapshot_support.");
  view.reset();  // none is held while the command waits
  PASIG_TRY(const auto outcome,
            submit(call.service, call.request, std::move(command), tell_creation));
  PASIG_TRY(view, open_view(call));
  for (const Event& event : outcome.events)
    if (const auto* started = std::get_if<SnapshotCreationStarted>(&event))
      if (const auto found = find_snapshot(call, *view, to_string(started->snapshot))) {
        const json::object made = snapshot_detail(call, found->share, found->snapshot);
        return after(outcome, answer_as_of(*view, {{"snapshot", made}}, 202));
      }
  return not_found();  // an earlier request with this Idempotency-Key made it; it is gone again
}

Answer remove_snapshot(const Call& call, bool force) {
  PASIG_TRY(auto view, open_view(call));
  const auto found = find_snapshot(call, *view, call.request.parameter("id"));
  if (!found) return not_found();
  view.reset();
  PASIG_TRY(const auto outcome,
            submit(call.service, call.request, DeleteSnapshot{found->snapshot.id, force}));
  return after(outcome, empty_response(202));
}

Answer delete_snapshot(const Call& call) { return remove_snapshot(call, false); }

constexpr std::string_view k_resets =
    "Invalid state. Valid states: available, creating, error, "
    "error_deleting.";

Answer reset_status(const Call& call, const Action& action, SnapshotId id) {
  PASIG_TRY(const std::string text, action_word(action, "status"));
  const auto status = parse_word<SnapshotStatus>(text);
  if (!status) return fail_with(400, std::string(k_resets));
  PASIG_TRY(const auto outcome,
            submit(call.service, call.request, ResetSnapshotStatus{id, *status}));
  return after(outcome, empty_response(202));
}

Answer act_on_snapshot(const Call& call) {
  PASIG_TRY(const Action action, parse_action(call));
  // Below 2.7 actions have the prefix os-, from then on they have not.
  std::string name = action.name;
  const bool prefixed = name.starts_with("os-");
  if (prefixed == call.at_least(7)) return no_such_action(action);
  if (prefixed) name.erase(0, 3);
  if (name == "force_delete") {
    PASIG_CHECK(require_admin(call, "share_snapshot:force_delete"));
    return remove_snapshot(call, true);
  }
  if (name == "unmanage" && call.at_least(12)) return unmanage_snapshot(call);
  if (name != "reset_status") return no_such_action(action);
  PASIG_CHECK(require_admin(call, "share_snapshot:reset_status"));
  PASIG_TRY(auto view, open_view(call));
  const auto found = find_snapshot(call, *view, call.request.parameter("id"));
  if (!found) return not_found();
  view.reset();
  return reset_status(call, action, found->snapshot.id);
}

// ---- instances -------------------------------------------------------------------------------
struct Instance {
  Share share;
  Snapshot snapshot;
  SnapshotCopy copy;
};

// All, or those of one snapshot; the active replica's first.
std::vector<Instance> instances_of(const View& view, const std::optional<std::string>& of) {
  std::vector<Instance> all;
  for (const Share& share : view.shares())
    for (const Snapshot& snapshot : share.snapshots) {
      if (of && to_string(snapshot.id) != *of) continue;
      std::vector<SnapshotCopy> copies = snapshot.copies;
      std::stable_partition(copies.begin(), copies.end(), [&](const SnapshotCopy& one) {
        const Replica* replica = share.find(one.replica);
        return replica != nullptr && replica->state == ReplicaState::active;
      });
      for (const SnapshotCopy& one : copies) all.push_back({share, snapshot, one});
    }
  return all;
}

Answer list_instances(const Call& call, bool whole) {
  PASIG_CHECK(require_admin(call, "share_snapshot_instance:index"));
  PASIG_TRY(const Page page, parse_page(call));
  PASIG_TRY(const auto view, open_view(call));
  const auto all = instances_of(*view, call.request.query_value("snapshot_id"));
  json::array rows;
  const std::size_t count = rows_on(page, all.size());
  for (std::size_t i = page.offset; i < page.offset + count; ++i)
    rows.push_back(snapshot_instance_view(all[i].share, all[i].snapshot, all[i].copy, whole));
  return answer_as_of(*view, {{"snapshot_instances", std::move(rows)}});
}

Answer list_instances_short(const Call& call) { return list_instances(call, false); }
Answer list_instances_detail(const Call& call) { return list_instances(call, true); }

std::optional<Instance> find_instance(const View& view, const std::string& id) {
  for (Instance& one : instances_of(view, {}))
    if (snapshot_instance_id(one.snapshot, one.copy) == id) return std::move(one);
  return std::nullopt;
}

Answer show_instance(const Call& call) {
  PASIG_CHECK(require_admin(call, "share_snapshot_instance:show"));
  PASIG_TRY(const auto view, open_view(call));
  const auto found = find_instance(*view, call.request.parameter("id"));
  if (!found) return not_found();
  return answer_as_of(*view,
                      {{"snapshot_instance",
                        snapshot_instance_view(found->share, found->snapshot, found->copy, true)}});
}

}  // namespace

std::vector<CallRoute> snapshot_routes() {
  return {{"GET", "/v2/snapshots", list_snapshots},
          {"GET", "/v2/snapshots/detail", list_snapshots_detail},
          {"GET", "/v2/snapshots/{id}", show_snapshot},
          {"GET", "/v2/snapshots/{id}/export-locations", list_exports, 32},
          {"POST", "/v2/snapshots", create_snapshot},
          {"DELETE", "/v2/snapshots/{id}", delete_snapshot},
          {"POST", "/v2/snapshots/{id}/action", act_on_snapshot},
          {"GET", "/v2/snapshot-instances", list_instances_short, 19},
          {"GET", "/v2/snapshot-instances/detail", list_instances_detail, 19},
          {"GET", "/v2/snapshot-instances/{id}", show_instance, 19}};
}

}  // namespace pasig::http
