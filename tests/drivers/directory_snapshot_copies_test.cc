// How snapshots get to the replicas that lack them: oldest first, before anything newer, from
// whoever holds a good copy.
#include <fcntl.h>
#include <unistd.h>

#include <sstream>

#include "tests/drivers/snapshot_share.h"

namespace pasig::drivers {
namespace {

TEST(DirectorySnapshotCopies, NewReplicaGetsTheOldOnesFirst) {
  const Script rsync("");
  rsync.replace("for last; do :; done; echo \"$last\" >> " + rsync.beside("runs") +
                "; exec rsync \"$@\"");
  SnapshotShare share(with({{"rsync", rsync.path()}}));
  ASSERT_TRUE(share.write(0, "file", "first"));
  const SnapshotId first = share.take();
  ASSERT_TRUE(share.write(0, "file", "second"));
  const SnapshotId second = share.take();
  ASSERT_TRUE(share.write(0, "file", "now"));
  share.add("gamma");
  const auto copy = share.sync(2);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_EQ(copy->snapshots, (std::vector<SnapshotId>{first, second}));
  EXPECT_EQ(read_text(share.tree(2, first) + "/file"), "first");
  EXPECT_EQ(read_text(share.tree(2, second) + "/file"), "second");
  std::istringstream runs(read_text(rsync.beside("runs")));
  std::vector<std::string> kinds;
  for (std::string line; std::getline(runs, line);)
    kinds.push_back(line.find("/snapshot-") != std::string::npos ? "snapshot" : "generation");
  EXPECT_EQ(kinds, (std::vector<std::string>{"snapshot", "snapshot", "generation"}));
}

TEST(DirectorySnapshotCopies, NothingNewerArrivesBeforeThem) {
  const Script rsync("exec rsync \"$@\"");
  SnapshotShare share(with({{"rsync", rsync.path()}}));
  ASSERT_TRUE(share.write(0, "file", "first"));
  ASSERT_TRUE(share.sync(1));
  ASSERT_TRUE(share.write(0, "file", "then"));
  const SnapshotId id = share.take();
  ASSERT_TRUE(share.write(0, "file", "now"));
  rsync.replace("case \"$*\" in */snapshot-*) exit 12;; esac; exec rsync \"$@\"");
  const auto copy = share.sync(1);
  ASSERT_FALSE(copy);
  EXPECT_NE(copy.error().words.find(to_string(id)), std::string::npos) << words_of(copy);
  EXPECT_EQ(read_text(share.exported(1) + "/file"), "first");
  EXPECT_FALSE(share.holds(1, id));
}

TEST(DirectorySnapshotCopies, TransferNothingThatIsHereAlready) {
  const Script rsync("");
  SnapshotShare share(with({{"rsync", rsync.path()}}));
  rsync.replace("exec rsync \"$@\"");
  ASSERT_TRUE(share.write(0, "large", std::string(100'000, 'x')));
  ASSERT_TRUE(share.sync(1));
  rsync.replace("exec rsync --max-size=1 \"$@\"");  // brings no content to speak of
  const SnapshotId id = share.take();
  const auto copy = share.sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  share.expect_whole(1, id);
}

TEST(DirectorySnapshotCopies, PlannedChangeBringsWhatTheNewSideLacks) {
  SnapshotShare share;
  ASSERT_TRUE(share.write(0, "file", "then"));
  ASSERT_TRUE(share.sync(1));
  const SnapshotId id = share.take();
  const auto changed = share.change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  EXPECT_TRUE(contains(changed->base.snapshots, id));
  share.expect_whole(1, id);
}

TEST(DirectorySnapshotCopies, ThatOnlyTheOldSideHasComesBackWithItsSync) {
  SnapshotShare share;
  ASSERT_TRUE(share.write(0, "file", "copied"));
  ASSERT_TRUE(share.sync(1));
  ASSERT_TRUE(share.write(0, "file", "then"));
  const SnapshotId id = share.take();
  share.world.set_reachable("alpha", false);
  ASSERT_TRUE(share.change(1, Mode::forced));
  ASSERT_TRUE(share.write(1, "file", "new line"));
  const auto without = share.status(1);
  ASSERT_TRUE(without) << words_of(without);
  EXPECT_FALSE(contains(without->snapshots, id));
  share.world.set_reachable("alpha", true);
  const auto copy = share.sync(0);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_TRUE(contains(copy->snapshots, id));
  EXPECT_TRUE(contains(share.status(1)->snapshots, id));
  EXPECT_EQ(read_text(share.tree(1, id) + "/file"), "then");
  share.expect_whole(0, id);
  share.expect_whole(1, id);
  EXPECT_EQ(read_text(share.live(1) + "/file"), "new line");
}

TEST(DirectorySnapshotCopies, ComeFromAnotherSecondaryWhenTheActiveHasNone) {
  SnapshotShare share;
  share.add("gamma");
  ASSERT_TRUE(share.write(0, "file", "then"));
  const SnapshotId id = share.take();
  ASSERT_TRUE(share.sync(1));
  ASSERT_TRUE(directory::remove_tree(share.place(0).snapshot(id)));
  const auto copy = share.sync(2);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_TRUE(contains(copy->snapshots, id));
  share.expect_whole(2, id);
}

TEST(DirectorySnapshotCopies, ThatNobodyInReachHoldsAreLeftOut) {
  SnapshotShare share;
  ASSERT_TRUE(share.write(0, "file", "now"));
  const SnapshotId id = share.take();
  ASSERT_TRUE(directory::remove_tree(share.place(0).snapshot(id)));
  const auto copy = share.sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  ASSERT_TRUE(copy->snapshots);
  EXPECT_TRUE(copy->snapshots->empty());
  EXPECT_EQ(read_text(share.exported(1) + "/file"), "now");
}

// Its json and manifest are whole: only its content tells.
TEST(DirectorySnapshotCopies, OfADamagedOneAreNotMade) {
  SnapshotShare share;
  ASSERT_TRUE(share.write(0, "file", "then"));
  const SnapshotId id = share.take();
  const std::string file = share.tree(0, id) + "/file";
  ASSERT_TRUE(write_file(share.live(0) + "/file", "later"));
  const directory::Descriptor sealed(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  directory::set_immutable(sealed.get(), false);
  ASSERT_TRUE(write_file(file, "THEN"));
  const auto copy = share.sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_FALSE(contains(copy->snapshots, id));
  EXPECT_FALSE(share.holds(1, id));
  EXPECT_EQ(read_text(share.exported(1) + "/file"), "later");
}

TEST(DirectorySnapshotCopies, OfAnotherDigestThanTheLogsAreReplaced) {
  SnapshotShare share;
  ASSERT_TRUE(share.write(0, "file", "copied"));
  ASSERT_TRUE(share.sync(1));
  ASSERT_TRUE(share.write(0, "file", "never reported"));
  const SnapshotId id = share.ask();
  ASSERT_TRUE(share.driver().create_snapshot(share.share.ref(), id, share.share.next_call()));
  share.world.set_reachable("alpha", false);
  ASSERT_TRUE(share.change(1, Mode::forced));
  const auto taken = share.take(id);  // the operation goes on at the new active replica
  ASSERT_TRUE(taken) << words_of(taken);
  share.world.set_reachable("alpha", true);
  const auto copy = share.sync(0);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_TRUE(contains(copy->snapshots, id));
  EXPECT_EQ(read_text(share.tree(0, id) + "/file"), "copied");
  share.expect_whole(0, id);
}

TEST(DirectorySnapshotScrub, DamagedCopyIsRepairedAndIsTheOneThatTheLogKnows) {
  SnapshotShare share;
  ASSERT_TRUE(share.write(0, "file", "then"));
  const SnapshotId id = share.take();
  ASSERT_TRUE(share.sync(1));
  ASSERT_TRUE(share.write(0, "file", "afterwards"));
  ASSERT_TRUE(share.sync(1));
  const std::string file = share.tree(1, id) + "/file";
  ASSERT_TRUE(directory::unseal_all(share.tree(1, id)));
  fs::permissions(file, fs::perms::owner_write, fs::perm_options::add);
  ASSERT_TRUE(write_file(file, "THEN"));
  const auto scrubbed =
      share.driver().scrub_replica(share.share.ref(), share.share.id(1), share.share.next_call());
  ASSERT_TRUE(scrubbed) << words_of(scrubbed);
  EXPECT_GE(scrubbed->damaged, 1U);
  EXPECT_EQ(scrubbed->repaired, scrubbed->damaged);
  EXPECT_EQ(scrubbed->damage.back().where, "snapshot " + to_string(id));
  share.expect_whole(1, id);
  const auto health = share.status(1);
  ASSERT_TRUE(health) << words_of(health);
  EXPECT_TRUE(contains(health->snapshots, id));
}

}  // namespace
}  // namespace pasig::drivers
