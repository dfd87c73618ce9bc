// One sentence for each kind of event: a new event does not compile until it has one.
#include "replay/history.h"
#include "replay/phrases.h"

namespace pasig::replay {
namespace {

std::string at_exports(const std::vector<std::string>& exports) {
  return exports.empty() ? ", not exported" : text(", exported at ", joined(exports, ", "));
}

// ---- the log itself
std::string say(const LogCreated& e) {
  return text("log ", e.log, " was created: incarnation ", e.incarnation, ", format ", e.format,
              ", decisions are accepted for ", e.window, " records");
}
std::string say(const CommandRejected& e) { return text("refused by ", e.guard, ": ", e.message); }
std::string say(const RefusalsSuppressed& e) {
  return text(counted(e.count, "further refusal", "further refusals"), " of ", e.actor,
              " not recorded one by one");
}

// ---- share types
std::string say(const ShareTypeCreated& e) {
  std::string all =
      text("share type ", e.name, " (", e.type, ") was created: replication ", word(e.replication));
  if (e.replication != ReplicationType::none)
    all += text(", RPO ", e.rpo_seconds, " s, a sync every ", e.sync_interval_seconds, " s");
  return all;
}
std::string say(const ShareTypeDeleted& e) {
  return text("share type ", e.name, " (", e.type, ") was deleted");
}

// ---- shares
std::string say(const ShareCreated& e) {
  return text("share ", e.name.empty() ? "" : e.name + " ", "(", e.share,
              ") was asked for: ", e.size_gb, " GiB of type ", e.type_name, ", replication ",
              word(e.replication), "; its first replica is ", e.replica, "; ", said(e.placement));
}
std::string say(const ShareProvisioned& e) {
  return text("replica ", e.replica, " was created and is active with epoch ", e.epoch,
              at_exports(e.exports));
}
std::string say(const ShareRescheduled& e) {
  return text("replica ", e.replica, " was moved on from ", e.from_host, " because ", e.why, "; ",
              said(e.placement));
}
std::string say(const ShareProvisionFailed& e) {
  return text("replica ", e.replica, " could not be created: ", said(e.failure));
}
std::string say(const ShareDeletionStarted& e) {
  return text("deletion of share ", e.share, " with all its replicas began",
              e.force ? ", by force" : "");
}
std::string say(const ShareDeleted& e) { return text("share ", e.share, " was deleted"); }
std::string say(const ShareDeletionFailed& e) {
  return text("share ", e.share, " could not be deleted: ", said(e.failure));
}

// ---- replicas
std::string say(const ReplicaAddStarted& e) {
  return text("replica ", e.replica, " is being added; ", said(e.placement));
}
std::string say(const ReplicaPlacementFailed& e) {
  std::string all = text("replica ", e.replica, " was never scheduled: ", said(e.placement));
  if (!e.failure.words.empty()) all += text(": ", quoted(e.failure.words));
  return all;
}
std::string say(const ReplicaAdded& e) {
  return text("replica ", e.replica, " was added as ", word(e.state), ": ",
              data_text(e.generation, e.data_as_of, e.consistency), at_exports(e.exports));
}
std::string say(const ReplicaAddFailed& e) {
  return text("replica ", e.replica, " could not be added: ", said(e.failure));
}
std::string say(const ReplicaRemovalStarted& e) {
  return text("removal of replica ", e.replica, " began", e.force ? ", by force" : "");
}
std::string say(const ReplicaRemoved& e) { return text("replica ", e.replica, " was removed"); }
std::string say(const ReplicaRemovalFailed& e) {
  return text("replica ", e.replica, " could not be removed: ", said(e.failure));
}
std::string say(const RelationDebrisLeft& e) {
  return text("something of replica ", e.replica, " may remain on controller ", e.controller, " (",
              bytes_of(e.bytes), "): ", quoted(e.words));
}
std::string say(const RelationDebrisCleaned& e) {
  return text("nothing of replica ", e.replica, " remains on controller ", e.controller);
}

// ---- the active replica
std::string say(const ActiveReplicaChangeStarted& e) {
  std::string all = text("replica ", e.replica, " is to become active in place of ", e.demoted,
                         ", mode ", word(e.mode));
  if (e.mode == ChangeMode::auto_)
    all += text(", waiting at most ", e.quiesce_wait_seconds, " s for the old side");
  if (e.accept_older) all += ", even with data older than another replica's";
  return all;
}

std::string loss_text(const ActiveReplicaChanged& e) {
  if (e.effective_mode == ChangeMode::planned) return "nothing written before the fence was lost";
  if (!e.loss_window_known)
    return "how much was lost is not known: no moment of its data is on record";
  return text("writes of the last ", span_of(e.loss_window_micros),
              " before the change may be lost");
}

std::string say(const ActiveReplicaChanged& e) {
  std::string all = text("replica ", e.replica, " became active in place of ", e.demoted,
                         " with epoch ", e.epoch, ", ", word(e.effective_mode));
  if (e.mode != e.effective_mode) all += text(" (asked for: ", word(e.mode), ")");
  all += text(at_exports(e.exports), "; it opened with ",
              data_text(e.generation, e.data_as_of, e.consistency), "; ", loss_text(e),
              "; the old side is ", said(e.fence));
  for (const ReplicaId id : e.diverged) all += text("; replica ", id, " was ahead of it: diverged");
  return all;
}
std::string say(const ActiveReplicaChangeFailed& e) {
  return text("replica ", e.replica,
              " did not become active, and nothing changed: ", said(e.failure));
}
std::string say(const ReplicaFenced& e) {
  return text("replica ", e.replica, ", demoted by epoch ", e.epoch,
              ", could be reached again and is now ", said(e.fence));
}
std::string say(const DivergedDataKeptAside& e) {
  return text("writes that only replica ", e.replica, " had were kept aside on controller ",
              e.controller, " at ", e.path, ": ", counted(e.files, "file", "files"), ", ",
              bytes_of(e.bytes), ", written under epoch ", e.epoch);
}

// ---- following the active replica
std::string say(const ReplicaCameInSync& e) {
  return text("replica ", e.replica,
              " came in sync: ", data_text(e.generation, e.data_as_of, e.consistency));
}
std::string say(const ReplicaFellOutOfSync& e) {
  std::string all =
      text("replica ", e.replica, " fell out of sync (", word(e.reason), "): ", said(e.reason));
  if (!e.words.empty()) all += text(": ", quoted(e.words));
  if (e.data_as_of.is_set()) all += text("; its last verified copy is as of ", e.data_as_of);
  return all;
}
std::string say(const ReplicaFailed& e) {
  return text("replica ", e.replica, " failed: ", said(e.failure));
}
std::string say(const ReplicaRecovered& e) {
  return text("a status call found replica ", e.replica, " whole again");
}
std::string say(const ReplicaResyncRequested& e) {
  return text("a resync of replica ", e.replica, " was asked for",
              e.accept_mass_deletion ? ", also if it deletes most of its files" : "");
}
std::string say(const ReplicaStatusReset& e) {
  return text("an administrator set the status of replica ", e.replica, " from ", word(e.from),
              " to ", word(e.to), "; its storage was not touched");
}
std::string say(const ReplicaStateReset& e) {
  return text("an administrator set the replica_state of replica ", e.replica, " from ",
              word(e.from), " to ", word(e.to), "; its storage was not touched");
}
std::string say(const ReportContradictedState& e) {
  return text("a report about replica ", e.replica, " no longer fitted and was not believed: it ",
              "said ", quoted(e.report), ", but by the log ", e.state,
              "; its storage was looked at again");
}

// ---- operations
std::string say(const OperationRequested& e) {
  return text("operation ", e.operation, " was queued: ", word(e.kind), " of replica ", e.replica,
              ", to run on controller ", e.runs_on, "'s worker before ", e.deadline);
}
std::string say(const OperationStarted& e) {
  return text("operation ", e.operation, " was taken by node ", e.node, ", attempt ", e.attempt,
              ", for ", e.lease_seconds, " s at a time");
}
std::string say(const OperationLeaseRenewed& e) {
  return text("operation ", e.operation, " still runs, attempt ", e.attempt, ": ", e.lease_seconds,
              " s more");
}
std::string say(const OperationRerouted& e) {
  return text("operation ", e.operation, " was handed from controller ", e.from, "'s worker to ",
              e.to, "'s because ", e.why);
}
std::string say(const OperationCancelRequested& e) {
  return text("operation ", e.operation, " was asked to stop: ", e.why);
}
std::string say(const OperationCompleted& e) { return text("operation ", e.operation, " is done"); }
std::string say(const OperationFailed& e) {
  return text("operation ", e.operation, " failed: ", said(e.failure));
}
std::string say(const OperationCancelled& e) {
  return text("operation ", e.operation, " was cancelled: ", e.why);
}

}  // namespace

std::string sentence(const Event& event) {
  return std::visit([](const auto& held) { return say(held); }, event);
}

}  // namespace pasig::replay
