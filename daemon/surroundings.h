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
// As the drivers are made with them. A controller that the log knows data on is not made anew:
// a root that is not there is one that is away. Of a state that is behind its log (`is_whole`
// false) nobody can tell, so nothing is made.
std::vector<drivers::ControllerConfig> controllers_to_start(const Configuration& configuration,
                                                            const View& view, bool is_whole);
// Whether each controller's worker reported lately.
std::vector<http::ControllerState> controllers_now(const Configuration& configuration,
                                                   const Observations& observations, Time now);

}  // namespace pasig::daemon
