#include "statemachine/kept_off.h"

#include <algorithm>

namespace pasig {

std::string kept_off_in_words(const ControllerOrders& orders) {
  std::string words = pause_in_words(orders);
  return words.empty() ? retirement_in_words(orders) : words;
}

bool needs_controller(const Operation& operation, const Share& share,
                      const std::string& controller) {
  if (operation.runs_on == controller) return true;
  const Replica* replica = share.find(operation.replica);
  return replica != nullptr && replica->controller == controller;
}

bool may_begin(const StateReader& state, const Operation& operation, const Share& share) {
  const OrdersInForce orders = orders_about(state, controllers_of(operation, share));
  return pause_in_words(share, orders).empty() &&
         std::none_of(orders.controllers.begin(), orders.controllers.end(),
                      [&](const ControllerOrders& one) {
                        return one.is_retired && needs_controller(operation, share, one.name);
                      });
}

}  // namespace pasig
