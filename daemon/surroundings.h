// What a decision is made on beside the log: pools as they were last reported, quotas, timings,
// known copies. Pure but for what it is handed.
#pragma once

#include <string>
#include <vector>

#include "commands/decide.h"
#include "daemon/configuration.h"
#include "http/service_context.h"
#include "projections/observations.h"
#include "projections/store.h"

namespace pasig::daemon {

Surroundings surroundings_of(const Configuration& configuration, const Observations& observations,
                             const View& view, const Command& command, Time now);
Quotas quotas_of(const Configuration& configuration);
std::vector<std::string> zones_of(const Configuration& configuration);  // sorted, each once
// Whether each controller's worker reported lately.
std::vector<http::ControllerInfo> controllers_now(const Configuration& configuration,
                                                  const Observations& observations, Time now);

}  // namespace pasig::daemon
