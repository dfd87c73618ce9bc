#include "replay/next_steps.h"

#include <algorithm>

#include "commands/resize.h"
#include "replay/leaving.h"
#include "replay/phrases.h"

namespace pasig::replay {
namespace {

const Failure* failure_in(const Event& event) {
  return std::visit(
      [](const auto& held) -> const Failure* {
        if constexpr (requires { held.failure; }) return &held.failure;
        else return nullptr;
      },
      event);
}

// The last thing that happened was a change of the active replica that came to nothing.
bool has_just_failed_to_change(const Story& story, const std::vector<std::size_t>& chosen) {
  return !chosen.empty() &&
         std::holds_alternative<ActiveReplicaChangeFailed>(story.facts[chosen.back()].event());
}

// The hint of the newest failure that was told.
std::string newest_hint(const Story& story, const std::vector<std::size_t>& chosen) {
  for (std::size_t i = chosen.size(); i-- > 0;)
    if (const Failure* failure = failure_in(story.facts[chosen[i]].event())) return failure->hint;
  return {};
}

// A hint as a sentence of its own.
std::string as_sentence(std::string hint) {
  if (hint.empty()) return hint;
  if (hint.front() >= 'a' && hint.front() <= 'z')
    hint.front() = static_cast<char>(hint.front() - 'a' + 'A');
  if (hint.back() != '.' && hint.back() != '?') hint += '.';
  return hint;
}

// Why it is out of sync: the newest fact that says so. None: nobody said; it was just added or
// reset, and a sync is still to come.
std::optional<OutOfSyncReason> newest_reason(const Story& story) {
  for (std::size_t i = story.facts.size(); i-- > 0;) {
    const Event& event = story.facts[i].event();
    if (const auto* fell = std::get_if<ReplicaFellOutOfSync>(&event)) return fell->reason;
    if (const auto* changed = std::get_if<ActiveReplicaChanged>(&event)) {
      if (changed->demoted == story.replica) return OutOfSyncReason::demoted;
      return OutOfSyncReason::diverged;
    }
    if (std::holds_alternative<ReplicaAdded>(event)) return std::nullopt;
  }
  return std::nullopt;
}

std::string resync(const Story& story) { return text("pasig replica resync ", story.replica); }

std::string damaged_step(const Story& story) {
  const std::string again = text("pasig replica verify ", story.replica, " reads it again.");
  const Replica* active = story.share_now->active();
  if (active == nullptr || !story.replica_now()->good_copies.empty())
    return "It is repaired from the active replica; " + again;
  return text(
      "It is repaired from the active replica once that answers and is right there: pasig "
      "replica verify ",
      active->id, " tells. Then ", again);
}

// Whether somebody has to do something first, beside letting it be synced.
bool waits_for_people(OutOfSyncReason reason) {
  return reason == OutOfSyncReason::mass_deletion_suspected ||
         reason == OutOfSyncReason::unreachable || reason == OutOfSyncReason::controller_retired ||
         reason == OutOfSyncReason::damaged;
}

std::string out_of_sync_step(const Story& story) {
  const auto reason = newest_reason(story);
  const bool is_fence_pending = story.replica_now()->fence.state == FenceState::pending;
  const bool is_suspended = story.share_now->replication_suspended;
  if (is_suspended && !is_fence_pending && !(reason && waits_for_people(*reason)))
    return "Its first sync after that tries again by itself.";  // after the step that resumes it
  if (!reason)
    return text("Wait for its next verified copy; ", resync(story), " starts a sync now.");
  if (is_fence_pending)
    return "Bring its controller back: it is fenced before anything else, what only it has is "
           "kept aside, and then it follows the new active replica.";
  switch (*reason) {
    case OutOfSyncReason::mass_deletion_suspected:
      return text("Look at the active replica's files. If the deletion was meant: ", resync(story),
                  ". If not: this replica still has the copy from before, and pasig replica "
                  "set-active ",
                  story.replica, " --mode forced goes back to it.");
    case OutOfSyncReason::unreachable:
      return "Bring its controller back: it follows again by itself.";
    case OutOfSyncReason::demoted:
      return "It follows again by itself, with its first sync from the new active replica.";
    case OutOfSyncReason::diverged:
      return "It follows again by itself: what only it has is kept aside, then it is synced from "
             "the active replica.";
    case OutOfSyncReason::manifest_mismatch:
      return text("The next sync copies what differs. If it comes back, look at its disk; ",
                  resync(story), " starts one now.");
    case OutOfSyncReason::behind:
      return text(
          "The next sync tries again by itself; ", resync(story),
          " starts one now. If it stays behind: pasig replica show has its lag and what its "
          "syncs said; a share type with a longer RPO allows more.");
    case OutOfSyncReason::controller_retired:
      return text("Its controller is gone for good: pasig replica remove ", story.replica,
                  ", then pasig replica add ", story.share, " puts a new one elsewhere.");
    case OutOfSyncReason::damaged:
      return damaged_step(story);
    case OutOfSyncReason::snapshot_missing:
      return text("The next sync brings the snapshot; ", resync(story), " starts one now.");
    case OutOfSyncReason::unverified:
    case OutOfSyncReason::sync_failed:
    case OutOfSyncReason::size:
    case OutOfSyncReason::reverted:
    case OutOfSyncReason::epoch:
    case OutOfSyncReason::relation_broken:
      return text("The next sync tries again by itself; ", resync(story), " starts one now.");
  }
  return {};
}

void add_error_steps(std::vector<std::string>& steps, const Story& story, const Replica& replica) {
  if (replica.state == ReplicaState::none) {
    const Share& share = *story.share_now;
    steps.push_back(share.managed_path.empty()
                        ? text("Its share never came to be: pasig share delete ", share.id,
                               ", then ask for another one.")
                        : text("The tree at ", share.managed_path,
                               " is as it was. Let go of the share: pasig unmanage ", share.id,
                               "; when the cause is gone, manage the tree again."));
    return;
  }
  if (replica.host.empty()) {
    steps.push_back(
        text("Make room, or bring a pool back that can take it (pasig pool list); then "
             "pasig replica remove ",
             story.replica, " and pasig replica add ", story.share, "."));
    return;
  }
  if (replica.state == ReplicaState::active) {
    steps.emplace_back("A status call that finds it whole makes it available again.");
    for (const Replica& other : story.share_now->replicas)
      if (other.state == ReplicaState::in_sync && other.status == ReplicaStatus::available)
        steps.push_back(text(
            "To go on without it: pasig replica set-active ", other.id, " (in_sync; on record ",
            data_text(other.generation, other.data_as_of, other.consistency), ")."));
    return;
  }
  steps.push_back(text("A status call that finds it whole makes it available again; ",
                       resync(story), " asks for one now. To give it up: pasig replica remove ",
                       story.replica, "."));
}

// What is damaged on the active replica nobody overwrites: its users decide.
void add_damage_steps(std::vector<std::string>& steps, const Story& story) {
  const Replica& active = *story.replica_now();
  if (active.damaged == 0) return;
  for (const ReplicaId good : active.good_copies)
    steps.push_back(text("To go on with the good copy: pasig replica set-active ", good,
                         "; this replica then follows it, and is repaired from it."));
  if (active.good_copies.empty())
    steps.push_back(text("Bring the other replicas back, then pasig replica verify ", story.replica,
                         " says which of them has a good copy; else restore the files from a "
                         "back-up, and they are right."));
}

// What ends the orders that hold for it.
void add_order_steps(std::vector<std::string>& steps, const Story& story, const Replica& replica) {
  const Share& share = *story.share_now;
  const Replica* active = share.active();
  if (share.effects_paused)
    steps.push_back(text("When the pause is over: pasig resume --share ", share.id));
  for (const ControllerOrders& one : story.orders) {
    const bool holds = one.name.empty() || one.name == replica.controller ||
                       (active != nullptr && one.name == active->controller);
    if (one.effects_paused && holds)
      steps.push_back(one.name.empty()
                          ? std::string("When the pause is over: pasig resume --all")
                          : text("When the pause is over: pasig resume --controller ", one.name));
  }
  if (share.replication_suspended && replica.state != ReplicaState::active)
    steps.push_back(text("To sync it again: pasig replication resume ", share.id));
}

// Its controller was retired: the commands that put the share on its feet again. False: it was not.
bool add_retired_steps(std::vector<std::string>& steps, const Story& story,
                       const Replica& replica) {
  const bool is_retired =
      std::any_of(story.orders.begin(), story.orders.end(), [&](const ControllerOrders& one) {
        return one.is_retired && one.name == replica.controller;
      });
  if (!is_retired) return false;
  for (const std::string& step : steps_away(*story.share_now, replica, true)) steps.push_back(step);
  steps.push_back(
      text("If the controller is back after all: pasig controller reinstate ", replica.controller));
  return true;
}

void add_active_steps(std::vector<std::string>& steps, const Story& story) {
  add_damage_steps(steps, story);
  for (const Replica& other : story.share_now->replicas)
    if (other.fence.state == FenceState::pending && other.state != ReplicaState::active)
      steps.push_back(text("Stop the clients that still use replica ", other.id,
                           ", or bring its controller back: it is fenced before anything else."));
}

const PendingOperation* pending_update(const Share& share) {
  for (const PendingOperation& one : share.operations)
    if (one.kind == OperationKind::update_access) return &one;
  return nullptr;
}

// Of its share as a whole, and of its access rules.
void add_share_steps(std::vector<std::string>& steps, const Story& story, const Replica& replica) {
  const Share& share = *story.share_now;
  if (replica.state == ReplicaState::active && is_left_behind(share.task))
    steps.push_back(text("Its share is ", word(share.task),
                         ". Repair what stopped that, then pasig share reset-status ", share.id,
                         ", and ask for it again."));
  bool is_queued = false;
  for (const ShareAccessRule& rule : share.access_rules) {
    const AppliedRule* held = rule.find(replica.id);
    if (held == nullptr || held->state == AccessState::active) continue;
    if (held->state != AccessState::error) is_queued = true;
    else
      steps.push_back(text("Access rule ", rule.id,
                           " lets nobody in: remove that cause, then pasig "
                           "access set ",
                           share.id, " ", rule.id, " ", word(rule.level),
                           " tries again; or pasig access remove ", share.id, " ", rule.id, "."));
  }
  if (is_queued && pending_update(share) == nullptr)
    steps.emplace_back(
        "Access rules that are still to be applied are told to it when a status call finds it "
        "again.");
}

// A change of the active replica was given up, and storage has gone through with it: nobody can
// write where the log says.
void add_changed_sides_steps(std::vector<std::string>& steps, const Story& story) {
  for (const Replica& one : story.share_now->replicas)
    if (one.state != ReplicaState::active && one.note.starts_with("storage reported epoch") &&
        one.note.find(", active while") != std::string::npos)
      steps.push_back(text("Storage has replica ", one.id,
                           " as the active one. To have it so in the log: pasig replica "
                           "set-active ",
                           one.id, " --mode forced --wait"));
}

// What nobody but people can look after.
void add_leftover_steps(std::vector<std::string>& steps, const Story& story) {
  if (!story.share_now) return;
  for (const Debris& one : story.share_now->debris)
    if (one.replica == story.replica)
      steps.push_back(text("When controller ", one.controller,
                           " answers, a status call removes what remains there; data kept aside "
                           "stays until somebody takes it away."));
  for (const AsideData& one : story.share_now->aside)
    if (one.replica == story.replica)
      steps.push_back(text("Look at what lies at ", one.path, " on controller ", one.controller,
                           " and copy back what is still wanted: it is in no replica. pasig "
                           "replica aside restore-to copies it out, pasig replica aside delete "
                           "takes it away."));
}

}  // namespace

std::vector<std::string> next_steps(const Story& story, const std::vector<std::size_t>& chosen) {
  const Replica* replica = story.replica_now();
  std::vector<std::string> steps;
  if (replica == nullptr) {
    add_leftover_steps(steps, story);
    return steps;
  }
  add_order_steps(steps, story, *replica);
  if (replica->status == ReplicaStatus::error && add_retired_steps(steps, story, *replica)) {
    add_leftover_steps(steps, story);
    return steps;
  }
  const std::string hint = as_sentence(newest_hint(story, chosen));
  switch (replica->status) {
    case ReplicaStatus::creating:
    case ReplicaStatus::replication_change:
    case ReplicaStatus::deleting:
      steps.emplace_back("Wait: an operation is at work (pasig operation list).");
      return steps;
    case ReplicaStatus::error_deleting:
      if (!hint.empty()) steps.push_back(hint);
      steps.push_back(text("pasig replica remove ", story.replica,
                           " again when its controller answers; with --force it goes now, and "
                           "what may remain is listed."));
      return steps;
    case ReplicaStatus::error:
      if (!hint.empty() && !replica->host.empty()) steps.push_back(hint);
      add_error_steps(steps, story, *replica);
      add_leftover_steps(steps, story);
      return steps;
    case ReplicaStatus::available:
    case ReplicaStatus::deleted:
      break;
  }
  if (!hint.empty() && has_just_failed_to_change(story, chosen)) steps.push_back(hint);
  if (replica->state == ReplicaState::active) add_active_steps(steps, story);
  if (replica->state == ReplicaState::out_of_sync) steps.push_back(out_of_sync_step(story));
  if (replica->state == ReplicaState::error) add_error_steps(steps, story, *replica);
  add_changed_sides_steps(steps, story);
  add_share_steps(steps, story, *replica);
  add_leftover_steps(steps, story);
  return steps;
}

}  // namespace pasig::replay
