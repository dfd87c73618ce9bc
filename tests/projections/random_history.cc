#include "tests/projections/random_history.h"

namespace pasig {

RandomHistory::RandomHistory(ComposedLog& log, Pick pick) : log_(log), pick_(std::move(pick)) {
  for (const char* replication : {"", "writable", "readable", "dr"}) {
    std::vector<KeyValue> specs = {{"driver_handles_share_servers", "False"}};
    if (*replication != '\0') specs.push_back({"replication_type", replication});
    log_.run(CreateShareType{.name = std::string("type ") + replication, .extra_specs = specs});
  }
  for (const auto& [id, type] : log_.folded.world.types) types_.push_back(id);
}

void RandomHistory::step() {
  log_.later(static_cast<std::int64_t>(pick_(200)));
  switch (pick_(24)) {
    case 0:
      log_.add_bytes("nobody's " + std::to_string(pick_(10)));
      return;
    case 1: {
      Record lost = log_.fresh(any_id());
      lost.kind = RecordKind::abandoned;
      log_.add(lost);
      return;
    }
    case 2:
      if (held_.empty()) return;
      log_.add(held_[pick_(held_.size())]);
      return;
    case 3:
      if (const auto record = log_.decide_now(any_command(), any_id())) held_.push_back(*record);
      return;
    default:
      if (const auto record = log_.decide_now(any_command(), any_id())) log_.add(*record);
  }
}

// One time out of eight an id that was there.
std::string RandomHistory::any_id() {
  if (!ids_.empty() && pick_(8) == 0) return ids_[pick_(ids_.size())];
  ids_.push_back("id-" + std::to_string(ids_.size()));
  return ids_.back();
}

template <class Map>
typename Map::key_type RandomHistory::any_key(const Map& map) {
  if (map.empty()) return {};
  return std::next(map.begin(), static_cast<std::ptrdiff_t>(pick_(map.size())))->first;
}

ReplicaId RandomHistory::any_replica() {
  const auto& shares = log_.folded.world.shares;
  if (shares.empty()) return {};
  const auto& replicas = shares.at(any_key(shares)).replicas;
  return replicas.empty() ? ReplicaId{} : replicas[pick_(replicas.size())].id;
}

Command RandomHistory::any_command() {
  const auto& shares = log_.folded.world.shares;
  const ShareId share = any_key(shares);
  const ReplicaId replica = any_replica();
  if (shares.size() < 3 || pick_(12) == 0)
    return CreateShare{.name = "share",
                       .protocol = "NFS",
                       .size_gb = 1 + pick_(3),
                       .type = types_[pick_(types_.size())]};
  if (pick_(3) == 0) return any_act(share, replica);
  const auto& line = shares.at(share).operations;
  return any_report(share, replica,
                    line.empty() ? any_key(log_.folded.world.operations) : line.front().id);
}

SnapshotId RandomHistory::any_snapshot(ShareId share) {
  const auto& snapshots = log_.share(share).snapshots;
  return snapshots.empty() ? SnapshotId{} : snapshots[pick_(snapshots.size())].id;
}

AccessRuleId RandomHistory::any_rule(ShareId share) {
  const auto& rules = log_.share(share).access_rules;
  return rules.empty() ? AccessRuleId{} : rules[pick_(rules.size())].id;
}

// What is done with a share as a whole.
Command RandomHistory::any_act_on(ShareId share) {
  switch (pick_(10)) {
    case 0:
      return DeleteSnapshot{any_snapshot(share), pick_(2) == 0};
    case 1:
      return RevertShare{share, any_snapshot(share)};
    case 2:
      return ExtendShare{.share = share, .new_size_gb = log_.share(share).size_gb + 1};
    case 3:
      return GrantAccess{.share = share, .type = "user", .to = "user-" + std::to_string(pick_(3))};
    case 4:
      return RevokeAccess{share, any_rule(share)};
    case 5:
      return ChangeAccessLevel{any_rule(share), AccessLevel::ro};
    case 6:
      if (pick_(2) == 0) return PauseEffects{.share = share, .why = "random"};
      return ResumeEffects{.share = share};
    case 7:
      if (pick_(2) == 0) return DrainController{"a", "random"};
      return DrainController{"a", "", true};
    default:
      return CreateSnapshot{.share = share};
  }
}

Command RandomHistory::any_act(ShareId share, ReplicaId replica) {
  if (pick_(2) == 0) return any_act_on(share);
  switch (pick_(10)) {
    case 0:
      return DeleteShare{share, pick_(2) == 0};
    case 1:
      return RemoveReplica{replica, pick_(2) == 0};
    case 2:
      return SetActiveReplica{.replica = replica, .mode = static_cast<ChangeMode>(pick_(3))};
    case 3:
      return ResyncReplica{replica};
    case 4:
      return ResetReplicaStatus{replica, static_cast<ReplicaStatus>(pick_(7))};
    case 5:
      return ResetReplicaState{replica, static_cast<ReplicaState>(pick_(5))};
    case 6:
      return DeleteShareType{types_[pick_(types_.size())]};
    default:
      return AddReplica{.share = share};
  }
}

Command RandomHistory::any_report(ShareId share, ReplicaId replica, OperationId id) {
  const auto& operations = log_.folded.world.operations;
  const auto at = operations.find(id);
  const bool alive = at != operations.end() && log_.folded.world.shares.contains(at->second.share);
  switch (pick_(8)) {
    case 0:
      return ReportSync{.share = share,
                        .replica = replica,
                        .epoch = log_.share(share).epoch,
                        .generation = pick_(9),
                        .data_as_of = log_.now.now.plus_seconds(-5)};
    case 1:
      return ReportSync{.share = share,
                        .replica = replica,
                        .epoch = log_.share(share).epoch,
                        .wrong = static_cast<OutOfSyncReason>(pick_(10)),
                        .words = "random"};
    case 2:
      return CancelOperation{id};
    case 3:
      return ExpireOperation{id};
    case 4:
      if (alive) return RenewLease{id, at->second.attempt, 300};
      return RerouteOperation{id, "b", "random"};
    default:
      if (!alive) return CancelOperation{id};
      if (at->second.status == OperationStatus::running) return report_of_success(log_, at->second);
      return ClaimOperation{.operation = id,
                            .node = "node",
                            .process = 1,
                            .lease_seconds = 300,
                            .attempt = at->second.attempt + 1};
  }
}

}  // namespace pasig
