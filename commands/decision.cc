#include "commands/decision.h"

#include <string_view>

namespace pasig {

std::string_view word(Guard guard) {
  switch (guard) {
    case Guard::invalid_input:
      return "invalid_input";
    case Guard::share_not_found:
      return "share_not_found";
    case Guard::replica_not_found:
      return "replica_not_found";
    case Guard::snapshot_not_found:
      return "snapshot_not_found";
    case Guard::type_not_found:
      return "type_not_found";
    case Guard::operation_not_found:
      return "operation_not_found";
    case Guard::rule_not_found:
      return "rule_not_found";
    case Guard::no_valid_host:
      return "no_valid_host";
    case Guard::type_name_taken:
      return "type_name_taken";
    case Guard::type_in_use:
      return "type_in_use";
    case Guard::share_is_busy:
      return "share_is_busy";
    case Guard::share_has_replicas:
      return "share_has_replicas";
    case Guard::share_has_snapshots:
      return "share_has_snapshots";
    case Guard::share_not_available:
      return "share_not_available";
    case Guard::share_not_replicated:
      return "share_not_replicated";
    case Guard::no_active_replica:
      return "no_active_replica";
    case Guard::last_active_replica:
      return "last_active_replica";
    case Guard::replica_is_busy:
      return "replica_is_busy";
    case Guard::replica_not_available:
      return "replica_not_available";
    case Guard::replica_not_in_sync:
      return "replica_not_in_sync";
    case Guard::replica_is_active:
      return "replica_is_active";
    case Guard::replica_never_placed:
      return "replica_never_placed";
    case Guard::newer_replica_reachable:
      return "newer_replica_reachable";
    case Guard::writable_has_no_change:
      return "writable_has_no_change";
    case Guard::snapshot_not_supported:
      return "snapshot_not_supported";
    case Guard::snapshot_is_busy:
      return "snapshot_is_busy";
    case Guard::snapshot_not_available:
      return "snapshot_not_available";
    case Guard::snapshot_not_newest:
      return "snapshot_not_newest";
    case Guard::snapshot_too_large:
      return "snapshot_too_large";
    case Guard::only_snapshot_copy:
      return "only_snapshot_copy";
    case Guard::would_make_second_active:
      return "would_make_second_active";
    case Guard::zone_not_allowed:
      return "zone_not_allowed";
    case Guard::zone_unknown:
      return "zone_unknown";
    case Guard::over_quota:
      return "over_quota";
    case Guard::size_not_larger:
      return "size_not_larger";
    case Guard::size_not_smaller:
      return "size_not_smaller";
    case Guard::rule_exists:
      return "rule_exists";
    case Guard::needs_admin:
      return "needs_admin";
    case Guard::operation_is_over:
      return "operation_is_over";
    case Guard::controller_retired:
      return "controller_retired";
    case Guard::controller_not_found:
      return "controller_not_found";
    case Guard::debris_not_found:
      return "debris_not_found";
    case Guard::operation_claimed:
      return "operation_claimed";
    case Guard::not_first_in_line:
      return "not_first_in_line";
    case Guard::effects_paused:
      return "effects_paused";
    case Guard::report_does_not_fit:
      return "report_does_not_fit";
    case Guard::host_not_found:
      return "host_not_found";
    case Guard::aside_not_found:
      return "aside_not_found";
    case Guard::host_unfit:
      return "host_unfit";
    case Guard::path_in_use:
      return "path_in_use";
    case Guard::share_has_data_aside:
      return "share_has_data_aside";
  }
  return "unknown";
}

Guard parse_guard(std::string_view text) {
  for (int i = 0; i <= static_cast<int>(Guard::snapshot_not_found); ++i)
    if (word(static_cast<Guard>(i)) == text) return static_cast<Guard>(i);
  return Guard::invalid_input;
}

bool is_recorded(Guard guard) {
  switch (guard) {
    case Guard::invalid_input:
    case Guard::share_not_found:
    case Guard::replica_not_found:
    case Guard::snapshot_not_found:
    case Guard::type_not_found:
    case Guard::operation_not_found:
    case Guard::rule_not_found:
    case Guard::no_valid_host:
    case Guard::controller_not_found:
    case Guard::debris_not_found:
    case Guard::operation_claimed:
    case Guard::not_first_in_line:
    case Guard::effects_paused:
    case Guard::report_does_not_fit:
    case Guard::host_not_found:
    case Guard::aside_not_found:
      return false;
    case Guard::type_name_taken:
    case Guard::type_in_use:
    case Guard::share_is_busy:
    case Guard::share_has_replicas:
    case Guard::share_has_snapshots:
    case Guard::share_not_available:
    case Guard::share_not_replicated:
    case Guard::no_active_replica:
    case Guard::last_active_replica:
    case Guard::replica_is_busy:
    case Guard::replica_not_available:
    case Guard::replica_not_in_sync:
    case Guard::replica_is_active:
    case Guard::replica_never_placed:
    case Guard::newer_replica_reachable:
    case Guard::writable_has_no_change:
    case Guard::snapshot_not_supported:
    case Guard::snapshot_is_busy:
    case Guard::snapshot_not_available:
    case Guard::snapshot_not_newest:
    case Guard::snapshot_too_large:
    case Guard::only_snapshot_copy:
    case Guard::would_make_second_active:
    case Guard::zone_not_allowed:
    case Guard::zone_unknown:
    case Guard::over_quota:
    case Guard::size_not_larger:
    case Guard::size_not_smaller:
    case Guard::rule_exists:
    case Guard::needs_admin:
    case Guard::operation_is_over:
    case Guard::host_unfit:
    case Guard::path_in_use:
    case Guard::share_has_data_aside:
    case Guard::controller_retired:
      return true;
  }
  return false;
}

}  // namespace pasig
