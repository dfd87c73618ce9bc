// A change of the active replica, planned with what storage shows now: the look that a dry run
// takes. Reads only: drivers are asked to inspect, and nothing is written, not even to the log.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "commands/plan_change.h"
#include "drivers/driver.h"
#include "projections/store.h"

namespace pasig::daemon {

// The driver of a controller; null: it is not worked for here.
using DriverOf = std::function<drivers::Driver*(const std::string& controller)>;

// Every placed replica of the share. Blocks for at most a few seconds for each.
[[nodiscard]] std::vector<SideSeen> look_at_sides(const View& view, const Share& share,
                                                  const DriverOf& driver_of, const Clock& clock);

}  // namespace pasig::daemon
