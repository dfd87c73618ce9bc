// Draining a controller (nothing new is placed there) and retiring it (it is gone for good), and
// taking either back. What that means for its replicas is told by lose_replicas.cc.
#include "commands/orders.h"

namespace pasig {
namespace {

Allowed may_order(const Surroundings& now, const std::string& to_do,
                  const std::string& controller) {
  if (controller.empty())
    return refuse(Guard::invalid_input, "to " + to_do + " a controller has to be named");
  return require_admin(now.actor, to_do + " controller " + controller,
                       controller_stream(controller));
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const DrainController& command) {
  PASIG_CHECK(may_order(now, command.end ? "end the drain of" : "drain", command.controller));
  const ControllerOrders& orders = view.controller(command.controller);
  if (command.end) {
    if (!orders.is_drained) return Events{};
    return Events{ControllerDrainEnded{command.controller}};
  }
  PASIG_CHECK(order_has_why("drain controller " + command.controller, command.why));
  if (orders.is_drained) return Events{};
  return Events{ControllerDrainStarted{command.controller, command.why}};
}

Decision decide(ReadView& view, const Surroundings& now, const RetireController& command) {
  PASIG_CHECK(may_order(now, command.reinstate ? "reinstate" : "retire", command.controller));
  const ControllerOrders& orders = view.controller(command.controller);
  if (command.reinstate) {
    if (!orders.is_retired) return Events{};
    return Events{ControllerReinstated{command.controller}};
  }
  PASIG_CHECK(order_has_why("retire controller " + command.controller, command.why));
  if (orders.is_retired) return Events{};
  return Events{ControllerRetired{command.controller, command.why}};
}

}  // namespace pasig
