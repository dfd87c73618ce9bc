// What every driver promises of a change of the active replica, by one typed suite over both.
#include "tests/drivers/contract.h"

namespace pasig::drivers {
namespace {

template <class World>
class DriverActiveChange : public DriverContract<World> {};
TYPED_TEST_SUITE(DriverActiveChange, Worlds);

TYPED_TEST(DriverActiveChange, PlannedChangeLosesNothing) {
  this->create_with_replica();
  ASSERT_TRUE(this->write(0));
  ASSERT_TRUE(this->sync(1));
  ASSERT_TRUE(this->write(0));
  const auto changed = this->change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  EXPECT_FALSE(changed->forced);
  EXPECT_EQ(changed->epoch, 2U);
  EXPECT_EQ(changed->base.files, 2U);
  EXPECT_TRUE(changed->fence.enforced) << changed->fence.words;
  EXPECT_FALSE(this->write(0));
  EXPECT_TRUE(this->write(1));
}

TYPED_TEST(DriverActiveChange, PlannedChangeDeliveredAgainAnswersTheSame) {
  this->create_with_replica();
  ASSERT_TRUE(this->write(0));
  const auto changed = this->change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  ASSERT_TRUE(this->write(1));
  const auto again = this->driver().set_active_replica(
      this->share.ref(), this->to(1, Mode::planned), this->share.same_call());
  ASSERT_TRUE(again) << words_of(again);
  EXPECT_EQ(again->epoch, changed->epoch);
  EXPECT_EQ(again->base.generation, changed->base.generation);
  EXPECT_EQ(again->forced, changed->forced);
  EXPECT_TRUE(again->fence.enforced);
}

TYPED_TEST(DriverActiveChange, DemotedSideFollowsTheNewOne) {
  this->create_with_replica();
  ASSERT_TRUE(this->write(0));
  const auto changed = this->change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  this->share.record_active(1, *changed);
  ASSERT_TRUE(this->write(1));
  const auto copy = this->sync(0);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_EQ(copy->files, 2U);
  EXPECT_TRUE(copy->aside.empty());
}

TYPED_TEST(DriverActiveChange, ActiveReplicaGoesThereAndBack) {
  this->create_with_replica();
  ASSERT_TRUE(this->write(0));
  const auto there = this->change(1, Mode::planned);
  ASSERT_TRUE(there) << words_of(there);
  this->share.record_active(1, *there);
  ASSERT_TRUE(this->write(1));
  ASSERT_TRUE(this->sync(0));
  const auto back = this->change(0, Mode::planned);
  ASSERT_TRUE(back) << words_of(back);
  EXPECT_EQ(back->epoch, 3U);
  EXPECT_EQ(back->base.files, 2U);
  EXPECT_TRUE(this->write(0));
  EXPECT_FALSE(this->write(1));
}

TYPED_TEST(DriverActiveChange, PlannedChangeWithoutTheOldSideFails) {
  this->create_with_replica();
  ASSERT_TRUE(this->write(0));
  ASSERT_TRUE(this->sync(1));
  this->world.set_reachable("alpha", false);
  const auto changed = this->change(1, Mode::planned);
  this->world.set_reachable("alpha", true);
  EXPECT_EQ(problem_of(changed), Problem::unreachable) << words_of(changed);
  EXPECT_TRUE(this->write(0));
}

TYPED_TEST(DriverActiveChange, AutomaticChangeGoesOnWithoutTheOldSide) {
  this->create_with_replica();
  ASSERT_TRUE(this->write(0));
  ASSERT_TRUE(this->sync(1));
  this->world.set_reachable("alpha", false);
  const auto changed = this->change(1, Mode::automatic);
  this->world.set_reachable("alpha", true);
  ASSERT_TRUE(changed) << words_of(changed);
  EXPECT_TRUE(changed->forced);
  EXPECT_FALSE(changed->fence.enforced);
  EXPECT_FALSE(changed->fence.words.empty());
  EXPECT_TRUE(this->write(1));
}

TYPED_TEST(DriverActiveChange, ReturnedSideIsFencedAndItsLateWritesAreKeptAside) {
  this->create_with_replica();
  ASSERT_TRUE(this->write(0));
  ASSERT_TRUE(this->sync(1));
  ASSERT_TRUE(this->write(0));  // never copied
  this->world.set_reachable("alpha", false);
  const auto changed = this->change(1, Mode::forced);
  this->world.set_reachable("alpha", true);
  ASSERT_TRUE(changed) << words_of(changed);
  this->share.record_active(1, *changed);
  ASSERT_TRUE(this->write(0));  // its clients have not noticed
  const auto health = this->status(0);
  ASSERT_TRUE(health) << words_of(health);
  ASSERT_TRUE(health->fenced_now);
  EXPECT_TRUE(health->fenced_now->enforced);
  ASSERT_EQ(health->aside.size(), 1U);
  EXPECT_EQ(health->aside[0].epoch, 1U);
  EXPECT_FALSE(this->write(0));
  const auto copy = this->sync(0);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_EQ(copy->files, 1U);
  EXPECT_EQ(this->status(0)->epoch_on_storage, 2U);
}

// A worker may die between moving data aside and reporting it.
TYPED_TEST(DriverActiveChange, EveryStatusCallTellsOfWhatIsKeptAside) {
  this->create_with_replica();
  ASSERT_TRUE(this->write(0));
  ASSERT_TRUE(this->sync(1));
  this->world.set_reachable("alpha", false);
  const auto changed = this->change(1, Mode::forced);
  this->world.set_reachable("alpha", true);
  ASSERT_TRUE(changed) << words_of(changed);
  this->share.record_active(1, *changed);
  ASSERT_TRUE(this->write(0));
  const auto copy = this->sync(0);  // moves it aside; the answer gets lost
  ASSERT_TRUE(copy) << words_of(copy);
  ASSERT_EQ(copy->aside.size(), 1U);
  for (int call = 0; call < 2; ++call) {
    const auto health = this->status(0);
    ASSERT_TRUE(health) << words_of(health);
    ASSERT_EQ(health->aside.size(), 1U);
    EXPECT_EQ(health->aside[0].replica, copy->aside[0].replica);
    EXPECT_EQ(health->aside[0].controller, copy->aside[0].controller);
    EXPECT_EQ(health->aside[0].path, copy->aside[0].path);
    EXPECT_EQ(health->aside[0].files, copy->aside[0].files);
    EXPECT_EQ(health->aside[0].bytes, copy->aside[0].bytes);
    EXPECT_EQ(health->aside[0].epoch, 1U);
  }
  EXPECT_TRUE(this->status(1)->aside.empty());
}

// As long as the log has it as pending: the first report may have got lost.
TYPED_TEST(DriverActiveChange, EveryStatusCallTellsThatAPendingFenceHolds) {
  this->create_with_replica();
  ASSERT_TRUE(this->write(0));
  ASSERT_TRUE(this->sync(1));
  this->world.set_reachable("alpha", false);
  const auto changed = this->change(1, Mode::forced);
  this->world.set_reachable("alpha", true);
  ASSERT_TRUE(changed) << words_of(changed);
  this->share.record_active(1, *changed);
  for (int call = 0; call < 2; ++call) {
    const auto health = this->status(0);
    ASSERT_TRUE(health) << words_of(health);
    ASSERT_TRUE(health->fenced_now) << "call " << call;
    EXPECT_TRUE(health->fenced_now->enforced);
    EXPECT_FALSE(health->fenced_now->words.empty());
  }
  ASSERT_TRUE(this->sync(0));
  ASSERT_TRUE(this->status(0)->fenced_now) << "the old tree is gone";
  EXPECT_FALSE(this->status(1)->fenced_now);
}

TYPED_TEST(DriverActiveChange, ReturnedReadableSideIsExportedAgain) {
  this->create_with_replica();
  ASSERT_TRUE(this->write(0));
  ASSERT_TRUE(this->sync(1));
  const auto before = this->status(0);
  this->world.set_reachable("alpha", false);
  const auto changed = this->change(1, Mode::forced);
  this->world.set_reachable("alpha", true);
  ASSERT_TRUE(changed) << words_of(changed);
  EXPECT_TRUE(changed->demoted_exports.empty());
  this->share.record_active(1, *changed);
  const auto after = this->status(0);
  ASSERT_TRUE(after) << words_of(after);
  EXPECT_EQ(after->exports, before->exports);
}

TYPED_TEST(DriverActiveChange, ForcedChangeToAnOlderReplicaNamesTheNewerOne) {
  this->create_with_replica();
  this->add("gamma");
  ASSERT_TRUE(this->write(0));
  ASSERT_TRUE(this->sync(1));
  ASSERT_TRUE(this->sync(2));
  ASSERT_TRUE(this->write(0));
  ASSERT_TRUE(this->sync(2));
  this->world.set_reachable("alpha", false);
  const auto refused = this->change(1, Mode::forced);
  EXPECT_EQ(problem_of(refused), Problem::failed);
  EXPECT_NE(words_of(refused).find(to_string(this->share.id(2))), std::string::npos)
      << words_of(refused);
  ActiveChangeRequest request = this->to(1, Mode::forced);
  request.accept_older = true;
  const auto accepted =
      this->driver().set_active_replica(this->share.ref(), request, this->share.next_call());
  this->world.set_reachable("alpha", true);
  ASSERT_TRUE(accepted) << words_of(accepted);
  EXPECT_EQ(accepted->diverged, std::vector<ReplicaId>{this->share.id(2)});
}

TYPED_TEST(DriverActiveChange, ReplicaAheadOfTheNewLineIsKeptAsideThenFollows) {
  this->create_with_replica();
  this->add("gamma");
  ASSERT_TRUE(this->write(0));
  ASSERT_TRUE(this->sync(1));
  ASSERT_TRUE(this->write(0));
  ASSERT_TRUE(this->sync(2));
  this->world.set_reachable("alpha", false);
  ActiveChangeRequest request = this->to(1, Mode::forced);
  request.accept_older = true;
  const auto changed =
      this->driver().set_active_replica(this->share.ref(), request, this->share.next_call());
  ASSERT_TRUE(changed) << words_of(changed);
  this->share.record_active(1, *changed);
  const auto copy = this->sync(2);
  this->world.set_reachable("alpha", true);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_EQ(copy->files, 1U);
  ASSERT_EQ(copy->aside.size(), 1U);
  EXPECT_EQ(copy->aside[0].replica, this->share.id(2));
}

TYPED_TEST(DriverActiveChange, ChangeToAReplicaWithoutACopyFails) {
  this->create_with_replica();
  this->world.set_reachable("alpha", false);
  const auto changed = this->change(1, Mode::forced);
  this->world.set_reachable("alpha", true);
  EXPECT_EQ(problem_of(changed), Problem::failed) << words_of(changed);
  EXPECT_TRUE(this->write(0));
}

TYPED_TEST(DriverActiveChange, CancelledCallChangesNothing) {
  this->create_with_replica();
  ASSERT_TRUE(this->write(0));
  std::stop_source stop;
  stop.request_stop();
  CallContext call = this->share.next_call();
  call.cancelled = stop.get_token();
  const auto changed =
      this->driver().set_active_replica(this->share.ref(), this->to(1, Mode::planned), call);
  EXPECT_EQ(problem_of(changed), Problem::cancelled) << words_of(changed);
  EXPECT_TRUE(this->write(0));
}

TYPED_TEST(DriverActiveChange, ExpiredCallChangesNothing) {
  this->create_with_replica();
  ASSERT_TRUE(this->write(0));
  CallContext call = this->share.next_call();
  call.deadline = std::chrono::steady_clock::now();
  const auto copy = this->driver().sync_replica(this->share.ref(), this->share.id(1), call);
  EXPECT_EQ(problem_of(copy), Problem::expired) << words_of(copy);
}

}  // namespace
}  // namespace pasig::drivers
