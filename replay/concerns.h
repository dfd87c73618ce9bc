// Whether an event or a record is about one replica (or about its share as a whole, which is
// about each of its replicas). Pure; any thread.
#pragma once

#include <map>

#include "events/record.h"
#include "projections/store.h"

namespace pasig::replay {

// Which replica an operation is about.
using OperationReplicas = std::map<OperationId, ReplicaId>;

// Notes an OperationRequested.
void note_operations(OperationReplicas& operations, const Record& record);

// An operation that is not in `operations` counts as one of the share as a whole.
[[nodiscard]] bool concerns(const Event& event, ReplicaId replica,
                            const OperationReplicas& operations);

// The same for a record, with the operations that the view remembers.
[[nodiscard]] bool concerns(const View& view, const Record& record, ReplicaId replica);

}  // namespace pasig::replay
