// What a worker would say of an operation that went well, on every replica. Pure.
#pragma once

#include "commands/command.h"
#include "statemachine/evolve.h"

namespace pasig {

// The report of the operation's kind.
[[nodiscard]] Command success_of(const World& world, Time now, const Operation& operation);

}  // namespace pasig
