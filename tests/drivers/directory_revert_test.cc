// Reverting a share to a snapshot: on the active replica, on those that hold the snapshot, and
// what comes after it.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/drivers/client.h"
#include "tests/drivers/snapshot_share.h"

namespace pasig::drivers {
namespace {

class DirectoryRevert : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"a", "b", "c"}) ASSERT_TRUE(share.write(0, name, "then"));
    id = share.take();
    ASSERT_TRUE(share.sync(1));
    ASSERT_TRUE(share.write(0, "a", "later"));
    for (const char* name : {"d", "e", "f", "g", "h"}) ASSERT_TRUE(share.write(0, name, "later"));
  }
  void expect_content(const std::string& tree) {
    EXPECT_EQ(read_text(tree + "/a"), "then") << tree;
    EXPECT_TRUE(fs::exists(tree + "/c")) << tree;
    EXPECT_FALSE(fs::exists(tree + "/d")) << tree;
  }
  SnapshotShare share;
  SnapshotId id;
};

TEST_F(DirectoryRevert, GivesTheActiveReplicaItsContentBack) {
  const auto reverted = share.revert(id);
  ASSERT_TRUE(reverted) << words_of(reverted);
  expect_content(share.exported(0));
  EXPECT_TRUE(share.write(0, "a", "writable"));
  share.expect_whole(0, id);
  EXPECT_EQ(reverted->base.files, 3U);
  EXPECT_TRUE(contains(reverted->base.snapshots, id));
}

TEST_F(DirectoryRevert, LeavesNothingOfTheOldTree) {
  ASSERT_TRUE(share.revert(id));
  EXPECT_FALSE(fs::exists(share.place(0).prepared()));
  EXPECT_TRUE(directory::names_in(share.place(0).staging())->empty());
}

TEST_F(DirectoryRevert, MovesNoDataToThoseThatHoldTheSnapshot) {
  ASSERT_TRUE(share.sync(1));  // the later content
  const auto reverted = share.revert(id);
  ASSERT_TRUE(reverted) << words_of(reverted);
  ASSERT_EQ(reverted->replicas.size(), 1U);
  EXPECT_FALSE(reverted->replicas[0].failure) << reverted->replicas[0].failure->words;
  expect_content(share.exported(1));
  EXPECT_TRUE(fs::equivalent(share.exported(1) + "/a", share.tree(1, id) + "/a"));
  EXPECT_EQ(share.status(1)->latest->generation, reverted->base.generation);
  share.expect_whole(1, id);
}

TEST_F(DirectoryRevert, WithoutAReachableSecondarySaysSoAndItsNextSyncFollows) {
  ASSERT_TRUE(share.sync(1));
  share.world.set_reachable("beta", false);
  const auto reverted = share.revert(id);
  ASSERT_TRUE(reverted) << words_of(reverted);
  ASSERT_EQ(reverted->replicas.size(), 1U);
  ASSERT_TRUE(reverted->replicas[0].failure);
  EXPECT_EQ(reverted->replicas[0].failure->problem, Problem::unreachable);
  share.world.set_reachable("beta", true);
  // More than half of what beta has is gone: by the revert, and not by anybody's deletion.
  const auto copy = share.sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  expect_content(share.exported(1));
}

TEST_F(DirectoryRevert, DoesNotHideADeletionThatCameAfterIt) {
  ASSERT_TRUE(share.sync(1));
  share.world.set_reachable("beta", false);
  ASSERT_TRUE(share.revert(id));
  for (const char* name : {"a", "b", "c"}) fs::remove(share.live(0) + "/" + name);
  share.world.set_reachable("beta", true);
  EXPECT_EQ(problem_of(share.sync(1)), Problem::mass_deletion);
}

TEST_F(DirectoryRevert, IsToldToOthersByTheNextActiveReplicaToo) {
  share.add("gamma");
  ASSERT_TRUE(share.sync(1));
  ASSERT_TRUE(share.sync(2));
  share.world.set_reachable("gamma", false);
  ASSERT_TRUE(share.revert(id));
  const auto changed = share.change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  share.world.set_reachable("gamma", true);
  const auto copy = share.sync(2);
  ASSERT_TRUE(copy) << words_of(copy);
  expect_content(share.exported(2));
}

TEST_F(DirectoryRevert, IsFollowedBySyncsAndAPromotion) {
  ASSERT_TRUE(share.revert(id));
  ASSERT_TRUE(share.write(0, "new", "line"));
  const auto copy = share.sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_EQ(read_text(share.exported(1) + "/new"), "line");
  const auto changed = share.change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  expect_content(share.exported(1));
  ASSERT_TRUE(share.write(1, "newer", "line"));
  const auto back = share.sync(0);
  ASSERT_TRUE(back) << words_of(back);
  EXPECT_TRUE(back->aside.empty());
  EXPECT_EQ(read_text(share.exported(0) + "/newer"), "line");
  share.expect_whole(0, id);
  share.expect_whole(1, id);
}

TEST_F(DirectoryRevert, DeliveredAgainKeepsWhatWasWrittenSince) {
  const auto first = share.revert(id);
  ASSERT_TRUE(first) << words_of(first);
  ASSERT_TRUE(share.write(0, "since", "text"));
  const auto again = share.driver().revert(share.share.ref(), id, share.share.same_call());
  ASSERT_TRUE(again) << words_of(again);
  EXPECT_EQ(again->base.generation, first->base.generation);
  EXPECT_EQ(read_text(share.exported(0) + "/since"), "text");
}

TEST_F(DirectoryRevert, ASecondTimeRevertsAgain) {
  ASSERT_TRUE(share.revert(id));
  ASSERT_TRUE(share.write(0, "a", "later"));
  const auto again = share.revert(id);
  ASSERT_TRUE(again) << words_of(again);
  expect_content(share.exported(0));
}

TEST_F(DirectoryRevert, GoesOnUnderOpenWriters) {
  const Client client(share.exported(0) + "/open");
  ASSERT_EQ(client.opened(), 0);
  const auto reverted = share.revert(id);
  ASSERT_TRUE(reverted) << words_of(reverted);
  EXPECT_EQ(client.write_by_descriptor(), 0);  // into the tree that is gone
  EXPECT_FALSE(fs::exists(share.exported(0) + "/open"));
}

TEST_F(DirectoryRevert, TakesATreeWithItsUsersFlags) {
  const directory::Descriptor theirs(::open((share.live(0) + "/d").c_str(), O_RDONLY | O_CLOEXEC));
  if (directory::set_immutable(theirs.get(), true) != 0) GTEST_SKIP() << "no immutable flag here";
  const auto reverted = share.revert(id);
  ASSERT_TRUE(reverted) << words_of(reverted);
  expect_content(share.exported(0));
  EXPECT_FALSE(fs::exists(share.place(0).prepared()));
}

TEST_F(DirectoryRevert, GivesALostLiveTreeBack) {
  ASSERT_TRUE(directory::remove_tree(share.live(0)));
  const auto reverted = share.revert(id);
  ASSERT_TRUE(reverted) << words_of(reverted);
  expect_content(share.exported(0));
}

TEST_F(DirectoryRevert, ToASnapshotThatOnlyASecondaryHasBringsItFirst) {
  ASSERT_TRUE(directory::remove_tree(share.place(0).snapshot(id)));
  const auto reverted = share.revert(id);
  ASSERT_TRUE(reverted) << words_of(reverted);
  expect_content(share.exported(0));
  share.expect_whole(0, id);
}

TEST_F(DirectoryRevert, ToASnapshotThatNobodyHasChangesNothing) {
  ASSERT_TRUE(directory::remove_tree(share.place(0).snapshot(id)));
  ASSERT_TRUE(directory::remove_tree(share.place(1).snapshot(id)));
  const auto refused = share.revert(id);
  ASSERT_FALSE(refused);
  EXPECT_FALSE(refused.error().unknown);
  EXPECT_EQ(read_text(share.exported(0) + "/a"), "later");
}

TEST_F(DirectoryRevert, ToADamagedSnapshotChangesNothing) {
  const std::string file = share.tree(0, id) + "/a";
  const directory::Descriptor sealed(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  directory::set_immutable(sealed.get(), false);
  ASSERT_TRUE(write_file(file, "THEN"));
  const auto refused = share.revert(id);
  EXPECT_EQ(problem_of(refused), Problem::not_verified) << words_of(refused);
  EXPECT_EQ(read_text(share.exported(0) + "/a"), "later");
  EXPECT_FALSE(fs::exists(share.place(0).prepared()));
}

TEST_F(DirectoryRevert, OfAReplicaThatLacksTheSnapshotIsLeftToItsSync) {
  ASSERT_TRUE(directory::remove_tree(share.place(1).snapshot(id)));
  const auto reverted = share.revert(id);
  ASSERT_TRUE(reverted) << words_of(reverted);
  ASSERT_TRUE(reverted->replicas.at(0).failure);
  EXPECT_NE(reverted->replicas[0].failure->words.find(to_string(id)), std::string::npos);
  const auto copy = share.sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_TRUE(contains(copy->snapshots, id));
  expect_content(share.exported(1));
}

TEST(DirectoryRevertWithMounts, KeepsTheFenceOfThatKindUsable) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs mounts";
  SnapshotShare share(with({{"fence", "mount"}}));
  ASSERT_TRUE(share.write(0, "a", "then"));
  const SnapshotId id = share.take();
  ASSERT_TRUE(share.sync(1));
  ASSERT_TRUE(share.write(0, "a", "later"));
  const auto reverted = share.revert(id);
  ASSERT_TRUE(reverted) << words_of(reverted);
  EXPECT_EQ(read_text(share.exported(0) + "/a"), "then");
  EXPECT_TRUE(directory::is_mount_point(share.live(0)));
  const auto changed = share.change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  EXPECT_EQ(read_text(share.exported(1) + "/a"), "then");
}

}  // namespace
}  // namespace pasig::drivers
