// A share's size: who may change it, what it takes and gives back, and what became of it.
#include "tests/commands/story.h"

namespace pasig {
namespace {

constexpr std::uint64_t k_gib = std::uint64_t{1} << 30;

struct Sizes {
  Story story;
  ShareId share;

  explicit Sizes(std::uint64_t size_gb = 2, const std::string& replication = "dr") {
    share = story.request_share(story.make_type(replication), size_gb);
    story.finish_first(share);
  }
  void expect_used(std::int64_t gigabytes, std::int64_t of_replicas) const {
    EXPECT_EQ(story.counter("gigabytes-project-1"), gigabytes);
    EXPECT_EQ(story.counter("replica_gigabytes-project-1"), of_replicas);
  }
  Command failed(FailureCode code) {
    return ReportShareResized{.operation = story.start_first(share),
                              .attempt = 1,
                              .failure = Failure{.code = code, .words = "it said so"}};
  }
  [[nodiscard]] std::string status() const { return std::string(status_word(story.share(share))); }
};

TEST(ExtendShare, TakesWhatEveryReplicaWillUse) {
  Sizes sizes;
  sizes.story.make_replica(sizes.share, "z-b");
  const Events events = sizes.story.take(ExtendShare{sizes.share, 5});
  EXPECT_EQ(names(events), "ShareResizeStarted OperationRequested");
  EXPECT_EQ(find<OperationRequested>(events)->runs_on, "a");
  EXPECT_EQ(find<OperationRequested>(events)->size_gb, 5U);
  sizes.expect_used(5, 10);
  EXPECT_EQ(sizes.story.counter("provisioned-gb-node@a#pool"), 5);
  EXPECT_EQ(sizes.story.counter("provisioned-gb-node@b#pool"), 5);
  EXPECT_EQ(sizes.status(), "extending");
}

TEST(ExtendShare, ChangesTheSizeWhenItIsDone) {
  Sizes sizes;
  sizes.story.take(ExtendShare{sizes.share, 5});
  sizes.story.finish_first(sizes.share);
  EXPECT_EQ(sizes.story.share(sizes.share).size_gb, 5U);
  EXPECT_EQ(sizes.status(), "available");
  sizes.expect_used(5, 5);
}

TEST(ExtendShare, GivesAllBackWhenItFails) {
  Sizes sizes;
  sizes.story.make_replica(sizes.share, "z-b");
  sizes.story.take(ExtendShare{sizes.share, 5});
  const Events events = sizes.story.take(sizes.failed(FailureCode::no_space));
  EXPECT_EQ(names(events), "ShareResizeFailed OperationFailed");
  EXPECT_EQ(sizes.status(), "extending_error");
  sizes.expect_used(2, 4);
  EXPECT_EQ(sizes.story.counter("provisioned-gb-node@b#pool"), 2);
}

TEST(ExtendShare, IsAsItWasWhenItIsCancelledInTime) {
  Sizes sizes;
  sizes.story.take(ExtendShare{sizes.share, 5});
  const Events events = sizes.story.take(CancelOperation{sizes.story.first_in_line(sizes.share)});
  EXPECT_EQ(names(events), "ShareResizeFailed OperationCancelled");
  EXPECT_EQ(sizes.status(), "available");
  sizes.expect_used(2, 2);
}

TEST(ExtendShare, IsAnErrorWhenNobodyClaimedIt) {
  Sizes sizes;
  sizes.story.take(ExtendShare{sizes.share, 5});
  const OperationId operation = sizes.story.first_in_line(sizes.share);
  sizes.story.later(6 * 3600 + 1);
  EXPECT_EQ(names(sizes.story.take(ExpireOperation{operation})),
            "ShareResizeFailed OperationFailed");
  EXPECT_EQ(sizes.status(), "extending_error");
  sizes.expect_used(2, 2);
}

TEST(ExtendShare, HasToBeLarger) {
  Sizes sizes;
  for (const std::uint64_t size : {std::uint64_t{1}, std::uint64_t{2}})
    EXPECT_EQ(sizes.story.refused(ExtendShare{sizes.share, size}), "size_not_larger");
  EXPECT_EQ(sizes.story.refusal(ExtendShare{sizes.share, 2})
                .find("New size for extend must be greater than current size. (current: 2, "
                      "extended: 2)"),
            0U);
  EXPECT_EQ(sizes.story.refused(ExtendShare{sizes.share, k_gib + 1}), "invalid_input");
}

TEST(ExtendShare, IsCountedForTheShareAndForItsReplicas) {
  Sizes sizes;
  sizes.story.now.quotas.gigabytes = 4;
  EXPECT_EQ(sizes.story.refusal(ExtendShare{sizes.share, 5}).find("ShareSizeExceeds"), 0U);
  sizes.story.now.quotas.gigabytes = 100;
  sizes.story.now.quotas.replica_gigabytes = 4;
  EXPECT_EQ(sizes.story.refusal(ExtendShare{sizes.share, 5}).find("ShareReplicaSizeExceeds"), 0U);
}

TEST(ExtendShare, NeedsRoomInEveryPoolUnlessForced) {
  Sizes sizes;
  sizes.story.make_replica(sizes.share, "z-b");
  sizes.story.now.pools.at(1).free_bytes = 0;
  EXPECT_EQ(sizes.story.refused(ExtendShare{sizes.share, 5}), "no_valid_host");
  EXPECT_NE(sizes.story.refusal(ExtendShare{sizes.share, 5}).find("node@b#pool"),
            std::string::npos);
  EXPECT_EQ(sizes.story.refused(ExtendShare{sizes.share, 5, true}), "accepted");
}

TEST(ExtendShare, DoesNotWaitForAPoolThatIsAway) {
  Sizes sizes;
  sizes.story.make_replica(sizes.share, "z-b");
  sizes.story.now.pools.at(1).up = false;
  sizes.story.now.pools.at(1).free_bytes = 0;
  EXPECT_EQ(sizes.story.refused(ExtendShare{sizes.share, 5}), "accepted");
}

TEST(ExtendShare, IsForcedByAdminsAlone) {
  Sizes sizes;
  sizes.story.as_member();
  EXPECT_EQ(sizes.story.refused(ExtendShare{sizes.share, 5, true}), "needs_admin");
}

TEST(ExtendShare, WaitsForAnotherChangeOfSize) {
  Sizes sizes;
  sizes.story.take(ExtendShare{sizes.share, 5});
  EXPECT_EQ(sizes.story.refused(ExtendShare{sizes.share, 6}), "share_is_busy");
  EXPECT_EQ(sizes.story.refused(ShrinkShare{sizes.share, 1}), "share_is_busy");
}

TEST(ExtendShare, WaitsForReplicasThatComeOrGo) {
  Sizes sizes;
  const ReplicaId replica = sizes.story.make_replica(sizes.share, "z-b");
  sizes.story.take(RemoveReplica{replica});
  EXPECT_EQ(sizes.story.refused(ExtendShare{sizes.share, 5}), "share_is_busy");
}

TEST(ExtendShare, KeepsReplicasFromComingAndGoing) {
  Sizes sizes;
  const ReplicaId replica = sizes.story.make_replica(sizes.share, "z-b");
  sizes.story.take(ExtendShare{sizes.share, 5});
  EXPECT_EQ(sizes.story.refused(AddReplica{.share = sizes.share}), "share_is_busy");
  EXPECT_EQ(sizes.story.refused(RemoveReplica{replica, true}), "share_is_busy");
}

TEST(ExtendShare, WaitsForAChangeOfTheActiveReplica) {
  Sizes sizes;
  const ReplicaId replica = sizes.story.make_replica(sizes.share, "z-b");
  sizes.story.take(SetActiveReplica{.replica = replica});
  EXPECT_EQ(sizes.story.refused(ExtendShare{sizes.share, 5}), "share_is_busy");
}

TEST(ExtendShare, MakesWayForAForcedChangeOfTheActiveReplica) {
  Sizes sizes;
  const ReplicaId replica = sizes.story.make_replica(sizes.share, "z-b");
  sizes.story.take(ExtendShare{sizes.share, 5});
  const Events events =
      sizes.story.take(SetActiveReplica{.replica = replica, .mode = ChangeMode::forced});
  EXPECT_EQ(names(events),
            "ShareResizeFailed OperationCancelled ActiveReplicaChangeStarted OperationRequested");
  sizes.expect_used(2, 4);
}

TEST(ExtendShare, IsAskedToStopForAChangeOfTheActiveReplica) {
  Sizes sizes;
  const ReplicaId replica = sizes.story.make_replica(sizes.share, "z-b");
  sizes.story.take(ExtendShare{sizes.share, 5});
  const OperationId operation = sizes.story.start_first(sizes.share);
  sizes.story.take(SetActiveReplica{.replica = replica});
  EXPECT_TRUE(sizes.story.operation(operation).cancel_requested);
  EXPECT_EQ(names(sizes.story.take(ReportOperationCancelled{operation, 1, "as asked"})),
            "ShareResizeFailed OperationCancelled");
  sizes.expect_used(2, 4);
}

TEST(ExtendShare, GivesAllBackWithItsShare) {
  Sizes sizes;
  sizes.story.take(ExtendShare{sizes.share, 5});
  sizes.story.take(DeleteShare{sizes.share, true});
  sizes.story.finish_first(sizes.share);
  sizes.expect_used(0, 0);
  EXPECT_EQ(sizes.story.counter("provisioned-gb-node@a#pool"), 0);
}

TEST(ReportShareResized, LeavesASecondaryThatDidNotFollowBehind) {
  Sizes sizes;
  const ReplicaId replica = sizes.story.make_replica(sizes.share, "z-b");
  sizes.story.take(ExtendShare{sizes.share, 5});
  auto report =
      std::get<ReportShareResized>(done(sizes.story, sizes.story.start_first(sizes.share)));
  report.outcomes.at(1) = {.replica = replica,
                           .done = false,
                           .failure = {.code = FailureCode::unreachable, .words = "it is away"}};
  const Events events = sizes.story.take(report);
  EXPECT_EQ(names(events), "ShareResized ReplicaFellOutOfSync OperationCompleted");
  EXPECT_EQ(find<ReplicaFellOutOfSync>(events)->reason, OutOfSyncReason::size);
  EXPECT_EQ(sizes.story.share(sizes.share).size_gb, 5U);
}

TEST(ReportShareResized, FailsWithTheActiveReplica) {
  Sizes sizes;
  sizes.story.take(ExtendShare{sizes.share, 5});
  auto report =
      std::get<ReportShareResized>(done(sizes.story, sizes.story.start_first(sizes.share)));
  report.outcomes.at(0).done = false;
  EXPECT_EQ(names(sizes.story.take(report)), "ShareResizeFailed OperationFailed");
  EXPECT_EQ(sizes.story.share(sizes.share).size_gb, 2U);
}

TEST(ShrinkShare, GivesBackWhenItIsDone) {
  Sizes sizes(5);
  sizes.story.take(ShrinkShare{sizes.share, 2});
  sizes.expect_used(5, 5);
  sizes.story.finish_first(sizes.share);
  sizes.expect_used(2, 2);
  EXPECT_EQ(sizes.story.counter("provisioned-gb-node@a#pool"), 2);
  EXPECT_EQ(sizes.story.share(sizes.share).size_gb, 2U);
}

TEST(ShrinkShare, HasToBeSmallerAndNotNothing) {
  Sizes sizes;
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{2}, std::uint64_t{3}})
    EXPECT_EQ(sizes.story.refused(ShrinkShare{sizes.share, size}), "size_not_smaller");
}

TEST(ShrinkShare, SaysThatDataWouldBeLost) {
  Sizes sizes(5);
  sizes.story.take(ShrinkShare{sizes.share, 1});
  sizes.story.take(sizes.failed(FailureCode::too_small));
  EXPECT_EQ(sizes.status(), "shrinking_possible_data_loss_error");
  sizes.expect_used(5, 5);
  EXPECT_EQ(sizes.story.refused(ExtendShare{sizes.share, 9}), "share_not_available");
  EXPECT_EQ(sizes.story.refused(ShrinkShare{sizes.share, 3}), "accepted");
}

TEST(ShrinkShare, IsAnErrorOfItsOwnWhenStorageFails) {
  Sizes sizes(5);
  sizes.story.take(ShrinkShare{sizes.share, 1});
  sizes.story.take(sizes.failed(FailureCode::failed));
  EXPECT_EQ(sizes.status(), "shrinking_error");
  EXPECT_EQ(sizes.story.refused(ShrinkShare{sizes.share, 3}), "share_not_available");
}

TEST(ResetShareTask, EndsWhatAFailureLeftBehind) {
  Sizes sizes;
  sizes.story.take(ExtendShare{sizes.share, 5});
  sizes.story.take(sizes.failed(FailureCode::failed));
  sizes.story.as_member();
  EXPECT_EQ(sizes.story.refused(ResetShareTask{sizes.share}), "needs_admin");
  sizes.story.as_admin();
  EXPECT_EQ(names(sizes.story.take(ResetShareTask{sizes.share})), "ShareTaskReset");
  EXPECT_EQ(sizes.status(), "available");
  EXPECT_EQ(names(sizes.story.take(ResetShareTask{sizes.share})), "");
}

TEST(ResetShareTask, WaitsForWhatIsUnderWay) {
  Sizes sizes;
  sizes.story.take(ExtendShare{sizes.share, 5});
  EXPECT_EQ(sizes.story.refused(ResetShareTask{sizes.share}), "share_is_busy");
}

// ---- what is stored, against the size ---------------------------------------------------------
ReportStatus used(const Sizes& sizes, std::uint64_t bytes) {
  const Share& share = sizes.story.share(sizes.share);
  return {
      .share = share.id, .replica = share.active()->id, .epoch = share.epoch, .used_bytes = bytes};
}

TEST(ReportStatus, TellsOnceThatAShareGrewOverItsSize) {
  Sizes sizes;
  EXPECT_EQ(names(sizes.story.take(used(sizes, 2 * k_gib))), "");
  EXPECT_EQ(names(sizes.story.take(used(sizes, 2 * k_gib + 1))), "ShareGrewOverItsSize");
  EXPECT_EQ(names(sizes.story.take(used(sizes, 3 * k_gib))), "");
}

TEST(ReportStatus, TellsThatItIsWithinWhenItIsSoWell) {
  Sizes sizes;
  sizes.story.take(used(sizes, 3 * k_gib));
  EXPECT_EQ(names(sizes.story.take(used(sizes, 2 * k_gib - 1))), "");
  EXPECT_EQ(names(sizes.story.take(used(sizes, 2 * k_gib - k_gib / 20))), "ShareCameWithinItsSize");
  EXPECT_EQ(names(sizes.story.take(used(sizes, 2 * k_gib - k_gib / 20))), "");
}

TEST(ReportStatus, LooksAtTheActiveReplicaAlone) {
  Sizes sizes;
  const ReplicaId replica = sizes.story.make_replica(sizes.share, "z-b");
  ReportStatus report = used(sizes, 3 * k_gib);
  report.replica = replica;
  EXPECT_EQ(names(sizes.story.take(report)), "");
}

TEST(ReportSync, TellsThatItsSourceGrewOverItsSize) {
  Sizes sizes;
  const ReplicaId replica = sizes.story.make_replica(sizes.share, "z-b");
  ReportSync report{.share = sizes.share,
                    .replica = replica,
                    .epoch = 1,
                    .generation = 2,
                    .data_as_of = sizes.story.now.now};
  report.source_bytes = 3 * k_gib;
  const Events events = sizes.story.take(report);
  EXPECT_EQ(names(events), "ShareGrewOverItsSize");
  EXPECT_EQ(find<ShareGrewOverItsSize>(events)->replica,
            sizes.story.share(sizes.share).active()->id);
}

TEST(ShareGrewOverItsSize, EndsWithALargerSize) {
  Sizes sizes;
  sizes.story.take(used(sizes, 3 * k_gib));
  sizes.story.take(ExtendShare{sizes.share, 9});
  sizes.story.finish_first(sizes.share);
  EXPECT_EQ(names(sizes.story.take(used(sizes, 3 * k_gib))), "ShareCameWithinItsSize");
}

}  // namespace
}  // namespace pasig
