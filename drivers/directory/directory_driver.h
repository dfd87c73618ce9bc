// The directory driver: controllers are directory roots, replicas are directory trees, and
// rsync moves the bytes between them. One object serves every controller of this driver.
// Construction sets up what can be reached; a root that is away then is probed when it is
// back. Any call from any thread; calls for one replica exclude each other by flock, also
// between processes. The clock outlives the driver.
#pragma once

#include <memory>
#include <vector>

#include "base/clock.h"
#include "drivers/driver.h"

namespace pasig::drivers {

Result<std::unique_ptr<Driver>> make_directory_driver(
    const std::vector<ControllerConfig>& controllers, const Clock& clock);

}  // namespace pasig::drivers
