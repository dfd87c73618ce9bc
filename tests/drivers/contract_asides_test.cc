// What every driver promises of data kept aside, by one typed suite over both.
#include "tests/drivers/contract.h"

namespace pasig::drivers {
namespace {

template <class World>
class DriverAsides : public DriverContract<World> {
 protected:
  // The first replica wrote what was never copied; the second one is active.
  void keep_aside() {
    this->create_with_replica();
    EXPECT_TRUE(this->write(0));
    EXPECT_TRUE(this->sync(1));
    EXPECT_TRUE(this->write(0));
    const auto changed = this->without("alpha", [&] { return this->change(1, Mode::forced); });
    EXPECT_TRUE(changed) << words_of(changed);
    this->share.record_active(1, *changed);
    const auto health = this->status(0);
    EXPECT_TRUE(health && health->aside.size() == 1) << words_of(health);
    if (health && !health->aside.empty()) aside = health->aside.front();
  }
  Answer<void> remove(const CallContext& call) {
    return this->driver().delete_aside(this->share.ref(), aside, call);
  }
  Answer<AsideRestored> restore(const std::string& to, const CallContext& call) {
    return this->driver().restore_aside(this->share.ref(), aside, to, call);
  }
  std::string target() { return this->world.new_path("alpha", "rescued"); }
  std::size_t kept() { return this->status(0)->aside.size(); }

  Aside aside;
};
TYPED_TEST_SUITE(DriverAsides, Worlds);

TYPED_TEST(DriverAsides, DeletedDataIsNotListedAnyMore) {
  this->keep_aside();
  const auto deleted = this->remove(this->share.next_call());
  ASSERT_TRUE(deleted) << words_of(deleted);
  EXPECT_EQ(this->kept(), 0U);
}

TYPED_TEST(DriverAsides, DeletionDeliveredAgainIsDone) {
  this->keep_aside();
  ASSERT_TRUE(this->remove(this->share.next_call()));
  const auto again = this->remove(this->share.same_call());
  EXPECT_TRUE(again) << words_of(again);
}

TYPED_TEST(DriverAsides, DataOfARemovedReplicaIsDeletedToo) {
  this->keep_aside();
  ASSERT_TRUE(this->driver().remove_replica(this->share.ref(), this->share.id(0), false,
                                            this->share.next_call()));
  this->share.ref().replicas.erase(this->share.ref().replicas.begin());
  const auto deleted = this->remove(this->share.next_call());
  EXPECT_TRUE(deleted) << words_of(deleted);
}

TYPED_TEST(DriverAsides, RestoredDataIsACopy) {
  this->keep_aside();
  const auto restored = this->restore(this->target(), this->share.next_call());
  ASSERT_TRUE(restored) << words_of(restored);
  EXPECT_EQ(restored->files, this->aside.files);
  EXPECT_EQ(restored->bytes, this->aside.bytes);
  EXPECT_EQ(this->world.files_at("alpha", this->target()), this->aside.files);
  EXPECT_EQ(this->kept(), 1U);
}

TYPED_TEST(DriverAsides, RestoringDeliveredAgainAnswersTheSame) {
  this->keep_aside();
  const auto restored = this->restore(this->target(), this->share.next_call());
  ASSERT_TRUE(restored) << words_of(restored);
  const auto again = this->restore(this->target(), this->share.same_call());
  ASSERT_TRUE(again) << words_of(again);
  EXPECT_EQ(again->files, restored->files);
}

TYPED_TEST(DriverAsides, NothingIsRestoredOverAnExistingTree) {
  this->keep_aside();
  const std::string path = this->world.make_tree("alpha", "taken");
  const auto refused = this->restore(path, this->share.next_call());
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().words.find(path), std::string::npos) << words_of(refused);
  EXPECT_EQ(this->world.files_at("alpha", path), 1U);
}

TYPED_TEST(DriverAsides, WhatIsDeletedCannotBeRestored) {
  this->keep_aside();
  ASSERT_TRUE(this->remove(this->share.next_call()));
  EXPECT_FALSE(this->restore(this->target(), this->share.next_call()));
  EXPECT_EQ(this->world.files_at("alpha", this->target()), 0U);
}

TYPED_TEST(DriverAsides, ControllerThatIsAwayIsSaidToBe) {
  this->keep_aside();
  const auto deleted =
      this->without("alpha", [&] { return this->remove(this->share.next_call()); });
  EXPECT_EQ(problem_of(deleted), Problem::unreachable) << words_of(deleted);
  EXPECT_EQ(this->kept(), 1U);
}

TYPED_TEST(DriverAsides, LowerTokenIsRefused) {
  this->keep_aside();
  EXPECT_EQ(problem_of(this->remove(this->share.older_call())), Problem::stale_token);
  EXPECT_EQ(problem_of(this->restore(this->target(), this->share.older_call())),
            Problem::stale_token);
  EXPECT_EQ(this->kept(), 1U);
}

TYPED_TEST(DriverAsides, CancelledOrExpiredCallsChangeNothing) {
  this->keep_aside();
  EXPECT_EQ(problem_of(this->remove(this->stopped_call())), Problem::cancelled);
  EXPECT_EQ(problem_of(this->remove(this->late_call())), Problem::expired);
  EXPECT_EQ(problem_of(this->restore(this->target(), this->stopped_call())), Problem::cancelled);
  EXPECT_EQ(problem_of(this->restore(this->target(), this->late_call())), Problem::expired);
  EXPECT_EQ(this->kept(), 1U);
  EXPECT_EQ(this->world.files_at("alpha", this->target()), 0U);
}

}  // namespace
}  // namespace pasig::drivers
