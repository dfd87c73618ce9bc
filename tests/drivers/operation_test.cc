// Operations from claim to report: outcomes that are not known, leases that run out, reports that
// no record holds.
#include "tests/drivers/working_node.h"

namespace pasig::drivers {
namespace {

constexpr std::int64_t k_past_deadline = 7 * 3600;

class OperationOnNode : public WorkingNode {
 protected:
  OperationOnNode() : share_(make_share()), active_(share().replicas.at(0).id) {}

  Share share() { return node_.share(share_); }
  Operation operation(OperationId id) { return node_.operation(id); }
  OperationId request_change(ReplicaId to) { return request(SetActiveReplica{.replica = to}); }
  // The next pause between two tries takes longer than the operation may.
  void let_the_next_pause_pass_the_deadline() {
    pausing_ = [this] {
      clock_.advance_seconds(k_past_deadline);
      pausing_ = [this] { clock_.advance_seconds(1); };
    };
  }

  const ShareId share_;
  const ReplicaId active_;
};

TEST_F(OperationOnNode, UnknownPastItsDeadlineIsDoneWhenStorageShowsIt) {
  const ReplicaId other = add_replica(share_);
  storage_->lose_answer("set_active_replica", true);
  let_the_next_pause_pass_the_deadline();
  const OperationId id = request_change(other);
  settle();
  EXPECT_EQ(operation(id).status, OperationStatus::done);
  EXPECT_EQ(share().active()->id, other);
  EXPECT_EQ(events("ActiveReplicaChangeFailed"), 0);
}

TEST_F(OperationOnNode, UnknownPastItsDeadlineFailsWhenStorageShowsThatItWasNotDone) {
  const ReplicaId other = add_replica(share_);
  storage_->lose_answer("set_active_replica", false);
  let_the_next_pause_pass_the_deadline();
  const OperationId id = request_change(other);
  settle();
  EXPECT_EQ(operation(id).status, OperationStatus::failed);
  EXPECT_EQ(share().active()->id, active_);
  EXPECT_EQ(calls("inspect"), 1);
}

TEST_F(OperationOnNode, UnknownPastItsDeadlineRunsOnWhileStorageIsSilent) {
  const ReplicaId other = add_replica(share_);
  storage_->lose_answer("set_active_replica", true);
  const CallFailure silent{.problem = Problem::unreachable, .words = "silent"};
  storage_->fail("inspect", silent, 3);
  let_the_next_pause_pass_the_deadline();
  const OperationId id = request_change(other);
  settle();
  EXPECT_EQ(operation(id).status, OperationStatus::done);
  EXPECT_EQ(share().active()->id, other);
}

TEST_F(OperationOnNode, FailureAfterAnUnknownOutcomeIsCheckedOnStorage) {
  const ReplicaId other = add_replica(share_);
  storage_->lose_answer("set_active_replica", true);
  pausing_ = [this] {  // the redelivery finds the controller away
    const CallFailure away{.problem = Problem::unreachable, .words = "away"};
    storage_->fail("set_active_replica", away);
    pausing_ = [this] { clock_.advance_seconds(1); };
  };
  const OperationId id = request_change(other);
  settle();
  EXPECT_EQ(operation(id).status, OperationStatus::done);
}

TEST_F(OperationOnNode, RestartedProcessDoesNotTakeAFailureForTheEndOfAnOpenChange) {
  const ReplicaId other = add_replica(share_);
  script_.ends_after.insert("set_active_replica");
  const OperationId id = request_change(other);
  EXPECT_THROW(step(), scenario::ProcessEnded);
  start_process(2);
  const CallFailure away{.problem = Problem::unreachable, .words = "away"};
  storage_->fail("set_active_replica", away);
  settle();
  EXPECT_EQ(operation(id).status, OperationStatus::done);
  EXPECT_EQ(share().active()->id, other);
}

TEST_F(OperationOnNode, IsGivenBackWhenItsOwnLeaseHasRunOut) {
  node_.request_replica(share_);
  const OperationId id = share().operations.at(0).id;
  script_.during["add_replica"] = [this] {
    clock_.advance_seconds(k_lease);
    worker_->look();
  };
  step();
  EXPECT_EQ(operation(id).status, OperationStatus::running);
  EXPECT_EQ(calls("add_replica"), 0);
  pass(3);
  EXPECT_EQ(operation(id).status, OperationStatus::done);
  EXPECT_EQ(operation(id).attempt, 2U);
}

TEST_F(OperationOnNode, GoesOnWhileItsLeaseIsRenewed) {
  node_.request_replica(share_);
  const OperationId id = share().operations.at(0).id;
  script_.during["add_replica"] = [this] {
    clock_.advance_seconds(k_lease / 2);
    worker_->look();
    EXPECT_TRUE(worker_->run_next());
    clock_.advance_seconds(k_lease - 1);
    worker_->look();
  };
  settle();
  EXPECT_EQ(operation(id).status, OperationStatus::done);
  EXPECT_EQ(operation(id).attempt, 1U);
}

TEST_F(OperationOnNode, RenewalThatWasNotAcceptedExtendsNothing) {
  handler_.before = [](const Submission& one) -> std::optional<Error> {
    if (!std::holds_alternative<RenewLease>(one.command)) return std::nullopt;
    return Error{ErrorCode::unavailable, "the log is full", {}};
  };
  node_.request_replica(share_);
  const OperationId id = share().operations.at(0).id;
  script_.during["add_replica"] = [this] {
    clock_.advance_seconds(k_lease / 2);
    worker_->look();
    EXPECT_TRUE(worker_->run_next());
    clock_.advance_seconds(k_lease / 2);
    worker_->look();
  };
  step();
  EXPECT_EQ(operation(id).status, OperationStatus::running);
  EXPECT_EQ(calls("add_replica"), 0);
}

TEST_F(OperationOnNode, ClaimSeenTooLateIsMadeAgain) {
  handler_.before = [this](const Submission& one) -> std::optional<Error> {
    const auto* claim = std::get_if<ClaimOperation>(&one.command);
    if (claim != nullptr && claim->attempt == 1) clock_.advance_seconds(k_lease / 3);
    return std::nullopt;
  };
  node_.request_replica(share_);
  const OperationId id = share().operations.at(0).id;
  settle();
  EXPECT_EQ(operation(id).status, OperationStatus::running);
  EXPECT_EQ(calls("add_replica"), 0);
  pass(3);
  EXPECT_EQ(operation(id).status, OperationStatus::done);
  EXPECT_EQ(operation(id).attempt, 2U);
}

TEST_F(OperationOnNode, FailureThatNoRecordHoldsIsReportedInFewWords) {
  const CallFailure wordy{.problem = Problem::failed,
                          .words = std::string(k_record_bytes_max, 'x')};
  storage_->fail("add_replica", wordy);
  node_.request_replica(share_);
  const OperationId id = share().operations.at(0).id;
  settle();
  EXPECT_EQ(operation(id).status, OperationStatus::failed);
  EXPECT_EQ(operation(id).attempt, 1U);
}

TEST_F(OperationOnNode, WhatCannotBeReportedIsClaimedAgainLessAndLessOften) {
  handler_.before = [](const Submission& one) -> std::optional<Error> {
    if (!std::holds_alternative<ReportReplicaAdded>(one.command)) return std::nullopt;
    return Error{ErrorCode::invalid, "no record holds it", {}};
  };
  node_.request_replica(share_);
  const OperationId id = share().operations.at(0).id;
  settle();
  EXPECT_EQ(operation(id).attempt, 1U);
  for (int second = 0; second < 20; ++second) pass(1);
  EXPECT_EQ(operation(id).attempt, 4U);  // after 2, 4 and 8 seconds, and one for each look
}

}  // namespace
}  // namespace pasig::drivers
