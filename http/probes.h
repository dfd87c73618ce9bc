// /healthcheck (with /live and /ready) and /metrics: for machines that watch over this node.
#pragma once

#include "http/metrics.h"
#include "http/router.h"
#include "http/service_context.h"

namespace pasig::http {

// The context and the metrics outlive the router.
void add_probe_routes(Router& router, const ServiceContext& service, Metrics& metrics);

}  // namespace pasig::http
