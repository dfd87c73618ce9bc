// Trees that were not made empty, and who may pass to them: users meet the same door as before any
// other.
#include "tests/drivers/as_user.h"
#include "tests/drivers/directory_share.h"

namespace pasig::drivers {
namespace {

class DirectoryDoor : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "acts as several users, which needs root";
    const auto pools = share.driver().stats("alpha");
    ASSERT_TRUE(pools);
    if (pools->front().capabilities.at("access") != "user")
      GTEST_SKIP() << "the temporary directory keeps no POSIX access lists";
    ASSERT_TRUE(share.write(0, "file", "text"));
  }
  // Of another share on the same root.
  std::string frozen_of(ShareOnDriver& other) {
    return share.world.top(other.ref().replicas[0], other.ref()) + "/frozen";
  }

  DirectoryShare share;
  const User alice = user_named("daemon");
  const User bob = user_named("nobody");
};

TEST_F(DirectoryDoor, StandsBeforeATreeThatWasTakenIn) {
  ShareOnDriver taken_in{Replication::readable};
  taken_in.add("alpha");
  taken_in.allow("user", "daemon", "rw");
  const std::string path = share.world.make_tree("alpha", "papers");
  const auto managed =
      share.driver().manage(taken_in.ref(), taken_in.id(0), path, taken_in.next_call());
  ASSERT_TRUE(managed) << words_of(managed);
  for (const std::string& way : {path, managed->exports.at(0)}) {
    EXPECT_EQ(alice.reads(way + "/file"), 0);
    EXPECT_EQ(bob.reads(way + "/file"), EACCES);
  }
  EXPECT_EQ(alice.reads(frozen_of(taken_in)), EACCES) << "what is frozen cannot be listed";
}

TEST_F(DirectoryDoor, StandsBeforeTreesOfASnapshot) {
  share.share.allow("user", "daemon", "rw");
  const auto applied = share.driver().update_access(share.share.ref(), share.share.next_call());
  ASSERT_TRUE(applied) << words_of(applied);
  const SnapshotId id{random_uuid()};
  const auto taken = share.driver().create_snapshot(share.share.ref(), id, share.share.next_call());
  ASSERT_TRUE(taken) << words_of(taken);
  share.share.record_snapshot(id, taken->digest);
  ShareOnDriver made{Replication::readable};
  made.add("alpha");
  made.allow("user", "nobody", "rw");
  const auto created = share.driver().create_share_from_snapshot(
      made.ref(), made.id(0), {share.share.ref(), id}, made.next_call());
  ASSERT_TRUE(created) << words_of(created);
  EXPECT_EQ(bob.reads(created->exports.at(0) + "/file"), 0);
  EXPECT_EQ(alice.reads(created->exports.at(0) + "/file"), EACCES);
  EXPECT_EQ(bob.reads(frozen_of(made)), EACCES) << "what is frozen cannot be listed";
  ASSERT_TRUE(share.driver().revert(share.share.ref(), id, share.share.next_call()));
  EXPECT_EQ(alice.reads(share.exported(0) + "/file"), 0);
  EXPECT_EQ(bob.reads(share.exported(0) + "/file"), EACCES);
}

}  // namespace
}  // namespace pasig::drivers
