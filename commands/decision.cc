#include "commands/decision.h"

#include <array>
#include <string_view>

namespace pasig {

namespace {

struct Row {
  Guard guard;
  std::string_view word;
  bool is_recorded;
};
// One for each guard, in the order of the enumeration. Recorded is what an authenticated actor was
// refused about an object that exists (log-protocol 4).
// clang-format off
constexpr std::array k_rows = std::to_array<Row>({
    {Guard::invalid_input, "invalid_input", false},
    {Guard::share_not_found, "share_not_found", false},
    {Guard::replica_not_found, "replica_not_found", false},
    {Guard::snapshot_not_found, "snapshot_not_found", false},
    {Guard::type_not_found, "type_not_found", false},
    {Guard::operation_not_found, "operation_not_found", false},
    {Guard::rule_not_found, "rule_not_found", false},
    {Guard::no_valid_host, "no_valid_host", false},
    {Guard::type_name_taken, "type_name_taken", true},
    {Guard::type_in_use, "type_in_use", true},
    {Guard::share_is_busy, "share_is_busy", true},
    {Guard::share_has_replicas, "share_has_replicas", true},
    {Guard::share_has_snapshots, "share_has_snapshots", true},
    {Guard::share_not_available, "share_not_available", true},
    {Guard::share_not_replicated, "share_not_replicated", true},
    {Guard::no_active_replica, "no_active_replica", true},
    {Guard::last_active_replica, "last_active_replica", true},
    {Guard::replica_is_busy, "replica_is_busy", true},
    {Guard::replica_not_available, "replica_not_available", true},
    {Guard::replica_not_in_sync, "replica_not_in_sync", true},
    {Guard::replica_is_active, "replica_is_active", true},
    {Guard::replica_never_placed, "replica_never_placed", true},
    {Guard::newer_replica_reachable, "newer_replica_reachable", true},
    {Guard::writable_has_no_change, "writable_has_no_change", true},
    {Guard::snapshot_not_supported, "snapshot_not_supported", true},
    {Guard::snapshot_is_busy, "snapshot_is_busy", true},
    {Guard::snapshot_not_available, "snapshot_not_available", true},
    {Guard::snapshot_not_newest, "snapshot_not_newest", true},
    {Guard::snapshot_too_large, "snapshot_too_large", true},
    {Guard::only_snapshot_copy, "only_snapshot_copy", true},
    {Guard::would_make_second_active, "would_make_second_active", true},
    {Guard::zone_not_allowed, "zone_not_allowed", true},
    {Guard::zone_unknown, "zone_unknown", true},
    {Guard::over_quota, "over_quota", true},
    {Guard::size_not_larger, "size_not_larger", true},
    {Guard::size_not_smaller, "size_not_smaller", true},
    {Guard::rule_exists, "rule_exists", true},
    {Guard::needs_admin, "needs_admin", true},
    {Guard::operation_is_over, "operation_is_over", true},
    {Guard::controller_retired, "controller_retired", true},
    {Guard::controller_not_found, "controller_not_found", false},
    {Guard::debris_not_found, "debris_not_found", false},
    {Guard::operation_claimed, "operation_claimed", false},
    {Guard::not_first_in_line, "not_first_in_line", false},
    {Guard::effects_paused, "effects_paused", false},
    {Guard::report_does_not_fit, "report_does_not_fit", false},
    {Guard::host_not_found, "host_not_found", false},
    {Guard::aside_not_found, "aside_not_found", false},
    {Guard::host_unfit, "host_unfit", true},
    {Guard::path_in_use, "path_in_use", true},
    {Guard::share_has_data_aside, "share_has_data_aside", true},
});
// clang-format on

constexpr bool rows_are_in_order() {
  for (std::size_t i = 0; i < k_rows.size(); ++i)
    if (k_rows[i].guard != static_cast<Guard>(i)) return false;
  return k_rows.size() == k_guards;
}
static_assert(rows_are_in_order(), "a guard without its row, or in another place");

}  // namespace

std::string_view word(Guard guard) { return k_rows.at(static_cast<std::size_t>(guard)).word; }

Guard parse_guard(std::string_view text) {
  for (const Row& row : k_rows)
    if (row.word == text) return row.guard;
  return Guard::invalid_input;
}

bool is_recorded(Guard guard) { return k_rows.at(static_cast<std::size_t>(guard)).is_recorded; }

}  // namespace pasig
