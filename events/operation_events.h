// Facts about operations: work on a controller from its request to its end. event.h says what
// binds all events.
#pragma once

#include <cstdint>
#include <string>

#include "base/ids.h"
#include "base/time.h"
#include "events/values.h"
#include "events/words.h"

namespace pasig {

struct OperationRequested {
  OperationId operation;
  OperationKind kind = OperationKind::create_share;
  ShareId share;
  ReplicaId replica;
  std::string runs_on;  // the controller whose worker is to claim it
  Time claim_by;        // after this it is rerouted
  Time deadline;        // after this it is ended
  SnapshotId snapshot;  // what it is about, by its kind; else nil, 0 or empty
  std::uint64_t size_gb = 0;
  std::string path;
  std::string to;
  bool operator==(const OperationRequested&) const = default;
};
struct OperationStarted {  // a claim, a take-over, or a process taking its own back
  OperationId operation;
  ShareId share;
  std::string node;
  std::uint64_t process = 0;  // this start of that node's process
  std::uint32_t attempt = 0;
  std::uint32_t lease_seconds = 0;
  bool operator==(const OperationStarted&) const = default;
};
struct OperationLeaseRenewed {
  OperationId operation;
  std::uint32_t attempt = 0;
  std::uint32_t lease_seconds = 0;
  bool operator==(const OperationLeaseRenewed&) const = default;
};
struct OperationRerouted {
  OperationId operation;
  ShareId share;
  std::string from;
  std::string to;
  std::string why;
  Time claim_by;
  bool operator==(const OperationRerouted&) const = default;
};
struct OperationCancelRequested {
  OperationId operation;
  ShareId share;
  std::string why;
  bool operator==(const OperationCancelRequested&) const = default;
};
struct OperationCompleted {
  OperationId operation;
  ShareId share;
  bool operator==(const OperationCompleted&) const = default;
};
struct OperationFailed {
  OperationId operation;
  ShareId share;
  Failure failure;
  bool operator==(const OperationFailed&) const = default;
};
struct OperationCancelled {
  OperationId operation;
  ShareId share;
  std::string why;
  bool operator==(const OperationCancelled&) const = default;
};

}  // namespace pasig
