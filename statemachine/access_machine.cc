// An access rule on one replica: what is to hold there, and what does.
#include "statemachine/msm_rows.h"

namespace pasig {
namespace {

using rows::refuse;
using rows::Row;
using S = AccessState;
using I = AccessInput;
using Why = MachineRefusal;

// clang-format off
struct AccessTable {
  using State = AccessState;
  using Input = AccessInput;
  static constexpr std::size_t k_states = static_cast<std::size_t>(AccessState::MAX) + 1;
  static constexpr std::size_t k_inputs = k_access_inputs;

  using Rows = rows::mp::mp_list<
    //   from                on                   to
    Row< S::queued_to_apply, I::applied,          S::active          >,
    Row< S::queued_to_apply, I::not_enforced,     S::error           >,
    Row< S::queued_to_apply, I::level_changed,    S::queued_to_apply >,
    Row< S::queued_to_apply, I::removal_started,  S::queued_to_deny  >,
    Row< S::queued_to_apply, I::role_changed,     S::queued_to_apply >,

    Row< S::active,          I::applied,          S::active          >,
    Row< S::active,          I::not_enforced,     S::error           >,
    Row< S::active,          I::level_changed,    S::queued_to_apply >,
    Row< S::active,          I::removal_started,  S::queued_to_deny  >,
    Row< S::active,          I::role_changed,     S::queued_to_apply >,

    Row< S::error,           I::applied,          S::active          >,
    Row< S::error,           I::not_enforced,     S::error           >,
    Row< S::error,           I::level_changed,    S::queued_to_apply >,
    Row< S::error,           I::removal_started,  S::queued_to_deny  >,
    Row< S::error,           I::role_changed,     S::queued_to_apply >
  >;

  using Refusals = rows::mp::mp_append<
    refuse< Why::unexpected, S::queued_to_deny, I::applied, I::not_enforced >,
    refuse< Why::busy,       S::queued_to_deny, I::level_changed, I::removal_started,
                                                I::role_changed >
  >;
};
// clang-format on

}  // namespace

Next<AccessState> next(AccessState from, AccessInput input) {
  return rows::Machine<AccessTable>::next(from, input);
}

std::string_view word(AccessInput input) {
  switch (input) {
    case I::applied:
      return "applied";
    case I::not_enforced:
      return "not_enforced";
    case I::level_changed:
      return "level_changed";
    case I::removal_started:
      return "removal_started";
    case I::role_changed:
      return "role_changed";
  }
  return "";
}

MachineTable access_table() {
  MachineTable table{
      .title = "An access rule on a replica",
      .about =
          "What one rule is on one replica. It ends there when storage lists the rule no more; "
          "the rule itself is gone when it ended everywhere. A change that a replica did not "
          "take, because it could not be reached, leaves its rules as they are: queued.",
      .starts = {static_cast<std::size_t>(S::queued_to_apply)},
      .states = rows::terms<AccessState, AccessTable::k_states>(
          {"storage is to be told of it, or of its new level or role",
           "storage said that it holds, as what the replica's role allows",
           "storage said that nothing enforces it: it lets nobody in",
           "it was taken away, and storage is to be told"}),
      .inputs = rows::terms<AccessInput, k_access_inputs>(
          {"storage reported that it holds", "storage reported that it does not, and why",
           "somebody asked for another level, or for another try", "somebody took it away",
           "the replica became the active one, or was demoted"})};
  rows::Machine<AccessTable>::describe(table);
  return table;
}

}  // namespace pasig
