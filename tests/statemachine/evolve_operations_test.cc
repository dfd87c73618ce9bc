// Operations: the objects and each share's line of those that are not over stay in step.
#include <gtest/gtest.h>

#include "tests/statemachine/facts.h"

namespace pasig {
namespace {

using namespace facts;

TEST(EvolveOperations, ARequestedOneIsKeptAndStandsInTheSharesLine) {
  History history = provisioned(ReplicationType::readable);
  history.record({operation_requested(OperationKind::add_replica, k_second)});
  const Operation expected{.id = k_operation,
                           .kind = OperationKind::add_replica,
                           .share = k_share,
                           .replica = k_second,
                           .runs_on = "a",
                           .requested_at = history.time(),
                           .claim_by = Time{60},
                           .deadline = Time{600},
                           .command_id = "command-3"};
  EXPECT_EQ(history.operation(), expected);
  const std::vector<PendingOperation> line = {{k_operation, OperationKind::add_replica, k_second}};
  EXPECT_EQ(history.share().operations, line);
}

TEST(EvolveOperations, TheLineKeepsTheOrderOfRequests) {
  History history = provisioned(ReplicationType::readable);
  history.record({operation_requested(OperationKind::add_replica, k_second)})
      .record({OperationRequested{.operation = k_other_operation, .share = k_share}})
      .record({OperationCompleted{k_operation, k_share}});
  ASSERT_EQ(history.share().operations.size(), 1U);
  EXPECT_EQ(history.share().operations[0].id, k_other_operation);
}

TEST(EvolveOperations, AChangeOfTheActiveReplicaTakesItsParametersAlong) {
  History history = replicated();
  history.record(
      {ActiveReplicaChangeStarted{k_share, k_second, k_first, ChangeMode::forced, 45, true},
       operation_requested(OperationKind::set_active_replica, k_second)});
  EXPECT_EQ(history.operation().mode, ChangeMode::forced);
  EXPECT_EQ(history.operation().quiesce_wait_seconds, 45U);
  EXPECT_TRUE(history.operation().accept_older);
}

TEST(EvolveOperations, ARemovalTakesItsForceAlong) {
  for (const bool force : {false, true}) {
    History history = replicated();
    history.record({ReplicaRemovalStarted{k_share, k_second, force},
                    operation_requested(OperationKind::remove_replica, k_second)});
    EXPECT_EQ(history.operation().force, force);
  }
}

TEST(EvolveOperations, ADeletionTakesItsForceAlong) {
  for (const bool force : {false, true}) {
    History history = replicated();
    history.record({ShareDeletionStarted{k_share, force},
                    operation_requested(OperationKind::delete_share, k_first)});
    EXPECT_EQ(history.operation().force, force);
  }
}

TEST(EvolveOperations, OtherKindsTakeNoParametersOfAnEarlierRemoval) {
  History history = replicated();
  history.record({ReplicaRemovalStarted{k_share, k_second, true},
                  operation_requested(OperationKind::add_replica, k_second)});
  EXPECT_FALSE(history.operation().force);
}

TEST(EvolveOperations, AClaimHandsOutTheSharesVersionAsToken) {
  History history = provisioned(ReplicationType::readable);
  history.record({operation_requested(OperationKind::add_replica, k_second)})
      .record({operation_started()}, 42);
  EXPECT_EQ(history.operation().status, OperationStatus::running);
  EXPECT_EQ(history.operation().node, "node-1");
  EXPECT_EQ(history.operation().process, 7U);
  EXPECT_EQ(history.operation().attempt, 1U);
  EXPECT_EQ(history.operation().lease_seconds, 300U);
  EXPECT_EQ(history.operation().claimed_at, history.time());
  EXPECT_EQ(history.operation().token_version, 42U);
}

TEST(EvolveOperations, ATakeOverReplacesTheClaimant) {
  History history = provisioned(ReplicationType::readable);
  history.record({operation_requested(OperationKind::add_replica, k_second)})
      .record({operation_started()}, 42)
      .record({OperationStarted{k_operation, k_share, "node-2", 9, 2, 60}}, 43);
  EXPECT_EQ(history.operation().node, "node-2");
  EXPECT_EQ(history.operation().process, 9U);
  EXPECT_EQ(history.operation().attempt, 2U);
  EXPECT_EQ(history.operation().token_version, 43U);
}

TEST(EvolveOperations, ARenewalKeepsTheClaimAndSetsTheLease) {
  History history = provisioned(ReplicationType::readable);
  history.record({operation_requested(OperationKind::add_replica, k_second)})
      .record({operation_started()}, 42);
  Operation expected = history.operation();
  expected.lease_seconds = 900;
  history.record({OperationLeaseRenewed{k_operation, 1, 900}});
  EXPECT_EQ(history.operation(), expected);
}

TEST(EvolveOperations, AReroutedOneWaitsForAnotherController) {
  History history = provisioned(ReplicationType::readable);
  history.record({operation_requested(OperationKind::add_replica, k_second)})
      .record({OperationRerouted{k_operation, k_share, "a", "b", "nobody claimed it", Time{90}}});
  EXPECT_EQ(history.operation().status, OperationStatus::requested);
  EXPECT_EQ(history.operation().runs_on, "b");
  EXPECT_EQ(history.operation().claim_by, Time{90});
}

TEST(EvolveOperations, ARequestToCancelLeavesItInTheLine) {
  History history = provisioned(ReplicationType::readable);
  history.record({operation_requested(OperationKind::add_replica, k_second)})
      .record({operation_started()})
      .record({OperationCancelRequested{k_operation, k_share, "wrong zone"}});
  EXPECT_TRUE(history.operation().cancel_requested);
  EXPECT_EQ(history.operation().cancel_why, "wrong zone");
  EXPECT_EQ(history.operation().status, OperationStatus::running);
  EXPECT_EQ(history.share().operations.size(), 1U);
}

TEST(EvolveOperations, ACompletedOneIsOverAndLeavesTheLine) {
  History history = provisioned(ReplicationType::readable);
  history.record({operation_requested(OperationKind::add_replica, k_second)})
      .record({operation_started()})
      .record({OperationCompleted{k_operation, k_share}});
  EXPECT_EQ(history.operation().status, OperationStatus::done);
  EXPECT_EQ(history.operation().ended_at, history.time());
  EXPECT_TRUE(history.share().operations.empty());
}

TEST(EvolveOperations, AFailedOneKeepsItsFailure) {
  History history = provisioned(ReplicationType::readable);
  const Failure why{FailureCode::expired, "a", "its deadline passed", "look at a"};
  history.record({operation_requested(OperationKind::add_replica, k_second)})
      .record({OperationFailed{k_operation, k_share, why}});
  EXPECT_EQ(history.operation().status, OperationStatus::failed);
  EXPECT_EQ(history.operation().failure, why);
  EXPECT_EQ(history.operation().ended_at, history.time());
  EXPECT_TRUE(history.share().operations.empty());
}

TEST(EvolveOperations, ACancelledOneKeepsTheReason) {
  History history = provisioned(ReplicationType::readable);
  history.record({operation_requested(OperationKind::add_replica, k_second)})
      .record({OperationCancelled{k_operation, k_share, "not wanted"}});
  EXPECT_EQ(history.operation().status, OperationStatus::cancelled);
  EXPECT_EQ(history.operation().cancel_why, "not wanted");
  EXPECT_TRUE(history.share().operations.empty());
}

TEST(EvolveOperations, AnEndedChangeOfTheActiveReplicaIsNoLongerPending) {
  History history = replicated();
  history.record(
      {ActiveReplicaChangeStarted{.share = k_share, .replica = k_second, .demoted = k_first},
       operation_requested(OperationKind::set_active_replica, k_second)});
  ASSERT_TRUE(history.share().change.has_value());
  history.record({OperationCancelled{k_operation, k_share, "not wanted"}});
  EXPECT_EQ(history.share().change, std::nullopt);
}

TEST(EvolveOperations, OneOfADeletedShareStillEnds) {
  History history = provisioned(ReplicationType::readable);
  history.record({operation_requested(OperationKind::delete_share, k_first)})
      .record({ShareDeleted{k_share}, OperationCompleted{k_operation, k_share}});
  EXPECT_EQ(history.operation().status, OperationStatus::done);
}

TEST(EvolveOperations, AnOperationAloneDoesNotStampItsShare) {
  History history = provisioned(ReplicationType::readable);
  const Time before = history.share().updated_at;
  history.record({operation_requested(OperationKind::add_replica, k_second)});
  EXPECT_EQ(history.share().updated_at, before);
}

}  // namespace
}  // namespace pasig
