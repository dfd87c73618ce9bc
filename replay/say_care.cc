// Scrubs, data kept aside and the operator's ways out, in words.
#include "replay/say.h"

namespace pasig::replay {

Clauses say(const OperationAbandonRequested& e, const Names&) {
  return {text("operation ", e.operation, " is to be abandoned", because(e.why)),
          "storage is looked at once more, and it ends as it is found"};
}
Clauses say(const ReplicaVerifyRequested& e, const Names& name) {
  return {text("the whole content of ", name(e.replica), " is to be verified")};
}
Clauses say(const ReplicaVerified& e, const Names& name) {
  return {text("the whole content of ", name(e.replica), " was read and is right: ",
               counted(e.files, "file", "files"), ", ", bytes_of(e.bytes))};
}
Clauses say(const ReplicaDamageFound& e, const Names& name) {
  Clauses all = {text("damage was found on ", name(e.replica), ": ",
                      counted(e.damaged, "file", "files"), ", ", e.repaired, " repaired")};
  for (const std::string& one : e.examples) all.push_back(quoted(one));
  std::vector<std::string> good;
  for (const ReplicaId one : e.good_copies) good.push_back(name(one));
  if (!good.empty()) all.push_back(text("good copies are on ", joined(good, " and ")));
  else if (e.repaired < e.damaged) all.emplace_back("no replica is known to have a good copy");
  return all;
}
Clauses say(const AsideDeletionStarted& e, const Names&) {
  return {text("the data kept aside at ", e.path, " on ", e.controller, " is to be deleted")};
}
Clauses say(const AsideDataDeleted& e, const Names&) {
  return {text("the data kept aside at ", e.path, " on ", e.controller, " was deleted")};
}
Clauses say(const AsideRestoreStarted& e, const Names&) {
  return {
      text("the data kept aside at ", e.path, " on ", e.controller, " is to be copied to ", e.to)};
}
Clauses say(const AsideDataRestored& e, const Names&) {
  return {text("the data kept aside at ", e.path, " on ", e.controller, " was copied to ", e.to,
               ": ", counted(e.files, "file", "files"), ", ", bytes_of(e.bytes))};
}
Clauses say(const AsideActionFailed& e, const Names&) {
  return {text("nothing was done with the data kept aside at ", e.path, " on ", e.controller, ": ",
               said(e.failure))};
}
Clauses say(const EffectsPaused& e, const Names&) {
  return {text(e.controller.empty() ? std::string("all work on storage was paused")
                                    : text("work on controller ", e.controller, " was paused"),
               because(e.why))};
}
Clauses say(const EffectsResumed& e, const Names&) {
  return {e.controller.empty() ? std::string("work on storage goes on")
                               : text("work on controller ", e.controller, " goes on")};
}
Clauses say(const ShareEffectsPaused& e, const Names&) {
  return {text("work on the storage of share ", e.share, " was paused", because(e.why))};
}
Clauses say(const ShareEffectsResumed& e, const Names&) {
  return {text("work on the storage of share ", e.share, " goes on")};
}
Clauses say(const ControllerDrainStarted& e, const Names&) {
  return {text("nothing new is to be placed on controller ", e.controller, because(e.why))};
}
Clauses say(const ControllerDrainEnded& e, const Names&) {
  return {text("controller ", e.controller, " takes new replicas again")};
}
Clauses say(const ControllerRetired& e, const Names&) {
  return {text("controller ", e.controller, " was retired: it is gone for good", because(e.why))};
}
Clauses say(const ControllerReinstated& e, const Names&) {
  return {text("controller ", e.controller, " was reinstated: it is not gone after all")};
}
Clauses say(const ReplicationSuspended& e, const Names&) {
  return {text("replication of the share was suspended: no replica is synced", because(e.why))};
}
Clauses say(const ReplicationResumed&, const Names&) {
  return {"replication of the share goes on"};
}
Clauses say(const RelationDebrisForgotten& e, const Names& name) {
  return {text("what may remain of ", name(e.replica), " on ", e.controller, " is listed no more",
               because(e.why))};
}
Clauses say(const DebrisCleaningRequested&, const Names&) {
  return {"what removed replicas left behind is to be cleaned now"};
}

}  // namespace pasig::replay
