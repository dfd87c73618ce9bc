#include "tests/commands/story.h"

namespace pasig {
namespace {

ReportShareCreated without_space(const Story& story, OperationId operation) {
  return {.operation = operation,
          .attempt = story.operation(operation).attempt,
          .failure = Failure{.code = FailureCode::no_space, .words = "no space left"}};
}

TEST(CreateShare, PlacesItAndAsksTheChosenController) {
  Story story;
  const ShareTypeId type = story.make_type("readable");
  const Events events =
      story.take(CreateShare{.protocol = "nfs", .size_gb = 2, .type = type, .zone = "z-b"});
  const auto* created = find<ShareCreated>(events);
  ASSERT_NE(created, nullptr);
  EXPECT_EQ(created->placement.host, "node@b#pool");
  EXPECT_EQ(created->protocol, "NFS");
  EXPECT_EQ(created->project, "project-1");
  const auto* asked = find<OperationRequested>(events);
  ASSERT_NE(asked, nullptr);
  EXPECT_EQ(asked->runs_on, "b");
  EXPECT_EQ(asked->claim_by, story.now.now.plus_seconds(60));
  EXPECT_EQ(asked->deadline, story.now.now.plus_seconds(6 * 3600));
}

TEST(CreateShare, CountsTheShareItsReplicaAndItsPromise) {
  Story story;
  story.request_share(story.make_type("dr"), 7);
  EXPECT_EQ(story.counter("shares-project-1"), 1);
  EXPECT_EQ(story.counter("gigabytes-project-1"), 7);
  EXPECT_EQ(story.counter("share_replicas-project-1"), 1);
  EXPECT_EQ(story.counter("replica_gigabytes-project-1"), 7);
  EXPECT_EQ(story.counter("provisioned-gb-node@a#pool"), 7);
}

TEST(CreateShare, CountsNoReplicaWithoutReplication) {
  Story story;
  story.request_share(story.make_type("none"));
  EXPECT_EQ(story.counter("shares-project-1"), 1);
  EXPECT_EQ(story.counter("share_replicas-project-1"), 0);
}

TEST(CreateShare, IsRefusedOverEachQuota) {
  for (const auto quota :
       {&Quotas::shares, &Quotas::gigabytes, &Quotas::share_replicas, &Quotas::replica_gigabytes}) {
    Story story;
    const ShareTypeId type = story.make_type("dr");
    story.now.quotas.*quota = 0;
    EXPECT_EQ(story.refused(CreateShare{.protocol = "NFS", .size_gb = 1, .type = type}),
              "over_quota");
    story.now.quotas.*quota = std::nullopt;
    EXPECT_EQ(story.refused(CreateShare{.protocol = "NFS", .size_gb = 1, .type = type}),
              "accepted");
  }
}

TEST(CreateShare, ChecksItsInput) {
  Story story;
  const ShareTypeId type = story.make_type("dr");
  const CreateShare good{.protocol = "NFS", .size_gb = 1, .type = type};
  CreateShare no_size = good;
  no_size.size_gb = 0;
  CreateShare too_large = good;
  too_large.size_gb = ~std::uint64_t{0};
  CreateShare no_protocol = good;
  no_protocol.protocol.clear();
  CreateShare unknown_protocol = good;
  unknown_protocol.protocol = "FOO";
  CreateShare long_name = good;
  long_name.name.assign(256, 'x');
  CreateShare empty_key = good;
  empty_key.metadata = {{"", "value"}};
  for (const CreateShare& bad :
       {no_size, too_large, no_protocol, unknown_protocol, long_name, empty_key})
    EXPECT_EQ(story.refused(bad), "invalid_input");
}

TEST(CreateShare, RefusesAnUnknownZone) {
  Story story;
  const ShareTypeId type = story.make_type("dr");
  EXPECT_EQ(
      story.refused(CreateShare{.protocol = "NFS", .size_gb = 1, .type = type, .zone = "mars"}),
      "zone_unknown");
}

TEST(CreateShare, RefusesAZoneThatItsTypeDoesNotAllow) {
  Story story;
  const ShareTypeId type = story.make_type("dr", {{"availability_zones", "z-b"}});
  EXPECT_EQ(
      story.refused(CreateShare{.protocol = "NFS", .size_gb = 1, .type = type, .zone = "z-a"}),
      "zone_not_allowed");
}

TEST(CreateShare, SaysWhyNoPoolPassed) {
  Story story;
  const ShareTypeId type = story.make_type("dr", {{"disk", "ssd"}});
  const CreateShare command{.protocol = "NFS", .size_gb = 1, .type = type};
  EXPECT_EQ(story.refused(command), "no_valid_host");
  EXPECT_NE(story.refusal(command).find("3 of 3 rejected by capabilities"), std::string::npos);
}

TEST(CreateShare, HonoursTheOnlyHostOfAdminsAlone) {
  Story story;
  const ShareTypeId type = story.make_type("dr");
  const CreateShare command{
      .protocol = "NFS", .size_gb = 1, .type = type, .only_host = "node@c#pool"};
  EXPECT_EQ(find<ShareCreated>(*story.ask(command))->placement.host, "node@c#pool");
  story.as_member();
  EXPECT_EQ(find<ShareCreated>(*story.ask(command))->placement.host, "node@a#pool");
}

TEST(CreateShare, DoesNotShowPrivateTypesToMembers) {
  Story story;
  const ShareTypeId type = story.make_type("dr");
  story.folded.world.types.at(type).is_public = false;
  story.as_member();
  EXPECT_EQ(story.refused(CreateShare{.protocol = "NFS", .size_gb = 1, .type = type}),
            "type_not_found");
}

TEST(ReportShareCreated, MakesTheFirstReplicaActive) {
  Story story;
  const ShareId share = story.make_share("readable");
  ASSERT_NE(story.share(share).active(), nullptr);
  EXPECT_EQ(story.share(share).active()->status, ReplicaStatus::available);
  EXPECT_EQ(story.share(share).epoch, 1U);
  EXPECT_TRUE(story.share(share).operations.empty());
}

TEST(ReportShareCreated, EndsInErrorWhenItFailed) {
  Story story;
  const ShareId share = story.request_share(story.make_type("dr"));
  const OperationId operation = story.start_first(share);
  const Events events = story.take(ReportShareCreated{
      .operation = operation, .attempt = 1, .failure = Failure{.words = "refused"}});
  EXPECT_EQ(names(events), "ShareProvisionFailed OperationFailed");
  EXPECT_EQ(status_of(story.share(share)), ReplicaStatus::error);
}

TEST(ReportShareCreated, TriesAnotherPoolWithoutSpace) {
  Story story;
  const ShareTypeId type = story.make_type("dr");
  story.take(CreateShare{.protocol = "NFS", .size_gb = 5, .type = type});
  const ShareId share = story.folded.world.shares.begin()->first;
  const Events events = story.take(without_space(story, story.start_first(share)));
  EXPECT_EQ(names(events), "ShareRescheduled OperationFailed OperationRequested");
  EXPECT_EQ(find<OperationRequested>(events)->runs_on, "b");
  EXPECT_EQ(story.counter("provisioned-gb-node@a#pool"), 0);
  EXPECT_EQ(story.counter("provisioned-gb-node@b#pool"), 5);
}

TEST(ReportShareCreated, NeverTriesAPoolTwiceAndGivesUpInTheEnd) {
  Story story;
  const ShareTypeId type = story.make_type("dr");
  story.take(CreateShare{.protocol = "NFS", .size_gb = 5, .type = type});
  const ShareId share = story.folded.world.shares.begin()->first;
  story.take(without_space(story, story.start_first(share)));
  story.take(without_space(story, story.start_first(share)));
  EXPECT_EQ(story.share(share).replicas[0].host, "node@c#pool");
  const Events events = story.take(without_space(story, story.start_first(share)));
  EXPECT_EQ(names(events), "ShareProvisionFailed OperationFailed");
}

TEST(ReportShareCreated, SaysThatNoOtherPoolPasses) {
  Story story;
  const ShareId share = story.request_share(story.make_type("dr"));  // zone z-a was asked for
  const Events events = story.take(without_space(story, story.start_first(share)));
  ASSERT_NE(find<ShareProvisionFailed>(events), nullptr);
  EXPECT_NE(find<ShareProvisionFailed>(events)->failure.words.find("no pool passed"),
            std::string::npos);
}

TEST(DeleteShare, AsksTheActiveReplicasController) {
  Story story;
  const ShareId share = story.make_share("dr");
  const Events events = story.take(DeleteShare{share});
  EXPECT_EQ(names(events), "ShareDeletionStarted OperationRequested");
  EXPECT_EQ(find<OperationRequested>(events)->runs_on, "a");
}

TEST(DeleteShare, IsRefusedWhileSomethingIsPending) {
  Story story;
  const ShareId share = story.request_share(story.make_type("dr"));
  EXPECT_EQ(story.refused(DeleteShare{share}), "share_is_busy");
}

TEST(DeleteShare, IsRefusedAfterAFailedDeletionUnlessForced) {
  Story story;
  const ShareId share = story.make_share("dr");
  story.take(DeleteShare{share});
  const OperationId operation = story.start_first(share);
  story.take(ReportShareDeleted{
      .operation = operation, .attempt = 1, .failure = Failure{.words = "device busy"}});
  EXPECT_EQ(status_of(story.share(share)), ReplicaStatus::error_deleting);
  EXPECT_EQ(story.refused(DeleteShare{share}), "share_not_available");
  EXPECT_EQ(story.refused(DeleteShare{share, true}), "accepted");
}

TEST(DeleteShare, IsForcedByAdminsAlone) {
  Story story;
  const ShareId share = story.make_share("dr");
  story.as_member();
  EXPECT_EQ(story.refused(DeleteShare{share, true}), "needs_admin");
}

TEST(DeleteShare, MakesPendingOperationsGiveWayWhenForced) {
  Story story;
  const ShareId share = story.request_share(story.make_type("dr"));
  const OperationId running = story.start_first(share);
  EXPECT_EQ(story.refused(DeleteShare{share}), "share_is_busy");
  const Events events = story.take(DeleteShare{share, true});
  EXPECT_EQ(names(events), "OperationCancelRequested ShareDeletionStarted OperationRequested");
  EXPECT_TRUE(story.operation(running).cancel_requested);
  story.take(ReportOperationCancelled{running, 1, "as asked"});
  story.finish_first(share);
  EXPECT_TRUE(story.folded.world.shares.empty());
}

TEST(DeleteShare, NeverTakesAShareWithReplicas) {
  Story story;
  const ShareId share = story.make_share("dr");
  story.make_replica(share);
  for (const bool force : {false, true})
    EXPECT_EQ(story.refused(DeleteShare{share, force}), "share_has_replicas");
}

TEST(DeleteShare, HidesSharesOfOtherProjects) {
  Story story;
  const ShareId share = story.make_share("dr");
  story.as_member("project-2");
  EXPECT_EQ(story.refused(DeleteShare{share}), "share_not_found");
  story.folded.world.shares.at(share).is_public = true;
  EXPECT_EQ(story.refused(DeleteShare{share}), "needs_admin");
}

TEST(ReportShareDeleted, ListsWhatRemains) {
  Story story;
  const ShareId share = story.make_share("dr");
  story.take(DeleteShare{share});
  const OperationId operation = story.start_first(share);
  const Events events = story.take(ReportShareDeleted{
      .operation = operation, .attempt = 1, .debris = {{.controller = "b", .bytes = 10}}});
  EXPECT_EQ(names(events), "RelationDebrisLeft OperationCompleted ShareDeleted");
}

TEST(ReportShareDeleted, IsContradictedByAResetReplica) {
  Story story;
  const ShareId share = story.make_share("dr");
  story.take(DeleteShare{share});
  const OperationId operation = story.start_first(share);
  story.take(ResetReplicaStatus{story.share(share).replicas[0].id, ReplicaStatus::available});
  EXPECT_EQ(names(story.take(ReportShareDeleted{.operation = operation, .attempt = 1})),
            "ReportContradictedState OperationFailed");
}

}  // namespace
}  // namespace pasig
