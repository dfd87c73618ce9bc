// The words of the kinds of events that stand in files of their own; sentences.cc has the others
// and puts them together. Inside replay/ only. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "events/event.h"
#include "replay/phrases.h"

namespace pasig::replay {

using Clauses = std::vector<std::string>;

// How replicas are called: the one that is asked about is not named by its long id each time.
class Names {
 public:
  explicit Names(std::optional<ReplicaId> asked_about) : asked_about_(asked_about) {}
  std::string operator()(ReplicaId id) const {
    return id == asked_about_ ? "this replica" : text("replica ", id);
  }

 private:
  std::optional<ReplicaId> asked_about_;
};

inline Clauses with(Clauses first, const Clauses& rest) {
  first.insert(first.end(), rest.begin(), rest.end());
  return first;
}

inline std::string exports_text(const std::vector<std::string>& exports) {
  return exports.empty() ? "not exported" : text("exported at ", joined(exports, ", "));
}

// ": <reason>" in quotes, or nothing.
inline std::string because(const std::string& why) {
  return why.empty() ? std::string() : text(": ", quoted(why));
}

// ---- say_snapshots.cc
Clauses say(const SnapshotCreationStarted& event, const Names& name);
Clauses say(const SnapshotTaken& event, const Names& name);
Clauses say(const SnapshotCopied& event, const Names& name);
Clauses say(const SnapshotCreationFailed& event, const Names& name);
Clauses say(const SnapshotCopyOverdue& event, const Names& name);
Clauses say(const SnapshotCopyLost& event, const Names& name);
Clauses say(const SnapshotDeletionStarted& event, const Names& name);
Clauses say(const SnapshotCopyDeleted& event, const Names& name);
Clauses say(const SnapshotDeletionFailed& event, const Names& name);
Clauses say(const SnapshotDeleted& event, const Names& name);
Clauses say(const SnapshotStatusReset& event, const Names& name);
Clauses say(const SnapshotUnmanageStarted& event, const Names& name);
Clauses say(const SnapshotUnmanaged& event, const Names& name);
Clauses say(const SnapshotUnmanageFailed& event, const Names& name);
Clauses say(const ShareRevertStarted& event, const Names& name);
Clauses say(const ShareReverted& event, const Names& name);
Clauses say(const ShareRevertFailed& event, const Names& name);

// ---- say_share.cc: size, access, adoption
Clauses say(const ShareResizeStarted& event, const Names& name);
Clauses say(const ShareResized& event, const Names& name);
Clauses say(const ShareResizeFailed& event, const Names& name);
Clauses say(const ShareGrewOverItsSize& event, const Names& name);
Clauses say(const ShareCameWithinItsSize& event, const Names& name);
Clauses say(const ShareTaskReset& event, const Names& name);
Clauses say(const AccessRuleAdded& event, const Names& name);
Clauses say(const AccessLevelChanged& event, const Names& name);
Clauses say(const AccessRuleRemovalStarted& event, const Names& name);
Clauses say(const AccessRulesApplied& event, const Names& name);
Clauses say(const AccessRuleRemoved& event, const Names& name);
Clauses say(const AccessUpdateFailed& event, const Names& name);
Clauses say(const AccessMetadataChanged& event, const Names& name);
Clauses say(const ShareManaged& event, const Names& name);
Clauses say(const ShareManageFailed& event, const Names& name);
Clauses say(const ShareUnmanageStarted& event, const Names& name);
Clauses say(const ShareUnmanaged& event, const Names& name);
Clauses say(const ShareUnmanageFailed& event, const Names& name);

// ---- say_care.cc: scrubs, data kept aside, the operator's ways out
Clauses say(const OperationAbandonRequested& event, const Names& name);
Clauses say(const ReplicaVerifyRequested& event, const Names& name);
Clauses say(const ReplicaVerified& event, const Names& name);
Clauses say(const ReplicaDamageFound& event, const Names& name);
Clauses say(const AsideDeletionStarted& event, const Names& name);
Clauses say(const AsideDataDeleted& event, const Names& name);
Clauses say(const AsideRestoreStarted& event, const Names& name);
Clauses say(const AsideDataRestored& event, const Names& name);
Clauses say(const AsideActionFailed& event, const Names& name);
Clauses say(const EffectsPaused& event, const Names& name);
Clauses say(const EffectsResumed& event, const Names& name);
Clauses say(const ShareEffectsPaused& event, const Names& name);
Clauses say(const ShareEffectsResumed& event, const Names& name);
Clauses say(const ControllerDrainStarted& event, const Names& name);
Clauses say(const ControllerDrainEnded& event, const Names& name);
Clauses say(const ControllerRetired& event, const Names& name);
Clauses say(const ControllerReinstated& event, const Names& name);
Clauses say(const ReplicationSuspended& event, const Names& name);
Clauses say(const ReplicationResumed& event, const Names& name);
Clauses say(const RelationDebrisForgotten& event, const Names& name);
Clauses say(const DebrisCleaningRequested& event, const Names& name);

// Of each replica that was asked and did not do it.
Clauses said(const std::vector<ReplicaOutcome>& outcomes, const Names& name);

}  // namespace pasig::replay
