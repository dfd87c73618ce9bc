// What a decision gives: events (none = nothing to do), or a refusal.
#pragma once

#include <cstddef>
#include <string>
#include <tl/expected.hpp>

#include "events/event.h"

namespace pasig {

// Clauses that were true at the refusal. The edge maps them to HTTP (http/refusals.cc) and to
// exit codes (cli/); the word is stored in CommandRejected, so words are never changed.
enum class Guard {
  invalid_input,        // wrong whatever the state; not recorded
  share_not_found,      // not recorded
  replica_not_found,    // not recorded
  snapshot_not_found,   // not recorded
  type_not_found,       // not recorded
  operation_not_found,  // not recorded
  rule_not_found,       // not recorded
  no_valid_host,        // of a new share; not recorded
  type_name_taken,
  type_in_use,
  share_is_busy,
  share_has_replicas,
  share_has_snapshots,
  share_not_available,
  share_not_replicated,
  no_active_replica,
  last_active_replica,
  replica_is_busy,
  replica_not_available,
  replica_not_in_sync,
  replica_is_active,
  replica_never_placed,
  newer_replica_reachable,
  writable_has_no_change,
  snapshot_not_supported,  // the share's type says so
  snapshot_is_busy,
  snapshot_not_available,
  snapshot_not_newest,
  snapshot_too_large,  // for the share that is to go back to it
  only_snapshot_copy,  // of a replica that is to be removed
  would_make_second_active,
  zone_not_allowed,
  zone_unknown,
  over_quota,
  size_not_larger,
  size_not_smaller,
  rule_exists,
  needs_admin,
  operation_is_over,
  controller_retired,
  controller_not_found,  // not recorded
  debris_not_found,      // not recorded
  // Of workers among themselves; not recorded: a claim that another node won is no decision
  // that anyone asks about later.
  operation_claimed,
  not_first_in_line,
  effects_paused,       // an operator's order keeps it from being claimed
  report_does_not_fit,  // a report about nothing that exists
  // Adoption, and data kept aside.
  host_not_found,   // not recorded
  aside_not_found,  // not recorded
  host_unfit,       // it is there, and cannot have the share
  path_in_use,
  share_has_data_aside,
};
// How many there are.
constexpr std::size_t k_guards = static_cast<std::size_t>(Guard::share_has_data_aside) + 1;
std::string_view word(Guard guard);
// The guard of a stored word; invalid_input for one that this build does not know.
Guard parse_guard(std::string_view text);
// Whether a refusal by this guard is written to the log (log-protocol 4).
bool is_recorded(Guard guard);

struct Refusal {
  Guard guard = Guard::invalid_input;
  std::string message;  // to whom, what, why, what to do next
  std::string subject;  // the stream it is about; empty: none
  bool operator==(const Refusal&) const = default;
};

using Decision = tl::expected<Events, Refusal>;

inline tl::unexpected<Refusal> refuse(Guard guard, std::string message, std::string subject = {}) {
  return tl::unexpected<Refusal>(Refusal{guard, std::move(message), std::move(subject)});
}

}  // namespace pasig
