#include "tests/commands/missing_rows.h"

#include <optional>
#include <utility>

namespace pasig {
namespace {

template <class State, class Input>
std::optional<std::pair<State, Input>> missing;

template <class State, class Input>
Next<State> next_unless_missing(State from, Input input, Next<State> real) {
  if (missing<State, Input> == std::pair(from, input))
    return tl::unexpected(MachineRefusal::unexpected);
  return real;
}

}  // namespace

// What `ld --wrap` calls the machines' own functions, and what it calls in their place.
Next<ReplicaStatus> real_next(ReplicaStatus from, StatusInput input) asm(
    "__real__ZN5pasig4nextENS_4wire13ReplicaStatusENS_11StatusInputE");
Next<ReplicaState> real_next(ReplicaState from, StateInput input) asm(
    "__real__ZN5pasig4nextENS_4wire12ReplicaStateENS_10StateInputE");
Next<OperationStatus> real_next(OperationStatus from, OperationInput input) asm(
    "__real__ZN5pasig4nextENS_4wire15OperationStatusENS_14OperationInputE");
Next<AccessState> real_next(AccessState from, AccessInput input) asm(
    "__real__ZN5pasig4nextENS_4wire11AccessStateENS_11AccessInputE");
Next<SnapshotStatus> real_next(SnapshotStatus from, SnapshotInput input) asm(
    "__real__ZN5pasig4nextENS_4wire14SnapshotStatusENS_13SnapshotInputE");
Next<ReplicaStatus> wrapped_next(ReplicaStatus from, StatusInput input) asm(
    "__wrap__ZN5pasig4nextENS_4wire13ReplicaStatusENS_11StatusInputE");
Next<ReplicaState> wrapped_next(ReplicaState from, StateInput input) asm(
    "__wrap__ZN5pasig4nextENS_4wire12ReplicaStateENS_10StateInputE");
Next<OperationStatus> wrapped_next(OperationStatus from, OperationInput input) asm(
    "__wrap__ZN5pasig4nextENS_4wire15OperationStatusENS_14OperationInputE");
Next<AccessState> wrapped_next(AccessState from, AccessInput input) asm(
    "__wrap__ZN5pasig4nextENS_4wire11AccessStateENS_11AccessInputE");
Next<SnapshotStatus> wrapped_next(SnapshotStatus from, SnapshotInput input) asm(
    "__wrap__ZN5pasig4nextENS_4wire14SnapshotStatusENS_13SnapshotInputE");

Next<ReplicaStatus> wrapped_next(ReplicaStatus from, StatusInput input) {
  return next_unless_missing(from, input, real_next(from, input));
}
Next<ReplicaState> wrapped_next(ReplicaState from, StateInput input) {
  return next_unless_missing(from, input, real_next(from, input));
}
Next<OperationStatus> wrapped_next(OperationStatus from, OperationInput input) {
  return next_unless_missing(from, input, real_next(from, input));
}
Next<AccessState> wrapped_next(AccessState from, AccessInput input) {
  return next_unless_missing(from, input, real_next(from, input));
}
Next<SnapshotStatus> wrapped_next(SnapshotStatus from, SnapshotInput input) {
  return next_unless_missing(from, input, real_next(from, input));
}

MissingRow::MissingRow(ReplicaStatus from, StatusInput input) {
  missing<ReplicaStatus, StatusInput> = {from, input};
}
MissingRow::MissingRow(ReplicaState from, StateInput input) {
  missing<ReplicaState, StateInput> = {from, input};
}
MissingRow::MissingRow(OperationStatus from, OperationInput input) {
  missing<OperationStatus, OperationInput> = {from, input};
}
MissingRow::MissingRow(AccessState from, AccessInput input) {
  missing<AccessState, AccessInput> = {from, input};
}
MissingRow::MissingRow(SnapshotStatus from, SnapshotInput input) {
  missing<SnapshotStatus, SnapshotInput> = {from, input};
}
MissingRow::~MissingRow() {
  missing<ReplicaStatus, StatusInput>.reset();
  missing<ReplicaState, StateInput>.reset();
  missing<OperationStatus, OperationInput>.reset();
  missing<AccessState, AccessInput>.reset();
  missing<SnapshotStatus, SnapshotInput>.reset();
}

}  // namespace pasig
