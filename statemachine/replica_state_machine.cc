// A replica's `replica_state`: its role and how far its data can be trusted. Manila's words.
// That a readable or dr share has exactly one active replica is a fact about the share: decide
// guards it, evolve asserts it.
#include "statemachine/msm_rows.h"

namespace pasig {
namespace {

using rows::refuse;
using rows::Row;
using S = ReplicaState;
using I = StateInput;
using Why = MachineRefusal;

// clang-format off
struct StateTable {
  using State = ReplicaState;
  using Input = StateInput;
  static constexpr std::size_t k_states = static_cast<std::size_t>(ReplicaState::MAX) + 1;
  static constexpr std::size_t k_inputs = k_state_inputs;

  using Rows = rows::mp::mp_list<
    //   from            on                      to
    Row< S::none,        I::first_provisioned,   S::active      >,
    Row< S::none,        I::added_behind,        S::out_of_sync >,
    Row< S::none,        I::placement_failed,    S::error       >,

    Row< S::active,      I::demoted,             S::out_of_sync >,
    Row< S::active,      I::failed,              S::active      >,

    Row< S::in_sync,     I::confirmed,           S::in_sync     >,
    Row< S::in_sync,     I::fell_behind,         S::out_of_sync >,
    Row< S::in_sync,     I::promoted,            S::active      >,
    Row< S::in_sync,     I::promoted_unsynced,   S::active      >,
    Row< S::in_sync,     I::failed,              S::error       >,
    Row< S::in_sync,     I::resync_requested,    S::in_sync     >,
    Row< S::in_sync,     I::reset_in_sync,       S::in_sync     >,
    Row< S::in_sync,     I::reset_out_of_sync,   S::out_of_sync >,
    Row< S::in_sync,     I::reset_error,         S::error       >,
    Row< S::in_sync,     I::reset_active,        S::active      >,

    Row< S::out_of_sync, I::first_provisioned,   S::active      >,
    Row< S::out_of_sync, I::added_behind,        S::out_of_sync >,
    Row< S::out_of_sync, I::added_in_sync,       S::in_sync     >,
    Row< S::out_of_sync, I::confirmed,           S::in_sync     >,
    Row< S::out_of_sync, I::fell_behind,         S::out_of_sync >,
    Row< S::out_of_sync, I::promoted_unsynced,   S::active      >,
    Row< S::out_of_sync, I::failed,              S::error       >,
    Row< S::out_of_sync, I::resync_requested,    S::out_of_sync >,
    Row< S::out_of_sync, I::reset_in_sync,       S::in_sync     >,
    Row< S::out_of_sync, I::reset_out_of_sync,   S::out_of_sync >,
    Row< S::out_of_sync, I::reset_error,         S::error       >,
    Row< S::out_of_sync, I::reset_active,        S::active      >,

    Row< S::error,       I::confirmed,           S::in_sync     >,
    Row< S::error,       I::fell_behind,         S::out_of_sync >,
    Row< S::error,       I::promoted_unsynced,   S::active      >,
    Row< S::error,       I::failed,              S::error       >,
    Row< S::error,       I::resync_requested,    S::out_of_sync >,
    Row< S::error,       I::reset_in_sync,       S::in_sync     >,
    Row< S::error,       I::reset_out_of_sync,   S::out_of_sync >,
    Row< S::error,       I::reset_error,         S::error       >,
    Row< S::error,       I::reset_active,        S::active      >
  >;

  using Refusals = rows::mp::mp_append<
    refuse< Why::not_available,  S::none,        I::promoted, I::promoted_unsynced,
                                                 I::resync_requested, I::reset_in_sync,
                                                 I::reset_out_of_sync, I::reset_error,
                                                 I::reset_active >,
    // A first verified copy needs an active replica to be a copy of. A first replica that is not
    // made yet cannot break: what became of it is told by its operation.
    refuse< Why::unexpected,     S::none,        I::added_in_sync, I::confirmed,
                                                 I::fell_behind, I::demoted, I::failed >,

    refuse< Why::already_active, S::active,      I::promoted, I::promoted_unsynced,
                                                 I::reset_active >,
    refuse< Why::is_active,      S::active,      I::confirmed, I::fell_behind,
                                                 I::resync_requested, I::reset_in_sync,
                                                 I::reset_out_of_sync, I::reset_error >,
    refuse< Why::unexpected,     S::active,      I::first_provisioned, I::added_behind,
                                                 I::added_in_sync, I::placement_failed >,

    refuse< Why::unexpected,     S::in_sync,     I::first_provisioned, I::added_behind,
                                                 I::added_in_sync, I::placement_failed,
                                                 I::demoted >,

    refuse< Why::not_in_sync,    S::out_of_sync, I::promoted >,
    // It was placed when it was added.
    refuse< Why::unexpected,     S::out_of_sync, I::placement_failed, I::demoted >,

    refuse< Why::not_in_sync,    S::error,       I::promoted >,
    refuse< Why::unexpected,     S::error,       I::first_provisioned, I::added_behind,
                                                 I::added_in_sync, I::placement_failed,
                                                 I::demoted >
  >;
};
// clang-format on

}  // namespace

Next<ReplicaState> next(ReplicaState from, StateInput input) {
  return rows::Machine<StateTable>::next(from, input);
}

std::string_view word(StateInput input) {
  switch (input) {
    case I::first_provisioned:
      return "first_provisioned";
    case I::added_behind:
      return "added_behind";
    case I::added_in_sync:
      return "added_in_sync";
    case I::placement_failed:
      return "placement_failed";
    case I::confirmed:
      return "confirmed";
    case I::fell_behind:
      return "fell_behind";
    case I::promoted:
      return "promoted";
    case I::promoted_unsynced:
      return "promoted_unsynced";
    case I::demoted:
      return "demoted";
    case I::failed:
      return "failed";
    case I::resync_requested:
      return "resync_requested";
    case I::reset_in_sync:
      return "reset_in_sync";
    case I::reset_out_of_sync:
      return "reset_out_of_sync";
    case I::reset_error:
      return "reset_error";
    case I::reset_active:
      return "reset_active";
  }
  return "";
}

MachineTable replica_state_table() {
  MachineTable table{
      .title = "A replica's `replica_state`",
      .about =
          "A replica's role, and how far its data can be trusted. In readable and dr shares "
          "exactly one replica is active from the first one on; that is a promise about the "
          "share, kept beside this table. Replicas of writable shares are all active.",
      .starts = {static_cast<std::size_t>(S::none), static_cast<std::size_t>(S::out_of_sync)},
      .states = rows::terms<ReplicaState, StateTable::k_states>(
          {"the share's first replica while it is created; not shown",
           "takes writes: the others are copies of it",
           "a verified copy, as of a known moment within the RPO, is on it",
           "its data may be older than the RPO allows, or is not verified",
           "it is broken, was never placed, or cannot be reached"}),
      .inputs = rows::terms<StateInput, k_state_inputs>(
          {"the share's first replica was made, or any one of a writable share",
           "added; its first verified copy is still to come", "added with a verified copy",
           "no pool passed", "a verified copy within the RPO is on it",
           "behind, unverified, diverged, or any other reason of falling out of sync",
           "it became active", "an admin made it active although it was not in sync",
           "another replica became active",
           "it is broken or unreachable (an active one keeps its role)",
           "an admin asked for a full resync", "an admin set `in_sync`",
           "an admin set `out_of_sync`", "an admin set `error`",
           "an admin set `active` (writable shares only)"})};
  rows::Machine<StateTable>::describe(table);
  return table;
}

}  // namespace pasig
