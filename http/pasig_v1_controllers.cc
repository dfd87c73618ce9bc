// Controllers: as they are configured and reported, what operators ordered about them, and what is
// still on them.
#include <algorithm>

#include "http/pasig_v1_commands.h"
#include "http/pasig_v1_orders.h"
#include "http/pasig_v1_views.h"
#include "replay/leaving.h"

namespace pasig::http::v1 {
namespace json = boost::json;
namespace {

struct KnownController {
  ControllerState state;
  bool is_configured = true;
};

// Those that are configured, then those that are not any more and still hold something, or are
// under an order.
std::vector<KnownController> known_controllers(const Call& call) {
  std::vector<KnownController> all;
  for (ControllerState& one : call.service.controllers()) all.push_back({std::move(one), true});
  const auto add = [&](const std::string& name, const std::string& zone) {
    const bool is_known =
        name.empty() || std::any_of(all.begin(), all.end(), [&](const KnownController& one) {
          return one.state.name == name;
        });
    if (!is_known) all.push_back({{name, zone, "", false, "it is not configured"}, false});
  };
  for (const Share& share : call.view->shares())
    for (const Replica& one : share.replicas) add(one.controller, one.zone);
  for (const ControllerOrders& one : call.view->controllers()) add(one.name, "");
  return all;
}

// The replicas there, each with the commands that take it elsewhere.
json::array holdings_view(const Call& call, const std::string& controller, bool is_gone) {
  json::array view;
  for (const Share& share : call.view->shares())
    for (const Replica& one : share.replicas) {
      if (one.controller != controller) continue;
      json::array steps;
      for (const std::string& step : replay::steps_away(share, one, is_gone))
        steps.emplace_back(step);
      view.push_back(json::object{{"share", {{"id", to_string(share.id)}, {"name", share.name}}},
                                  {"replica", to_string(one.id)},
                                  {"status", word(one.status)},
                                  {"state", word(one.state)},
                                  {"steps", std::move(steps)}});
    }
  return view;
}

json::object controller_view(const Call& call, const KnownController& controller) {
  const std::string& name = controller.state.name;
  json::array pools;
  for (const PoolObservation& one : call.service.observations.pools())
    if (one.controller == name) pools.push_back(pool_view(one));
  std::uint64_t replicas = 0;
  for (const Share& share : call.view->shares())
    replicas += static_cast<std::uint64_t>(
        std::count_if(share.replicas.begin(), share.replicas.end(),
                      [&](const Replica& one) { return one.controller == name; }));
  json::array operations;
  for (const Operation& one : call.view->pending_operations())
    if (one.runs_on == name) operations.push_back(operation_view(call, one));
  json::object view{{"name", name},
                    {"zone", controller.state.zone},
                    {"driver", controller.state.driver},
                    {"configured", controller.is_configured},
                    {"up", controller.state.up},
                    {"words", controller.state.words},
                    {"replicas", replicas},
                    {"pools", std::move(pools)},
                    {"operations", std::move(operations)}};
  add_orders(view, call.view->controller(name).value_or(ControllerOrders{.name = name}));
  return view;
}

json::object controller_with_holdings(const Call& call, const KnownController& controller) {
  const std::string& name = controller.state.name;
  const auto orders = call.view->controller(name);
  json::object view = controller_view(call, controller);
  view["holds"] = holdings_view(call, name, orders && orders->is_retired);
  return view;
}

Checked<KnownController> named_controller(const Call& call, const std::string& name) {
  for (KnownController& one : known_controllers(call))
    if (one.state.name == name) return std::move(one);
  return problem({.status = 404,
                  .code = "controller_not_found",
                  .message = "there is no controller '" + name + "'",
                  .hint = "`pasig controller list` shows which there are"});
}

Answer list_controllers(const Call& call) {
  PASIG_CHECK(require_admin(call, "see the controllers"));
  PASIG_CHECK(only_query(call.request, {"limit", "offset"}));
  PASIG_TRY(const Page page, parse_page(call));
  json::array rows;
  for (const KnownController& one : known_controllers(call))
    rows.push_back(controller_view(call, one));
  return answer(call, page_of("controllers", rows, page));
}

Answer show_controller(const Call& call) {
  PASIG_CHECK(require_admin(call, "see the controllers"));
  PASIG_TRY(const KnownController found,
            named_controller(call, call.request.parameter("controller")));
  return answer(call, controller_with_holdings(call, found));
}

template <class Make>
Answer order(const Call& call, Make make) {
  PASIG_CHECK(require_admin(call, "give orders about controllers"));
  PASIG_TRY(const json::object body, optional_body(call.request));
  PASIG_CHECK(Fields(body, "").only({}));
  const std::string name = call.request.parameter("controller");
  PASIG_CHECK(named_controller(call, name));
  const std::string why(call.request.header("x-pasig-reason").value_or(""));
  PASIG_TRY(const auto outcome, submit(call, make(name, why)));
  const Call now = after(call);
  PASIG_TRY(const KnownController found, named_controller(now, name));
  return accepted(outcome, "controller", controller_with_holdings(now, found));
}

Answer drain(const Call& call) {
  return order(call, [](const std::string& name, const std::string& why) -> Command {
    return DrainController{name, why, false};
  });
}
Answer undrain(const Call& call) {
  return order(call, [](const std::string& name, const std::string& why) -> Command {
    return DrainController{name, why, true};
  });
}
Answer retire(const Call& call) {
  return order(call, [](const std::string& name, const std::string& why) -> Command {
    return RetireController{name, why, false};
  });
}
Answer reinstate(const Call& call) {
  return order(call, [](const std::string& name, const std::string& why) -> Command {
    return RetireController{name, why, true};
  });
}

}  // namespace

Checked<void> find_controller(const Call& call, const std::string& name) {
  PASIG_CHECK(named_controller(call, name));
  return {};
}

std::vector<RouteEntry> controller_routes() {
  return {{"GET", "/pasig/v1/controllers", list_controllers},
          {"GET", "/pasig/v1/controllers/{controller}", show_controller},
          {"POST", "/pasig/v1/controllers/{controller}/drain", drain},
          {"POST", "/pasig/v1/controllers/{controller}/undrain", undrain},
          {"POST", "/pasig/v1/controllers/{controller}/retire", retire},
          {"POST", "/pasig/v1/controllers/{controller}/reinstate", reinstate}};
}

}  // namespace pasig::http::v1
