// Controllers whose storage is left alone, because operators said so: what that means for the
// operations that would touch it. Pure; decisions, plans and workers ask the same functions.
#pragma once

#include <string>

#include "statemachine/orders.h"

namespace pasig {

// Why the storage of this controller is not to be touched: it is paused, or retired. Empty: it may
// be.
[[nodiscard]] std::string kept_off_in_words(const ControllerOrders& orders);

// The operation cannot be without this controller: it runs there, or its own replica lies there.
// It is not begun while that one is retired; without the others it goes on.
[[nodiscard]] bool needs_controller(const Operation& operation, const Share& share,
                                    const std::string& controller);

// No operator's order stands against beginning it now.
[[nodiscard]] bool may_begin(const StateReader& state, const Operation& operation,
                             const Share& share);

}  // namespace pasig
