// Operators' orders inside decisions. Reading them notes the controllers' streams, so that a
// decision that races an order is void and made again. Pure.
#pragma once

#include <string>
#include <vector>

#include "commands/guards.h"
#include "statemachine/orders.h"

namespace pasig {

[[nodiscard]] OrdersInForce orders_about(ReadView& view,
                                         const std::vector<std::string>& controllers);

// The reported pools, each with the order that keeps new replicas away from it.
[[nodiscard]] std::vector<PoolReport> open_pools(ReadView& view, const Surroundings& now);

// Refused when the controller is retired, or is not configured any more: nobody could do it.
[[nodiscard]] Allowed controller_serves(ReadView& view, const Surroundings& now,
                                        const Replica& replica, const std::string& to_do,
                                        const std::string& subject);

// The reason of an order is there, and is no novel.
[[nodiscard]] Allowed order_has_why(const std::string& to_do, const std::string& why);

}  // namespace pasig
