#include "http/pasig_v1.h"

#include <memory>

#include "http/pasig_v1_call.h"
#include "http/pasig_v1_jobs.h"

namespace pasig::http {
namespace {

Answer handle(const ServiceContext& service, v1::VerifyJobs& jobs, const Request& request,
              v1::CallHandler handler) {
  PASIG_TRY(auto view, open_view(service, request));
  const v1::Call call{.service = service,
                      .jobs = jobs,
                      .request = request,
                      .caller = caller_of(service, request),
                      .view = std::move(view)};
  return handler(call);
}

}  // namespace

void add_pasig_routes(Router& router, const ServiceContext& service, const Store& store,
                      const std::string& scratch_directory) {
  const auto jobs = std::make_shared<v1::VerifyJobs>(store, service.log, scratch_directory);
  for (const auto& routes :
       {v1::reading_routes(), v1::acting_routes(), v1::care_routes(), v1::controller_routes(),
        v1::order_routes(), v1::past_routes(), v1::replay_routes(), v1::size_and_access_routes(),
        v1::snapshot_routes()})
    for (const v1::RouteEntry& one : routes)
      router.add(one.method, one.pattern,
                 [&service, jobs, handler = one.handler](const Request& request) {
                   return v1::in_own_form(flatten(handle(service, *jobs, request, handler)));
                 });
}

}  // namespace pasig::http
