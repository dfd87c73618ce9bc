// The simulated driver: every call of the port's core on storage in memory, all replication
// types. From configuration it is for trying things out without storage; with a Simulation it
// is for tests. Its storage ends with the process: with the option adopt (the default), a
// replica that the log knows and this process does not is taken over as the log says.
//
// Options: pools (names, comma-separated), capacity_gb, replication_domain, latency_ms, adopt.
// The clock and the simulation outlive the driver. Any call from any thread.
#pragma once

#include <memory>
#include <vector>

#include "base/clock.h"
#include "drivers/driver.h"
#include "drivers/simulated/simulation.h"

namespace pasig::drivers {

Result<std::unique_ptr<Driver>> make_simulated_driver(
    const std::vector<ControllerConfig>& controllers, const Clock& clock,
    std::shared_ptr<simulated::Simulation> simulation = nullptr);

}  // namespace pasig::drivers
