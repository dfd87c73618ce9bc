// A snapshot's `status`: of its copy on one replica, and of the snapshot as a whole, which is
// made of them (status_of). Manila's words.
#include "statemachine/msm_rows.h"

namespace pasig {
namespace {

using rows::refuse;
using rows::Row;
using S = SnapshotStatus;
using I = SnapshotInput;
using Why = MachineRefusal;

// clang-format off
struct SnapshotTable {
  using State = SnapshotStatus;
  using Input = SnapshotInput;
  static constexpr std::size_t k_states = static_cast<std::size_t>(SnapshotStatus::MAX) + 1;
  static constexpr std::size_t k_inputs = k_snapshot_inputs;

  using Rows = rows::mp::mp_list<
    //   from               on                        to
    Row< S::creating,       I::taken,                 S::available      >,
    Row< S::creating,       I::copied,                S::available      >,
    Row< S::creating,       I::creation_failed,       S::error          >,
    Row< S::creating,       I::overdue,               S::creating       >,  // not waited for
    Row< S::creating,       I::deletion_forced,       S::deleting       >,
    Row< S::creating,       I::reset_available,       S::available      >,
    Row< S::creating,       I::reset_error,           S::error          >,
    Row< S::creating,       I::reset_creating,        S::creating       >,
    Row< S::creating,       I::reset_error_deleting,  S::error_deleting >,

    Row< S::available,      I::lost,                  S::creating       >,
    Row< S::available,      I::deletion_started,      S::deleting       >,
    Row< S::available,      I::deletion_forced,       S::deleting       >,
    Row< S::available,      I::revert_started,        S::restoring      >,
    Row< S::available,      I::reset_available,       S::available      >,
    Row< S::available,      I::reset_error,           S::error          >,
    Row< S::available,      I::reset_creating,        S::creating       >,
    Row< S::available,      I::reset_error_deleting,  S::error_deleting >,

    Row< S::deleting,       I::removed,               S::deleting       >,  // the copy ends
    Row< S::deleting,       I::deletion_failed,       S::error_deleting >,
    Row< S::deleting,       I::deletion_forced,       S::deleting       >,
    Row< S::deleting,       I::reset_available,       S::available      >,
    Row< S::deleting,       I::reset_error,           S::error          >,
    Row< S::deleting,       I::reset_creating,        S::creating       >,
    Row< S::deleting,       I::reset_error_deleting,  S::error_deleting >,

    Row< S::error,          I::deletion_started,      S::deleting       >,
    Row< S::error,          I::deletion_forced,       S::deleting       >,
    Row< S::error,          I::reset_available,       S::available      >,
    Row< S::error,          I::reset_error,           S::error          >,
    Row< S::error,          I::reset_creating,        S::creating       >,
    Row< S::error,          I::reset_error_deleting,  S::error_deleting >,

    Row< S::error_deleting, I::removed,               S::error_deleting >,  // the copy ends
    Row< S::error_deleting, I::deletion_started,      S::deleting       >,
    Row< S::error_deleting, I::deletion_forced,       S::deleting       >,
    Row< S::error_deleting, I::reset_available,       S::available      >,
    Row< S::error_deleting, I::reset_error,           S::error          >,
    Row< S::error_deleting, I::reset_creating,        S::creating       >,
    Row< S::error_deleting, I::reset_error_deleting,  S::error_deleting >,

    Row< S::restoring,      I::revert_ended,          S::available      >,
    Row< S::restoring,      I::deletion_forced,       S::deleting       >,
    Row< S::restoring,      I::reset_available,       S::available      >,
    Row< S::restoring,      I::reset_error,           S::error          >,
    Row< S::restoring,      I::reset_creating,        S::creating       >,
    Row< S::restoring,      I::reset_error_deleting,  S::error_deleting >,

    Row< S::unmanaging,     I::reset_available,       S::available      >,
    Row< S::unmanaging,     I::reset_error,           S::error          >,
    Row< S::unmanaging,     I::reset_creating,        S::creating       >,
    Row< S::unmanaging,     I::reset_error_deleting,  S::error_deleting >
  >;

  using Refusals = rows::mp::mp_append<
    refuse< Why::unexpected,    S::creating,       I::lost, I::removed, I::deletion_failed,
                                                   I::revert_ended >,
    refuse< Why::busy,          S::creating,       I::deletion_started, I::revert_started >,

    refuse< Why::unexpected,    S::available,      I::taken, I::copied, I::creation_failed,
                                                   I::overdue, I::removed, I::deletion_failed,
                                                   I::revert_ended >,

    refuse< Why::unexpected,    S::deleting,       I::taken, I::copied, I::creation_failed,
                                                   I::overdue, I::lost, I::revert_ended >,
    refuse< Why::busy,          S::deleting,       I::deletion_started, I::revert_started >,

    refuse< Why::unexpected,    S::error,          I::taken, I::copied, I::creation_failed,
                                                   I::overdue, I::lost, I::removed,
                                                   I::deletion_failed, I::revert_ended >,
    refuse< Why::not_available, S::error,          I::revert_started >,

    refuse< Why::unexpected,    S::error_deleting, I::taken, I::copied, I::creation_failed,
                                                   I::overdue, I::lost, I::deletion_failed,
                                                   I::revert_ended >,
    refuse< Why::not_available, S::error_deleting, I::revert_started >,

    refuse< Why::unexpected,    S::restoring,      I::taken, I::copied, I::creation_failed,
                                                   I::overdue, I::lost, I::removed,
                                                   I::deletion_failed >,
    refuse< Why::busy,          S::restoring,      I::deletion_started, I::revert_started >,

    refuse< Why::unexpected,    S::unmanaging,     I::taken, I::copied, I::creation_failed,
                                                   I::overdue, I::lost, I::removed,
                                                   I::deletion_failed, I::revert_ended >,
    refuse< Why::busy,          S::unmanaging,     I::deletion_started, I::deletion_forced,
                                                   I::revert_started >
  >;
};
// clang-format on

}  // namespace

Next<SnapshotStatus> next(SnapshotStatus from, SnapshotInput input) {
  return rows::Machine<SnapshotTable>::next(from, input);
}

std::string_view word(SnapshotInput input) {
  switch (input) {
    case I::taken:
      return "taken";
    case I::copied:
      return "copied";
    case I::creation_failed:
      return "creation_failed";
    case I::overdue:
      return "overdue";
    case I::lost:
      return "lost";
    case I::deletion_started:
      return "deletion_started";
    case I::deletion_forced:
      return "deletion_forced";
    case I::removed:
      return "removed";
    case I::deletion_failed:
      return "deletion_failed";
    case I::revert_started:
      return "revert_started";
    case I::revert_ended:
      return "revert_ended";
    case I::reset_available:
      return "reset_available";
    case I::reset_error:
      return "reset_error";
    case I::reset_creating:
      return "reset_creating";
    case I::reset_error_deleting:
      return "reset_error_deleting";
  }
  return "";
}

MachineTable snapshot_table() {
  MachineTable table{
      .title = "A snapshot's `status`",
      .about =
          "Of its copy on one replica, and of the snapshot as a whole: `status_of` in "
          "`statemachine/state.cc` makes one of the many. Its tree is taken once, on the active "
          "replica; the others get copies. A copy that is removed is gone, and a snapshot goes "
          "with its last copy.",
      .starts = {static_cast<std::size_t>(S::creating)},
      .states = rows::terms<SnapshotStatus, SnapshotTable::k_states>(
          {"it is to be taken, or its copy is to come", "a complete, verified tree is there",
           "what is there of it is to go", "it could not be taken, or no replica holds it any more",
           "it could not be deleted; what is left of it is unknown",
           "the share is going back to it", "it is being given back to its owner"}),
      .inputs = rows::terms<SnapshotInput, k_snapshot_inputs>(
          {"the active replica's tree was frozen", "a verified copy of it arrived",
           "it could not be taken, or its last copy is lost",
           "the copy is not there when it should be: it is waited for no longer",
           "a look found the replica without it", "its deletion was asked for",
           "an admin forced its deletion", "nothing of it is left there", "it could not be deleted",
           "the share is to go back to it", "the share went back to it, or could not",
           "an admin set `available`", "an admin set `error`", "an admin set `creating`",
           "an admin set `error_deleting`"})};
  rows::Machine<SnapshotTable>::describe(table);
  return table;
}

}  // namespace pasig
