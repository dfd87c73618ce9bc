// Operators' orders about shares, operations and all controllers, and what removed replicas left
// behind.
#include "http/pasig_v1_orders.h"

#include "http/pasig_v1_commands.h"
#include "http/pasig_v1_views.h"
#include "statemachine/orders.h"

namespace pasig::http::v1 {
namespace json = boost::json;
namespace {

std::string reason_of(const Call& call) {
  return std::string(call.request.header("x-pasig-reason").value_or(""));
}

json::object pause_view(const std::string& scope, const std::string& controller,
                        const json::value& order) {
  json::object view{{"scope", scope}, {"controller", nullptr}, {"share", nullptr}};
  if (!controller.empty()) view["controller"] = controller;
  for (const auto& [name, value] : order.as_object()) view[name] = value;
  return view;
}

json::value pause_of(const ControllerOrders& orders) {
  return order_view(orders.effects_pause, orders.effects_paused_why, pause_in_words(orders));
}

// What an order to pause or to resume is about: exactly one of share, controller and all.
struct Scope {
  std::optional<ShareId> share;
  std::string controller;
};

Checked<Scope> scope_of(const Call& call) {
  PASIG_TRY(const json::object body, parse_body(call.request));
  const Fields fields(body, "");
  PASIG_CHECK(fields.only({"share", "controller", "all"}));
  PASIG_TRY(const auto share, fields.text("share", {.length_min = 1}));
  PASIG_TRY(const auto controller, fields.text("controller", {.length_min = 1}));
  PASIG_TRY(const auto all, fields.boolean("all"));
  const int named = (share ? 1 : 0) + (controller ? 1 : 0) + (all.value_or(false) ? 1 : 0);
  if (named != 1)
    return problem({.code = "bad_request",
                    .message = "exactly one of 'share', 'controller' and 'all' (true) is needed"});
  Scope scope;
  if (share) {
    PASIG_TRY(const Share found, find_share(call, *share));
    scope.share = found.id;
  }
  if (controller) {
    PASIG_CHECK(find_controller(call, *controller));
    scope.controller = *controller;
  }
  return scope;
}

Response pauses_now(const Call& call, const CommandOutcome& outcome) {
  return accepted(outcome, "paused", pauses_view(after(call)));
}

Answer pause(const Call& call) {
  PASIG_TRY(const Scope scope, scope_of(call));
  PASIG_TRY(const auto outcome,
            submit(call, PauseEffects{scope.share, scope.controller, reason_of(call)}));
  return pauses_now(call, outcome);
}

Answer resume(const Call& call) {
  PASIG_TRY(const Scope scope, scope_of(call));
  PASIG_TRY(const auto outcome, submit(call, ResumeEffects{scope.share, scope.controller}));
  return pauses_now(call, outcome);
}

Answer list_pauses(const Call& call) {
  PASIG_CHECK(only_query(call.request, {}));
  return answer(call, {{"paused", pauses_view(call)}});
}

Answer abandon_operation(const Call& call) {
  PASIG_TRY(const json::object body, optional_body(call.request));
  PASIG_CHECK(Fields(body, "").only({}));
  PASIG_TRY(const Operation operation, find_operation(call, call.request.parameter("operation")));
  PASIG_TRY(auto outcome, submit(call, AbandonOperation{operation.id, reason_of(call)}));
  const Call now = after(call);
  const auto found = now.view->operation(operation.id);
  return accepted(outcome, "operation_view", operation_view(now, found ? *found : operation));
}

// An order about one share, without a body.
template <class Make>
Answer on_share(const Call& call, Make make) {
  PASIG_TRY(const json::object body, optional_body(call.request));
  PASIG_CHECK(Fields(body, "").only({}));
  PASIG_TRY(const Share share, find_share(call, call.request.parameter("share")));
  PASIG_TRY(const auto outcome, submit(call, make(share.id)));
  return accepted(outcome, "share", share_now(call, share.id, share_view(call, share)));
}

Answer suspend_replication(const Call& call) {
  return on_share(call, [&](ShareId id) -> Command {
    return SuspendReplication{id, reason_of(call)};
  });
}

Answer resume_replication(const Call& call) {
  return on_share(call, [](ShareId id) -> Command { return ResumeReplication{id}; });
}

Answer clean_debris(const Call& call) {
  return on_share(call, [](ShareId id) -> Command { return CleanDebris{id}; });
}

Answer forget_debris(const Call& call) {
  PASIG_TRY(const json::object body, parse_body(call.request));
  const Fields fields(body, "");
  PASIG_CHECK(fields.only({"replica", "controller"}));
  PASIG_TRY(const auto replica, fields.text("replica"));
  PASIG_TRY(const auto controller, fields.text("controller"));
  if (!replica || !controller)
    return problem({.code = "bad_request",
                    .message = "'replica' and 'controller' are needed: which debris it is about",
                    .hint = "`pasig debris list` shows both"});
  const auto id = parse_uuid(*replica);
  if (!id)
    return problem({.code = "bad_request", .message = "'replica' is '" + *replica + "', no id"});
  PASIG_TRY(const Share share, find_share(call, call.request.parameter("share")));
  PASIG_TRY(const auto outcome,
            submit(call, ForgetDebris{share.id, ReplicaId{*id}, *controller, reason_of(call)}));
  return accepted(outcome, "share", share_now(call, share.id, share_view(call, share)));
}

Answer list_debris(const Call& call) {
  PASIG_CHECK(only_query(call.request, {"limit", "offset", "share", "controller"}));
  PASIG_TRY(const Page page, parse_page(call));
  const auto controller = call.request.query_value("controller");
  std::vector<Share> shares;
  if (const auto name = call.request.query_value("share")) {
    PASIG_TRY(Share share, find_share(call, *name));
    shares.push_back(std::move(share));
  } else {
    shares = call.view->shares();
  }
  json::array rows;
  for (const Share& share : shares) {
    if (!call.sees(share)) continue;
    for (const Debris& one : share.debris)
      if (!controller || one.controller == *controller)
        rows.push_back(json::object{{"share", {{"id", to_string(share.id)}, {"name", share.name}}},
                                    {"replica", to_string(one.replica)},
                                    {"controller", one.controller},
                                    {"bytes", one.bytes},
                                    {"words", one.words},
                                    {"since", time_or_null(one.since)}});
  }
  return answer(call, page_of("debris", rows, page));
}

}  // namespace

json::value order_view(const OrderGiven& given, const std::string& why, const std::string& words) {
  if (words.empty()) return nullptr;
  return json::object{
      {"by", given.by}, {"since", time_or_null(given.at)}, {"why", why}, {"words", words}};
}

json::array pauses_view(const Call& call) {
  json::array all;
  for (const ControllerOrders& one : call.view->controllers())
    if (one.effects_paused)
      all.push_back(pause_view(one.name.empty() ? "all" : "controller", one.name, pause_of(one)));
  for (const Share& share : call.view->shares()) {
    if (!share.effects_paused || !call.sees(share)) continue;
    json::object view = pause_view(
        "share", "",
        order_view(share.effects_pause, share.effects_paused_why, pause_in_words(share)));
    view["share"] = json::object{{"id", to_string(share.id)}, {"name", share.name}};
    all.push_back(std::move(view));
  }
  return all;
}

void add_orders(json::object& view, const ControllerOrders& orders) {
  view["effects_paused"] = pause_of(orders);
  view["drained"] = order_view(orders.drain, orders.drained_why, drain_in_words(orders));
  view["retired"] = order_view(orders.retirement, orders.retired_why, retirement_in_words(orders));
}

void add_orders(json::object& view, const Call& call, const Share& share) {
  view["effects_paused"] =
      order_view(share.effects_pause, share.effects_paused_why, pause_in_words(share));
  std::vector<std::string> controllers;
  for (const Replica& one : share.replicas) controllers.push_back(one.controller);
  for (const ControllerOrders& one : orders_about(*call.view, controllers).controllers)
    if (one.effects_paused && view["effects_paused"].is_null())
      view["effects_paused"] = pause_of(one);
  view["replication_suspended"] = order_view(
      share.replication_suspension, share.replication_suspended_why, suspension_in_words(share));
}

std::vector<RouteEntry> order_routes() {
  return {{"GET", "/pasig/v1/effects", list_pauses},
          {"POST", "/pasig/v1/effects/pause", pause},
          {"POST", "/pasig/v1/effects/resume", resume},
          {"POST", "/pasig/v1/operations/{operation}/abandon", abandon_operation},
          {"POST", "/pasig/v1/shares/{share}/suspend-replication", suspend_replication},
          {"POST", "/pasig/v1/shares/{share}/resume-replication", resume_replication},
          {"GET", "/pasig/v1/debris", list_debris},
          {"POST", "/pasig/v1/shares/{share}/clean-debris", clean_debris},
          {"POST", "/pasig/v1/shares/{share}/forget-debris", forget_debris}};
}

}  // namespace pasig::http::v1
