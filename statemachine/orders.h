// What operators' orders mean for work on storage: whether anything may run, why not, and how much
// time an operation has that had to wait for them. Pure; workers, timers, decisions and views ask
// the same functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "statemachine/state.h"
#include "statemachine/state_reader.h"

namespace pasig {

// The orders that an operation or a sync has to obey: those about all controllers, and those about
// the ones it works on.
struct OrdersInForce {
  std::vector<ControllerOrders> controllers;
};
[[nodiscard]] OrdersInForce orders_about(const StateReader& view,
                                         const std::vector<std::string>& controllers);

// The controllers whose pause keeps an operation from being claimed: where it runs, where its
// replica lies, and where the active replicas lie when it is nothing without them. A forced change
// of the active replica goes on without the old side. The others it leaves alone (kept_off.h).
[[nodiscard]] std::vector<std::string> controllers_of(const Operation& operation,
                                                      const Share& share);

// The same, and the controllers of the share's other replicas: what was offered elsewhere since may
// have waited there. The end of a pause of theirs gives it its time again (resumed_at).
[[nodiscard]] inline std::vector<std::string> may_have_held(const Operation& operation,
                                                            const Share& share) {
  std::vector<std::string> names = controllers_of(operation, share);
  for (const Replica& one : share.replicas) names.push_back(one.controller);
  return names;
}

// "all work on storage is paused by admin since 2026-…: a disk is changed"; empty: nothing is.
[[nodiscard]] std::string pause_in_words(const ControllerOrders& orders);
[[nodiscard]] std::string pause_in_words(const Share& share);
// The first pause that holds for the share on these controllers; empty: work may begin.
[[nodiscard]] std::string pause_in_words(const Share& share, const OrdersInForce& orders);
[[nodiscard]] std::string drain_in_words(const ControllerOrders& orders);
[[nodiscard]] std::string retirement_in_words(const ControllerOrders& orders);
[[nodiscard]] std::string suspension_in_words(const Share& share);

// When the last of these pauses ended; unset: nothing was paused.
[[nodiscard]] Time resumed_at(const Share& share, const OrdersInForce& orders);

// A pause fails no work: what waits is neither offered elsewhere nor ended while it lasts. An
// operation that waited until the end of a pause has the time for its work again from there on, and
// the time to be claimed too when that passed meanwhile.
struct TimeLimits {
  Time claim_by;
  Time deadline;
};
[[nodiscard]] TimeLimits limits_of(const Operation& operation, Time resumed);

}  // namespace pasig
