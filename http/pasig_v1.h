// Pasig's own API at /pasig/v1: what Manila's has no words for (history, why, the log,
// operations with progress, modes of a change) and rich views of shares and replicas.
// docs/api-v1.md describes every route.
#pragma once

#include <string>

#include "http/router.h"
#include "http/service_context.h"
#include "projections/store.h"

namespace pasig::http {

// The context and the store outlive the router. `scratch_directory` is where verifications of
// the store fold the log; they stop when the router goes.
void add_pasig_routes(Router& router, const ServiceContext& service, const Store& store,
                      const std::string& scratch_directory);

}  // namespace pasig::http
