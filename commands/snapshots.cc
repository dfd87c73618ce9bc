#include "commands/snapshots.h"

#include <algorithm>
#include <set>

#include "commands/sync_state.h"
#include "commands/usage.h"
#include "scheduler/capabilities.h"
#include "statemachine/evolve.h"

namespace pasig {
namespace {

bool holds(const std::vector<SnapshotId>& ids, SnapshotId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

bool is_going(const Snapshot& snapshot) {
  const SnapshotStatus status = status_of(snapshot);
  return status == SnapshotStatus::deleting || status == SnapshotStatus::error_deleting;
}

// The share goes back to it, or could: its tree is whole.
bool is_whole(const Snapshot& snapshot) {
  const SnapshotStatus status = status_of(snapshot);
  return status == SnapshotStatus::available || status == SnapshotStatus::restoring;
}

bool is_there(const SnapshotCopy* copy) {
  return copy != nullptr &&
         (copy->status == SnapshotStatus::available || copy->status == SnapshotStatus::restoring);
}

bool is_elsewhere(const Snapshot& snapshot, ReplicaId replica) {
  return std::any_of(snapshot.copies.begin(), snapshot.copies.end(), [&](const SnapshotCopy& one) {
    return one.replica != replica && is_there(&one);
  });
}

Failure nobody_has_it(const std::string& why) {
  return {.code = FailureCode::lost,
          .words = why + ", and no other replica holds a complete copy",
          .hint = "delete the snapshot"};
}

// One copy, by what a look found of it.
Events of_copy(const Share& share, const Snapshot& snapshot, const SnapshotCopy& copy,
               const SnapshotsSeen& seen) {
  // Nobody knows yet what its content is to be: the report of its taking does.
  const bool is_new = holds(seen.held, snapshot.id) && !snapshot.digest.empty() &&
                      next(copy.status, SnapshotInput::copied).has_value();
  if (is_new) return {SnapshotCopied{snapshot.id, share.id, copy.replica}};
  if (!holds(seen.missing, snapshot.id)) return {};
  if (next(copy.status, SnapshotInput::removed))
    return {SnapshotCopyDeleted{snapshot.id, share.id, copy.replica}};
  if (!next(copy.status, SnapshotInput::lost)) return {};
  const std::string words = "a look at the replica did not find it";
  Events events = {SnapshotCopyLost{snapshot.id, share.id, copy.replica, words}};
  if (!is_elsewhere(snapshot, copy.replica))
    events.push_back(SnapshotCreationFailed{snapshot.id, share.id, nobody_has_it(words)});
  return events;
}

bool has_pending(const Share& share, OperationKind kind, SnapshotId snapshot, OperationId but) {
  return std::any_of(share.operations.begin(), share.operations.end(),
                     [&](const PendingOperation& one) {
                       return one.kind == kind && one.snapshot == snapshot && one.id != but;
                     });
}

// What is still to be done with it on the active replica; nothing: it is where it should be.
std::optional<OperationKind> left_to_do(const Snapshot& snapshot, ReplicaId active) {
  const bool is_to_be_taken = snapshot.digest.empty() && snapshot.managed_path.empty() &&
                              status_of(snapshot) == SnapshotStatus::creating;
  if (is_to_be_taken) return OperationKind::create_snapshot;
  const SnapshotCopy* copy = snapshot.find(active);
  if (copy != nullptr && copy->status == SnapshotStatus::deleting)
    return OperationKind::delete_snapshot;
  return std::nullopt;
}

}  // namespace

std::string in_words(const SnapshotOfShare& place) {
  const std::string& name = place.snapshot->name;
  return "snapshot " + to_string(place.snapshot->id) + (name.empty() ? "" : " (" + name + ")") +
         " of share " + to_string(place.share->id);
}

Allowed is_supported(const Share& share, const std::string& spec, const std::string& to_do) {
  for (const KeyValue& one : share.extra_specs)
    if (one.key == spec &&
        satisfies("false", one.value.starts_with("<is>") ? one.value : "<is> " + one.value))
      return refuse(Guard::snapshot_not_supported,
                    "Cannot " + to_do + ": the type " + share.type_name + " of share " +
                        to_string(share.id) + " says " + spec + " = " + one.value +
                        "; shares of another type can",
                    stream_of(share.id));
  return {};
}

const Replica* snapshot_taker(const Share& share) {
  const Replica* found = nullptr;
  for (const Replica& one : share.replicas)
    if (one.state == ReplicaState::active && one.status == ReplicaStatus::available &&
        (found == nullptr || one.id < found->id))
      found = &one;
  return found != nullptr ? found : share.active();
}

Placement place_near(const PlacementRequest& request, const std::vector<PoolReport>& pools,
                     const Share& source, SnapshotId id) {
  const Snapshot* snapshot = source.find(id);
  std::set<std::string> holders;
  for (const Replica& one : source.replicas)
    if (snapshot != nullptr && is_there(snapshot->find(one.id))) holders.insert(one.controller);
  std::set<std::string> drivers;
  std::vector<PoolReport> near;
  for (const PoolReport& one : pools) {
    if (!holders.contains(one.controller)) continue;
    near.push_back(one);
    drivers.insert(one.driver);
  }
  Placement placement = place(request, near);
  if (!placement.host.empty()) return placement;
  std::vector<PoolReport> alike;
  for (const PoolReport& one : pools)
    if (drivers.contains(one.driver)) alike.push_back(one);
  return place(request, alike);
}

Time copy_deadline(const Snapshot& snapshot) {
  if (snapshot.digest.empty() || !snapshot.copy_by.is_set()) return {};
  const std::int64_t patience = snapshot.copy_by.micros_since(snapshot.created_at);
  return std::max(snapshot.copy_by, Time{snapshot.taken_at.micros + patience});
}

std::vector<SnapshotId> missing_snapshots(const Share& share, ReplicaId replica) {
  const Replica* active = share.active();
  std::vector<SnapshotId> missing;
  if (active == nullptr || active->id == replica) return missing;
  for (const Snapshot& one : share.snapshots) {
    const SnapshotCopy* copy = one.find(replica);
    if (is_whole(one) && is_there(one.find(active->id)) && copy != nullptr && !is_there(copy))
      missing.push_back(one.id);
  }
  return missing;
}

std::string missing_in_words(const std::vector<SnapshotId>& missing) {
  std::string words = "snapshot " + to_string(missing.front());
  if (missing.size() > 1) words += " and " + std::to_string(missing.size() - 1) + " more";
  return words + (missing.size() > 1 ? " are not on it yet" : " is not on it yet");
}

Events copies_seen(ReadView& view, const Share& share, const SnapshotsSeen& seen) {
  Events events;
  std::vector<const Snapshot*> ended;
  for (const Snapshot& one : share.snapshots) {
    const SnapshotCopy* copy = one.find(seen.replica);
    if (copy == nullptr) continue;
    Events found = of_copy(share, one, *copy, seen);
    const bool is_last = one.copies.size() == 1 && !found.empty() &&
                         std::holds_alternative<SnapshotCopyDeleted>(found.front());
    append(events, std::move(found));
    if (!is_last) continue;
    events.push_back(SnapshotDeleted{one.id, share.id});
    ended.push_back(&one);
  }
  give_back_snapshots(view, share, ended);
  return events;
}

std::vector<const Snapshot*> only_copies(const Share& share, ReplicaId replica) {
  std::vector<const Snapshot*> found;
  for (const Snapshot& one : share.snapshots)
    if (!is_going(one) && is_there(one.find(replica)) && !is_elsewhere(one, replica))
      found.push_back(&one);
  return found;
}

Events copies_gone(ReadView& view, const Share& share, ReplicaId replica) {
  Events events;
  std::vector<const Snapshot*> ended;
  for (const Snapshot& one : share.snapshots) {
    if (!is_going(one) || one.copies.size() != 1 || one.find(replica) == nullptr) continue;
    events.push_back(SnapshotDeleted{one.id, share.id});
    ended.push_back(&one);
  }
  for (const Snapshot* one : only_copies(share, replica))
    events.push_back(SnapshotCreationFailed{
        one->id, share.id,
        nobody_has_it("replica " + to_string(replica) + ", which held it, was removed")});
  give_back_snapshots(view, share, ended);
  return events;
}

Share after(const Share& share, const Events& events, const Surroundings& now) {
  World world;
  world.shares.emplace(share.id, share);
  for (const Event& event : events)
    evolve(world, event, {.time = now.now, .command_id = now.command_id});
  return world.shares.at(share.id);
}

void add_out_of_step(Events& events, const Share& share, const Surroundings& now) {
  if (events.empty()) return;
  const Share then = after(share, events, now);
  for (const Replica& one : then.replicas) {
    if (one.state != ReplicaState::in_sync) continue;
    const auto missing = missing_snapshots(then, one.id);
    if (missing.empty()) continue;
    append(events, fell_out_of_sync(now, {&then, &one},
                                    {.share = share.id,
                                     .replica = one.id,
                                     .reason = OutOfSyncReason::snapshot_missing,
                                     .words = missing_in_words(missing)}));
  }
}

bool comes_after_a_change(OperationKind kind) {
  return kind == OperationKind::create_snapshot || kind == OperationKind::delete_snapshot;
}

bool is_put_off(const Share& share, const PendingOperation& operation) {
  return comes_after_a_change(operation.kind) &&
         pending(share, OperationKind::set_active_replica) != nullptr;
}

Events undone(const Share& share, const PendingOperation& operation, const Failure& failure) {
  return is_put_off(share, operation) ? Events{} : not_done(share, operation, failure);
}

Events taken_up_again(ReadView& view, const Surroundings& now, const Share& share,
                      const PendingOperation& ended, const Replica* active) {
  Events events;
  if (ended.kind != OperationKind::set_active_replica || active == nullptr) return events;
  std::uint32_t n = 1;
  for (const Snapshot& one : share.snapshots) {
    const auto kind = left_to_do(one, active->id);
    if (!kind || has_pending(share, *kind, one.id, ended.id)) continue;
    events.push_back(request(view, now, n++,
                             {.kind = *kind,
                              .share = share.id,
                              .replica = active->id,
                              .runs_on = active->controller,
                              .snapshot = one.id}));
  }
  return events;
}

}  // namespace pasig
