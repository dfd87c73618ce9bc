// What every driver promises of a revert and of shares made from snapshots, by one typed suite
// over both.
#include "tests/drivers/contract.h"

namespace pasig::drivers {
namespace {

template <class World>
class DriverRevert : public DriverContract<World> {
 protected:
  // A snapshot of one write, then another write; both are on both replicas.
  void create_then_write() {
    this->create_with_replica();
    EXPECT_TRUE(this->write(0));
    snapshot = this->take_snapshot();
    EXPECT_TRUE(this->write(0));
    EXPECT_TRUE(this->sync(1));
  }
  Answer<Reverted> revert() {
    return this->driver().revert(this->share.ref(), snapshot, this->share.next_call());
  }
  SnapshotId snapshot;
};
TYPED_TEST_SUITE(DriverRevert, Worlds);

TYPED_TEST(DriverRevert, ContentIsTheSnapshotsOnAll) {
  this->create_then_write();
  ASSERT_EQ(this->files_on(1), 2U);
  const auto reverted = this->revert();
  ASSERT_TRUE(reverted) << words_of(reverted);
  EXPECT_EQ(reverted->base.files, 1U);
  ASSERT_EQ(reverted->replicas.size(), 1U);
  EXPECT_EQ(this->problem_on(1, reverted->replicas), std::nullopt);
  EXPECT_EQ(this->files_on(0), 1U);
  EXPECT_EQ(this->files_on(1), 1U);
}

TYPED_TEST(DriverRevert, RevertedContentIsANewGeneration) {
  this->create_then_write();
  const auto before = this->status(1);
  ASSERT_TRUE(before && before->latest);
  const auto reverted = this->revert();
  ASSERT_TRUE(reverted) << words_of(reverted);
  EXPECT_GT(reverted->base.generation, before->latest->generation);
  EXPECT_EQ(this->status(1)->latest->generation, reverted->base.generation);
}

TYPED_TEST(DriverRevert, ShareIsWrittenAndCopiedAfterwards) {
  this->create_then_write();
  ASSERT_TRUE(this->revert());
  ASSERT_TRUE(this->write(0));
  const auto copy = this->sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_EQ(copy->files, 2U);
  EXPECT_FALSE(this->write(1));
}

TYPED_TEST(DriverRevert, SnapshotStays) {
  this->create_then_write();
  ASSERT_TRUE(this->revert());
  EXPECT_EQ(this->snapshots_on(0), Snapshots{this->snapshot});
  EXPECT_EQ(this->snapshots_on(1), Snapshots{this->snapshot});
}

TYPED_TEST(DriverRevert, DeliveredAgainAnswersTheSame) {
  this->create_then_write();
  const auto reverted = this->revert();
  ASSERT_TRUE(reverted) << words_of(reverted);
  const auto again =
      this->driver().revert(this->share.ref(), this->snapshot, this->share.same_call());
  ASSERT_TRUE(again) << words_of(again);
  EXPECT_EQ(again->base.generation, reverted->base.generation);
  EXPECT_EQ(again->base.files, 1U);
  EXPECT_EQ(this->problem_on(1, again->replicas), std::nullopt);
}

TYPED_TEST(DriverRevert, UnreachableReplicaFollowsByItsSync) {
  this->create_then_write();
  const auto reverted = this->without("beta", [&] { return this->revert(); });
  ASSERT_TRUE(reverted) << words_of(reverted);
  EXPECT_EQ(this->problem_on(1, reverted->replicas), Problem::unreachable);
  EXPECT_EQ(this->files_on(1), 2U);
  const auto copy = this->sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_TRUE(copy->aside.empty());
  EXPECT_EQ(this->files_on(1), 1U);
}

TYPED_TEST(DriverRevert, RevertAfterAChangeOfTheActiveReplica) {
  this->create_then_write();
  const auto changed = this->change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  this->share.record_active(1, *changed);
  ASSERT_TRUE(this->sync(0));
  const auto reverted = this->revert();
  ASSERT_TRUE(reverted) << words_of(reverted);
  EXPECT_EQ(this->files_on(1), 1U);
  EXPECT_EQ(this->files_on(0), 1U);
}

TYPED_TEST(DriverRevert, ThreeReplicasWithOneAwayThroughout) {
  this->create_then_write();
  this->add("gamma");
  ASSERT_TRUE(this->sync(2));
  const auto reverted = this->without("beta", [&] { return this->revert(); });
  ASSERT_TRUE(reverted) << words_of(reverted);
  EXPECT_EQ(this->problem_on(1, reverted->replicas), Problem::unreachable);
  EXPECT_EQ(this->problem_on(2, reverted->replicas), std::nullopt);
  EXPECT_EQ(this->files_on(0), 1U);
  EXPECT_EQ(this->files_on(2), 1U);
}

TYPED_TEST(DriverRevert, WithoutTheActiveReplicaNothingChanges) {
  this->create_then_write();
  const auto reverted = this->without("alpha", [&] { return this->revert(); });
  EXPECT_EQ(problem_of(reverted), Problem::unreachable) << words_of(reverted);
  EXPECT_EQ(this->files_on(0), 2U);
  EXPECT_EQ(this->files_on(1), 2U);
}

TYPED_TEST(DriverRevert, UnknownSnapshotChangesNothing) {
  this->create_then_write();
  EXPECT_FALSE(
      this->driver().revert(this->share.ref(), SnapshotId{random_uuid()}, this->share.next_call()));
  EXPECT_EQ(this->files_on(0), 2U);
}

TYPED_TEST(DriverRevert, LowerTokenIsRefused) {
  this->create_then_write();
  EXPECT_EQ(problem_of(
                this->driver().revert(this->share.ref(), this->snapshot, this->share.older_call())),
            Problem::stale_token);
  EXPECT_EQ(this->files_on(0), 2U);
}

TYPED_TEST(DriverRevert, CancelledOrExpiredCallChangesNothing) {
  this->create_then_write();
  EXPECT_EQ(
      problem_of(this->driver().revert(this->share.ref(), this->snapshot, this->stopped_call())),
      Problem::cancelled);
  EXPECT_EQ(problem_of(this->driver().revert(this->share.ref(), this->snapshot, this->late_call())),
            Problem::expired);
  EXPECT_EQ(this->files_on(0), 2U);
  EXPECT_EQ(this->files_on(1), 2U);
}

template <class World>
class DriverShareFromSnapshot : public DriverContract<World> {
 protected:
  // A snapshot of one write, then another write.
  void create_source() {
    this->create_with_replica();
    EXPECT_TRUE(this->write(0));
    snapshot = this->take_snapshot();
    EXPECT_TRUE(this->write(0));
    EXPECT_TRUE(this->sync(1));
  }
  Answer<Created> make_on(const std::string& controller) {
    copy.add(controller);
    return make(copy.next_call());
  }
  Answer<Created> make(const CallContext& call) {
    return this->driver().create_share_from_snapshot(copy.ref(), copy.id(0),
                                                     {this->share.ref(), snapshot}, call);
  }
  std::size_t files_made() { return this->world.files_on(copy.ref().replicas.at(0), copy.ref()); }
  bool write_made() { return this->world.write(copy.ref().replicas.at(0), copy.ref()); }

  SnapshotId snapshot;
  ShareOnDriver copy{Replication::readable};
};
TYPED_TEST_SUITE(DriverShareFromSnapshot, Worlds);

TYPED_TEST(DriverShareFromSnapshot, HoldsTheSnapshotsContentAndTakesWrites) {
  this->create_source();
  const auto made = this->make_on("alpha");
  ASSERT_TRUE(made) << words_of(made);
  EXPECT_EQ(made->exports.size(), 1U);
  EXPECT_EQ(this->files_made(), 1U);
  EXPECT_TRUE(this->write_made());
  EXPECT_EQ(this->files_on(0), 2U);
}

TYPED_TEST(DriverShareFromSnapshot, IsMadeOnAnotherController) {
  this->create_source();
  const auto made = this->make_on("gamma");
  ASSERT_TRUE(made) << words_of(made);
  EXPECT_EQ(this->files_made(), 1U);
}

TYPED_TEST(DriverShareFromSnapshot, AnyReplicaThatHoldsItIsASource) {
  this->create_source();
  const auto made = this->without("alpha", [&] { return this->make_on("gamma"); });
  ASSERT_TRUE(made) << words_of(made);
  EXPECT_EQ(this->files_made(), 1U);
}

TYPED_TEST(DriverShareFromSnapshot, DeliveredAgainKeepsWhatWasWritten) {
  this->create_source();
  const auto made = this->make_on("alpha");
  ASSERT_TRUE(made) << words_of(made);
  ASSERT_TRUE(this->write_made());
  const auto again = this->make(this->copy.same_call());
  ASSERT_TRUE(again) << words_of(again);
  EXPECT_EQ(again->exports, made->exports);
  EXPECT_EQ(this->files_made(), 2U);
}

TYPED_TEST(DriverShareFromSnapshot, WithoutItsSnapshotNothingIsMade) {
  this->create_source();
  this->snapshot = SnapshotId{random_uuid()};
  EXPECT_FALSE(this->make_on("alpha"));
  const auto seen =
      this->driver().inspect(this->copy.ref(), this->copy.id(0), this->copy.next_call());
  ASSERT_TRUE(seen) << words_of(seen);
  EXPECT_FALSE(seen->present);
}

TYPED_TEST(DriverShareFromSnapshot, LowerTokenIsRefused) {
  this->create_source();
  ASSERT_TRUE(this->make_on("alpha"));
  EXPECT_EQ(problem_of(this->make(this->copy.older_call())), Problem::stale_token);
}

}  // namespace
}  // namespace pasig::drivers
