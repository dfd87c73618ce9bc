// What every driver promises of each call, by one typed suite over both.
#include "tests/drivers/contract.h"

namespace pasig::drivers {
namespace {

template <class World>
class DriverCalls : public DriverContract<World> {};
TYPED_TEST_SUITE(DriverCalls, Worlds);

TYPED_TEST(DriverCalls, CreatedShareIsWritable) {
  this->create();
  EXPECT_TRUE(this->write(0));
}

TYPED_TEST(DriverCalls, CreateDeliveredAgainAnswersTheSame) {
  this->create();
  EXPECT_TRUE(this->write(0));
  const auto again =
      this->driver().create_share(this->share.ref(), this->share.id(0), this->share.same_call());
  ASSERT_TRUE(again) << words_of(again);
  EXPECT_EQ(again->exports.size(), 1U);
  const auto copy_of_one_write = this->status(0);
  ASSERT_TRUE(copy_of_one_write) << words_of(copy_of_one_write);
  EXPECT_EQ(copy_of_one_write->role_on_storage, Role::active);
}

TYPED_TEST(DriverCalls, AddedReplicaIsNotWritable) {
  this->create_with_replica();
  EXPECT_FALSE(this->write(1));
}

TYPED_TEST(DriverCalls, AddDeliveredAgainKeepsTheCopy) {
  this->create_with_replica();
  const CallContext adding = this->share.same_call();
  CallContext later = adding;
  ASSERT_TRUE(this->write(0));
  ASSERT_TRUE(this->driver().sync_replica(this->share.ref(), this->share.id(1), later));
  const auto again = this->driver().add_replica(this->share.ref(), this->share.id(1), adding);
  ASSERT_TRUE(again) << words_of(again);
  ASSERT_TRUE(again->copy);
  EXPECT_EQ(again->copy->files, 1U);
}

TYPED_TEST(DriverCalls, DrReplicaHasNoExport) {
  this->share.ref().replication = Replication::dr;
  this->create();
  this->share.add("beta");
  const auto added =
      this->driver().add_replica(this->share.ref(), this->share.id(1), this->share.next_call());
  ASSERT_TRUE(added) << words_of(added);
  EXPECT_TRUE(added->exports.empty());
}

TYPED_TEST(DriverCalls, SyncCopiesWhatWasWritten) {
  this->create_with_replica();
  ASSERT_TRUE(this->write(0));
  const auto copy = this->sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_EQ(copy->files, 1U);
  EXPECT_GE(copy->generation, 1U);
  EXPECT_TRUE(copy->data_as_of.is_set());
}

TYPED_TEST(DriverCalls, SyncDeliveredAgainIsHarmless) {
  this->create_with_replica();
  ASSERT_TRUE(this->write(0));
  const auto first = this->sync(1);
  ASSERT_TRUE(first) << words_of(first);
  const auto again =
      this->driver().sync_replica(this->share.ref(), this->share.id(1), this->share.same_call());
  ASSERT_TRUE(again) << words_of(again);
  EXPECT_EQ(again->files, first->files);
  EXPECT_GE(again->data_as_of, first->data_as_of);
}

TYPED_TEST(DriverCalls, GenerationsRise) {
  this->create_with_replica();
  ASSERT_TRUE(this->write(0));
  const auto first = this->sync(1);
  ASSERT_TRUE(this->write(0));
  const auto second = this->sync(1);
  ASSERT_TRUE(first && second);
  EXPECT_GT(second->generation, first->generation);
  EXPECT_EQ(second->files, 2U);
}

TYPED_TEST(DriverCalls, StatusTellsRoleEpochAndCopy) {
  this->create_with_replica();
  ASSERT_TRUE(this->write(0));
  const auto copy = this->sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  const auto health = this->status(1);
  ASSERT_TRUE(health) << words_of(health);
  EXPECT_TRUE(health->present);
  EXPECT_TRUE(health->writable_probe_ok);
  EXPECT_EQ(health->role_on_storage, Role::secondary);
  EXPECT_EQ(health->epoch_on_storage, 1U);
  ASSERT_TRUE(health->latest);
  EXPECT_EQ(health->latest->generation, copy->generation);
}

TYPED_TEST(DriverCalls, SyncOfAnOldEpochIsRefused) {
  this->create_with_replica();
  ASSERT_TRUE(this->write(0));
  const ShareRef before = this->share.ref();
  ASSERT_TRUE(this->change(1, Mode::planned));
  const auto late = this->driver().sync_replica(before, this->share.id(1), this->share.next_call());
  EXPECT_FALSE(late);
}

TYPED_TEST(DriverCalls, LowerTokenIsRefused) {
  this->create_with_replica();
  ASSERT_TRUE(this->write(0));
  ASSERT_TRUE(this->sync(1));
  const CallContext older = this->share.older_call();
  EXPECT_EQ(problem_of(this->driver().sync_replica(this->share.ref(), this->share.id(1), older)),
            Problem::stale_token);
  EXPECT_EQ(problem_of(this->driver().set_active_replica(this->share.ref(),
                                                         this->to(1, Mode::planned), older)),
            Problem::stale_token);
  EXPECT_EQ(
      problem_of(this->driver().remove_replica(this->share.ref(), this->share.id(1), false, older)),
      Problem::stale_token);
  EXPECT_TRUE(this->write(0));
}

TYPED_TEST(DriverCalls, InspectTellsWhatIsThere) {
  this->create_with_replica();
  ASSERT_TRUE(this->write(0));
  ASSERT_TRUE(this->sync(1));
  const CallContext last = this->share.same_call();
  const auto seen =
      this->driver().inspect(this->share.ref(), this->share.id(1), this->share.next_call());
  ASSERT_TRUE(seen) << words_of(seen);
  EXPECT_TRUE(seen->present);
  EXPECT_EQ(seen->role, Role::secondary);
  EXPECT_EQ(seen->epoch, 1U);
  EXPECT_EQ(seen->highest_token, last.token);
  ASSERT_TRUE(seen->latest);
}

TYPED_TEST(DriverCalls, InspectOfNothingIsNotPresent) {
  this->share.add("alpha");
  const auto seen =
      this->driver().inspect(this->share.ref(), this->share.id(0), this->share.next_call());
  ASSERT_TRUE(seen) << words_of(seen);
  EXPECT_FALSE(seen->present);
}

TYPED_TEST(DriverCalls, RemovedReplicaIsGoneAndRemovalRepeats) {
  this->create_with_replica();
  ASSERT_TRUE(this->write(0));
  ASSERT_TRUE(this->sync(1));
  const auto removed = this->driver().remove_replica(this->share.ref(), this->share.id(1), false,
                                                     this->share.next_call());
  ASSERT_TRUE(removed) << words_of(removed);
  EXPECT_TRUE(removed->remains.empty());
  EXPECT_TRUE(this->driver().remove_replica(this->share.ref(), this->share.id(1), false,
                                            this->share.same_call()));
  EXPECT_FALSE(this->driver()
                   .inspect(this->share.ref(), this->share.id(1), this->share.next_call())
                   ->present);
  EXPECT_TRUE(this->write(0));
}

TYPED_TEST(DriverCalls, UnreachableReplicaIsRemovedByForceAndNamed) {
  this->create_with_replica();
  this->world.set_reachable("beta", false);
  const auto refused = this->driver().remove_replica(this->share.ref(), this->share.id(1), false,
                                                     this->share.next_call());
  const auto forced = this->driver().remove_replica(this->share.ref(), this->share.id(1), true,
                                                    this->share.next_call());
  this->world.set_reachable("beta", true);
  EXPECT_EQ(problem_of(refused), Problem::unreachable);
  ASSERT_TRUE(forced) << words_of(forced);
  ASSERT_EQ(forced->remains.size(), 1U);
  EXPECT_EQ(forced->remains[0].controller, "beta");
}

TYPED_TEST(DriverCalls, DeletedShareIsGoneAndDeletionRepeats) {
  this->create_with_replica();
  ASSERT_TRUE(this->write(0));
  ASSERT_TRUE(this->sync(1));
  ASSERT_TRUE(this->driver().delete_share(this->share.ref(), false, this->share.next_call()));
  ASSERT_TRUE(this->driver().delete_share(this->share.ref(), false, this->share.same_call()));
  for (const std::size_t n : {0U, 1U})
    EXPECT_FALSE(this->driver()
                     .inspect(this->share.ref(), this->share.id(n), this->share.next_call())
                     ->present);
}

TYPED_TEST(DriverCalls, DeletionWithAnEndAwayTakesNothing) {
  this->create_with_replica();
  this->world.set_reachable("beta", false);
  const auto refused =
      this->driver().delete_share(this->share.ref(), false, this->share.next_call());
  this->world.set_reachable("beta", true);
  EXPECT_EQ(problem_of(refused), Problem::unreachable);
  EXPECT_TRUE(this->write(0));
}

TYPED_TEST(DriverCalls, KeptAsideDataSurvivesDeletion) {
  this->create_with_replica();
  ASSERT_TRUE(this->write(0));
  ASSERT_TRUE(this->sync(1));
  ASSERT_TRUE(this->write(0));
  this->world.set_reachable("alpha", false);
  const auto changed = this->change(1, Mode::forced);
  this->world.set_reachable("alpha", true);
  ASSERT_TRUE(changed) << words_of(changed);
  this->share.record_active(1, *changed);
  ASSERT_EQ(this->status(0)->aside.size(), 1U);
  const auto deleted =
      this->driver().delete_share(this->share.ref(), false, this->share.next_call());
  ASSERT_TRUE(deleted) << words_of(deleted);
  ASSERT_EQ(deleted->remains.size(), 1U);
  EXPECT_GT(deleted->remains[0].bytes, 0U);
}

TYPED_TEST(DriverCalls, StatsNameThePool) {
  const auto pools = this->driver().stats("alpha");
  ASSERT_TRUE(pools) << words_of(pools);
  ASSERT_EQ(pools->size(), 1U);
  EXPECT_EQ(pools->front().pool, "alpha");
  EXPECT_GT(pools->front().total_bytes, 0U);
  EXPECT_FALSE(pools->front().replication_domain.empty());
  EXPECT_TRUE(pools->front().capabilities.contains("fence"));
  EXPECT_TRUE(pools->front().capabilities.contains("ownership"));
}

}  // namespace
}  // namespace pasig::drivers
