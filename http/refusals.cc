#include "http/refusals.h"

#include "http/faults.h"

namespace pasig::http {
namespace {

// Manila's own code where it has the case (manila.md 1.7, 1.9, 1.13); 409 for what only Pasig
// can say and another state would allow.
int code_of(Guard guard) {
  switch (guard) {
    case Guard::invalid_input:
    case Guard::type_in_use:
    case Guard::share_is_busy:
    case Guard::share_not_replicated:
    case Guard::no_active_replica:
    case Guard::last_active_replica:
    case Guard::replica_is_busy:
    case Guard::replica_not_available:
    case Guard::replica_is_active:
    case Guard::replica_never_placed:
    case Guard::writable_has_no_change:
    case Guard::snapshot_not_supported:
    case Guard::snapshot_is_busy:
    case Guard::snapshot_not_available:
    case Guard::would_make_second_active:
    case Guard::zone_not_allowed:
    case Guard::zone_unknown:
    case Guard::size_not_larger:
    case Guard::size_not_smaller:
    case Guard::host_unfit:
      return 400;
    case Guard::share_has_snapshots:
    case Guard::share_not_available:
    case Guard::replica_not_in_sync:
    case Guard::needs_admin:
      return 403;
    case Guard::share_not_found:
    case Guard::replica_not_found:
    case Guard::snapshot_not_found:
    case Guard::type_not_found:
    case Guard::operation_not_found:
    case Guard::rule_not_found:
    case Guard::controller_not_found:
    case Guard::debris_not_found:
    case Guard::host_not_found:
    case Guard::aside_not_found:
      return 404;
    case Guard::no_valid_host:
    case Guard::type_name_taken:
    case Guard::share_has_replicas:
    case Guard::newer_replica_reachable:
    case Guard::snapshot_not_newest:
    case Guard::snapshot_too_large:
    case Guard::only_snapshot_copy:
    case Guard::rule_exists:
    case Guard::operation_is_over:
    case Guard::controller_retired:
    case Guard::effects_paused:
    case Guard::operation_claimed:
    case Guard::not_first_in_line:
    case Guard::report_does_not_fit:
    case Guard::path_in_use:
    case Guard::share_has_data_aside:
      return 409;
    case Guard::over_quota:
      return 413;
  }
  return 500;
}

}  // namespace

RefusalStatus status_of(Guard guard) {
  const int code = code_of(guard);
  return {code, fault_name(code)};
}

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid:
      return 422;
    case ErrorCode::not_found:
      return 404;
    case ErrorCode::conflict:
      return 409;
    case ErrorCode::forbidden:
      return 403;
    case ErrorCode::unavailable:
      return 503;
    case ErrorCode::exhausted:
      return 507;
    case ErrorCode::corrupt:
      return 500;
    case ErrorCode::unknown:
      return 504;
    case ErrorCode::unsupported:
      return 501;
  }
  return 500;
}

Response refused(const Refusal& refusal) {
  Response response = fault(status_of(refusal.guard).status, refusal.message);
  response.headers.emplace_back("X-Pasig-Guard", word(refusal.guard));
  return response;
}

Response failed(const Error& error) { return fault(status_of(error.code), error.text()); }

}  // namespace pasig::http
