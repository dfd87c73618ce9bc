// How operators' orders look in /pasig/v1: pauses, drains, retirements, suspensions, debris.
// Plain functions of a view; any thread.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "http/pasig_v1_call.h"

namespace pasig::http::v1 {

// {"by", "since", "why", "words"}; null: the order is not in force.
[[nodiscard]] boost::json::value order_view(const OrderGiven& given, const std::string& why,
                                            const std::string& words);
// Everything that is paused now, each with what it is about: {"scope": all, controller or share,
// "controller", "share", "by", "since", "why", "words"}. Shares that the caller may see.
[[nodiscard]] boost::json::array pauses_view(const Call& call);
// "effects_paused", "drained" and "retired" of a controller.
void add_orders(boost::json::object& view, const ControllerOrders& orders);
// "effects_paused" (its own, or the one of a controller that it has to obey) and
// "replication_suspended" of a share.
void add_orders(boost::json::object& view, const Call& call, const Share& share);

}  // namespace pasig::http::v1
