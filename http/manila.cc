#include "http/manila.h"

#include "http/manila_routes.h"

namespace pasig::http {
namespace {

namespace json = boost::json;

json::object versions_document(const Request& request) {
  json::array links{
      json::object{
          {"rel", "describedby"}, {"type", "text/html"}, {"href", "http://docs.openstack.org/"}},
      json::object{{"rel", "self"}, {"href", root_url(request) + "/v2/"}}};
  json::array media{json::object{{"base", "application/json"},
                                 {"type", "application/vnd.openstack.share+json;version=1"}}};
  json::object version{{"id", "v2.0"},
                       {"status", "CURRENT"},
                       {"version", to_string(k_microversion_max)},
                       {"min_version", to_string(k_microversion_min)},
                       {"updated", "2015-08-27T11:33:21Z"},
                       {"links", std::move(links)},
                       {"media-types", std::move(media)}};
  return {{"versions", json::array{std::move(version)}}};
}

// Outside /v2: no versions are negotiated. 300, as clients that discover expect.
Response list_versions(const Request& request) {
  return json_response(300, versions_document(request));
}

Answer show_v2(const Call& call) {
  if (call.request.path.ends_with('/')) return json_response(200, versions_document(call.request));
  Response response = empty_response(302);
  response.headers.emplace_back("Location", root_url(call.request) + call.request.path + "/");
  return response;
}

}  // namespace

void add_manila_routes(Router& router, const ServiceContext& service) {
  router.add("GET", "/", list_versions);
  add_call_routes(router, service, {{"GET", "/v2", show_v2}});
  for (const auto& routes :
       {type_routes(), share_routes(), replica_routes(), export_routes(), instance_routes(),
        pool_routes(), quota_routes(), access_routes(), adoption_routes(), snapshot_routes()})
    add_call_routes(router, service, routes);
}

}  // namespace pasig::http
