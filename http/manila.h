// Manila's v2 API as far as shares, replicas, types, export locations, pools, services, zones,
// quotas and limits go: the same paths, microversions, bodies, codes and texts, so that an
// unmodified `openstack share` works. Reads come from a View, writes go through the Handler.
#pragma once

#include "http/router.h"
#include "http/service_context.h"

namespace pasig::http {

// The context outlives the router.
void add_manila_routes(Router& router, const ServiceContext& service);

}  // namespace pasig::http
