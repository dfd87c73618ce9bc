// Export locations: of a share, of one of its instances, of a replica.
#include "http/faults.h"
#include "http/manila_routes.h"
#include "http/manila_views.h"

namespace pasig::http {
namespace {

namespace json = boost::json;

struct Export {
  const Replica* replica = nullptr;
  std::string path;
};

std::vector<Export> exports_of(const Replica& replica) {
  std::vector<Export> list;
  for (const std::string& path : replica.exports) list.push_back({&replica, path});
  return list;
}

// From 2.47 on a share's locations are those of its active replicas; below, of all.
std::vector<Export> exports_of(const Call& call, const Share& share) {
  std::vector<Export> list;
  for (const Replica& replica : share.replicas) {
    const bool shown =
        !call.at_least(47) || !is_replica(share, replica) || replica.state == ReplicaState::active;
    if (!shown) continue;
    for (Export& one : exports_of(replica)) list.push_back(std::move(one));
  }
  return list;
}

Answer list(const Call& call, const View& view, const std::vector<Export>& exports, ExportOf of) {
  json::array rows;
  for (const Export& one : exports)
    rows.push_back(export_view(call, *one.replica, one.path, {.of = of}));
  return answer_as_of(view, {{"export_locations", std::move(rows)}});
}

Answer show(const Call& call, const View& view, const std::vector<Export>& exports, ExportOf of) {
  const std::string id = call.request.parameter("location");
  for (const Export& one : exports)
    if (export_id(*one.replica, one.path) == id)
      return answer_as_of(view, {{"export_location", export_view(call, *one.replica, one.path,
                                                                 {.of = of, .with_times = true})}});
  return fail_with(404, "Export location " + id + " could not be found.");
}

using ListOrShow = Answer (*)(const Call&, const View&, const std::vector<Export>&, ExportOf);

Answer of_share(const Call& call, ListOrShow answer) {
  const std::string id = call.request.parameter("id");
  PASIG_TRY(const auto view, open_view(call));
  const auto share = visible_share(call, *view, id);
  if (!share) return fail_with(404, "Share '" + id + "' not found.");
  return answer(call, *view, exports_of(call, *share), ExportOf::share);
}

Answer of_instance(const Call& call, ListOrShow answer) {
  PASIG_CHECK(require_admin(call, "share_instance_export_location:index"));
  const std::string text = call.request.parameter("id");
  PASIG_TRY(const auto view, open_view(call));
  const auto id = ReplicaId::parse(text);
  const auto share_id = id ? view->share_of(*id) : std::nullopt;
  const auto share = share_id ? view->share(*share_id) : std::nullopt;
  const Replica* replica = share ? share->find(*id) : nullptr;
  if (replica == nullptr) return fail_with(404, "Share instance '" + text + "' not found.");
  return answer(call, *view, exports_of(*replica), ExportOf::instance);
}

Answer of_replica(const Call& call, ListOrShow answer) {
  const std::string id = call.request.parameter("id");
  PASIG_TRY(const auto view, open_view(call));
  const auto found = visible_replica(call, *view, id);
  if (!found) return fail_with(404, "Share replica '" + id + "' not found.");
  return answer(call, *view, exports_of(found->replica), ExportOf::replica);
}

Answer list_of_share(const Call& call) { return of_share(call, list); }
Answer show_of_share(const Call& call) { return of_share(call, show); }
Answer list_of_instance(const Call& call) { return of_instance(call, list); }
Answer show_of_instance(const Call& call) { return of_instance(call, show); }
Answer list_of_replica(const Call& call) { return of_replica(call, list); }
Answer show_of_replica(const Call& call) { return of_replica(call, show); }

}  // namespace

std::vector<CallRoute> export_routes() {
  const CallRoute replica_list{.method = "GET",
                               .pattern = "/v2/share-replicas/{id}/export-locations",
                               .handler = list_of_replica,
                               .since = 47,
                               .experimental_below = 56};
  CallRoute replica_show = replica_list;
  replica_show.pattern = "/v2/share-replicas/{id}/export-locations/{location}";
  replica_show.handler = show_of_replica;
  return {{"GET", "/v2/shares/{id}/export_locations", list_of_share, 9},
          {"GET", "/v2/shares/{id}/export_locations/{location}", show_of_share, 9},
          {"GET", "/v2/share_instances/{id}/export_locations", list_of_instance, 9},
          {"GET", "/v2/share_instances/{id}/export_locations/{location}", show_of_instance, 9},
          replica_list,
          replica_show};
}

}  // namespace pasig::http
