// A new event does not compile until it has its clauses here.
#include "replay/sentences.h"

#include "replay/history.h"
#include "replay/phrases.h"
#include "replay/say.h"

namespace pasig::replay {
namespace {

// ---- the log itself
Clauses say(const LogCreated& e, const Names&) {
  return {text("log ", e.log, " was created: incarnation ", e.incarnation, ", format ", e.format,
               ", decisions are accepted for ", e.window, " records")};
}
Clauses say(const CommandRejected& e, const Names&) {
  return {text("refused (", e.guard, "): ", e.message)};
}
Clauses say(const RefusalsSuppressed& e, const Names&) {
  return {text(counted(e.count, "further refusal", "further refusals"), " of ", e.actor,
               " not recorded one by one")};
}

// ---- share types
Clauses say(const ShareTypeCreated& e, const Names&) {
  std::string all =
      text("share type ", e.name, " (", e.type, ") was created: replication ", word(e.replication));
  if (e.replication != ReplicationType::none)
    all += text(", RPO ", e.rpo_seconds, " s, a sync every ", e.sync_interval_seconds, " s");
  return {all};
}
Clauses say(const ShareTypeDeleted& e, const Names&) {
  return {text("share type ", e.name, " (", e.type, ") was deleted")};
}

// ---- shares
Clauses say(const ShareCreated& e, const Names& name) {
  const std::string content =  // how much a tree holds is known when it was taken in
      e.managed_path.empty() ? text(e.size_gb, " GiB") : text("the existing tree ", e.managed_path);
  return with({text("share ", e.name.empty() ? "" : e.name + " ", "(", e.share, ") was asked for: ",
                    content, e.managed_path.empty() ? " of type " : ", of type ", e.type_name,
                    ", replication ", word(e.replication)),
               text("its first replica is ", name(e.replica))},
              said(e.placement));
}
Clauses say(const ShareProvisioned& e, const Names& name) {
  return {text(name(e.replica), " was created and is active with epoch ", e.epoch),
          exports_text(e.exports)};
}
Clauses say(const ShareRescheduled& e, const Names& name) {
  return with({text(name(e.replica), " was moved on from ", e.from_host, ": ", quoted(e.why))},
              said(e.placement));
}
Clauses say(const ShareProvisionFailed& e, const Names& name) {
  return {text(name(e.replica), " could not be created: ", said(e.failure))};
}
Clauses say(const ShareDeletionStarted& e, const Names&) {
  return {text("deletion of share ", e.share, " with all its replicas began",
               e.force ? ", by force" : "")};
}
Clauses say(const ShareDeleted& e, const Names&) {
  return {text("share ", e.share, " was deleted")};
}
Clauses say(const ShareDeletionFailed& e, const Names&) {
  return {text("share ", e.share, " could not be deleted: ", said(e.failure))};
}

// ---- replicas
Clauses say(const ReplicaAddStarted& e, const Names& name) {
  return with({text(name(e.replica), " is being added")}, said(e.placement));
}
Clauses say(const ReplicaPlacementFailed& e, const Names& name) {
  return with({text(name(e.replica), " was never scheduled")}, said(e.placement));
}
Clauses say(const ReplicaAdded& e, const Names& name) {
  return {text(name(e.replica), " was added as ", word(e.state)),
          e.data_as_of.is_set() ? data_text(e.generation, e.data_as_of, e.consistency)
                                : "its first verified copy is still to come",
          exports_text(e.exports)};
}
Clauses say(const ReplicaAddFailed& e, const Names& name) {
  return {text(name(e.replica), " could not be added: ", said(e.failure))};
}
Clauses say(const ReplicaRemovalStarted& e, const Names& name) {
  return {text("removal of ", name(e.replica), " began", e.force ? ", by force" : "")};
}
Clauses say(const ReplicaRemoved& e, const Names& name) {
  return {text(name(e.replica), " was removed")};
}
Clauses say(const ReplicaRemovalFailed& e, const Names& name) {
  return {text(name(e.replica), " could not be removed: ", said(e.failure))};
}
Clauses say(const RelationDebrisLeft& e, const Names& name) {
  const std::string size = e.bytes == 0 ? "" : text(" (", bytes_of(e.bytes), ")");  // 0: not known
  return {text("something of ", name(e.replica), " may remain on controller ", e.controller, size,
               ": ", quoted(e.words))};
}
Clauses say(const RelationDebrisCleaned& e, const Names& name) {
  return {text("nothing of ", name(e.replica), " remains on controller ", e.controller)};
}

// ---- the active replica
Clauses say(const ActiveReplicaChangeStarted& e, const Names& name) {
  std::string mode = text("mode ", word(e.mode));
  if (e.mode == ChangeMode::auto_)
    mode += text(", waiting at most ", e.quiesce_wait_seconds, " s for the old side");
  if (e.accept_older) mode += ", even with data older than another replica's";
  return {text(name(e.replica), " is to become active in place of ", name(e.demoted)), mode};
}

std::string loss_text(const ActiveReplicaChanged& e) {
  if (e.effective_mode == ChangeMode::planned) return "nothing written before the fence was lost";
  if (!e.loss_window_known)
    return "how much was lost is not known: no moment of its data is on record";
  return text("writes of the last ", span_of(e.loss_window_micros),
              " before the change may be lost");
}

Clauses say(const ActiveReplicaChanged& e, const Names& name) {
  std::string change = text(name(e.replica), " became active in place of ", name(e.demoted),
                            " with epoch ", e.epoch, ", ", word(e.effective_mode));
  if (e.mode != e.effective_mode) change += text(" (asked for: ", word(e.mode), ")");
  Clauses all = {change, exports_text(e.exports),
                 text("it opened with ", data_text(e.generation, e.data_as_of, e.consistency)),
                 loss_text(e), text("the old side is ", said(e.fence))};
  for (const ReplicaId id : e.diverged) all.push_back(text(name(id), " was ahead of it: diverged"));
  return all;
}
Clauses say(const ActiveReplicaChangeFailed& e, const Names& name) {
  return {text(name(e.replica), " did not become active, and nothing changed: ", said(e.failure))};
}
Clauses say(const ReplicaFenced& e, const Names& name) {
  return {text(name(e.replica), ", demoted by epoch ", e.epoch,
               ", could be reached again and is now ", said(e.fence))};
}
Clauses say(const DivergedDataKeptAside& e, const Names& name) {
  return {text("what only ", name(e.replica), " had was kept aside on controller ", e.controller,
               " at ", e.path, ": ", counted(e.files, "file", "files"), ", ", bytes_of(e.bytes),
               ", written under epoch ", e.epoch)};
}

// ---- following the active replica
Clauses say(const ReplicaCameInSync& e, const Names& name) {
  return {text(name(e.replica), " came in sync"),
          data_text(e.generation, e.data_as_of, e.consistency)};
}
Clauses say(const ReplicaFellOutOfSync& e, const Names& name) {
  std::string what =
      text(name(e.replica), " fell out of sync (", word(e.reason), "): ", said(e.reason));
  if (!e.words.empty()) what += text(": ", quoted(e.words));
  if (!e.data_as_of.is_set()) return {what};
  return {what, text("its last verified copy is as of ", e.data_as_of)};
}
Clauses say(const ReplicaFailed& e, const Names& name) {
  return {text(name(e.replica), " failed: ", said(e.failure))};
}
Clauses say(const ReplicaRecovered& e, const Names& name) {
  return {text("a status call found ", name(e.replica), " whole again")};
}
Clauses say(const ReplicaResyncRequested& e, const Names& name) {
  return {text("a resync of ", name(e.replica), " was asked for",
               e.accept_mass_deletion ? ", also if it deletes most of its files" : "")};
}
Clauses say(const ReplicaStatusReset& e, const Names& name) {
  return {text("an administrator set the status of ", name(e.replica), " from ", word(e.from),
               " to ", word(e.to)),
          "its storage was not touched"};
}
Clauses say(const ReplicaStateReset& e, const Names& name) {
  return {text("an administrator set the replica_state of ", name(e.replica), " from ",
               word(e.from), " to ", word(e.to)),
          "its storage was not touched"};
}
Clauses say(const ReportContradictedState& e, const Names& name) {
  return {text("a report about ", name(e.replica), " did not fit the log"),
          text("it said ", quoted(e.report)), text("the log said ", quoted(e.state)),
          "its storage is looked at again"};
}
Clauses say(const ReplicaExportsChanged& e, const Names& name) {
  if (e.exports.empty()) return {text(name(e.replica), " is not exported any more")};
  return {text(name(e.replica), " is now ", exports_text(e.exports))};
}

// ---- operations
Clauses say(const OperationRequested& e, const Names& name) {
  return {text("operation ", e.operation, " was queued: ", word(e.kind), " of ", name(e.replica)),
          text("the worker of controller ", e.runs_on, " is to do it before ", e.deadline)};
}
Clauses say(const OperationStarted& e, const Names&) {
  return {text("operation ", e.operation, " was taken by node ", e.node, ", attempt ", e.attempt,
               ", for ", e.lease_seconds, " s at a time")};
}
Clauses say(const OperationLeaseRenewed& e, const Names&) {
  return {text("operation ", e.operation, " still runs, attempt ", e.attempt, ": ", e.lease_seconds,
               " s more")};
}
Clauses say(const OperationRerouted& e, const Names&) {
  return {text("operation ", e.operation, " was handed from the worker of controller ", e.from,
               " to that of ", e.to, ": ", quoted(e.why))};
}
Clauses say(const OperationCancelRequested& e, const Names&) {
  return {text("operation ", e.operation, " was asked to stop: ", e.why)};
}
Clauses say(const OperationCompleted& e, const Names&) {
  return {text("operation ", e.operation, " is done")};
}
Clauses say(const OperationFailed& e, const Names&) {
  return {text("operation ", e.operation, " failed: ", said(e.failure))};
}
Clauses say(const OperationCancelled& e, const Names&) {
  return {text("operation ", e.operation, " was cancelled: ", e.why)};
}

}  // namespace

std::vector<std::string> clauses_of(const Event& event, std::optional<ReplicaId> asked_about) {
  const Names names(asked_about);
  return std::visit([&](const auto& held) { return say(held, names); }, event);
}

std::string sentence(const Event& event) { return joined(clauses_of(event), "; "); }

}  // namespace pasig::replay
