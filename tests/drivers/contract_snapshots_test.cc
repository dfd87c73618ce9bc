// What every driver promises of snapshots, by one typed suite over both.
#include "tests/drivers/contract.h"

namespace pasig::drivers {
namespace {

template <class World>
class DriverSnapshots : public DriverContract<World> {
 protected:
  Answer<SnapshotTaken> take(SnapshotId id) {
    return this->driver().create_snapshot(this->share.ref(), id, this->share.next_call());
  }
  Answer<SnapshotDeleted> remove(SnapshotId id) {
    return this->driver().delete_snapshot(this->share.ref(), id, this->share.next_call());
  }
  // Two replicas, and a snapshot of one write on the first.
  SnapshotId create_with_snapshot() {
    this->create_with_replica();
    EXPECT_TRUE(this->write(0));
    return this->take_snapshot();
  }
  const SnapshotId new_id{random_uuid()};
};
TYPED_TEST_SUITE(DriverSnapshots, Worlds);

TYPED_TEST(DriverSnapshots, SnapshotHoldsWhatWasWrittenUntilThen) {
  this->create();
  ASSERT_TRUE(this->write(0));
  const auto taken = this->take(this->new_id);
  ASSERT_TRUE(taken) << words_of(taken);
  EXPECT_EQ(taken->files, 1U);
  EXPECT_GT(taken->bytes, 0U);
  EXPECT_TRUE(taken->taken_at.is_set());
  EXPECT_NE(taken->consistency, CopyConsistency::unknown);
  EXPECT_FALSE(taken->digest.empty());
  EXPECT_EQ(taken->digest.find_first_not_of("0123456789abcdef"), std::string::npos);
}

TYPED_TEST(DriverSnapshots, CreationDeliveredAgainAnswersTheSame) {
  this->create();
  ASSERT_TRUE(this->write(0));
  const auto taken = this->take(this->new_id);
  ASSERT_TRUE(taken) << words_of(taken);
  ASSERT_TRUE(this->write(0));
  const auto again =
      this->driver().create_snapshot(this->share.ref(), this->new_id, this->share.same_call());
  ASSERT_TRUE(again) << words_of(again);
  EXPECT_EQ(again->digest, taken->digest);
  EXPECT_EQ(again->files, 1U);
  EXPECT_EQ(again->taken_at, taken->taken_at);
}

TYPED_TEST(DriverSnapshots, OtherContentHasAnotherDigest) {
  this->create();
  ASSERT_TRUE(this->write(0));
  const auto first = this->take(this->new_id);
  ASSERT_TRUE(this->write(0));
  const auto second = this->take(SnapshotId{random_uuid()});
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->digest, second->digest);
  EXPECT_EQ(second->files, 2U);
}

TYPED_TEST(DriverSnapshots, SecondaryHoldsItAfterItsSync) {
  const SnapshotId id = this->create_with_snapshot();
  EXPECT_EQ(this->snapshots_on(0), Snapshots{id});
  EXPECT_EQ(this->snapshots_on(1), Snapshots{});
  const auto copy = this->sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_EQ(copy->snapshots, std::vector<SnapshotId>{id});
  EXPECT_EQ(this->snapshots_on(1), Snapshots{id});
}

TYPED_TEST(DriverSnapshots, SyncTellsWhatTheActiveReplicaHeld) {
  this->create_with_replica();
  ASSERT_TRUE(this->write(0));
  const auto copy = this->sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_GE(copy->source_bytes, copy->bytes);
}

TYPED_TEST(DriverSnapshots, NewReplicaGetsAllThatWereTakenBefore) {
  this->create();
  ASSERT_TRUE(this->write(0));
  const SnapshotId first = this->take_snapshot();
  ASSERT_TRUE(this->write(0));
  const SnapshotId second = this->take_snapshot();
  this->add("beta");
  const auto copy = this->sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_EQ(this->snapshots_on(1), (Snapshots{first, second}));
}

// Its creation is being reported: what it is to hold is not known yet.
TYPED_TEST(DriverSnapshots, SnapshotWithoutADigestIsNotCopied) {
  const SnapshotId id = this->create_with_snapshot();
  this->share.ref().snapshots.at(0).digest.clear();
  const auto copy = this->sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_EQ(this->snapshots_on(1), Snapshots{});
  EXPECT_EQ(this->snapshots_on(0), Snapshots{id});
}

TYPED_TEST(DriverSnapshots, DeletedSnapshotIsGoneFromAll) {
  const SnapshotId id = this->create_with_snapshot();
  ASSERT_TRUE(this->sync(1));
  const auto deleted = this->remove(id);
  ASSERT_TRUE(deleted) << words_of(deleted);
  EXPECT_EQ(deleted->replicas.size(), 2U);
  EXPECT_EQ(this->problem_on(0, deleted->replicas), std::nullopt);
  EXPECT_EQ(this->problem_on(1, deleted->replicas), std::nullopt);
  EXPECT_EQ(this->snapshots_on(0), Snapshots{});
  EXPECT_EQ(this->snapshots_on(1), Snapshots{});
}

TYPED_TEST(DriverSnapshots, DeletionKeepsTheOthers) {
  const SnapshotId first = this->create_with_snapshot();
  const SnapshotId second = this->take_snapshot();
  ASSERT_TRUE(this->remove(first));
  EXPECT_EQ(this->snapshots_on(0), Snapshots{second});
}

TYPED_TEST(DriverSnapshots, DeletionDeliveredAgainAnswersTheSame) {
  const SnapshotId id = this->create_with_snapshot();
  ASSERT_TRUE(this->remove(id));
  const auto again = this->driver().delete_snapshot(this->share.ref(), id, this->share.same_call());
  ASSERT_TRUE(again) << words_of(again);
  EXPECT_EQ(this->problem_on(0, again->replicas), std::nullopt);
  EXPECT_EQ(this->problem_on(1, again->replicas), std::nullopt);
}

TYPED_TEST(DriverSnapshots, UnreachableReplicaDeletesAtItsNextStatusCall) {
  const SnapshotId id = this->create_with_snapshot();
  ASSERT_TRUE(this->sync(1));
  const auto deleted = this->without("beta", [&] { return this->remove(id); });
  ASSERT_TRUE(deleted) << words_of(deleted);
  EXPECT_EQ(this->problem_on(0, deleted->replicas), std::nullopt);
  EXPECT_EQ(this->problem_on(1, deleted->replicas), Problem::unreachable);
  EXPECT_EQ(this->snapshots_on(1), Snapshots{id}) << "the log does not say yet that it is to go";
  this->share.record_deleting(id);
  EXPECT_EQ(this->snapshots_on(1), Snapshots{});
}

TYPED_TEST(DriverSnapshots, UnreachableReplicaDeletesAtItsNextSync) {
  const SnapshotId id = this->create_with_snapshot();
  ASSERT_TRUE(this->sync(1));
  ASSERT_TRUE(this->without("beta", [&] { return this->remove(id); }));
  this->share.record_deleting(id);
  const auto copy = this->sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_EQ(copy->snapshots, std::vector<SnapshotId>{});
}

TYPED_TEST(DriverSnapshots, DigestIsTheSameOnTheReplicaThatBecameActive) {
  this->create_with_replica();
  ASSERT_TRUE(this->write(0));
  const auto taken = this->take(this->new_id);
  ASSERT_TRUE(taken) << words_of(taken);
  this->share.record_snapshot(this->new_id, taken->digest);
  ASSERT_TRUE(this->sync(1));
  const auto changed = this->change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  this->share.record_active(1, *changed);
  ASSERT_TRUE(this->write(1));
  const auto again = this->take(this->new_id);
  ASSERT_TRUE(again) << words_of(again);
  EXPECT_EQ(again->digest, taken->digest);
  EXPECT_EQ(again->files, taken->files);
  EXPECT_EQ(again->bytes, taken->bytes);
}

TYPED_TEST(DriverSnapshots, PlannedChangeBringsThem) {
  const SnapshotId id = this->create_with_snapshot();
  const auto changed = this->change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  this->share.record_active(1, *changed);
  EXPECT_EQ(this->snapshots_on(1), Snapshots{id});
  ASSERT_TRUE(this->sync(0));
  EXPECT_EQ(this->snapshots_on(0), Snapshots{id}) << "the demoted side keeps its own";
}

TYPED_TEST(DriverSnapshots, SnapshotThatIsBeingDeletedIsNotTaken) {
  const SnapshotId id = this->create_with_snapshot();
  ASSERT_TRUE(this->remove(id));
  this->share.record_deleting(id);
  EXPECT_EQ(problem_of(this->take(id)), Problem::stale_token);
  EXPECT_EQ(this->snapshots_on(0), Snapshots{});
}

TYPED_TEST(DriverSnapshots, SnapshotsOfADrShareAreCopiedToo) {
  this->share.ref().replication = Replication::dr;
  const SnapshotId id = this->create_with_snapshot();
  ASSERT_TRUE(this->sync(1));
  EXPECT_EQ(this->snapshots_on(1), Snapshots{id});
}

TYPED_TEST(DriverSnapshots, CreationWithoutTheActiveReplicaFails) {
  this->create_with_replica();
  const auto taken = this->without("alpha", [&] { return this->take(this->new_id); });
  EXPECT_EQ(problem_of(taken), Problem::unreachable) << words_of(taken);
}

TYPED_TEST(DriverSnapshots, ThreeReplicasWithOneAwayThroughout) {
  this->create_with_replica();
  this->add("gamma");
  ASSERT_TRUE(this->write(0));
  this->world.set_reachable("beta", false);
  const SnapshotId id = this->take_snapshot();
  EXPECT_EQ(problem_of(this->sync(1)), Problem::unreachable);
  const auto copy = this->sync(2);
  const auto held = this->snapshots_on(2);
  const auto deleted = this->remove(id);
  this->world.set_reachable("beta", true);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_EQ(held, Snapshots{id});
  ASSERT_TRUE(deleted) << words_of(deleted);
  EXPECT_EQ(this->problem_on(0, deleted->replicas), std::nullopt);
  EXPECT_EQ(this->problem_on(1, deleted->replicas), Problem::unreachable);
  EXPECT_EQ(this->problem_on(2, deleted->replicas), std::nullopt);
}

TYPED_TEST(DriverSnapshots, LowerTokenIsRefused) {
  const SnapshotId id = this->create_with_snapshot();
  const CallContext older = this->share.older_call();
  EXPECT_EQ(problem_of(this->driver().create_snapshot(this->share.ref(), this->new_id, older)),
            Problem::stale_token);
  EXPECT_EQ(problem_of(this->driver().delete_snapshot(this->share.ref(), id, older)),
            Problem::stale_token);
  EXPECT_EQ(this->snapshots_on(0), Snapshots{id});
}

TYPED_TEST(DriverSnapshots, CancelledCallsChangeNothing) {
  const SnapshotId id = this->create_with_snapshot();
  EXPECT_EQ(problem_of(this->driver().create_snapshot(this->share.ref(), this->new_id,
                                                      this->stopped_call())),
            Problem::cancelled);
  EXPECT_EQ(problem_of(this->driver().delete_snapshot(this->share.ref(), id, this->stopped_call())),
            Problem::cancelled);
  EXPECT_EQ(this->snapshots_on(0), Snapshots{id});
}

TYPED_TEST(DriverSnapshots, ExpiredCallsChangeNothing) {
  const SnapshotId id = this->create_with_snapshot();
  EXPECT_EQ(problem_of(
                this->driver().create_snapshot(this->share.ref(), this->new_id, this->late_call())),
            Problem::expired);
  EXPECT_EQ(problem_of(this->driver().delete_snapshot(this->share.ref(), id, this->late_call())),
            Problem::expired);
  EXPECT_EQ(this->snapshots_on(0), Snapshots{id});
}

}  // namespace
}  // namespace pasig::drivers
