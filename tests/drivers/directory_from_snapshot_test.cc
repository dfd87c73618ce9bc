// Shares made from a snapshot, on its own controller and on another one; and snapshots that are
// adopted from a directory and given up to one.
#include <fcntl.h>
#include <unistd.h>

#include "tests/drivers/snapshot_share.h"

namespace pasig::drivers {
namespace {

class ShareFromSnapshot : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(source.write(0, "file", "then"));
    fs::create_hard_link(source.live(0) + "/file", source.live(0) + "/also");
    fs::create_directory(source.live(0) + "/folder");
    ASSERT_TRUE(write_file(source.live(0) + "/folder/inner", "text"));
    fs::permissions(source.live(0) + "/folder", fs::perms(0750));
    id = source.take();
    ASSERT_TRUE(source.sync(1));
    ASSERT_TRUE(source.write(0, "file", "later"));
  }
  Answer<Created> make(const std::string& controller) {
    if (made.ref().replicas.empty()) made.add(controller);
    return make_again(made.next_call());
  }
  Answer<Created> make_again(const CallContext& call) {
    return source.driver().create_share_from_snapshot(made.ref(), made.id(0),
                                                      {source.share.ref(), id}, call);
  }
  void expect_content(const std::string& tree) {
    EXPECT_EQ(read_text(tree + "/file"), "then");
    EXPECT_TRUE(fs::equivalent(tree + "/file", tree + "/also"));
    EXPECT_FALSE(fs::equivalent(tree + "/file", source.tree(0, id) + "/file"));
    EXPECT_FALSE(fs::equivalent(tree + "/file", source.tree(1, id) + "/file"));
    EXPECT_EQ(fs::status(tree + "/folder").permissions(), fs::perms(0750));
    EXPECT_TRUE(write_file(tree + "/file", "its own"));
    EXPECT_TRUE(write_file(tree + "/folder/new", "its own"));
    source.expect_whole(0, id);
    source.expect_whole(1, id);
  }
  std::string top() { return source.world.top(made.ref().replicas.at(0), made.ref()); }

  SnapshotShare source;
  SnapshotId id;
  ShareOnDriver made{Replication::readable};
};

TEST_F(ShareFromSnapshot, OnTheSameControllerHasItsContent) {
  const auto created = make("alpha");
  ASSERT_TRUE(created) << words_of(created);
  expect_content(created->exports.at(0));
}

TEST_F(ShareFromSnapshot, OnAnotherControllerHasItsContent) {
  const auto created = make("gamma");
  ASSERT_TRUE(created) << words_of(created);
  expect_content(created->exports.at(0));
  EXPECT_TRUE(directory::names_in(top() + "/staging")->empty());
}

TEST_F(ShareFromSnapshot, DeliveredAgainKeepsWhatWasWrittenSince) {
  const auto created = make("alpha");
  ASSERT_TRUE(created) << words_of(created);
  ASSERT_TRUE(write_file(created->exports.at(0) + "/since", "text"));
  const auto again = make_again(made.same_call());
  ASSERT_TRUE(again) << words_of(again);
  EXPECT_EQ(again->exports, created->exports);
  EXPECT_EQ(read_text(again->exports.at(0) + "/since"), "text");
}

TEST_F(ShareFromSnapshot, IsReplicatedLikeAnyOther) {
  ASSERT_TRUE(make("alpha"));
  made.record_provisioned();
  made.add("beta");
  ASSERT_TRUE(source.driver().add_replica(made.ref(), made.id(1), made.next_call()));
  made.record_added(1);
  const auto copy = source.driver().sync_replica(made.ref(), made.id(1), made.next_call());
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_EQ(copy->files, 3U);
}

TEST_F(ShareFromSnapshot, ThatNobodyInReachHoldsIsNotMade) {
  for (const char* name : {"alpha", "beta"}) source.world.set_reachable(name, false);
  const auto refused = make("gamma");
  EXPECT_EQ(problem_of(refused), Problem::unreachable) << words_of(refused);
  for (const char* name : {"alpha", "beta"}) source.world.set_reachable(name, true);
  const auto created = make_again(made.next_call());
  ASSERT_TRUE(created) << words_of(created);
  expect_content(created->exports.at(0));
}

TEST_F(ShareFromSnapshot, TakesAGoodCopyWhereOneIsDamaged) {
  const std::string file = source.tree(0, id) + "/folder/inner";
  const directory::Descriptor sealed(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  directory::set_immutable(sealed.get(), false);
  ASSERT_TRUE(write_file(file, "TEXT"));
  const auto created = make("alpha");
  ASSERT_TRUE(created) << words_of(created);
  EXPECT_EQ(read_text(created->exports.at(0) + "/folder/inner"), "text");
}

TEST(ShareFromSnapshotNearby, MovesNothingBetweenControllers) {
  const Script rsync("exec rsync \"$@\"");
  SnapshotShare source(with({{"rsync", rsync.path()}}));
  ASSERT_TRUE(source.write(0, "file", "then"));
  const SnapshotId id = source.take();
  ASSERT_TRUE(source.sync(1));
  rsync.replace("exit 12");
  ShareOnDriver made(Replication::readable);
  made.add("beta");
  const auto created = source.driver().create_share_from_snapshot(
      made.ref(), made.id(0), {source.share.ref(), id}, made.next_call());
  ASSERT_TRUE(created) << words_of(created);
  EXPECT_EQ(read_text(created->exports.at(0) + "/file"), "then");
}

// --- adoption

class SnapshotAdoption : public ::testing::Test {
 protected:
  SnapshotAdoption() {
    share.add("alpha");
    const auto created = world.driver().create_share(share.ref(), share.id(0), share.next_call());
    EXPECT_TRUE(created) << words_of(created);
    share.record_provisioned();
    fs::create_directories(path + "/folder");
    EXPECT_TRUE(write_file(path + "/folder/file", "theirs"));
    fs::permissions(path + "/folder/file", fs::perms(0664));
  }
  Answer<SnapshotTaken> manage(const std::string& from) {
    return world.driver().manage_snapshot(share.ref(), id, from, share.next_call());
  }
  Answer<Unmanaged> unmanage() {
    return world.driver().unmanage_snapshot(share.ref(), id, share.next_call());
  }
  void expect_refused(const std::string& from, const std::string& words) {
    const auto refused = manage(from);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().words.find(words), std::string::npos) << words_of(refused);
    EXPECT_FALSE(fs::exists(place().snapshot(id)));
  }
  directory::ReplicaPlace place() {
    return {"alpha", world.root("alpha"), share.ref().id, share.id(0)};
  }

  DirectoryWorld world;
  ShareOnDriver share{Replication::none};
  const SnapshotId id{random_uuid()};
  const std::string path = world.root("alpha") + "/old-backups/monday";
};

TEST_F(SnapshotAdoption, MovesTheDirectoryAndSealsIt) {
  const auto taken = manage(path);
  ASSERT_TRUE(taken) << words_of(taken);
  EXPECT_EQ(taken->files, 1U);
  EXPECT_EQ(taken->digest.size(), 64U);
  EXPECT_FALSE(fs::exists(path));
  EXPECT_EQ(read_text(place().snapshot_tree(id) + "/folder/file"), "theirs");
  share.ref().snapshots.push_back({.id = id, .digest = taken->digest, .taken_on = {share.id(0)}});
  const auto health =
      world.driver().update_replica_status(share.ref(), share.id(0), share.next_call());
  ASSERT_TRUE(health) << words_of(health);
  EXPECT_TRUE(contains(health->snapshots, id));
  EXPECT_TRUE(health->repaired.empty());
  EXPECT_EQ(health->used_bytes, 6U) << "though the share was never frozen";
}

TEST_F(SnapshotAdoption, DeliveredAgainIsTheSame) {
  const auto taken = manage(path);
  ASSERT_TRUE(taken) << words_of(taken);
  const auto again = world.driver().manage_snapshot(share.ref(), id, path, share.same_call());
  ASSERT_TRUE(again) << words_of(again);
  EXPECT_EQ(again->digest, taken->digest);
}

// As a pasigd that died after the move leaves it.
TEST_F(SnapshotAdoption, GoesOnWithADirectoryThatWasMovedAlready) {
  fs::create_directories(place().adopting(id));
  fs::rename(path, place().adopting(id) + "/tree");
  ASSERT_TRUE(world.driver().update_replica_status(share.ref(), share.id(0), share.next_call()));
  const auto taken = manage(path);
  ASSERT_TRUE(taken) << words_of(taken);
  EXPECT_EQ(read_text(place().snapshot_tree(id) + "/folder/file"), "theirs");
  EXPECT_FALSE(fs::exists(place().adopting(id)));
}

TEST_F(SnapshotAdoption, GivenUpHalfwayIsTheOperatorsAgain) {
  fs::create_directories(place().adopting(id));
  fs::rename(path, place().adopting(id) + "/tree");
  const auto unmanaged = unmanage();
  ASSERT_TRUE(unmanaged) << words_of(unmanaged);
  EXPECT_EQ(unmanaged->path, world.root("alpha") + "/unmanaged/" + to_string(id));
  EXPECT_EQ(read_text(unmanaged->path + "/folder/file"), "theirs");
  EXPECT_FALSE(fs::exists(place().adopting(id)));
  const auto again = world.driver().unmanage_snapshot(share.ref(), id, share.same_call());
  ASSERT_TRUE(again) << words_of(again);
  EXPECT_EQ(again->path, unmanaged->path);
}

TEST_F(SnapshotAdoption, ThatWasNeverBegunHasNothingToGiveBack) {
  EXPECT_EQ(problem_of(unmanage()), Problem::lost);
  fs::create_directories(place().adopting(id));  // nor has one that moved nothing yet
  EXPECT_EQ(problem_of(unmanage()), Problem::lost);
  EXPECT_EQ(read_text(path + "/folder/file"), "theirs");
}

TEST_F(SnapshotAdoption, RefusesWhatIsPasigsOwn) {
  expect_refused(place().live(), "belongs to controller alpha");
  expect_refused(world.root("alpha"), "belongs to controller alpha");
}

TEST_F(SnapshotAdoption, RefusesALink) {
  fs::create_directory_symlink(path, world.root("alpha") + "/link");
  expect_refused(world.root("alpha") + "/link", "no real directory");
}

TEST_F(SnapshotAdoption, RefusesAFileThatHasANameElsewhere) {
  fs::create_hard_link(path + "/folder/file", world.root("alpha") + "/elsewhere");
  expect_refused(path, "folder/file");
  EXPECT_EQ(read_text(path + "/folder/file"), "theirs");
}

TEST_F(SnapshotAdoption, RefusesAnotherFileSystem) { expect_refused("/proc/sys", "file system"); }

TEST_F(SnapshotAdoption, RefusesWhatSomebodyHasOpen) {
  const directory::Descriptor open(::open((path + "/folder/file").c_str(), O_WRONLY | O_CLOEXEC));
  const auto refused = manage(path);
  EXPECT_EQ(problem_of(refused), Problem::busy) << words_of(refused);
  EXPECT_EQ(read_text(path + "/folder/file"), "theirs");
}

TEST_F(SnapshotAdoption, IsForSharesWithOneReplica) {
  share.ref().replication = Replication::readable;
  share.add("beta");
  ASSERT_TRUE(world.driver().add_replica(share.ref(), share.id(1), share.next_call()));
  share.record_added(1);
  EXPECT_EQ(problem_of(manage(path)), Problem::unsupported);
  EXPECT_EQ(problem_of(unmanage()), Problem::unsupported);
}

TEST_F(SnapshotAdoption, GivenUpIsTheOperatorsAgain) {
  ASSERT_TRUE(manage(path));
  const auto unmanaged = unmanage();
  ASSERT_TRUE(unmanaged) << words_of(unmanaged);
  EXPECT_EQ(unmanaged->path, world.root("alpha") + "/unmanaged/" + to_string(id));
  EXPECT_EQ(fs::status(unmanaged->path + "/folder/file").permissions(), fs::perms(0664));
  EXPECT_TRUE(write_file(unmanaged->path + "/folder/file", "changed"));
  EXPECT_FALSE(fs::exists(place().snapshot(id)));
  const auto again = world.driver().unmanage_snapshot(share.ref(), id, share.same_call());
  ASSERT_TRUE(again) << words_of(again);
  EXPECT_EQ(again->path, unmanaged->path);
}

TEST_F(SnapshotAdoption, OfATakenOneGivesUpFilesOfItsOwn) {
  ASSERT_TRUE(write_file(place().live() + "/file", "then"));
  const auto taken = world.driver().create_snapshot(share.ref(), id, share.next_call());
  ASSERT_TRUE(taken) << words_of(taken);
  const SnapshotId other{random_uuid()};
  ASSERT_TRUE(world.driver().create_snapshot(share.ref(), other, share.next_call()));
  const auto unmanaged = unmanage();
  ASSERT_TRUE(unmanaged) << words_of(unmanaged);
  EXPECT_TRUE(write_file(unmanaged->path + "/file", "changed"));
  EXPECT_EQ(read_text(place().snapshot_tree(other) + "/file"), "then");
}

}  // namespace
}  // namespace pasig::drivers
