// A share's size, its access rules, and its adoption.
#include <algorithm>

#include "statemachine/evolve_events.h"

namespace pasig::fold {
namespace {

Share* set_task(const Place& at, ShareId id, ShareTask task, std::string note = {}) {
  Share* share = touch(at, id);
  if (share == nullptr) return nullptr;
  share->task = task;
  share->task_note = std::move(note);
  return share;
}

ShareAccessRule* touch_rule(const Place& at, ShareId share_id, AccessRuleId id) {
  Share* share = touch(at, share_id);
  ShareAccessRule* rule = share == nullptr ? nullptr : share->find(id);
  if (rule != nullptr) rule->updated_at = at.recorded.time;
  return rule;
}

ShareTask task_after(const ShareResizeFailed& event) {
  // Nothing was done with it.
  if (event.failure.code == FailureCode::cancelled) return ShareTask::none;
  if (event.to_gb > event.from_gb) return ShareTask::extending_error;
  return event.failure.code == FailureCode::too_small
             ? ShareTask::shrinking_possible_data_loss_error
             : ShareTask::shrinking_error;
}

}  // namespace

// ---- size --------------------------------------------------------------------------------------
void apply(const Place& at, const ShareResizeStarted& event) {
  set_task(at, event.share,
           event.to_gb > event.from_gb ? ShareTask::extending : ShareTask::shrinking);
}

void apply(const Place& at, const ShareResized& event) {
  if (Share* share = set_task(at, event.share, ShareTask::none)) share->size_gb = event.to_gb;
}

void apply(const Place& at, const ShareResizeFailed& event) {
  const ShareTask task = task_after(event);
  set_task(at, event.share, task,
           task == ShareTask::none ? std::string() : in_words(event.failure));
}

void apply(const Place& at, const ShareGrewOverItsSize& event) {
  if (Share* share = touch(at, event.share)) share->over_size_bytes = event.used_bytes;
}

void apply(const Place& at, const ShareCameWithinItsSize& event) {
  if (Share* share = touch(at, event.share)) share->over_size_bytes = 0;
}

void apply(const Place& at, const ShareTaskReset& event) {
  set_task(at, event.share, event.to,
           event.to == ShareTask::none
               ? std::string()
               : "reset from " + std::string(word(event.from)) + " by an administrator");
}

// ---- access ------------------------------------------------------------------------------------
void apply(const Place& at, const AccessRuleAdded& event) {
  Share* share = touch(at, event.share);
  if (share == nullptr) return;
  ShareAccessRule rule{.id = event.rule,
                       .type = event.type,
                       .to = event.to,
                       .level = event.level,
                       .metadata = event.metadata,
                       .created_at = at.recorded.time,
                       .updated_at = at.recorded.time};
  for (const Replica& replica : share->replicas)
    if (!replica.host.empty()) rule.replicas.push_back({.replica = replica.id});
  share->access_rules.push_back(std::move(rule));
  share->is_access_ruled = true;
}

void apply(const Place& at, const AccessLevelChanged& event) {
  ShareAccessRule* rule = touch_rule(at, event.share, event.rule);
  if (rule == nullptr) return;
  rule->level = event.level;
  for (AppliedRule& one : rule->replicas) one.state = AccessState::queued_to_apply;
}

void apply(const Place& at, const AccessRuleRemovalStarted& event) {
  ShareAccessRule* rule = touch_rule(at, event.share, event.rule);
  if (rule == nullptr) return;
  rule->is_removed = true;
  for (AppliedRule& one : rule->replicas) one.state = AccessState::queued_to_deny;
}

// The list is all that holds on the replica: what was to go and is not in it, went. What is in it
// and is to go by now was asked to go while it was applied: it holds there, and still has to go.
void apply(const Place& at, const AccessRulesApplied& event) {
  Share* share = touch(at, event.share);
  if (share == nullptr) return;
  if (Replica* replica = share->find(event.replica)) replica->access_words.clear();
  for (ShareAccessRule& rule : share->access_rules) {
    const auto outcome =
        std::find_if(event.outcomes.begin(), event.outcomes.end(),
                     [&](const AccessOutcome& one) { return one.rule == rule.id; });
    AppliedRule* applied = rule.find(event.replica);
    if (applied == nullptr) continue;
    if (outcome != event.outcomes.end()) {
      if (!rule.is_removed) applied->state = outcome->state;
      applied->level = outcome->level;
      applied->words = outcome->words;
    } else if (rule.is_removed) {
      std::erase_if(rule.replicas,
                    [&](const AppliedRule& one) { return one.replica == event.replica; });
    }
  }
}

void apply(const Place& at, const AccessRuleRemoved& event) {
  if (Share* share = touch(at, event.share))
    std::erase_if(share->access_rules,
                  [&](const ShareAccessRule& one) { return one.id == event.rule; });
}

void apply(const Place& at, const AccessUpdateFailed& event) {
  if (Replica* replica = touch(at, event.share, event.replica))
    replica->access_words = in_words(event.failure);
}

void apply(const Place& at, const AccessMetadataChanged& event) {
  if (ShareAccessRule* rule = touch_rule(at, event.share, event.rule))
    rule->metadata = event.metadata;
}

// ---- adoption ----------------------------------------------------------------------------------
void apply(const Place& at, const ShareManaged& event) {
  Replica* replica = touch(at, event.share, event.replica);
  if (replica == nullptr) return;
  replica->status = ReplicaStatus::available;
  replica->state = ReplicaState::active;
  replica->exports = event.exports;
  replica->note.clear();
  Share* share = set_task(at, event.share, ShareTask::none);
  share->epoch = event.epoch;
  share->size_gb = event.size_gb;
}

void apply(const Place& at, const ShareManageFailed& event) {
  set_task(at, event.share, ShareTask::manage_error, in_words(event.failure));
  Replica* replica = touch(at, event.share, event.replica);
  if (replica == nullptr) return;
  replica->status = ReplicaStatus::error;
  replica->note = in_words(event.failure);
}

void apply(const Place& at, const ShareUnmanageStarted& event) {
  set_task(at, event.share, ShareTask::unmanage_starting);
}

void apply(const Place& at, const ShareUnmanaged& event) { at.world.shares.erase(event.share); }

void apply(const Place& at, const ShareUnmanageFailed& event) {
  set_task(at, event.share, ShareTask::unmanage_error, in_words(event.failure));
}

}  // namespace pasig::fold
