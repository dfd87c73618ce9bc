#include "commands/guards.h"

#include <algorithm>

#include "scheduler/capabilities.h"

namespace pasig {

bool is_admin(const Actor& actor) { return actor.admin || actor.kind == ActorKind::system; }

Allowed require_admin(const Actor& actor, const std::string& to_do, const std::string& subject) {
  if (is_admin(actor)) return {};
  // Manila's text, then what it was about.
  return refuse(Guard::needs_admin,
                "User does not have admin privileges. " + actor.name + " may not " + to_do +
                    "; ask an administrator",
                subject);
}

Found<const Share*> find_share(ReadView& view, const Actor& actor, ShareId id) {
  const Share* share = view.share(id);
  const bool is_owner = share != nullptr && (is_admin(actor) || actor.project == share->project);
  if (share == nullptr || (!is_owner && !share->is_public))
    return refuse(Guard::share_not_found, "No share exists with ID " + to_string(id) +
                                              ". See which there are: pasig share list");
  if (!is_owner)
    return refuse(Guard::needs_admin,
                  "share " + to_string(id) + " is public, but belongs to project " +
                      share->project + "; only that project and admins may change it",
                  stream_of(id));
  return share;
}

Found<ReplicaOfShare> find_replica(ReadView& view, const Actor& actor, ReplicaId id) {
  const auto not_found = [&] {
    return refuse(Guard::replica_not_found, "No replica exists with ID " + to_string(id) +
                                                ". See which there are: pasig replica list");
  };
  const Share* share = view.share_of(id);
  if (share == nullptr) return not_found();
  const auto allowed = find_share(view, actor, share->id);
  if (!allowed && allowed.error().guard == Guard::share_not_found) return not_found();
  if (!allowed) return tl::unexpected(allowed.error());
  const Replica* replica = share->find(id);
  if (replica == nullptr || share->replication == ReplicationType::none ||
      replica->state == ReplicaState::none)
    return not_found();
  return ReplicaOfShare{share, replica};
}

Found<SnapshotOfShare> find_snapshot(ReadView& view, const Actor& actor, SnapshotId id) {
  const auto not_found = [&] {
    return refuse(Guard::snapshot_not_found, "No snapshot exists with ID " + to_string(id) +
                                                 ". See which there are: pasig snapshot list");
  };
  const Share* share = view.share_of(id);
  if (share == nullptr) return not_found();
  const auto allowed = find_share(view, actor, share->id);
  if (!allowed && allowed.error().guard == Guard::share_not_found) return not_found();
  if (!allowed) return tl::unexpected(allowed.error());
  const Snapshot* snapshot = share->find(id);
  if (snapshot == nullptr) return not_found();
  return SnapshotOfShare{share, snapshot};
}

Guard guard_of(MachineRefusal refusal) {
  switch (refusal) {
    case MachineRefusal::busy:
      return Guard::replica_is_busy;
    case MachineRefusal::not_available:
      return Guard::replica_not_available;
    case MachineRefusal::not_in_sync:
      return Guard::replica_not_in_sync;
    case MachineRefusal::already_active:
      return Guard::replica_is_active;
    case MachineRefusal::is_active:
      return Guard::replica_is_active;
    case MachineRefusal::unexpected:
      return Guard::replica_not_available;
    case MachineRefusal::gone:
      return Guard::replica_not_found;
  }
  return Guard::replica_not_available;
}

Allowed may_become(const ReplicaOfShare& place, StatusInput input, const std::string& to_do) {
  const auto after = next(place.replica->status, input);
  if (after) return {};
  std::string message = "replica " + to_string(place.replica->id) + " of share " +
                        to_string(place.share->id) + " cannot " + to_do + " while its status is " +
                        std::string(word(place.replica->status));
  for (const PendingOperation& one : place.share->operations)
    if (one.replica == place.replica->id || one.kind == OperationKind::delete_share) {
      message += "; wait for " + in_words(one) + ", or cancel it: pasig operation cancel " +
                 to_string(one.id);
      return refuse(guard_of(after.error()), message, stream_of(place.share->id));
    }
  message += "; see why: pasig why " + to_string(place.replica->id);
  return refuse(guard_of(after.error()), message, stream_of(place.share->id));
}

Allowed share_is_ready(const Share& share, const std::string& to_do) {
  const std::string name = "share " + to_string(share.id);
  const std::string_view status = status_word(share);
  if (status_of(share) == ReplicaStatus::available && share.task == ShareTask::none &&
      share.active() != nullptr)
    return {};
  // Manila's text, then what to do about it.
  std::string message = "Cannot " + to_do + ": " + name +
                        " must be in status available, but it is " + std::string(status);
  if (!share.task_note.empty()) message += " (" + share.task_note + ")";
  if (const PendingOperation* one = pending(share)) {
    message += "; wait for " + in_words(*one) + ", or cancel it: pasig operation cancel " +
               to_string(one->id);
    return refuse(Guard::share_is_busy, message, stream_of(share.id));
  }
  message +=
      share.task == ShareTask::none
          ? "; see why: pasig history " + to_string(share.id)
          : "; repair what stopped it, then: pasig share reset-status " + to_string(share.id);
  return refuse(Guard::share_not_available, message, stream_of(share.id));
}

const PendingOperation* pending(const Share& share, std::optional<OperationKind> kind) {
  const auto at =
      std::find_if(share.operations.begin(), share.operations.end(),
                   [&](const PendingOperation& one) { return !kind || one.kind == *kind; });
  return at == share.operations.end() ? nullptr : &*at;
}

std::string in_words(const PendingOperation& operation) {
  if (!operation.snapshot.is_nil())
    return "operation " + to_string(operation.id) + " (" + std::string(word(operation.kind)) +
           ", snapshot " + to_string(operation.snapshot) + ")";
  return "operation " + to_string(operation.id) + " (" + std::string(word(operation.kind)) +
         " of replica " + to_string(operation.replica) + ")";
}

Allowed zone_fits(const Surroundings& now, const std::string& zone,
                  const std::vector<KeyValue>& extra_specs, const std::string& refused_words) {
  if (zone.empty()) return {};
  for (const KeyValue& spec : extra_specs) {
    if (spec.key != "availability_zones") continue;
    const auto allowed = comma_list(spec.value);
    if (std::find(allowed.begin(), allowed.end(), zone) == allowed.end())
      return refuse(Guard::zone_not_allowed,
                    refused_words + " is not supported within the availability zone chosen " +
                        zone + ". The type allows " + spec.value);
  }
  if (std::find(now.zones.begin(), now.zones.end(), zone) != now.zones.end()) return {};
  std::string known;
  for (const std::string& one : now.zones) known += (known.empty() ? "" : ", ") + one;
  return refuse(Guard::zone_unknown, "Availability zone " + zone + " could not be found. Known: " +
                                         (known.empty() ? "none" : known));
}

std::size_t length(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

Allowed text_fits(const std::string& what, std::string_view text, std::size_t characters_max) {
  const std::size_t characters = length(text);
  if (characters <= characters_max) return {};
  return refuse(Guard::invalid_input, what + " has " + std::to_string(characters) +
                                          " characters; at most " + std::to_string(characters_max) +
                                          " are possible");
}

}  // namespace pasig
