// The state machines, each behind pure functions (Boost.MSM lives in the .cc files only).
// They judge; they do not act. decide asks them before it writes an event; replay's check asks
// them after; evolve never does. Every (state, event) pair is decided on purpose: a row, or a
// refusal that names its guard. docs/states.md is generated from the tables.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "events/words.h"

namespace pasig {

// Why a machine says no.
enum class MachineRefusal {
  busy,           // something else is being done with it: try again when that is over
  not_available,  // its state forbids it, and no waiting helps: repair or reset it first
  not_in_sync,    // its data may be older than allowed
  already_active,
  is_active,   // the active replica cannot do that
  unexpected,  // a report that does not fit the state
  gone,        // removed, or over
};
std::string_view word(MachineRefusal refusal);

template <class S>
using Next = tl::expected<S, MachineRefusal>;

// ---- a replica's `status` ----------------------------------------------------------------
enum class StatusInput {
  added,  // its creation finished
  add_failed,
  change_started,  // asked to become active
  change_done,     // became active
  change_failed,   // nothing changed
  removal_started,
  removed,
  removal_failed,
  failed,     // a status call or a lost controller
  recovered,  // a status call found it whole
  reset_available,
  reset_error,
  reset_creating,
  reset_deleting,
  reset_error_deleting,  // admins
};
constexpr std::size_t k_status_inputs = 15;
std::string_view word(StatusInput input);
[[nodiscard]] Next<ReplicaStatus> next(ReplicaStatus from, StatusInput input);

// ---- a replica's `replica_state` (readable and dr; a writable one is active for life) ------
enum class StateInput {
  first_provisioned,  // the share's first replica, or any of a writable share
  added_behind,       // added; its first verified copy is still to come
  added_in_sync,
  placement_failed,
  confirmed,    // a verified copy within the RPO
  fell_behind,  // any reason of OutOfSyncReason
  promoted,
  promoted_unsynced,  // by an admin: was out_of_sync or error
  demoted,
  failed,  // an active one keeps its role: never none active
  resync_requested,
  reset_in_sync,
  reset_out_of_sync,
  reset_error,
  reset_active,  // admins
};
constexpr std::size_t k_state_inputs = 15;
std::string_view word(StateInput input);
[[nodiscard]] Next<ReplicaState> next(ReplicaState from, StateInput input);

// ---- an operation ---------------------------------------------------------------------------
enum class OperationInput {
  claimed,  // also a take-over, and a process taking its own back
  renewed,
  rerouted,
  cancel_requested,
  done,
  failed,
  cancelled,
  abandon_requested,
};
constexpr std::size_t k_operation_inputs = 8;
std::string_view word(OperationInput input);
[[nodiscard]] Next<OperationStatus> next(OperationStatus from, OperationInput input);

// ---- an access rule on a replica --------------------------------------------------------------
enum class AccessInput {
  applied,       // storage says that it holds
  not_enforced,  // storage says that it does not
  level_changed,
  removal_started,
  role_changed,  // of the replica: roles decide what a rule grants
};
constexpr std::size_t k_access_inputs = 5;
std::string_view word(AccessInput input);
[[nodiscard]] Next<AccessState> next(AccessState from, AccessInput input);

// ---- a snapshot: its copy on one replica, and the whole of them -------------------------------
enum class SnapshotInput {
  taken,   // on the active replica
  copied,  // to another one
  creation_failed,
  overdue,  // not there by its deadline
  lost,     // a look found the replica without it
  deletion_started,
  deletion_forced,  // admins
  removed,          // nothing of it is left there
  deletion_failed,
  revert_started,
  revert_ended,  // done, or not
  reset_available,
  reset_error,
  reset_creating,
  reset_error_deleting,  // admins
};
constexpr std::size_t k_snapshot_inputs = 15;
std::string_view word(SnapshotInput input);
[[nodiscard]] Next<SnapshotStatus> next(SnapshotStatus from, SnapshotInput input);

// The tables as Markdown: a Mermaid diagram and the full state × event matrix of each machine.
// docs/states.md is this text; a golden test compares them.
[[nodiscard]] std::string states_page();

}  // namespace pasig
