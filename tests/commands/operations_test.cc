#include "tests/commands/story.h"

namespace pasig {
namespace {

ClaimOperation claim(OperationId operation, std::uint32_t attempt = 1) {
  return {.operation = operation,
          .node = "node",
          .process = 1,
          .lease_seconds = 300,
          .attempt = attempt};
}

struct OneAddition : ::testing::Test {
  Story story;
  ShareId share = story.make_share("dr");
  ReplicaId replica = story.request_replica(share, "z-b");
  OperationId operation = story.first_in_line(share);
};
using Claim = OneAddition;
using Renew = OneAddition;
using Cancel = OneAddition;
using Reroute = OneAddition;
using Expire = OneAddition;
using LateReport = OneAddition;

TEST_F(Claim, StartsTheOperation) {
  const Events events = story.take(claim(operation));
  EXPECT_EQ(names(events), "OperationStarted");
  EXPECT_EQ(story.operation(operation).status, OperationStatus::running);
  EXPECT_GT(story.operation(operation).token_version, 0U);
}

TEST_F(Claim, WaitsForItsTurn) {
  story.request_replica(share, "z-c");
  const OperationId second = story.share(share).operations.at(1).id;
  EXPECT_EQ(story.refused(claim(second)), "not_first_in_line");
  story.finish_first(share);
  EXPECT_EQ(story.refused(claim(second)), "accepted");
}

TEST_F(Claim, IsForTheNextAttemptOnly) {
  EXPECT_EQ(story.refused(claim(operation, 0)), "operation_claimed");
  EXPECT_EQ(story.refused(claim(operation, 2)), "operation_claimed");
  story.take(claim(operation));
  EXPECT_EQ(story.refused(claim(operation, 1)), "operation_claimed");
}

TEST_F(Claim, IsTakenBackByAProcessThatGaveItBackOrRestartedAndTakenOverByOthers) {
  story.take(claim(operation));
  EXPECT_EQ(story.refused(claim(operation, 2)), "accepted");
  ClaimOperation restarted = claim(operation, 2);
  restarted.process = 2;
  EXPECT_EQ(story.refused(restarted), "accepted");
  ClaimOperation elsewhere = claim(operation, 2);
  elsewhere.node = "another";
  EXPECT_EQ(story.refused(elsewhere), "accepted");
}

TEST_F(Claim, IsRefusedWhenItIsOver) {
  story.finish_first(share);
  EXPECT_EQ(story.refused(claim(operation, 2)), "operation_is_over");
}

TEST_F(Claim, NamesItsNodeAndLease) {
  ClaimOperation nameless = claim(operation);
  nameless.node.clear();
  ClaimOperation endless = claim(operation);
  endless.lease_seconds = 0;
  EXPECT_EQ(story.refused(nameless), "invalid_input");
  EXPECT_EQ(story.refused(endless), "invalid_input");
  EXPECT_EQ(story.refused(claim(OperationId{})), "operation_not_found");
}

TEST_F(Renew, TouchesTheOperationAlone) {
  story.take(claim(operation));
  const WorldReader reader = story.folded.reader();
  ReadView view(reader);
  ASSERT_TRUE(decide(view, story.now, RenewLease{operation, 1, 300}));
  ASSERT_EQ(view.expectations().size(), 1U);
  EXPECT_EQ(view.expectations()[0].subject, stream_of(operation));
}

TEST_F(Renew, IsForTheAttemptThatHoldsIt) {
  EXPECT_EQ(story.refused(RenewLease{operation, 1, 300}), "operation_is_over");
  story.take(claim(operation));
  EXPECT_EQ(story.refused(RenewLease{operation, 2, 300}), "operation_claimed");
  EXPECT_EQ(names(story.take(RenewLease{operation, 1, 100})), "OperationLeaseRenewed");
  story.take(done(story, operation));
  EXPECT_EQ(story.refused(RenewLease{operation, 1, 300}), "operation_is_over");
}

TEST_F(Cancel, UndoesWhatNobodyHasStarted) {
  EXPECT_EQ(names(story.take(CancelOperation{operation})), "ReplicaAddFailed OperationCancelled");
  EXPECT_EQ(story.replica(replica).status, ReplicaStatus::error);
  EXPECT_EQ(story.refused(CancelOperation{operation}), "operation_is_over");
}

TEST_F(Cancel, UndoesEachKind) {
  story.finish_first(share);
  story.take(SetActiveReplica{.replica = replica});
  EXPECT_EQ(names(story.take(CancelOperation{story.first_in_line(share)})),
            "ActiveReplicaChangeFailed OperationCancelled");
  story.take(RemoveReplica{replica});
  EXPECT_EQ(names(story.take(CancelOperation{story.first_in_line(share)})),
            "ReplicaRemovalFailed OperationCancelled");
  const ShareId another = story.request_share(story.make_type("dr"));
  EXPECT_EQ(names(story.take(CancelOperation{story.first_in_line(another)})),
            "ShareProvisionFailed OperationCancelled");
  story.take(DeleteShare{another});
  EXPECT_EQ(names(story.take(CancelOperation{story.first_in_line(another)})),
            "ShareDeletionFailed OperationCancelled");
}

TEST_F(Cancel, AsksARunningOneOnce) {
  story.take(claim(operation));
  EXPECT_EQ(names(story.take(CancelOperation{operation})), "OperationCancelRequested");
  EXPECT_TRUE(story.take(CancelOperation{operation}).empty());
  EXPECT_EQ(names(story.take(ReportOperationCancelled{operation, 1, "as asked"})),
            "ReplicaAddFailed OperationCancelled");
}

TEST_F(Cancel, IsForTheOwner) {
  story.as_member("project-2");
  EXPECT_EQ(story.refused(CancelOperation{operation}), "share_not_found");
  story.as_member("project-1");
  EXPECT_EQ(story.refused(CancelOperation{operation}), "accepted");
  EXPECT_EQ(story.refused(CancelOperation{}), "operation_not_found");
}

TEST_F(Reroute, WaitsForTheClaimsTime) {
  const RerouteOperation command{operation, "b", "no worker of a"};
  EXPECT_TRUE(story.take(command).empty());
  story.later(61);
  const Events events = story.take(command);
  EXPECT_EQ(names(events), "OperationRerouted");
  EXPECT_EQ(story.operation(operation).runs_on, "b");
  EXPECT_EQ(story.operation(operation).claim_by, story.now.now.plus_seconds(60));
}

TEST_F(Reroute, LeavesARunningOneAlone) {
  story.take(claim(operation));
  story.later(61);
  EXPECT_TRUE(story.take(RerouteOperation{operation, "b", "late"}).empty());
}

TEST_F(Expire, EndsWhatNobodyStarted) {
  EXPECT_TRUE(story.take(ExpireOperation{operation}).empty());
  story.later(6 * 3600 + 1);
  EXPECT_EQ(names(story.take(ExpireOperation{operation})), "ReplicaAddFailed OperationFailed");
  EXPECT_EQ(story.operation(operation).failure.code, FailureCode::expired);
  EXPECT_TRUE(story.take(ExpireOperation{operation}).empty());
}

TEST_F(Expire, AsksARunningOneToStopOnce) {
  story.take(claim(operation));
  story.later(6 * 3600 + 1);
  EXPECT_EQ(names(story.take(ExpireOperation{operation})), "OperationCancelRequested");
  EXPECT_TRUE(story.take(ExpireOperation{operation}).empty());
}

TEST_F(LateReport, IsRecordedAfterTheOperationIsOver) {
  story.finish_first(share);
  EXPECT_EQ(names(story.take(done(story, operation))), "ReportContradictedState");
}

TEST_F(LateReport, IsRecordedWhenAnotherAttemptRuns) {
  story.take(claim(operation));
  const Command first = done(story, operation);
  ClaimOperation taken_over = claim(operation, 2);
  taken_over.node = "another";
  story.take(taken_over);
  EXPECT_EQ(names(story.take(first)), "ReportContradictedState");
  EXPECT_EQ(story.operation(operation).status, OperationStatus::running);
}

TEST_F(LateReport, IsRecordedBeforeAnybodyStarted) {
  EXPECT_EQ(names(story.take(done(story, operation))), "ReportContradictedState");
}

TEST_F(LateReport, EndsTheOperationOfAReplicaThatWasReset) {
  story.take(claim(operation));
  story.take(ResetReplicaStatus{replica, ReplicaStatus::error});
  EXPECT_EQ(names(story.take(done(story, operation))), "ReportContradictedState OperationFailed");
  EXPECT_TRUE(story.share(share).operations.empty());
}

TEST_F(LateReport, IsRefusedAboutNothing) {
  EXPECT_EQ(story.refused(ReportReplicaAdded{}), "report_does_not_fit");
  EXPECT_EQ(story.refused(ReportReplicaRemoved{.operation = operation}), "report_does_not_fit");
  story.take(CancelOperation{operation});
  story.take(RemoveReplica{replica});
  story.finish_first(share);
  story.take(DeleteShare{share});
  story.finish_first(share);
  EXPECT_EQ(story.refused(ReportReplicaAdded{.operation = operation}), "report_does_not_fit");
}

}  // namespace
}  // namespace pasig
