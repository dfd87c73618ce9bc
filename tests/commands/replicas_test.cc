#include "tests/commands/story.h"

namespace pasig {
namespace {

TEST(AddReplica, IsMadeByTheActiveReplicasController) {
  Story story;
  const ShareId share = story.make_share("readable");
  const Events events = story.take(AddReplica{.share = share, .zone = "z-b"});
  EXPECT_EQ(names(events), "ReplicaAddStarted OperationRequested");
  EXPECT_EQ(find<ReplicaAddStarted>(events)->placement.controller, "b");
  EXPECT_TRUE(find<ReplicaAddStarted>(events)->cast_rules_to_readonly);
  EXPECT_EQ(find<OperationRequested>(events)->runs_on, "a");
}

TEST(AddReplica, PrefersAZoneWithoutOne) {
  Story story;
  const ShareId share = story.make_share("dr");
  EXPECT_EQ(story.replica(story.make_replica(share)).zone, "z-b");
  EXPECT_EQ(story.replica(story.make_replica(share)).zone, "z-c");
}

TEST(AddReplica, ExistsInErrorWhenNoPoolPasses) {
  Story story;
  const ShareId share = story.make_share("dr");
  story.now.pools.resize(1);
  const Events events = story.take(AddReplica{.share = share});
  EXPECT_EQ(names(events), "ReplicaPlacementFailed");
  const Replica& replica = story.share(share).replicas.back();
  EXPECT_EQ(replica.status, ReplicaStatus::error);
  EXPECT_EQ(replica.state, ReplicaState::error);
  EXPECT_TRUE(replica.host.empty());
  EXPECT_EQ(story.counter("share_replicas-project-1"), 2);
}

TEST(AddReplica, NeedsAReplicatedShare) {
  Story story;
  const ShareId share = story.make_share("none");
  EXPECT_EQ(story.refused(AddReplica{.share = share}), "share_not_replicated");
}

TEST(AddReplica, NeedsAnAvailableActiveReplica) {
  Story story;
  const ShareId share = story.request_share(story.make_type("dr"));
  EXPECT_EQ(story.refused(AddReplica{.share = share}), "no_active_replica");
  story.finish_first(share);
  const ReplicaId active = story.share(share).active()->id;
  story.take(ResetReplicaStatus{active, ReplicaStatus::error});
  EXPECT_EQ(story.refusal(AddReplica{.share = share})
                .find("Unable to perform a replication action: Share " + to_string(share) +
                      " does not have any active replica in available state."),
            0U);
}

TEST(AddReplica, ChecksItsZone) {
  Story story;
  const ShareTypeId type = story.make_type("dr", {{"availability_zones", "z-a,z-b"}});
  const ShareId share = story.request_share(type);
  story.finish_first(share);
  EXPECT_EQ(story.refused(AddReplica{.share = share, .zone = "z-c"}), "zone_not_allowed");
  story.now.zones = {"z-a"};
  EXPECT_EQ(story.refused(AddReplica{.share = share, .zone = "z-b"}), "zone_unknown");
}

TEST(AddReplica, IsCountedForTheOwnersProject) {
  Story story;
  const ShareId share = story.make_share("dr");
  story.as_admin("project-2");
  story.now.quotas.share_replicas = 2;
  story.take(AddReplica{.share = share});
  EXPECT_EQ(story.counter("share_replicas-project-1"), 2);
  EXPECT_EQ(story.refused(AddReplica{.share = share}), "over_quota");
}

TEST(ReportReplicaAdded, IsInSyncWithAFreshVerifiedCopy) {
  Story story;
  const ShareId share = story.make_share("dr");
  EXPECT_EQ(story.replica(story.make_replica(share)).state, ReplicaState::in_sync);
}

TEST(ReportReplicaAdded, IsOutOfSyncWithoutOne) {
  Story story;
  const ShareId share = story.make_share("dr");
  const ReplicaId replica = story.request_replica(share);
  story.take(ReportReplicaAdded{.operation = story.start_first(share), .attempt = 1});
  EXPECT_EQ(story.replica(replica).state, ReplicaState::out_of_sync);
  EXPECT_EQ(story.replica(replica).status, ReplicaStatus::available);
}

TEST(ReportReplicaAdded, IsOutOfSyncWithACopyOlderThanTheRpo) {
  Story story;
  const ShareId share = story.make_share("dr");
  const ReplicaId replica = story.request_replica(share);
  story.take(ReportReplicaAdded{.operation = story.start_first(share),
                                .attempt = 1,
                                .verified = true,
                                .generation = 1,
                                .data_as_of = story.now.now.plus_seconds(-601)});
  EXPECT_EQ(story.replica(replica).state, ReplicaState::out_of_sync);
}

TEST(ReportReplicaAdded, IsActiveInAWritableShare) {
  Story story;
  const ShareId share = story.make_share("writable");
  EXPECT_EQ(story.replica(story.make_replica(share)).state, ReplicaState::active);
}

TEST(ReportReplicaAdded, EndsInErrorWhenItFailed) {
  Story story;
  const ShareId share = story.make_share("dr");
  story.request_replica(share);
  const Events events = story.take(ReportReplicaAdded{
      .operation = story.start_first(share), .attempt = 1, .failure = Failure{.words = "no"}});
  EXPECT_EQ(names(events), "ReplicaAddFailed OperationFailed");
}

TEST(RemoveReplica, IsDoneByTheActiveReplicasController) {
  Story story;
  const ShareId share = story.make_share("dr");
  const ReplicaId replica = story.make_replica(share);
  const Events events = story.take(RemoveReplica{replica});
  EXPECT_EQ(names(events), "ReplicaRemovalStarted OperationRequested");
  EXPECT_EQ(find<OperationRequested>(events)->runs_on, "a");
  story.finish_first(share);
  EXPECT_EQ(story.share(share).replicas.size(), 1U);
}

TEST(RemoveReplica, KeepsTheLastActiveOne) {
  Story story;
  const ShareId share = story.make_share("dr");
  const ReplicaId active = story.share(share).active()->id;
  for (const bool force : {false, true}) {
    EXPECT_EQ(story.refused(RemoveReplica{active, force}), "last_active_replica");
    EXPECT_EQ(story.refusal(RemoveReplica{active, force})
                  .find("Unable to perform a replication action: Cannot delete last active "
                        "replica."),
              0U);
  }
}

TEST(RemoveReplica, TakesAnActiveOneFromAWritableShare) {
  Story story;
  const ShareId share = story.make_share("writable");
  const ReplicaId first = story.share(share).replicas[0].id;
  story.make_replica(share, "z-b");
  EXPECT_EQ(find<OperationRequested>(story.take(RemoveReplica{first}))->runs_on, "b");
}

TEST(RemoveReplica, TakesOneThatWasNeverPlacedAtOnce) {
  Story story;
  const ShareId share = story.make_share("dr");
  const auto pools = story.now.pools;
  story.now.pools.resize(1);
  const ReplicaId replica = story.request_replica(share);
  EXPECT_EQ(names(story.take(RemoveReplica{replica})), "ReplicaRemovalStarted ReplicaRemoved");
  EXPECT_EQ(story.counter("share_replicas-project-1"), 1);
}

TEST(RemoveReplica, WaitsForItsAddition) {
  Story story;
  const ShareId share = story.make_share("dr");
  const ReplicaId replica = story.request_replica(share);
  EXPECT_EQ(story.refused(RemoveReplica{replica}), "replica_is_busy");
}

TEST(RemoveReplica, IsBusyWhenItIsRepeated) {
  Story story;
  const ShareId share = story.make_share("dr");
  const ReplicaId replica = story.make_replica(share);
  story.take(RemoveReplica{replica});
  EXPECT_EQ(story.refused(RemoveReplica{replica}), "replica_is_busy");
}

TEST(RemoveReplica, LetsGoWhenItIsRepeatedAfterAFailure) {
  Story story;
  const ShareId share = story.make_share("dr");
  const ReplicaId replica = story.make_replica(share);
  story.take(RemoveReplica{replica});
  const OperationId first = story.start_first(share);
  story.take(ReportReplicaRemoved{
      .operation = first, .attempt = 1, .failure = Failure{.code = FailureCode::unreachable}});
  EXPECT_EQ(story.replica(replica).status, ReplicaStatus::error_deleting);
  story.take(RemoveReplica{replica});
  EXPECT_TRUE(story.operation(story.first_in_line(share)).force);
}

TEST(RemoveReplica, IsForcedByAdminsAlone) {
  Story story;
  const ShareId share = story.make_share("dr");
  const ReplicaId replica = story.make_replica(share);
  story.as_member();
  EXPECT_EQ(story.refused(RemoveReplica{replica, true}), "needs_admin");
}

TEST(RemoveReplica, OvertakesItselfWhenForced) {
  Story story;
  const ShareId share = story.make_share("dr");
  const ReplicaId replica = story.make_replica(share);
  story.take(RemoveReplica{replica});
  const OperationId first = story.start_first(share);
  story.take(RemoveReplica{replica, true});
  story.take(ReportOperationCancelled{first, 1, "as asked"});
  EXPECT_EQ(story.replica(replica).status, ReplicaStatus::deleting);
  story.finish_first(share);
  EXPECT_EQ(story.share(share).replicas.size(), 1U);
}

TEST(RemoveReplica, WaitsForAChangeOfTheActiveReplicaEvenWhenForced) {
  Story story;
  const ShareId share = story.make_share("dr");
  const ReplicaId replica = story.make_replica(share);
  story.take(SetActiveReplica{.replica = replica});
  EXPECT_EQ(story.refused(RemoveReplica{replica}), "replica_is_busy");
  EXPECT_EQ(story.refused(RemoveReplica{replica, true}), "replica_is_busy");
}

TEST(RemoveReplica, WaitsForTheDeletionOfItsShareEvenWhenForced) {
  Story story;
  const ShareId share = story.make_share("dr");
  story.take(DeleteShare{share});
  story.take(ResetReplicaStatus{story.share(share).active()->id, ReplicaStatus::available});
  const ReplicaId replica = story.request_replica(share);
  EXPECT_EQ(story.refused(RemoveReplica{replica, true}), "share_is_busy");
}

TEST(RemoveReplica, DoesNotFindTheOnlyInstanceOfAPlainShare) {
  Story story;
  const ShareId share = story.make_share("none");
  EXPECT_EQ(story.refused(RemoveReplica{story.share(share).replicas[0].id}), "replica_not_found");
}

TEST(RemoveReplica, HidesReplicasOfOtherProjects) {
  Story story;
  const ShareId share = story.make_share("dr");
  const ReplicaId replica = story.make_replica(share);
  story.as_member("project-2");
  EXPECT_EQ(story.refused(RemoveReplica{replica}), "replica_not_found");
}

TEST(ReportReplicaRemoved, ListsWhatRemainsAndEndsWhatWaitsForIt) {
  Story story;
  const ShareId share = story.make_share("dr");
  const ReplicaId replica = story.make_replica(share);
  story.take(RemoveReplica{replica});
  const OperationId first = story.start_first(share);
  story.take(RemoveReplica{replica, true});
  const Events events = story.take(
      ReportReplicaRemoved{.operation = first,
                           .attempt = 1,
                           .debris = {{.replica = replica, .controller = "b", .bytes = 3}}});
  EXPECT_EQ(names(events),
            "RelationDebrisLeft OperationCancelled OperationCompleted ReplicaRemoved");
  EXPECT_EQ(story.share(share).debris.size(), 1U);
  EXPECT_TRUE(story.share(share).operations.empty());
  EXPECT_EQ(story.counter("provisioned-gb-node@b#pool"), 0);
}

TEST(ResyncReplica, AcceptsMassDeletionForAnAdmin) {
  Story story;
  const ShareId share = story.make_share("dr");
  const ReplicaId replica = story.make_replica(share);
  story.take(ResyncReplica{replica});
  EXPECT_TRUE(story.replica(replica).accepts_mass_deletion);
  story.as_member();
  EXPECT_EQ(story.refused(ResyncReplica{replica}), "needs_admin");
}

TEST(ResyncReplica, TakesAReplicaOutOfError) {
  Story story;
  const ShareId share = story.make_share("dr");
  const ReplicaId replica = story.make_replica(share);
  story.take(ResetReplicaState{replica, ReplicaState::error});
  story.take(ResyncReplica{replica});
  EXPECT_EQ(story.replica(replica).state, ReplicaState::out_of_sync);
}

TEST(ResyncReplica, HasNothingToDoForTheActiveOne) {
  Story story;
  const ShareId share = story.make_share("dr");
  EXPECT_TRUE(story.take(ResyncReplica{story.share(share).active()->id}).empty());
}

TEST(ResyncReplica, NeedsAPlacedReplica) {
  Story story;
  const ShareId share = story.make_share("dr");
  story.now.pools.resize(1);
  EXPECT_EQ(story.refused(ResyncReplica{story.request_replica(share)}), "replica_never_placed");
}

TEST(ResyncReplica, WaitsForWhatIsBeingDone) {
  Story story;
  const ShareId share = story.make_share("dr");
  EXPECT_EQ(story.refused(ResyncReplica{story.request_replica(share)}), "replica_is_busy");
}

}  // namespace
}  // namespace pasig
