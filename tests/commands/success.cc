#include "tests/commands/success.h"

namespace pasig {
namespace {

constexpr std::uint64_t k_gib = std::uint64_t{1} << 30;

Command resized(const Share& share, const Operation& operation) {
  ReportShareResized report{.operation = operation.id, .attempt = operation.attempt};
  for (const Replica& one : share.replicas)
    report.outcomes.push_back({.replica = one.id, .done = true});
  return report;
}

// Nothing of it is left anywhere.
Command snapshot_deleted(const Share& share, const Operation& operation) {
  ReportSnapshotDeleted report{.operation = operation.id, .attempt = operation.attempt};
  for (const Replica& one : share.replicas)
    report.outcomes.push_back({.replica = one.id, .done = true});
  return report;
}

// Every rule holds everywhere, as its replica's role allows.
Command access_updated(const Share& share, const Operation& operation) {
  ReportAccessUpdated report{.operation = operation.id, .attempt = operation.attempt};
  for (const Replica& replica : share.replicas) {
    ReportAccessUpdated::OfReplica of{.replica = replica.id};
    for (const ShareAccessRule& rule : share.access_rules)
      if (!rule.is_removed)
        of.rules.push_back(
            {.rule = rule.id,
             .level = replica.state == ReplicaState::active ? rule.level : AccessLevel::ro});
    report.replicas.push_back(std::move(of));
  }
  return report;
}

Command reverted(const Share& share, Time now, const Operation& operation) {
  ReportShareReverted report{
      .operation = operation.id, .attempt = operation.attempt, .generation = 9, .data_as_of = now};
  for (const Replica& one : share.replicas)
    if (one.state != ReplicaState::active)
      report.outcomes.push_back({.replica = one.id, .done = true});
  return report;
}

}  // namespace

Command success_of(const World& world, Time now, const Operation& operation) {
  const OperationId id = operation.id;
  const auto at = world.shares.find(operation.share);
  const Share share = at == world.shares.end() ? Share{} : at->second;
  const std::uint32_t attempt = operation.attempt;
  switch (operation.kind) {
    case OperationKind::create_share:
      return ReportShareCreated{.operation = id, .attempt = attempt, .exports = {"host:/export"}};
    case OperationKind::delete_share:
      return ReportShareDeleted{.operation = id, .attempt = attempt};
    case OperationKind::add_replica:
      return ReportReplicaAdded{.operation = id,
                                .attempt = attempt,
                                .verified = true,
                                .generation = 1,
                                .data_as_of = now.plus_seconds(-1)};
    case OperationKind::remove_replica:
      return ReportReplicaRemoved{.operation = id, .attempt = attempt};
    case OperationKind::set_active_replica:
      return ReportActiveReplicaChanged{.operation = id,
                                        .attempt = attempt,
                                        .epoch = share.epoch + 1,
                                        .generation = 2,
                                        .data_as_of = now,
                                        .exports = {"host:/new"}};
    case OperationKind::extend_share:
    case OperationKind::shrink_share:
      return resized(share, operation);
    case OperationKind::update_access:
      return access_updated(share, operation);
    case OperationKind::manage_share:
      return ReportShareManaged{.operation = id,
                                .attempt = attempt,
                                .exports = {"host:/managed"},
                                .used_bytes = 5 * k_gib + 1};
    case OperationKind::unmanage_share:
      return ReportShareUnmanaged{.operation = id, .attempt = attempt, .path = "/srv/old"};
    case OperationKind::manage_snapshot:
      return ReportSnapshotTaken{.operation = id,
                                 .attempt = attempt,
                                 .digest = std::string(64, 'a'),
                                 .files = 3,
                                 .bytes = 42,
                                 .taken_at = now};
    case OperationKind::unmanage_snapshot:
      return ReportSnapshotUnmanaged{.operation = id, .attempt = attempt, .path = "/srv/snap"};
    case OperationKind::delete_aside:
      return ReportAsideDeleted{.operation = id, .attempt = attempt};
    case OperationKind::restore_aside:
      return ReportAsideRestored{.operation = id, .attempt = attempt, .files = 2, .bytes = 8};
    case OperationKind::create_snapshot:
      return ReportSnapshotTaken{.operation = id,
                                 .attempt = attempt,
                                 .digest = "d1",
                                 .files = 3,
                                 .bytes = 4096,
                                 .taken_at = now,
                                 .consistency = Consistency::atomic};
    case OperationKind::delete_snapshot:
      return snapshot_deleted(share, operation);
    case OperationKind::revert_share:
      return reverted(share, now, operation);
  }
  return CancelOperation{};
}

}  // namespace pasig
