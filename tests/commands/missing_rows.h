// Machines that can lack a row. The linker hands these to commands/ in place of the machines' own
// `next` (tests/commands/CMakeLists.txt): as they are, until a row is taken out, which is then
// refused as it would be if it were not in the table. One thread.
#pragma once

#include "statemachine/machines.h"

namespace pasig {

// While it lives, this row is missing; one at a time.
class MissingRow {
 public:
  MissingRow(ReplicaStatus from, StatusInput input);
  MissingRow(ReplicaState from, StateInput input);
  MissingRow(OperationStatus from, OperationInput input);
  MissingRow(AccessState from, AccessInput input);
  MissingRow(SnapshotStatus from, SnapshotInput input);
  ~MissingRow();
  MissingRow(const MissingRow&) = delete;
  MissingRow& operator=(const MissingRow&) = delete;
};

}  // namespace pasig
