// Random commands in random order: whatever is accepted evolves (evolve asserts its promises),
// the line of operations is sound, and what was taken is given back in the end.
#include <gtest/gtest.h>
// After GoogleTest, whose names it uses.
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "tests/commands/story.h"

namespace pasig {
namespace {

template <class T>
T any_of(const std::vector<T>& values, T otherwise) {
  return values.empty() ? otherwise : *rc::gen::elementOf(values);
}

class Chaos {
 public:
  Story story;

  Chaos() {
    for (const char* replication : {"none", "writable", "readable", "dr"})
      types_.push_back(story.make_type(replication));
    // Most of what can go wrong takes a share with replicas.
    const ShareId share = story.make_share("dr");
    story.make_replica(share, "z-b");
    if (*rc::gen::arbitrary<bool>()) story.make_replica(share, "z-c");
  }

  void step() {
    story.later(*rc::gen::inRange(0, 90));
    if (*rc::gen::inRange(0, 4) == 0) story.as_member();
    else story.as_admin();
    try_out(any_command());
  }

  // Everything is deleted by force; every counter is back at zero.
  void clean_up() {
    story.as_admin();
    take_orders_back();
    while (!story.folded.world.shares.empty()) {
      const ShareId share = story.folded.world.shares.begin()->first;
      for (int i = 0; i < 500 && story.folded.world.shares.contains(share); ++i) {
        if (story.share(share).operations.empty()) ask_for_its_end(share);
        else story.finish_first(share);
      }
      RC_ASSERT(!story.folded.world.shares.contains(share));
    }
    for (const auto& [counter, value] : story.folded.counters)
      if (value != 0) RC_FAIL(counter + " is at " + std::to_string(value));
    for (const auto& [id, operation] : story.folded.world.operations)
      RC_ASSERT(operation.is_over());
  }

 private:
  // What has to go first is refused to go at once, and goes in a later round.
  void ask_for_its_end(ShareId share) {
    const std::vector<Snapshot> snapshots = story.share(share).snapshots;
    for (const Snapshot& one : snapshots) try_out(DeleteSnapshot{one.id, true});
    const std::vector<Replica> replicas = story.share(share).replicas;
    for (const Replica& one : replicas) try_out(RemoveReplica{one.id, true});
    try_out(DeleteShare{share, true});
  }
  void take_orders_back() {
    for (const char* controller : {"a", "b", "c"})
      try_out(RetireController{.controller = controller, .reinstate = true});
    for (const ShareId share : shares()) try_out(ResumeEffects{.share = share});
  }
  void try_out(const Command& command) {
    story.now.command_id = "chaos";  // Story makes the real one
    const Decision decision = story.ask(command);
    if (!decision) {
      RC_ASSERT(!decision.error().message.empty());
      return;
    }
    story.take(command);
    check();
  }

  void check() const {
    for (const auto& [id, share] : story.folded.world.shares) {
      RC_ASSERT(!broken_promise(share));
      check_nothing_waits_for_ever(share);
      for (std::size_t i = 0; i < share.operations.size(); ++i) {
        const Operation& operation = story.operation(share.operations[i].id);
        RC_ASSERT(!operation.is_over());
        if (i > 0) RC_ASSERT(operation.status == OperationStatus::requested);
      }
    }
    for (const auto& [counter, value] : story.folded.counters) RC_ASSERT(value >= 0);
  }

  static bool has_pending(const Share& share, OperationKind kind, SnapshotId snapshot = {}) {
    return std::any_of(share.operations.begin(), share.operations.end(),
                       [&](const PendingOperation& one) {
                         return one.kind == kind && (snapshot.is_nil() || one.snapshot == snapshot);
                       });
  }
  // What says that it is being done is done by an operation, or taken up after the one that it
  // gave way to.
  void check_nothing_waits_for_ever(const Share& share) const {
    using Kind = OperationKind;
    const bool is_changing = has_pending(share, Kind::set_active_replica);
    for (const Snapshot& one : share.snapshots)
      if (one.digest.empty() && status_of(one) == SnapshotStatus::creating)
        RC_ASSERT(is_changing || has_pending(share, Kind::create_snapshot, one.id));
    const std::vector<std::pair<ShareTask, Kind>> tasks = {
        {ShareTask::extending, Kind::extend_share},
        {ShareTask::shrinking, Kind::shrink_share},
        {ShareTask::reverting, Kind::revert_share},
        {ShareTask::manage_starting, Kind::manage_share},
        {ShareTask::unmanage_starting, Kind::unmanage_share}};
    for (const auto& [task, kind] : tasks)
      if (share.task == task) RC_ASSERT(has_pending(share, kind));
    for (const ShareAccessRule& one : share.access_rules)
      RC_ASSERT(!one.is_removed || !one.replicas.empty());
  }

  std::vector<ShareId> shares() const {
    std::vector<ShareId> ids;
    for (const auto& [id, share] : story.folded.world.shares) ids.push_back(id);
    return ids;
  }
  std::vector<ReplicaId> replicas() const {
    std::vector<ReplicaId> ids;
    for (const auto& [share_id, share] : story.folded.world.shares)
      for (const Replica& one : share.replicas) ids.push_back(one.id);
    return ids;
  }
  std::vector<OperationId> operations() const {
    std::vector<OperationId> ids;
    for (const auto& [id, operation] : story.folded.world.operations) ids.push_back(id);
    return ids;
  }

  Command any_command() {
    const ShareId share = any_of(shares(), ShareId{});
    const ReplicaId replica = any_of(replicas(), ReplicaId{});
    const OperationId operation = any_operation();
    if (*rc::gen::inRange(0, 3) == 0) return any_later_command(share, replica, operation);
    switch (*rc::gen::inRange(0, 20)) {
      case 0:
        return CreateShare{.protocol = "NFS", .size_gb = 1, .type = any_of(types_, types_[0])};
      case 1:
        return DeleteShare{share, *rc::gen::arbitrary<bool>()};
      case 2:
      case 3:
        return AddReplica{.share = share};
      case 4:
        return RemoveReplica{replica, *rc::gen::arbitrary<bool>()};
      case 5:
        return SetActiveReplica{
            .replica = replica,
            .mode = *rc::gen::element(ChangeMode::auto_, ChangeMode::planned, ChangeMode::forced)};
      case 6:
        return ResyncReplica{replica};
      case 7:
        return ResetReplicaStatus{replica, static_cast<ReplicaStatus>(*rc::gen::inRange(0, 7))};
      case 8:
        return ResetReplicaState{replica, static_cast<ReplicaState>(*rc::gen::inRange(0, 5))};
      case 9:
        return CancelOperation{operation};
      case 10:
        return RerouteOperation{operation, "b", "chaos"};
      case 11:
        return ExpireOperation{operation};
      case 12:
        return ExpireConfirmation{share, replica, Time{}};
      case 13:
        return sync_of(replica);
      case 14:
        return status_of_one(replica);
      case 15:
        return failing(operation);
      case 16:
        return ReportOperationCancelled{operation, attempt_of(operation), "chaos"};
      case 17:
        return any_report(operation);
      default:
        return claim(operation);
    }
  }

  // Mostly one that is not over.
  OperationId any_operation() const {
    std::vector<OperationId> open;
    for (const auto& [id, operation] : story.folded.world.operations)
      if (!operation.is_over()) open.push_back(id);
    const bool any_at_all = open.empty() || *rc::gen::inRange(0, 4) == 0;
    return any_of(any_at_all ? operations() : open, OperationId{});
  }
  // About snapshots, sizes, access rules, damage and operators' orders.
  Command any_later_command(ShareId share, ReplicaId replica, OperationId operation) {
    const SnapshotId snapshot = any_of(snapshots(share), SnapshotId{});
    const AccessRuleId rule = any_of(rules(share), AccessRuleId{});
    const std::uint64_t size = size_of(share);
    const std::string controller = *rc::gen::element<std::string>("a", "b", "c");
    switch (*rc::gen::inRange(0, 22)) {
      case 0:
        return DeleteSnapshot{snapshot, *rc::gen::arbitrary<bool>()};
      case 1:
        return RevertShare{share, snapshot};
      case 2:
        return ExpireSnapshotCopy{share, snapshot, replica};
      case 3:
        return ResetSnapshotStatus{snapshot, static_cast<SnapshotStatus>(*rc::gen::inRange(0, 5))};
      case 4:
      case 5:
        return ExtendShare{.share = share, .new_size_gb = size + 2};
      case 6:
        return ShrinkShare{.share = share, .new_size_gb = size - 1};
      case 7:
        return ResetShareTask{share};
      case 8:
      case 9:
        return GrantAccess{.share = share,
                           .type = "user",
                           .to = *rc::gen::element<std::string>("anna", "bernd", "clara")};
      case 10:
        return RevokeAccess{share, rule};
      case 11:
        return ChangeAccessLevel{rule, AccessLevel::ro};
      case 12:
        return AbandonOperation{operation, "chaos"};
      case 13:
        return ReportOperationAbandoned{operation, attempt_of(operation), "chaos"};
      case 14:
        return RetireController{
            .controller = controller, .why = "chaos", .reinstate = *rc::gen::inRange(0, 3) != 0};
      case 15:
        return LoseReplicas{share, controller};
      case 16:
        if (*rc::gen::arbitrary<bool>()) return ResumeEffects{.share = share};
        return PauseEffects{.share = share, .why = "chaos"};
      case 17:
        return VerifyReplica{replica};
      case 18:
        return scrub_of(replica);
      default:
        return CreateSnapshot{.share = share};
    }
  }

  std::vector<SnapshotId> snapshots(ShareId share) const {
    std::vector<SnapshotId> ids;
    const auto at = story.folded.world.shares.find(share);
    if (at == story.folded.world.shares.end()) return ids;
    for (const Snapshot& one : at->second.snapshots) ids.push_back(one.id);
    return ids;
  }
  std::vector<AccessRuleId> rules(ShareId share) const {
    std::vector<AccessRuleId> ids;
    const auto at = story.folded.world.shares.find(share);
    if (at == story.folded.world.shares.end()) return ids;
    for (const ShareAccessRule& one : at->second.access_rules) ids.push_back(one.id);
    return ids;
  }
  std::uint64_t size_of(ShareId share) const {
    const auto at = story.folded.world.shares.find(share);
    return at == story.folded.world.shares.end() ? 1 : at->second.size_gb;
  }
  // Each snapshot is on it, or the log's word for that is wrong, or nobody looked.
  template <class Report>
  void look_at_snapshots(Report& report) const {
    if (*rc::gen::arbitrary<bool>()) return;
    report.snapshots.emplace();
    for (const SnapshotId one : snapshots(report.share)) {
      const int found = *rc::gen::inRange(0, 3);
      if (found == 0) report.snapshots->push_back(one);
      if (found == 1) report.snapshots_missing.push_back(one);
    }
  }
  Command scrub_of(ReplicaId replica) const {
    const ShareId share = home_of(replica);
    const auto damaged = *rc::gen::inRange<std::uint64_t>(0, 3);
    return ReportScrub{.share = share,
                       .replica = replica,
                       .epoch = epoch_of(share),
                       .files = 9,
                       .damaged = damaged,
                       .repaired = damaged == 0 ? 0 : *rc::gen::inRange<std::uint64_t>(0, 2),
                       .began_at = story.now.now};
  }

  ShareId home_of(ReplicaId replica) const {
    for (const auto& [id, share] : story.folded.world.shares)
      if (share.find(replica) != nullptr) return id;
    return {};
  }
  std::uint64_t epoch_of(ShareId share) const {
    const auto at = story.folded.world.shares.find(share);
    return at == story.folded.world.shares.end() ? 0 : at->second.epoch;
  }
  std::uint32_t attempt_of(OperationId operation) const {
    const auto at = story.folded.world.operations.find(operation);
    return at == story.folded.world.operations.end() ? 0 : at->second.attempt;
  }

  Command sync_of(ReplicaId replica) const {
    const ShareId share = home_of(replica);
    ReportSync report{.share = share, .replica = replica, .epoch = epoch_of(share)};
    if (*rc::gen::arbitrary<bool>())
      report.wrong = static_cast<OutOfSyncReason>(*rc::gen::inRange(0, 10));
    report.generation = *rc::gen::inRange<std::uint64_t>(0, 9);
    report.data_as_of = story.now.now.plus_seconds(-*rc::gen::inRange(0, 900));
    look_at_snapshots(report);
    if (*rc::gen::inRange(0, 4) == 0)
      report.source_bytes = *rc::gen::inRange<std::uint64_t>(0, 4) << 30;
    return report;
  }
  Command status_of_one(ReplicaId replica) const {
    const ShareId share = home_of(replica);
    ReportStatus report{.share = share, .replica = replica, .epoch = epoch_of(share)};
    report.role_fits = *rc::gen::inRange(0, 4) != 0;
    report.storage_words = "chaos";
    if (*rc::gen::arbitrary<bool>()) report.exports = {"host:/chaos"};
    if (*rc::gen::inRange(0, 8) == 0)
      report.aside = {{.replica = replica, .controller = "a", .path = "/aside"}};
    if (*rc::gen::arbitrary<bool>())
      report.failure = Failure{.code = static_cast<FailureCode>(*rc::gen::inRange(0, 12))};
    look_at_snapshots(report);
    return report;
  }
  Command claim(OperationId operation) const {
    return ClaimOperation{.operation = operation,
                          .node = *rc::gen::element<std::string>("node", "other"),
                          .process = 1,
                          .lease_seconds = 10,
                          .attempt = attempt_of(operation) + 1};
  }
  Command any_report(OperationId operation) const {
    const auto at = story.folded.world.operations.find(operation);
    if (at == story.folded.world.operations.end() ||
        !story.folded.world.shares.contains(at->second.share))
      return ReportReplicaAdded{.operation = operation};
    return done(story, operation);
  }
  Command failing(OperationId operation) const {
    Command report = any_report(operation);
    const Failure failure{.code = *rc::gen::element(FailureCode::no_space, FailureCode::failed,
                                                    FailureCode::unreachable)};
    std::visit(
        [&](auto& held) {
          if constexpr (requires { held.failure; }) held.failure = failure;
        },
        report);
    return report;
  }

  std::vector<ShareTypeId> types_;
};

RC_GTEST_PROP(RandomCommands, KeepEveryPromiseAndGiveEverythingBack, ()) {
  Chaos chaos;
  const int steps = *rc::gen::inRange(1, 120);
  for (int i = 0; i < steps; ++i) chaos.step();
  chaos.clean_up();
}

}  // namespace
}  // namespace pasig
