// Facts about scrubs and kept-aside data, and the operator's ways out; event.h says what binds all
// events.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "events/values.h"
#include "events/words.h"

namespace pasig {

// ---- scrub, data kept aside ----------------------------------------------------------
struct ReplicaVerifyRequested {
  ShareId share;
  ReplicaId replica;
  bool operator==(const ReplicaVerifyRequested&) const = default;
};
// All content was read and is what its manifests say.
struct ReplicaVerified {
  ShareId share;
  ReplicaId replica;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  bool operator==(const ReplicaVerified&) const = default;
};
// Some content is not what its manifest says. Damage on the active replica is never overwritten.
struct ReplicaDamageFound {
  ShareId share;
  ReplicaId replica;
  std::uint64_t damaged = 0;
  std::uint64_t repaired = 0;
  std::vector<std::string> examples;   // where, which path, what is wrong; at most 20
  std::vector<ReplicaId> good_copies;  // hold a good copy of all that was not repaired
  bool operator==(const ReplicaDamageFound&) const = default;
};
// Diverged data that was kept aside.
struct AsideDeletionStarted {
  ShareId share;
  ReplicaId replica;
  std::string controller;
  std::string path;
  bool operator==(const AsideDeletionStarted&) const = default;
};
struct AsideDataDeleted {
  ShareId share;
  ReplicaId replica;
  std::string controller;
  std::string path;
  bool operator==(const AsideDataDeleted&) const = default;
};
struct AsideRestoreStarted {
  ShareId share;
  ReplicaId replica;
  std::string controller;
  std::string path;
  std::string to;  // a directory that does not exist yet
  bool operator==(const AsideRestoreStarted&) const = default;
};
struct AsideDataRestored {
  ShareId share;
  ReplicaId replica;
  std::string controller;
  std::string path;
  std::string to;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  bool operator==(const AsideDataRestored&) const = default;
};
struct AsideActionFailed {
  ShareId share;
  ReplicaId replica;
  std::string controller;
  std::string path;
  Failure failure;
  bool operator==(const AsideActionFailed&) const = default;
};

// ---- the operator's ways out ---------------------------------------------------------
// No operation with effects is claimed, no sync runs; what runs goes on.
struct EffectsPaused {
  std::string controller;  // empty: on every controller
  std::string why;
  bool operator==(const EffectsPaused&) const = default;
};
struct EffectsResumed {
  std::string controller;  // empty: what was paused for every controller
  bool operator==(const EffectsResumed&) const = default;
};
struct ShareEffectsPaused {
  ShareId share;
  std::string why;
  bool operator==(const ShareEffectsPaused&) const = default;
};
struct ShareEffectsResumed {
  ShareId share;
  bool operator==(const ShareEffectsResumed&) const = default;
};
// Nothing new is placed there.
struct ControllerDrainStarted {
  std::string controller;
  std::string why;
  bool operator==(const ControllerDrainStarted&) const = default;
};
struct ControllerDrainEnded {
  std::string controller;
  bool operator==(const ControllerDrainEnded&) const = default;
};
// It is gone for good: what it held counts as lost.
struct ControllerRetired {
  std::string controller;
  std::string why;
  bool operator==(const ControllerRetired&) const = default;
};
struct ControllerReinstated {
  std::string controller;
  bool operator==(const ControllerReinstated&) const = default;
};
// No syncs: the replicas grow old, and fall out of sync by their RPO.
struct ReplicationSuspended {
  ShareId share;
  std::string why;
  bool operator==(const ReplicationSuspended&) const = default;
};
struct ReplicationResumed {
  ShareId share;
  bool operator==(const ReplicationResumed&) const = default;
};
// Storage is to be looked at once more; then the operation ends as it is found.
struct OperationAbandonRequested {
  OperationId operation;
  ShareId share;
  std::string why;
  bool operator==(const OperationAbandonRequested&) const = default;
};
// An admin said that nobody will clean it.
struct RelationDebrisForgotten {
  ShareId share;
  ReplicaId replica;
  std::string controller;
  std::string why;
  bool operator==(const RelationDebrisForgotten&) const = default;
};
// What removed replicas left behind is to be cleaned now.
struct DebrisCleaningRequested {
  ShareId share;
  bool operator==(const DebrisCleaningRequested&) const = default;
};

}  // namespace pasig
