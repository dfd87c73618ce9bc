// Scrubs, data kept aside, and the operator's ways out.
#include <algorithm>

#include "statemachine/evolve_events.h"

namespace pasig::fold {
namespace {

// A controller's orders exist from the first one on; the empty name is about all.
ControllerOrders& orders(const Place& at, const std::string& controller) {
  ControllerOrders& found = at.world.controllers[controller];
  found.name = controller;
  found.updated_at = at.recorded.time;
  return found;
}

OrderGiven given(const Place& at) { return {at.recorded.actor, at.recorded.time}; }

}  // namespace

// ---- scrubs ------------------------------------------------------------------------------------
void apply(const Place& at, const ReplicaVerifyRequested& event) {
  if (Replica* replica = touch(at, event.share, event.replica))
    replica->verify_requested_at = at.recorded.time;
}

void apply(const Place& at, const ReplicaVerified& event) {
  Replica* replica = touch(at, event.share, event.replica);
  if (replica == nullptr) return;
  replica->verified_at = at.recorded.time;
  replica->verify_requested_at = {};
  replica->damaged = 0;
  replica->good_copies.clear();
}

void apply(const Place& at, const ReplicaDamageFound& event) {
  Replica* replica = touch(at, event.share, event.replica);
  if (replica == nullptr) return;
  replica->verified_at = at.recorded.time;
  replica->verify_requested_at = {};
  replica->damaged = event.damaged - std::min(event.damaged, event.repaired);
  replica->good_copies = event.good_copies;
}

// ---- data kept aside ---------------------------------------------------------------------------
void apply(const Place& at, const AsideDeletionStarted& event) { touch(at, event.share); }

void apply(const Place& at, const AsideDataDeleted& event) {
  if (Share* share = touch(at, event.share))
    std::erase_if(share->aside, [&](const AsideData& one) {
      return one.controller == event.controller && one.path == event.path;
    });
}

void apply(const Place& at, const AsideRestoreStarted& event) { touch(at, event.share); }
void apply(const Place& at, const AsideDataRestored& event) { touch(at, event.share); }
void apply(const Place& at, const AsideActionFailed& event) { touch(at, event.share); }

// ---- the operator's ways out -------------------------------------------------------------------
void apply(const Place& at, const EffectsPaused& event) {
  ControllerOrders& found = orders(at, event.controller);
  found.effects_paused = true;
  found.effects_paused_why = event.why;
  found.effects_pause = given(at);
}

void apply(const Place& at, const EffectsResumed& event) {
  ControllerOrders& found = orders(at, event.controller);
  found.effects_paused = false;
  found.effects_paused_why.clear();
  found.effects_pause = {};
  found.effects_resumed_at = at.recorded.time;
}

void apply(const Place& at, const ShareEffectsPaused& event) {
  Share* share = touch(at, event.share);
  if (share == nullptr) return;
  share->effects_paused = true;
  share->effects_paused_why = event.why;
  share->effects_pause = given(at);
}

void apply(const Place& at, const ShareEffectsResumed& event) {
  Share* share = touch(at, event.share);
  if (share == nullptr) return;
  share->effects_paused = false;
  share->effects_paused_why.clear();
  share->effects_pause = {};
  share->effects_resumed_at = at.recorded.time;
}

void apply(const Place& at, const ControllerDrainStarted& event) {
  ControllerOrders& found = orders(at, event.controller);
  found.is_drained = true;
  found.drained_why = event.why;
  found.drain = given(at);
}

void apply(const Place& at, const ControllerDrainEnded& event) {
  ControllerOrders& found = orders(at, event.controller);
  found.is_drained = false;
  found.drained_why.clear();
  found.drain = {};
}

void apply(const Place& at, const ControllerRetired& event) {
  ControllerOrders& found = orders(at, event.controller);
  found.is_retired = true;
  found.retired_why = event.why;
  found.retirement = given(at);
}

void apply(const Place& at, const ControllerReinstated& event) {
  ControllerOrders& found = orders(at, event.controller);
  found.is_retired = false;
  found.retired_why.clear();
  found.retirement = {};
}

void apply(const Place& at, const ReplicationSuspended& event) {
  Share* share = touch(at, event.share);
  if (share == nullptr) return;
  share->replication_suspended = true;
  share->replication_suspended_why = event.why;
  share->replication_suspension = given(at);
}

void apply(const Place& at, const ReplicationResumed& event) {
  Share* share = touch(at, event.share);
  if (share == nullptr) return;
  share->replication_suspended = false;
  share->replication_suspended_why.clear();
  share->replication_suspension = {};
}

void apply(const Place& at, const RelationDebrisForgotten& event) {
  if (Share* share = touch(at, event.share))
    std::erase_if(share->debris, [&](const Debris& one) {
      return one.replica == event.replica && one.controller == event.controller;
    });
}

void apply(const Place& at, const DebrisCleaningRequested& event) {
  if (Share* share = touch(at, event.share)) ++share->debris_cleanings;
}

}  // namespace pasig::fold
