#include "tests/scenarios/invariants.h"

#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "commands/snapshots.h"
#include "commands/usage.h"
#include "events/record.h"

namespace pasig::scenario {
namespace {

Result<void> broken(const std::string& what) {
  return fail(ErrorCode::corrupt, "an invariant is broken: " + what);
}

Result<void> check_replay(Stage& stage, const Node& node) {
  PASIG_CHECK(node.catch_up());
  PASIG_TRY(const replay::VerifyReport report,
            replay::verify(node.store(), stage.log(), (stage.scratch() / "replayed").string(), {}));
  if (!report.equal()) return broken("the state of " + node.name() + " is not the fold of the log");
  return {};
}

Result<void> check_active(const Share& share) {
  std::size_t active = 0;
  for (const Replica& one : share.replicas) active += one.state == ReplicaState::active ? 1 : 0;
  const std::string who =
      "share " + share.name + " has " + std::to_string(active) + " active replicas";
  if (share.epoch == 0) return active == 0 ? Result<void>() : broken(who + " before its first");
  const bool is_writable = share.replication == ReplicationType::writable;
  return active == 1 || (is_writable && active > 1) ? Result<void>() : broken(who);
}

// On storage: two sides that take writes at a time are a split brain, unless it is told as one.
Result<void> check_writers(const Stage& stage, const Share& share) {
  if (share.replication == ReplicationType::writable || share.change) return {};
  for (const Replica& one : share.replicas) {
    const auto found = stage.storage->look(one.id);
    const bool is_told =
        one.fence.state == FenceState::pending || one.note.starts_with("storage reported");
    const bool may_write =
        one.state == ReplicaState::active || one.state == ReplicaState::none || is_told;
    if (found && found->is_open && !may_write)
      return broken("clients can write to a replica of " + share.name + " on " + one.controller +
                    " that is not active");
  }
  return {};
}

// A replica that counts as good has what the active one has, snapshots included.
Result<void> check_snapshots(Stage& stage, const Share& share) {
  for (const Replica& one : share.replicas)
    if (one.state == ReplicaState::in_sync && !missing_snapshots(share, one.id).empty())
      return broken("replica " + stage.names.of(one.id.uuid) + " is in sync without " +
                    stage.names.of(missing_snapshots(share, one.id).front().uuid));
  return {};
}

// What is only asked for, or went wrong half-way, may differ from storage: its end tells.
bool is_settled(const Share& share) {
  return share.operations.empty() && share.task == ShareTask::none;
}

// A rule that nothing enforces is never active, and storage lets nobody in whom no rule names.
Result<void> check_rules(Stage& stage, const Share& share) {
  if (!is_settled(share)) return {};
  for (const Replica& replica : share.replicas) {
    const auto stored = stage.storage->look(replica.id);
    if (!stored || replica.note.starts_with("storage reported")) continue;
    const std::string where = stage.names.of(replica.id.uuid);
    std::map<AccessRuleId, std::string> let_in;
    for (const drivers::AccessRule& one : stored->access) let_in[one.id] = one.level;
    for (const ShareAccessRule& rule : share.access_rules) {
      const AppliedRule* applied = rule.find(replica.id);
      if (applied == nullptr || applied->state != AccessState::active) continue;
      const auto found = let_in.find(rule.id);
      if (found == let_in.end() || found->second != word(applied->level))
        return broken("rule " + stage.names.of(rule.id.uuid) + " is active on " + where +
                      ", and storage does not enforce it so");
    }
    for (const auto& [id, level] : let_in)
      if (share.find(id) == nullptr)
        return broken("storage of " + where + " lets in by a rule that is gone");
  }
  return {};
}

// Who counts as good has the room that the share has; more of it only until its next sync, when an
// extension failed half-way.
Result<void> check_sizes(Stage& stage, const Share& share, bool exactly = false) {
  if (!is_settled(share)) return {};
  for (const Replica& one : share.replicas) {
    const bool is_good = one.state == ReplicaState::active || one.state == ReplicaState::in_sync;
    const auto stored = stage.storage->look(one.id);
    if (!is_good || one.status != ReplicaStatus::available || !stored) continue;
    if (stored->size_gb < share.size_gb || (exactly && stored->size_gb > share.size_gb))
      return broken("replica " + stage.names.of(one.id.uuid) + " has " +
                    std::to_string(stored->size_gb) + " GiB, its share " +
                    std::to_string(share.size_gb));
  }
  return {};
}

// Counters are what the shares that there are make use of.
Result<void> check_usage(const View& view) {
  std::map<std::string, std::int64_t> used;
  for (const ShareType& one : view.share_types()) used[type_counter(one.id)] = 0;
  for (const char* const name : {"shares", "gigabytes", "share_replicas", "replica_gigabytes",
                                 "snapshots", "snapshot_gigabytes"})
    used[std::string(name) + "-lab"] = 0;  // everyone's project here, also without shares
  for (const Share& share : view.shares()) {
    std::uint64_t size_gb = share.size_gb;
    for (const PendingOperation& one : share.operations)
      if (one.kind == OperationKind::extend_share) size_gb = std::max(size_gb, one.size_gb);
    const auto size = static_cast<std::int64_t>(size_gb);
    used["shares-" + share.project] += 1;
    used["gigabytes-" + share.project] += size;
    used[type_counter(share.type)] += 1;
    for (const Replica& one : share.replicas) {
      const bool is_counted = share.replication != ReplicationType::none;
      used["share_replicas-" + share.project] += is_counted ? 1 : 0;
      used["replica_gigabytes-" + share.project] += is_counted ? size : 0;
      if (!one.host.empty()) used["provisioned-gb-" + one.host] += size;
    }
    used["snapshots-" + share.project] += static_cast<std::int64_t>(share.snapshots.size());
    for (const Snapshot& one : share.snapshots)
      used["snapshot_gigabytes-" + share.project] += static_cast<std::int64_t>(one.size_gb);
  }
  for (const auto& [name, value] : used)
    if (view.counter(name) != value)
      return broken("counter " + name + " is at " + std::to_string(view.counter(name)) +
                    ", and the shares use " + std::to_string(value));
  return {};
}

Result<void> check_record(const LogEntry& entry) {
  PASIG_TRY(const Record record, decode(entry.frame));
  PASIG_TRY(const std::string again, encode(record));
  const std::string at = std::to_string(entry.position.offset);
  if (again != entry.frame) return broken("record " + at + " does not encode to its own bytes");
  for (const Event& event : record.events) {
    boost::system::error_code error;
    (void)boost::json::parse(to_json(event), error);
    if (error) return broken("an event of record " + at + " is no JSON");
    if (replay::sentence(event).empty()) return broken("record " + at + " has no sentence");
  }
  return {};
}

}  // namespace

Result<void> check_invariants(Stage& stage) {
  const Node* first = nullptr;
  for (const Node& one : stage.nodes()) {
    if (!one.is_alive()) continue;
    PASIG_CHECK(check_replay(stage, one));
    if (first == nullptr) first = &one;
    if (one.store().view()->head() != first->store().view()->head())
      return broken("the states of " + one.name() + " and " + first->name() + " differ");
  }
  if (first == nullptr) return {};
  for (const Share& share : first->store().view()->shares()) {
    PASIG_CHECK(check_active(share));
    PASIG_CHECK(check_writers(stage, share));
    PASIG_CHECK(check_snapshots(stage, share));
    PASIG_CHECK(check_rules(stage, share));
    PASIG_CHECK(check_sizes(stage, share));
  }
  PASIG_CHECK(check_usage(*first->store().view()));
  PASIG_TRY(const auto entries, stage.log().read(0, SIZE_MAX));
  for (const LogEntry& entry : entries) PASIG_CHECK(check_record(entry));
  return {};
}

Result<void> check_liveness(Stage& stage) {
  constexpr std::int64_t k_longer_than_any_lease = 3600;
  constexpr int k_more_than_any_deadline = 8;
  stage.script = {};
  for (const std::string& controller : stage.controllers())
    stage.storage->set_reachable(controller, true);
  stage.storage->lie_about_copies(nullptr);
  stage.storage->lie_about_health(nullptr);
  stage.storage->lie_about_changes(nullptr);
  for (Node& one : stage.nodes()) {
    one.worker_is_paused = false;
    if (!one.is_alive()) PASIG_CHECK(stage.recover(one));
  }
  for (int hours = 0; hours < k_more_than_any_deadline; ++hours) {
    stage.advance(k_longer_than_any_lease);
    PASIG_CHECK(stage.settle());
  }
  PASIG_CHECK(check_invariants(stage));
  PASIG_TRY(const Node* node, stage.first_alive());
  const auto view = node->store().view();
  for (const Share& share : view->shares()) PASIG_CHECK(check_sizes(stage, share, true));
  for (const Operation& one : view->pending_operations())
    return broken("operation " + stage.names.of(one.id.uuid) + " never ends");
  for (const Share& share : view->shares())
    for (const Snapshot& one : share.snapshots)
      if (const SnapshotStatus status = status_of(one); status == SnapshotStatus::creating ||
                                                        status == SnapshotStatus::deleting ||
                                                        status == SnapshotStatus::restoring)
        return broken("snapshot " + stage.names.of(one.id.uuid) + " stays " +
                      std::string(word(status)) + " for ever");
  for (const Share& share : view->shares())
    for (const Replica& one : share.replicas)
      if (one.status == ReplicaStatus::creating || one.status == ReplicaStatus::deleting ||
          one.status == ReplicaStatus::replication_change)
        return broken("replica " + stage.names.of(one.id.uuid) + " stays " +
                      std::string(word(one.status)) + " for ever");
  return {};
}

}  // namespace pasig::scenario
