#include "statemachine/orders.h"

#include <algorithm>

namespace pasig {
namespace {

// " by admin since 2026-11-23T09:14:02.000000: a disk is changed"
std::string given_in_words(const OrderGiven& given, const std::string& why) {
  std::string words;
  if (!given.by.empty()) words += " by " + given.by;
  if (given.at.is_set()) words += " since " + to_string(given.at);
  if (!why.empty()) words += ": " + why;
  return words;
}

// The share has the new size, or the old content, when its active replicas have; and the last
// writes, which only a forced change goes on without, are on the old side.
bool needs_active_side(const Operation& operation) {
  return operation.kind == OperationKind::extend_share ||
         operation.kind == OperationKind::shrink_share ||
         operation.kind == OperationKind::revert_share ||
         (operation.kind == OperationKind::set_active_replica &&
          operation.mode != ChangeMode::forced);
}

Time later_by(Time from, Time begin, Time end) {
  return Time{from.micros + std::max<std::int64_t>(0, end.micros_since(begin))};
}

}  // namespace

OrdersInForce orders_about(const StateReader& view, const std::vector<std::string>& controllers) {
  OrdersInForce orders;
  if (auto all = view.controller("")) orders.controllers.push_back(*std::move(all));
  for (const std::string& name : controllers) {
    if (name.empty()) continue;
    if (auto one = view.controller(name)) orders.controllers.push_back(*std::move(one));
  }
  return orders;
}

std::vector<std::string> controllers_of(const Operation& operation, const Share& share) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(name);
  };
  add(operation.runs_on);
  if (const Replica* replica = share.find(operation.replica); replica != nullptr)
    add(replica->controller);
  if (needs_active_side(operation))
    for (const Replica& one : share.replicas)
      if (one.state == ReplicaState::active) add(one.controller);
  return names;
}

std::string pause_in_words(const ControllerOrders& orders) {
  if (!orders.effects_paused) return {};
  return (orders.name.empty() ? std::string("all work on storage is paused")
                              : "work on controller " + orders.name + " is paused") +
         given_in_words(orders.effects_pause, orders.effects_paused_why);
}

std::string pause_in_words(const Share& share) {
  if (!share.effects_paused) return {};
  return "work on the storage of share " + to_string(share.id) + " is paused" +
         given_in_words(share.effects_pause, share.effects_paused_why);
}

std::string pause_in_words(const Share& share, const OrdersInForce& orders) {
  if (share.effects_paused) return pause_in_words(share);
  for (const ControllerOrders& one : orders.controllers)
    if (one.effects_paused) return pause_in_words(one);
  return {};
}

std::string drain_in_words(const ControllerOrders& orders) {
  if (!orders.is_drained) return {};
  return "controller " + orders.name + " is drained" +
         given_in_words(orders.drain, orders.drained_why);
}

std::string retirement_in_words(const ControllerOrders& orders) {
  if (!orders.is_retired) return {};
  return "controller " + orders.name + " is retired" +
         given_in_words(orders.retirement, orders.retired_why);
}

std::string suspension_in_words(const Share& share) {
  if (!share.replication_suspended) return {};
  return "replication is suspended" +
         given_in_words(share.replication_suspension, share.replication_suspended_why);
}

Time resumed_at(const Share& share, const OrdersInForce& orders) {
  Time last = share.effects_resumed_at;
  for (const ControllerOrders& one : orders.controllers)
    last = std::max(last, one.effects_resumed_at);
  return last;
}

TimeLimits limits_of(const Operation& operation, Time resumed) {
  const bool had_to_wait = resumed.is_set() && resumed > operation.requested_at &&
                           (!operation.claimed_at.is_set() || operation.claimed_at >= resumed);
  if (!had_to_wait) return {operation.claim_by, operation.deadline};
  // One that was offered elsewhere since has a time of its own.
  const bool passed_meanwhile = operation.claim_by <= resumed;
  return {passed_meanwhile ? later_by(operation.claim_by, operation.requested_at, resumed)
                           : operation.claim_by,
          later_by(operation.deadline, operation.requested_at, resumed)};
}

}  // namespace pasig
