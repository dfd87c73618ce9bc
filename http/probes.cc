#include "http/probes.h"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "http/json_body.h"
#include "statemachine/orders.h"

namespace pasig::http {
namespace {

namespace json = boost::json;

// Live: the process answers. Nothing else, or a watcher would kill a node that only waits.
Response show_live(const Request&) { return json_response(200, {{"status", "live"}}); }

std::string why_not_ready(const ServiceContext& service) {
  return service.not_ready_because ? service.not_ready_because() : std::string();
}

Response answer_for(const std::string& why_not, json::object body) {
  body["status"] = why_not.empty() ? "ready" : "not ready";
  if (why_not.empty()) return json_response(200, body);
  body["reason"] = why_not;
  Response response = json_response(503, body);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

Response show_ready(const ServiceContext& service) {
  return answer_for(why_not_ready(service), {});
}

Response show_health(const ServiceContext& service) {
  const std::string why_not = why_not_ready(service);
  json::array controllers;
  for (const ControllerState& one : service.controllers())
    controllers.push_back(json::object{{"name", one.name},
                                       {"zone", one.zone},
                                       {"driver", one.driver},
                                       {"up", one.up},
                                       {"words", one.words}});
  const auto view = service.view();
  json::array paused;
  for (const ControllerOrders& one : view->controllers())
    if (one.effects_paused) paused.emplace_back(pause_in_words(one));
  for (const Share& one : view->shares())
    if (one.effects_paused) paused.emplace_back(pause_in_words(one));
  return answer_for(why_not, {{"live", true},
                              {"ready", why_not.empty()},
                              {"applied_records", view->head().next_ordinal},
                              {"paused", std::move(paused)},
                              {"controllers", std::move(controllers)}});
}

}  // namespace

void add_probe_routes(Router& router, const ServiceContext& service, Metrics& metrics) {
  router.add("GET", "/healthcheck", [&service](const Request&) { return show_health(service); });
  router.add("GET", "/healthcheck/live", show_live);
  router.add("GET", "/healthcheck/ready",
             [&service](const Request&) { return show_ready(service); });
  router.add("GET", "/metrics", [&service, &metrics](const Request&) {
    return Response{.body = metrics.text(service),
                    .content_type = "text/plain; version=0.0.4; charset=utf-8"};
  });
}

}  // namespace pasig::http
