#include "statemachine/evolve.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/assert.h"
#include "statemachine/evolve_events.h"

namespace pasig {
namespace fold {

Share* touch(const Place& at, ShareId id) {
  const auto found = at.world.shares.find(id);
  if (found == at.world.shares.end()) return nullptr;
  found->second.updated_at = at.recorded.time;
  return &found->second;
}

Replica* touch(const Place& at, ShareId share_id, ReplicaId replica_id) {
  Share* share = touch(at, share_id);
  Replica* replica = share == nullptr ? nullptr : share->find(replica_id);
  if (replica != nullptr) replica->updated_at = at.recorded.time;
  return replica;
}

void put_on(Replica& replica, const Placement& placement) {
  replica.host = placement.host;
  replica.controller = placement.controller;
  replica.pool = placement.pool;
  replica.zone = placement.zone;
  replica.placement = placement;
}

std::string in_words(const Failure& failure) {
  std::string text(word(failure.code));
  if (!failure.controller.empty()) text += " on " + failure.controller;
  if (!failure.words.empty()) text += ": " + failure.words;
  if (!failure.hint.empty()) text += " (" + failure.hint + ")";
  return text;
}

// ---- the log itself: facts about no object ---------------------------------------------------
void apply(const Place&, const LogCreated&) {}
void apply(const Place&, const CommandRejected&) {}
void apply(const Place&, const RefusalsSuppressed&) {}

// ---- share types -----------------------------------------------------------------------------
void apply(const Place& at, const ShareTypeCreated& event) {
  at.world.types[event.type] = {.id = event.type,
                                .name = event.name,
                                .description = event.description,
                                .is_public = event.is_public,
                                .replication = event.replication,
                                .rpo_seconds = event.rpo_seconds,
                                .sync_interval_seconds = event.sync_interval_seconds,
                                .extra_specs = event.extra_specs,
                                .created_at = at.recorded.time};
  at.world.type_names[event.name] = event.type;
}

void apply(const Place& at, const ShareTypeDeleted& event) {
  at.world.types.erase(event.type);
  at.world.type_names.erase(event.name);
}

// ---- shares ----------------------------------------------------------------------------------
void apply(const Place& at, const ShareCreated& event) {
  Replica first{.id = event.replica, .created_at = at.recorded.time};
  first.updated_at = at.recorded.time;
  put_on(first, event.placement);
  Share share{.id = event.share,
              .name = event.name,
              .description = event.description,
              .project = event.project,
              .user = event.user,
              .protocol = event.protocol,
              .size_gb = event.size_gb,
              .is_public = event.is_public,
              .metadata = event.metadata,
              .type = event.type,
              .type_name = event.type_name,
              .extra_specs = event.extra_specs,
              .replication = event.replication,
              .rpo_seconds = event.rpo_seconds,
              .sync_interval_seconds = event.sync_interval_seconds,
              .zone_asked = event.zone_asked,
              .created_at = at.recorded.time,
              .updated_at = at.recorded.time,
              .placement_attempts = 1,
              .source_snapshot = event.source_snapshot,
              .source_share = event.source_share,
              .managed_path = event.managed_path};
  if (!event.managed_path.empty()) {
    share.task = ShareTask::manage_starting;
    share.managed_on = event.placement.controller;
  }
  share.replicas.push_back(std::move(first));
  at.world.shares[event.share] = std::move(share);
}

void apply(const Place& at, const ShareProvisioned& event) {
  Replica* replica = touch(at, event.share, event.replica);
  if (replica == nullptr) return;
  replica->status = ReplicaStatus::available;
  replica->state = ReplicaState::active;
  replica->exports = event.exports;
  replica->note.clear();
  at.world.shares.at(event.share).epoch = event.epoch;
}

void apply(const Place& at, const ShareRescheduled& event) {
  Replica* replica = touch(at, event.share, event.replica);
  if (replica == nullptr) return;
  put_on(*replica, event.placement);
  replica->note = "moved on from " + event.from_host + ": " + event.why;
  Share& share = at.world.shares.at(event.share);
  ++share.placement_attempts;
  share.tried_hosts.push_back(event.from_host);
}

void apply(const Place& at, const ShareProvisionFailed& event) {
  Replica* replica = touch(at, event.share, event.replica);
  if (replica == nullptr) return;
  replica->status = ReplicaStatus::error;
  replica->note = in_words(event.failure);
}

void apply(const Place& at, const ShareDeletionStarted& event) {
  Share* share = touch(at, event.share);
  if (share == nullptr) return;
  share->deletion_forced = event.force;
  for (Replica& replica : share->replicas) {
    replica.status = ReplicaStatus::deleting;
    replica.updated_at = at.recorded.time;
  }
}

void apply(const Place& at, const ShareDeleted& event) { at.world.shares.erase(event.share); }

void apply(const Place& at, const ShareDeletionFailed& event) {
  Share* share = touch(at, event.share);
  if (share == nullptr) return;
  for (Replica& replica : share->replicas) {
    if (replica.status != ReplicaStatus::deleting) continue;  // an admin reset it meanwhile
    replica.status = ReplicaStatus::error_deleting;
    replica.note = in_words(event.failure);
    replica.updated_at = at.recorded.time;
  }
}

}  // namespace fold

std::optional<std::string> broken_promise(const Share& share) {
  if (share.replication != ReplicationType::readable && share.replication != ReplicationType::dr)
    return std::nullopt;
  const auto actives =
      std::count_if(share.replicas.begin(), share.replicas.end(),
                    [](const Replica& replica) { return replica.state == ReplicaState::active; });
  if (actives > 1)
    return "share " + to_string(share.id) + " has " + std::to_string(actives) +
           " active replicas, and a " + std::string(word(share.replication)) + " share has one";
  if (actives == 0 && share.epoch > 0)
    return "share " + to_string(share.id) + " lost its active replica";
  return std::nullopt;
}

std::optional<std::string> try_evolve(World& world, const Event& event, const Recorded& recorded) {
  const fold::Place at{world, recorded};
  return std::visit(
      [&](const auto& held) -> std::optional<std::string> {
        fold::apply(at, held);
        if constexpr (requires { held.share; }) {
          const auto share = world.shares.find(held.share);
          if (share != world.shares.end()) return broken_promise(share->second);
        }
        return std::nullopt;
      },
      event);
}

void evolve(World& world, const Event& event, const Recorded& recorded) {
  const auto broken = try_evolve(world, event, recorded);
  PASIG_ASSERT(!broken, *broken + "; by " + std::string(name_of(event)) + " in record " +
                            std::to_string(recorded.ordinal));
}

}  // namespace pasig
