// Lists of shares: which of them a query means, in which order, and which page of them.
#include <algorithm>
#include <array>

#include "http/faults.h"
#include "http/manila_routes.h"
#include "http/manila_views.h"
#include "http/python_literal.h"

namespace pasig::http {
namespace {

namespace json = boost::json;

// Filters for things that no share here has: any value but "none" gives no share.
constexpr std::array<std::string_view, 5> k_absent = {
    "share_network_id", "share_server_id", "share_group_id", "source_share_group_snapshot_id",
    "share_group_snapshot_id"};

bool holds_all(const std::vector<KeyValue>& pairs, const std::vector<KeyValue>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const KeyValue& one) {
    return std::find(pairs.begin(), pairs.end(), one) != pairs.end();
  });
}

bool has_export(const Share& share, const std::string& text, bool by_id) {
  for (const Replica& replica : share.replicas)
    for (const std::string& path : replica.exports)
      if ((by_id ? export_id(replica, path) : path) == text) return true;
  return false;
}

// One item of the query against one share; items that are no filters fit always.
bool fits(const Call& call, const Share& share, const std::string& key, const std::string& value) {
  const Replica* chosen = chosen_replica(share);
  if (key == "name" || key == "display_name") return share.name == value;
  if (key == "description" || key == "display_description") return share.description == value;
  if (key == "status") return status_word(share) == value;
  if (key == "share_type_id" || key == "volume_type_id") return to_string(share.type) == value;
  if (key == "share_proto") return share.protocol == value;
  if (key == "size") return std::to_string(share.size_gb) == value;
  if (key == "snapshot_id")
    return !share.source_snapshot.is_nil() && to_string(share.source_snapshot) == value;
  if (key == "project_id") return !call.caller.admin || share.project == value;
  if (key == "host") return chosen != nullptr && chosen->host == value;
  if (call.at_least(36)) {
    if (key == "name~" || key == "display_name~")
      return share.name.find(value) != std::string::npos;
    if (key == "description~" || key == "display_description~")
      return share.description.find(value) != std::string::npos;
  }
  if (call.at_least(35)) {
    if (key == "export_location_id") return has_export(share, value, true);
    if (key == "export_location_path") return has_export(share, value, false);
  }
  return std::find(k_absent.begin(), k_absent.end(), key) == k_absent.end();
}

// What a query says beside plain values: read once, before the shares are looked at.
struct Wanted {
  bool also_public = false;  // is_public widens a list to public shares; it never narrows it
  bool all_projects = false;
  bool none = false;  // soft-deleted shares are asked for: there are none
  bool with_count = false;
  std::vector<KeyValue> metadata;
  std::vector<KeyValue> extra_specs;
};

Checked<std::vector<KeyValue>> read_pairs(const Call& call, std::string_view name) {
  const auto text = call.request.query_value(name);
  if (!text) return std::vector<KeyValue>();
  auto pairs = parse_python_dict(*text);
  if (!pairs)
    return fail_with(400,
                     "The filter '" + std::string(name) + "' is not of the form {'key': 'value'}.");
  return std::move(*pairs);
}

Checked<Wanted> read_wanted(const Call& call) {
  Wanted wanted;
  PASIG_TRY(const auto all, query_flag(call.request, "all_tenants"));
  const bool by_project = call.request.query_value("project_id").has_value();
  wanted.all_projects = call.caller.admin && (all.value_or(false) || by_project);
  PASIG_TRY(const auto also_public, query_flag(call.request, "is_public"));
  wanted.also_public = also_public.value_or(false);
  if (call.at_least(69)) {
    PASIG_TRY(const auto deleted, query_flag(call.request, "is_soft_deleted"));
    wanted.none = deleted.value_or(false);
  }
  if (call.at_least(42)) {
    PASIG_TRY(const auto count, query_flag(call.request, "with_count"));
    wanted.with_count = count.value_or(false);
  }
  PASIG_TRY(wanted.metadata, read_pairs(call, "metadata"));
  if (call.caller.admin) {
    PASIG_TRY(wanted.extra_specs, read_pairs(call, "extra_specs"));
  } else {
    for (const std::string_view key : {"host", "share_server_id"})
      if (call.request.query_value(key))
        PASIG_CHECK(require_admin(call, "share:list_by_" + std::string(key)));
  }
  return wanted;
}

bool is_wanted(const Call& call, const Share& share, const Wanted& wanted) {
  const bool own = wanted.all_projects || share.project == call.caller.project;
  if (!own && !(wanted.also_public && share.is_public)) return false;
  if (!holds_all(share.metadata, wanted.metadata)) return false;
  if (!holds_all(share.extra_specs, wanted.extra_specs)) return false;
  return std::all_of(call.request.query.begin(), call.request.query.end(),
                     [&](const auto& item) { return fits(call, share, item.first, item.second); });
}

using Before = bool (*)(const Share&, const Share&);

const Replica& chosen_or_nothing(const Share& share) {
  static const Replica k_nothing;
  const Replica* chosen = chosen_replica(share);
  return chosen == nullptr ? k_nothing : *chosen;
}

// The keys that Manila sorts by, as far as shares here have them.
Before order_by(std::string_view key) {
  if (key == "created_at")
    return [](const Share& a, const Share& b) { return a.created_at < b.created_at; };
  if (key == "updated_at")
    return [](const Share& a, const Share& b) { return a.updated_at < b.updated_at; };
  if (key == "name" || key == "display_name")
    return [](const Share& a, const Share& b) { return a.name < b.name; };
  if (key == "id") return [](const Share& a, const Share& b) { return a.id < b.id; };
  if (key == "size") return [](const Share& a, const Share& b) { return a.size_gb < b.size_gb; };
  if (key == "status")
    return [](const Share& a, const Share& b) { return status_word(a) < status_word(b); };
  if (key == "share_proto")
    return [](const Share& a, const Share& b) { return a.protocol < b.protocol; };
  if (key == "project_id")
    return [](const Share& a, const Share& b) { return a.project < b.project; };
  if (key == "share_type_id" || key == "share_type")
    return [](const Share& a, const Share& b) { return a.type < b.type; };
  if (key == "host")
    return [](const Share& a, const Share& b) {
      return chosen_or_nothing(a).host < chosen_or_nothing(b).host;
    };
  if (key == "availability_zone" || key == "availability_zone_id")
    return [](const Share& a, const Share& b) {
      return chosen_or_nothing(a).zone < chosen_or_nothing(b).zone;
    };
  return nullptr;
}

Checked<void> sort_shares(const Call& call, std::vector<Share>& shares) {
  const std::string key = call.request.query_value("sort_key").value_or("created_at");
  const std::string direction = call.request.query_value("sort_dir").value_or("desc");
  const Before before = order_by(key);
  if (before == nullptr) return fail_with(400, "Bad value for 'sort_key': '" + key + "'.");
  if (direction != "asc" && direction != "desc")
    return fail_with(400, "Bad value for 'sort_dir': '" + direction + "' (asc or desc).");
  std::stable_sort(shares.begin(), shares.end(), [&](const Share& a, const Share& b) {
    return direction == "asc" ? before(a, b) : before(b, a);
  });
  return {};
}

using ShareView = json::object (*)(const Call&, const Share&);

Answer list(const Call& call, ShareView view_of) {
  PASIG_TRY(const Page page, parse_page(call));
  PASIG_TRY(const Wanted wanted, read_wanted(call));
  PASIG_TRY(const auto view, open_view(call));
  std::vector<Share> shares = view->shares();
  std::erase_if(shares,
                [&](const Share& share) { return wanted.none || !is_wanted(call, share, wanted); });
  PASIG_CHECK(sort_shares(call, shares));
  json::array rows;
  const std::size_t count = rows_on(page, shares.size());
  for (std::size_t i = 0; i < count; ++i) rows.push_back(view_of(call, shares[page.offset + i]));
  json::object body{{"shares", std::move(rows)}};
  if (wanted.with_count) body["count"] = shares.size();
  const std::string last = count == 0 ? "" : to_string(shares[page.offset + count - 1].id);
  if (auto links = next_links(call.request, page, count, last))
    body["shares_links"] = std::move(*links);
  return answer_as_of(*view, body);
}

}  // namespace

Answer list_shares(const Call& call) { return list(call, share_summary); }
Answer list_shares_detail(const Call& call) { return list(call, share_detail); }

}  // namespace pasig::http
