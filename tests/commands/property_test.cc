// Random commands in random order: whatever is accepted evolves (evolve asserts its promises),
// the line of operations is sound, and what was taken is given back in the end.
#include <gtest/gtest.h>
// After GoogleTest, whose names it uses.
#include <rapidcheck/gtest.h>

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
    const std::vector<Replica> replicas = story.share(share).replicas;
    for (const Replica& one : replicas) try_out(RemoveReplica{one.id, true});
    try_out(DeleteShare{share, true});
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
      for (std::size_t i = 0; i < share.operations.size(); ++i) {
        const Operation& operation = story.operation(share.operations[i].id);
        RC_ASSERT(!operation.is_over());
        if (i > 0) RC_ASSERT(operation.status == OperationStatus::requested);
      }
    }
    for (const auto& [counter, value] : story.folded.counters) RC_ASSERT(value >= 0);
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
    const OperationId operation = any_of(operations(), OperationId{});
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
