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

std::vector<v1::RouteEntry> v1::all_routes() {
  std::vector<RouteEntry> all;
  for (const auto& routes :
       {reading_routes(), acting_routes(), care_routes(), controller_routes(), order_routes(),
        past_routes(), replay_routes(), size_and_access_routes(), snapshot_routes()})
    all.insert(all.end(), routes.begin(), routes.end());
  return all;
}

void add_pasig_routes(Router& router, const ServiceContext& service, const Store& store,
                      const std::string& scratch_directory) {
  const auto jobs = std::make_shared<v1::VerifyJobs>(store, service.log, scratch_directory);
  for (const v1::RouteEntry& one : v1::all_routes())
    router.add(one.method, one.pattern,
               [&service, jobs, handler = one.handler](const Request& request) {
                 return v1::in_own_form(flatten(handle(service, *jobs, request, handler)));
               });
}

}  // namespace pasig::http
