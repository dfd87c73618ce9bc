// Share instances: Manila's name for what a share consists of, replicas among it. Admins only.
#include <algorithm>

#include "http/faults.h"
#include "http/manila_routes.h"
#include "http/manila_views.h"

namespace pasig::http {
namespace {

namespace json = boost::json;

bool fits_location(const Call& call, const Replica& replica) {
  if (!call.at_least(35)) return true;
  const auto id = call.request.query_value("export_location_id");
  const auto path = call.request.query_value("export_location_path");
  if (!id && !path) return true;
  return std::any_of(replica.exports.begin(), replica.exports.end(), [&](const auto& one) {
    return (!id || export_id(replica, one) == *id) && (!path || one == *path);
  });
}

Answer list_instances(const Call& call) {
  PASIG_CHECK(require_admin(call, "share_instance:index"));
  PASIG_TRY(const auto deleted, query_flag(call.request, "is_soft_deleted"));
  PASIG_TRY(const Page page, parse_page(call));
  PASIG_TRY(const auto view, open_view(call));
  const bool none = call.at_least(69) && deleted.value_or(false);
  std::vector<json::object> all;
  std::string last;
  for (const Share& share : view->shares())
    for (const Replica& replica : share.replicas)
      if (!none && fits_location(call, replica)) all.push_back(instance_view(call, share, replica));
  const std::size_t count = rows_on(page, all.size());
  json::array rows;
  for (std::size_t i = page.offset; i < page.offset + count; ++i) {
    last = std::string(all[i]["id"].get_string());
    rows.push_back(std::move(all[i]));
  }
  json::object body{{"share_instances", std::move(rows)}};
  if (auto links = next_links(call.request, page, count, last))
    body["share_instances_links"] = std::move(*links);
  return answer_as_of(*view, body);
}

Answer show_instance(const Call& call) {
  PASIG_CHECK(require_admin(call, "share_instance:show"));
  PASIG_TRY(const auto view, open_view(call));
  const auto id = ReplicaId::parse(call.request.parameter("id"));
  const auto share_id = id ? view->share_of(*id) : std::nullopt;
  const auto share = share_id ? view->share(*share_id) : std::nullopt;
  const Replica* replica = share ? share->find(*id) : nullptr;
  if (replica == nullptr) return not_found();
  return answer_as_of(*view, {{"share_instance", instance_view(call, *share, *replica)}});
}

// The active one first: clients take the first element for it.
Answer list_instances_of_share(const Call& call) {
  PASIG_CHECK(require_admin(call, "share_instance:index"));
  PASIG_TRY(const auto view, open_view(call));
  auto share = visible_share(call, *view, call.request.parameter("id"));
  if (!share) return not_found();
  std::stable_partition(share->replicas.begin(), share->replicas.end(),
                        [](const Replica& one) { return one.state == ReplicaState::active; });
  json::array rows;
  for (const Replica& replica : share->replicas)
    rows.push_back(instance_view(call, *share, replica));
  return answer_as_of(*view, {{"share_instances", std::move(rows)}});
}

}  // namespace

std::vector<CallRoute> instance_routes() {
  return {{"GET", "/v2/share_instances", list_instances, 3},
          {"GET", "/v2/share_instances/{id}", show_instance, 3},
          {"GET", "/v2/shares/{id}/instances", list_instances_of_share, 3}};
}

}  // namespace pasig::http
