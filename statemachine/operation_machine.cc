// An operation: work on storage, from the request to its one outcome.
#include "statemachine/msm_rows.h"

namespace pasig {
namespace {

using rows::refuse;
using rows::Row;
using S = OperationStatus;
using I = OperationInput;
using Why = MachineRefusal;

// clang-format off
struct OperationTable {
  using State = OperationStatus;
  using Input = OperationInput;
  static constexpr std::size_t k_states = static_cast<std::size_t>(OperationStatus::MAX) + 1;
  static constexpr std::size_t k_inputs = k_operation_inputs;

  using Rows = rows::mp::mp_list<
    //   from          on                    to
    Row< S::requested, I::claimed,           S::running   >,
    Row< S::requested, I::rerouted,          S::requested >,
    Row< S::requested, I::cancel_requested,  S::requested >,
    Row< S::requested, I::failed,            S::failed    >,  // its deadline passed
    Row< S::requested, I::cancelled,         S::cancelled >,
    Row< S::requested, I::abandon_requested, S::failed    >,  // nobody works on it

    Row< S::running,   I::claimed,           S::running   >,  // a take-over
    Row< S::running,   I::renewed,           S::running   >,
    Row< S::running,   I::cancel_requested,  S::running   >,
    Row< S::running,   I::done,              S::done      >,
    Row< S::running,   I::failed,            S::failed    >,
    Row< S::running,   I::cancelled,         S::cancelled >,
    Row< S::running,   I::abandon_requested, S::running   >   // until storage was looked at
  >;

  using Refusals = rows::mp::mp_append<
    refuse< Why::unexpected, S::requested, I::renewed, I::done >,
    refuse< Why::busy,       S::running,   I::rerouted >,
    refuse< Why::gone,       S::done,      I::claimed, I::renewed, I::rerouted,
                                           I::cancel_requested, I::done, I::failed,
                                           I::cancelled, I::abandon_requested >,
    refuse< Why::gone,       S::failed,    I::claimed, I::renewed, I::rerouted,
                                           I::cancel_requested, I::done, I::failed,
                                           I::cancelled, I::abandon_requested >,
    refuse< Why::gone,       S::cancelled, I::claimed, I::renewed, I::rerouted,
                                           I::cancel_requested, I::done, I::failed,
                                           I::cancelled, I::abandon_requested >
  >;
};
// clang-format on

}  // namespace

Next<OperationStatus> next(OperationStatus from, OperationInput input) {
  return rows::Machine<OperationTable>::next(from, input);
}

std::string_view word(OperationInput input) {
  switch (input) {
    case I::claimed:
      return "claimed";
    case I::renewed:
      return "renewed";
    case I::rerouted:
      return "rerouted";
    case I::cancel_requested:
      return "cancel_requested";
    case I::done:
      return "done";
    case I::failed:
      return "failed";
    case I::cancelled:
      return "cancelled";
    case I::abandon_requested:
      return "abandon_requested";
  }
  return "";
}

MachineTable operation_table() {
  MachineTable table{
      .title = "An operation",
      .about =
          "Work on storage. A driver is called only for a running one; each has exactly one "
          "outcome, and nothing follows it.",
      .starts = {static_cast<std::size_t>(S::requested)},
      .states = rows::terms<OperationStatus, OperationTable::k_states>(
          {"waits for a worker to claim it", "a worker holds a lease on it",
           "did what was asked for", "did not; the failure says why and what to do next",
           "was stopped before it changed anything that lasts"}),
      .inputs = rows::terms<OperationInput, k_operation_inputs>(
          {"a worker claimed it, took it over, or took its own back after a restart",
           "the claimant renewed its lease", "nobody claimed it in time: another worker may",
           "somebody asked for it to stop", "the claimant reported that it is done",
           "the claimant reported a failure, or the deadline passed", "it stopped as asked",
           "an admin gave it up: it ends as storage is found"})};
  rows::Machine<OperationTable>::describe(table);
  return table;
}

}  // namespace pasig
