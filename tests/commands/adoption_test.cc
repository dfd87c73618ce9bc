// Trees that existed before: taken in as shares and snapshots, given back, and never deleted
// unless they were taken in.
#include "tests/commands/story.h"

namespace pasig {
namespace {

struct Adoption : ::testing::Test {
  Story story;
  ShareTypeId type = story.make_type("readable");

  ManageShare tree(const std::string& path = "/srv/old") const {
    return {.name = "old", .protocol = "nfs", .type = type, .host = "node@b#pool", .path = path};
  }
  ShareId begin(const std::string& path = "/srv/old") {
    const Events events = story.take(tree(path));
    const auto* created = find<ShareCreated>(events);
    return created == nullptr ? ShareId{} : created->share;
  }
  ShareId take_in() {
    const ShareId share = begin();
    story.finish_first(share);
    return share;
  }
  // One whose tree could not be taken in.
  ShareId fail_to_take_in() {
    const ShareId share = begin();
    fail<ReportShareManaged>(share, FailureCode::failed);
    return share;
  }
  template <class Report>
  Events fail(ShareId share, FailureCode code) {
    const OperationId operation = story.start_first(share);
    return story.take(Report{.operation = operation,
                             .attempt = story.operation(operation).attempt,
                             .failure = Failure{.code = code, .words = "it said so"}});
  }
  void expect_nothing_counted() {
    for (const auto& [name, value] : story.folded.counters)
      EXPECT_EQ(value, 0) << "counter " << name;
  }
};

TEST_F(Adoption, AsksTheControllerOfTheNamedPool) {
  const Events events = story.take(tree("/srv/old///"));
  const auto* created = find<ShareCreated>(events);
  ASSERT_NE(created, nullptr);
  EXPECT_EQ(created->managed_path, "/srv/old");
  EXPECT_EQ(created->size_gb, 0U);
  const auto* asked = find<OperationRequested>(events);
  ASSERT_NE(asked, nullptr);
  EXPECT_EQ(asked->kind, OperationKind::manage_share);
  EXPECT_EQ(asked->runs_on, "b");
  EXPECT_EQ(asked->path, "/srv/old");
  EXPECT_EQ(status_word(story.share(created->share)), "manage_starting");
}

TEST_F(Adoption, GivesTheShareTheSizeOfItsTree) {
  const ShareId share = take_in();
  EXPECT_EQ(story.share(share).size_gb, 6U);  // 5 GiB and one byte
  EXPECT_EQ(status_word(story.share(share)), "available");
  ASSERT_NE(story.share(share).active(), nullptr);
  EXPECT_EQ(story.share(share).epoch, 1U);
}

TEST_F(Adoption, OfAnEmptyTreeHasOneGib) {
  const ShareId share = begin();
  const OperationId operation = story.start_first(share);
  story.take(ReportShareManaged{.operation = operation, .attempt = 1});
  EXPECT_EQ(story.share(share).size_gb, 1U);
}

TEST_F(Adoption, CountsTheShareFirstAndItsSizeWhenThatIsKnown) {
  const ShareId share = begin();
  EXPECT_EQ(story.counter("shares-project-1"), 1);
  EXPECT_EQ(story.counter("share_replicas-project-1"), 1);
  EXPECT_EQ(story.counter("gigabytes-project-1"), 0);
  story.finish_first(share);
  EXPECT_EQ(story.counter("gigabytes-project-1"), 6);
  EXPECT_EQ(story.counter("replica_gigabytes-project-1"), 6);
  EXPECT_EQ(story.counter("provisioned-gb-node@b#pool"), 6);
}

TEST_F(Adoption, GoesBeyondTheQuotaOfGigabytesAsInManila) {
  story.now.quotas.gigabytes = 2;
  const ShareId share = take_in();
  EXPECT_EQ(status_word(story.share(share)), "available");
  EXPECT_EQ(story.counter("gigabytes-project-1"), 6);
}

TEST_F(Adoption, KeepsToTheQuotaOfShares) {
  story.now.quotas.shares = 0;
  EXPECT_EQ(story.refused(tree()), "over_quota");
}

TEST_F(Adoption, TakesATreeOnce) {
  begin();
  EXPECT_EQ(story.refused(tree()), "path_in_use");
  EXPECT_EQ(story.refused(tree("/srv/other")), "accepted");
}

TEST_F(Adoption, TakesATreeAgainThatWasGivenBack) {
  const ShareId share = take_in();
  story.take(UnmanageShare{share});
  story.finish_first(share);
  EXPECT_EQ(story.refused(tree()), "accepted");
}

TEST_F(Adoption, NeedsAnAdmin) {
  story.as_member();
  EXPECT_EQ(story.refused(tree()), "needs_admin");
}

TEST_F(Adoption, ChecksItsInput) {
  for (const std::string path : {"", "srv/old", "/", "/srv/../etc", "/srv/./old", "/srv/a\nb"})
    EXPECT_EQ(story.refused(tree(path)), "invalid_input") << path;
  ManageShare other = tree();
  other.protocol = "FOO";
  EXPECT_EQ(story.refused(other), "invalid_input");
}

TEST_F(Adoption, IsOnlyForAPoolThatCanHaveTheShare) {
  ManageShare command = tree();
  command.host = "node@b";
  EXPECT_EQ(story.refused(command), "host_unfit");
  command.host = "node@mars#pool";
  EXPECT_EQ(story.refused(command), "host_not_found");
  command.host = "node@b#pool";
  story.now.pools.at(1).replication_types = {};
  EXPECT_EQ(story.refused(command), "host_unfit");
  EXPECT_NE(story.refusal(command).find("replication"), std::string::npos);
}

TEST_F(Adoption, NeedsNoRoomForWhatIsThereAlready) {
  story.now.pools.at(1).free_bytes = 0;
  story.now.pools.at(1).provisioned_gb = 1'000'000;
  EXPECT_EQ(story.refused(tree()), "accepted");
}

TEST_F(Adoption, ThatFailsLeavesManageError) {
  const ShareId share = begin();
  EXPECT_EQ(names(fail<ReportShareManaged>(share, FailureCode::failed)),
            "ShareManageFailed OperationFailed");
  EXPECT_EQ(status_word(story.share(share)), "manage_error");
  EXPECT_EQ(story.counter("gigabytes-project-1"), 0);
}

TEST_F(Adoption, ThatIsCancelledBeforeItBeganLeavesManageError) {
  const ShareId share = begin();
  story.take(CancelOperation{story.first_in_line(share)});
  EXPECT_EQ(status_word(story.share(share)), "manage_error");
}

TEST_F(Adoption, ThatFailedIsNoShareToDelete) {
  const ShareId share = fail_to_take_in();
  EXPECT_EQ(story.refused(DeleteShare{share}), "share_not_available");
  EXPECT_NE(story.refusal(DeleteShare{share}).find("pasig unmanage"), std::string::npos);
}

TEST_F(Adoption, ThatFailedIsLetGoByAForcedDeletionAndNothingIsDeleted) {
  const ShareId share = fail_to_take_in();
  const Events events = story.take(DeleteShare{share, true});
  EXPECT_EQ(names(events), "ShareUnmanageStarted OperationRequested");
  EXPECT_EQ(find<OperationRequested>(events)->kind, OperationKind::unmanage_share);
  // Storage has nothing of it: there is nothing to give back.
  EXPECT_EQ(names(fail<ReportShareUnmanaged>(share, FailureCode::lost)),
            "OperationCompleted ShareUnmanaged");
  expect_nothing_counted();
}

TEST_F(Adoption, IsNotForgottenWhenAnotherRootIsInThePlaceOfItsOwn) {
  const ShareId share = fail_to_take_in();
  story.take(UnmanageShare{share});
  EXPECT_EQ(names(fail<ReportShareUnmanaged>(share, FailureCode::mismatch)),
            "ShareUnmanageFailed OperationFailed");
  EXPECT_EQ(story.folded.world.shares.count(share), 1U);
}

TEST_F(Adoption, ThatFailedGoesAtOnceWhenItCouldNotBeGivenBackAndIsForced) {
  const ShareId share = fail_to_take_in();
  story.take(UnmanageShare{share});
  fail<ReportShareUnmanaged>(share, FailureCode::unreachable);
  EXPECT_EQ(status_of(story.share(share)), ReplicaStatus::error);
  EXPECT_EQ(names(*story.ask(UnmanageShare{share})), "ShareUnmanageStarted OperationRequested");
  EXPECT_EQ(names(story.take(DeleteShare{share, true})), "ShareUnmanageStarted ShareUnmanaged");
  expect_nothing_counted();
}

TEST_F(Adoption, ThatStillRunsIsStoppedByAForcedDeletion) {
  const ShareId share = begin();
  const OperationId running = story.start_first(share);
  EXPECT_EQ(names(story.take(DeleteShare{share, true})),
            "OperationCancelRequested ShareUnmanageStarted OperationRequested");
  // It was done before it heard of that: the tree is given back by what comes next.
  story.take(ReportShareManaged{.operation = running, .attempt = 1});
  story.finish_first(share);
  EXPECT_TRUE(story.folded.world.shares.empty());
  expect_nothing_counted();
}

TEST_F(Adoption, GivesEverythingBackWhenTheShareIsUnmanaged) {
  const ShareId share = take_in();
  EXPECT_EQ(names(story.take(UnmanageShare{share})), "ShareUnmanageStarted OperationRequested");
  EXPECT_EQ(status_word(story.share(share)), "unmanage_starting");
  story.finish_first(share);
  EXPECT_TRUE(story.folded.world.shares.empty());
  expect_nothing_counted();
}

TEST_F(Adoption, GivesEverythingBackWhenTheShareIsDeleted) {
  const ShareId share = take_in();
  story.take(DeleteShare{share});
  story.finish_first(share);
  expect_nothing_counted();
}

TEST_F(Adoption, OfATreeMayBeFollowedByReplicas) {
  const ShareId share = take_in();
  story.make_replica(share, "z-c");
  EXPECT_EQ(story.counter("replica_gigabytes-project-1"), 12);
}

TEST_F(Adoption, IsNotUndoneWhileSomethingHangsOnIt) {
  const ShareId share = take_in();
  const ReplicaId other = story.make_replica(share, "z-c");
  EXPECT_EQ(story.refused(UnmanageShare{share}), "share_has_replicas");
  story.take(RemoveReplica{other});
  EXPECT_EQ(story.refused(UnmanageShare{share}), "share_has_replicas");
  story.finish_first(share);
  story.take(GrantAccess{.share = share, .type = "user", .to = "anna"});
  EXPECT_EQ(story.refused(UnmanageShare{share}), "share_is_busy");
  story.finish_first(share);
  story.fold({DivergedDataKeptAside{share, other, "c", "/srv/aside", 2, 8, 1}});
  EXPECT_EQ(story.refused(UnmanageShare{share}), "share_has_data_aside");
}

TEST_F(Adoption, IsUndoneByAdminsOnly) {
  const ShareId share = take_in();
  story.as_member();
  EXPECT_EQ(story.refused(UnmanageShare{share}), "needs_admin");
}

TEST_F(Adoption, ThatCannotBeUndoneLeavesUnmanageError) {
  const ShareId share = take_in();
  story.take(UnmanageShare{share});
  fail<ReportShareUnmanaged>(share, FailureCode::mismatch);
  EXPECT_EQ(status_word(story.share(share)), "unmanage_error");
  EXPECT_NE(story.share(share).active(), nullptr);
}

// ---- snapshots -----------------------------------------------------------------------------
struct SnapshotAdoption : Adoption {
  ShareId share = take_in();

  ManageSnapshot old(const std::string& path = "/srv/snap") const {
    return {.share = share, .name = "monday", .path = path};
  }
  SnapshotId begin_snapshot() {
    const Events events = story.take(old());
    const auto* started = find<SnapshotCreationStarted>(events);
    return started == nullptr ? SnapshotId{} : started->snapshot;
  }
};

TEST_F(SnapshotAdoption, IsAvailableWhenItsTreeIsTakenIn) {
  const SnapshotId id = begin_snapshot();
  EXPECT_EQ(story.counter("snapshots-project-1"), 1);
  EXPECT_EQ(story.counter("snapshot_gigabytes-project-1"), 6);
  story.finish_first(share);
  const Snapshot* snapshot = story.share(share).find(id);
  ASSERT_NE(snapshot, nullptr);
  EXPECT_EQ(status_of(*snapshot), SnapshotStatus::available);
  EXPECT_EQ(snapshot->managed_path, "/srv/snap");
}

TEST_F(SnapshotAdoption, IsOnlyForAShareWithoutOtherReplicas) {
  story.make_replica(share, "z-c");
  EXPECT_EQ(story.refused(old()), "share_has_replicas");
}

TEST_F(SnapshotAdoption, TakesATreeOnce) {
  begin_snapshot();
  story.finish_first(share);
  EXPECT_EQ(story.refused(old()), "path_in_use");
  EXPECT_EQ(story.refused(old("/srv/other")), "accepted");
}

TEST_F(SnapshotAdoption, IsRefusedOverTheQuota) {
  story.now.quotas.snapshots = 0;
  EXPECT_EQ(story.refused(old()), "over_quota");
}

TEST_F(SnapshotAdoption, KeepsTheShareFromBeingUnmanaged) {
  begin_snapshot();
  story.finish_first(share);
  EXPECT_EQ(story.refused(UnmanageShare{share}), "share_has_snapshots");
}

TEST_F(SnapshotAdoption, IsUndoneWithItsQuota) {
  const SnapshotId id = begin_snapshot();
  story.finish_first(share);
  EXPECT_EQ(names(story.take(UnmanageSnapshot{id})), "SnapshotUnmanageStarted OperationRequested");
  story.finish_first(share);
  EXPECT_TRUE(story.share(share).snapshots.empty());
  EXPECT_EQ(story.counter("snapshots-project-1"), 0);
  EXPECT_EQ(story.counter("snapshot_gigabytes-project-1"), 0);
}

TEST_F(SnapshotAdoption, ThatFailedIsLetGo) {
  const SnapshotId id = begin_snapshot();
  fail<ReportSnapshotTaken>(share, FailureCode::failed);
  EXPECT_EQ(status_of(*story.share(share).find(id)), SnapshotStatus::error);
  story.take(UnmanageSnapshot{id});
  fail<ReportSnapshotUnmanaged>(share, FailureCode::lost);
  EXPECT_TRUE(story.share(share).snapshots.empty());
  EXPECT_EQ(story.counter("snapshots-project-1"), 0);
}

// Its tree may have been moved in before it failed.
TEST_F(SnapshotAdoption, ThatFailedIsNotForgottenWhileItsTreeMayBeInside) {
  for (const FailureCode code : {FailureCode::failed, FailureCode::mismatch}) {
    const Events begun = story.take(old("/srv/" + std::string(word(code))));
    const SnapshotId id = find<SnapshotCreationStarted>(begun)->snapshot;
    fail<ReportSnapshotTaken>(share, FailureCode::expired);
    story.take(UnmanageSnapshot{id});
    const Events events = fail<ReportSnapshotUnmanaged>(share, code);
    EXPECT_TRUE(names(events).starts_with("SnapshotUnmanageFailed")) << names(events);
    EXPECT_NE(story.share(share).find(id), nullptr);
  }
}

TEST_F(SnapshotAdoption, ThatFailedIsNotDeleted) {
  const SnapshotId id = begin_snapshot();
  fail<ReportSnapshotTaken>(share, FailureCode::expired);
  for (const bool force : {false, true}) {
    const DeleteSnapshot deletion{.snapshot = id, .force = force};
    EXPECT_EQ(story.refused(deletion), "snapshot_not_available");
    EXPECT_NE(story.refusal(deletion).find("pasig snapshot unmanage"), std::string::npos);
  }
}

TEST_F(SnapshotAdoption, ThatFailedAndCannotBeLetGoIsAnErrorAgain) {
  const SnapshotId id = begin_snapshot();
  fail<ReportSnapshotTaken>(share, FailureCode::failed);
  story.take(UnmanageSnapshot{id});
  EXPECT_EQ(names(fail<ReportSnapshotUnmanaged>(share, FailureCode::mismatch)),
            "SnapshotUnmanageFailed SnapshotCreationFailed OperationFailed");
  EXPECT_EQ(status_of(*story.share(share).find(id)), SnapshotStatus::error);
  EXPECT_EQ(story.refused(UnmanageSnapshot{id}), "accepted");
}

TEST_F(SnapshotAdoption, ThatCannotBeUndoneStaysAvailable) {
  const SnapshotId id = begin_snapshot();
  story.finish_first(share);
  story.take(UnmanageSnapshot{id});
  EXPECT_EQ(names(fail<ReportSnapshotUnmanaged>(share, FailureCode::failed)),
            "SnapshotUnmanageFailed OperationFailed");
  EXPECT_EQ(status_of(*story.share(share).find(id)), SnapshotStatus::available);
}

TEST_F(SnapshotAdoption, NamesASnapshotThatIsNotThere) {
  EXPECT_EQ(story.refused(UnmanageSnapshot{SnapshotId{random_uuid()}}), "snapshot_not_found");
}

}  // namespace
}  // namespace pasig
