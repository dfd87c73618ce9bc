// A replica's `status`: what is being done with it, and whether it works. Manila's words.
#include "statemachine/msm_rows.h"

namespace pasig {
namespace {

using rows::refuse;
using rows::Row;
using S = ReplicaStatus;
using I = StatusInput;
using Why = MachineRefusal;

// clang-format off
struct StatusTable {
  using State = ReplicaStatus;
  using Input = StatusInput;
  static constexpr std::size_t k_states = static_cast<std::size_t>(ReplicaStatus::MAX) + 1;
  static constexpr std::size_t k_inputs = k_status_inputs;

  using Rows = rows::mp::mp_list<
    //   from                   on                        to
    Row< S::creating,           I::added,                 S::available          >,
    Row< S::creating,           I::add_failed,            S::error              >,
    Row< S::creating,           I::reset_available,       S::available          >,
    Row< S::creating,           I::reset_error,           S::error              >,
    Row< S::creating,           I::reset_creating,        S::creating           >,
    Row< S::creating,           I::reset_deleting,        S::deleting           >,
    Row< S::creating,           I::reset_error_deleting,  S::error_deleting     >,

    Row< S::available,          I::change_started,        S::replication_change >,
    Row< S::available,          I::removal_started,       S::deleting           >,
    Row< S::available,          I::failed,                S::error              >,
    Row< S::available,          I::reset_available,       S::available          >,
    Row< S::available,          I::reset_error,           S::error              >,
    Row< S::available,          I::reset_creating,        S::creating           >,
    Row< S::available,          I::reset_deleting,        S::deleting           >,
    Row< S::available,          I::reset_error_deleting,  S::error_deleting     >,

    Row< S::replication_change, I::change_done,           S::available          >,
    Row< S::replication_change, I::change_failed,         S::available          >,
    Row< S::replication_change, I::reset_available,       S::available          >,
    Row< S::replication_change, I::reset_error,           S::error              >,
    Row< S::replication_change, I::reset_creating,        S::creating           >,
    Row< S::replication_change, I::reset_deleting,        S::deleting           >,
    Row< S::replication_change, I::reset_error_deleting,  S::error_deleting     >,

    Row< S::deleting,           I::removed,               S::deleted            >,
    Row< S::deleting,           I::removal_failed,        S::error_deleting     >,
    Row< S::deleting,           I::reset_available,       S::available          >,
    Row< S::deleting,           I::reset_error,           S::error              >,
    Row< S::deleting,           I::reset_creating,        S::creating           >,
    Row< S::deleting,           I::reset_deleting,        S::deleting           >,
    Row< S::deleting,           I::reset_error_deleting,  S::error_deleting     >,

    Row< S::error,              I::removal_started,       S::deleting           >,
    Row< S::error,              I::failed,                S::error              >,
    Row< S::error,              I::recovered,             S::available          >,
    Row< S::error,              I::reset_available,       S::available          >,
    Row< S::error,              I::reset_error,           S::error              >,
    Row< S::error,              I::reset_creating,        S::creating           >,
    Row< S::error,              I::reset_deleting,        S::deleting           >,
    Row< S::error,              I::reset_error_deleting,  S::error_deleting     >,

    Row< S::error_deleting,     I::removal_started,       S::deleting           >,
    Row< S::error_deleting,     I::reset_available,       S::available          >,
    Row< S::error_deleting,     I::reset_error,           S::error              >,
    Row< S::error_deleting,     I::reset_creating,        S::creating           >,
    Row< S::error_deleting,     I::reset_deleting,        S::deleting           >,
    Row< S::error_deleting,     I::reset_error_deleting,  S::error_deleting     >
  >;

  using Refusals = rows::mp::mp_append<
    refuse< Why::busy,          S::creating,           I::change_started, I::removal_started >,
    refuse< Why::unexpected,    S::creating,           I::change_done, I::change_failed,
                                                       I::removed, I::removal_failed,
                                                       I::failed, I::recovered >,

    refuse< Why::unexpected,    S::available,          I::added, I::add_failed,
                                                       I::change_done, I::change_failed,
                                                       I::removed, I::removal_failed,
                                                       I::recovered >,

    // A status call during a change says nothing: the change itself will report.
    refuse< Why::busy,          S::replication_change, I::change_started, I::removal_started,
                                                       I::failed, I::recovered >,
    refuse< Why::unexpected,    S::replication_change, I::added, I::add_failed,
                                                       I::removed, I::removal_failed >,

    refuse< Why::busy,          S::deleting,           I::change_started, I::removal_started,
                                                       I::failed, I::recovered >,
    refuse< Why::unexpected,    S::deleting,           I::added, I::add_failed,
                                                       I::change_done, I::change_failed >,

    refuse< Why::not_available, S::error,              I::change_started >,
    refuse< Why::unexpected,    S::error,              I::added, I::add_failed,
                                                       I::change_done, I::change_failed,
                                                       I::removed, I::removal_failed >,

    // It never heals by itself: what is left of it may be anything.
    refuse< Why::not_available, S::error_deleting,     I::change_started,
                                                       I::failed, I::recovered >,
    refuse< Why::unexpected,    S::error_deleting,     I::added, I::add_failed,
                                                       I::change_done, I::change_failed,
                                                       I::removed, I::removal_failed >,

    refuse< Why::gone,          S::deleted,            I::added, I::add_failed,
                                                       I::change_started, I::change_done,
                                                       I::change_failed, I::removal_started,
                                                       I::removed, I::removal_failed,
                                                       I::failed, I::recovered,
                                                       I::reset_available, I::reset_error,
                                                       I::reset_creating, I::reset_deleting,
                                                       I::reset_error_deleting >
  >;
};
// clang-format on

}  // namespace

Next<ReplicaStatus> next(ReplicaStatus from, StatusInput input) {
  return rows::Machine<StatusTable>::next(from, input);
}

std::string_view word(StatusInput input) {
  switch (input) {
    case I::added:
      return "added";
    case I::add_failed:
      return "add_failed";
    case I::change_started:
      return "change_started";
    case I::change_done:
      return "change_done";
    case I::change_failed:
      return "change_failed";
    case I::removal_started:
      return "removal_started";
    case I::removed:
      return "removed";
    case I::removal_failed:
      return "removal_failed";
    case I::failed:
      return "failed";
    case I::recovered:
      return "recovered";
    case I::reset_available:
      return "reset_available";
    case I::reset_error:
      return "reset_error";
    case I::reset_creating:
      return "reset_creating";
    case I::reset_deleting:
      return "reset_deleting";
    case I::reset_error_deleting:
      return "reset_error_deleting";
  }
  return "";
}

MachineTable replica_status_table() {
  MachineTable table{
      .title = "A replica's `status`",
      .about =
          "What is being done with a replica, and whether it works. The words are Manila's; "
          "`deleted` is never shown, because a removed replica is gone.",
      .starts = {static_cast<std::size_t>(S::creating)},
      .states = rows::terms<ReplicaStatus, StatusTable::k_states>(
          {"its storage is being made", "works, and nothing is being done with it",
           "is becoming the active replica", "is being removed",
           "its creation failed, or a status call found it broken or unreachable",
           "its removal failed; what is left of it is unknown", "removed"}),
      .inputs = rows::terms<StatusInput, k_status_inputs>(
          {"its creation finished", "its creation failed", "it was asked to become active",
           "it became active", "it did not become active; nothing changed",
           "its removal, or its share's, was asked for", "its storage is gone",
           "its storage could not be removed",
           "a status call found it broken, or its controller is lost",
           "a status call found it whole again", "an admin set `available`", "an admin set `error`",
           "an admin set `creating`", "an admin set `deleting`", "an admin set `error_deleting`"})};
  rows::Machine<StatusTable>::describe(table);
  return table;
}

}  // namespace pasig
