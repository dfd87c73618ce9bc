// The fence, as a client of the share meets it: a process of another user that had a file open
// before the change writes through that descriptor and by a new open of the old path. What
// each did is stated per kind; these are the promises that the capability fence_binds makes.
#include <fcntl.h>
#include <unistd.h>

#include <optional>

#include "drivers/directory/files.h"
#include "tests/drivers/client.h"
#include "tests/drivers/directory_share.h"

namespace pasig::drivers {
namespace {

class DirectoryFence : public ::testing::Test {
 protected:
  // False, with the reason as a skip, where this machine does not offer the kind.
  static bool offers(const std::string& kind) {
    DirectoryWorld world;
    const auto pools = world.driver().stats("alpha");
    if (!pools || ::geteuid() != 0) return false;
    TemporaryDirectory directory;
    SystemClock clock;
    return make_directory_driver(
               {{"one",
                 "zone",
                 "directory",
                 {{"root", directory.path() + "/root"}, {"create", "true"}, {"fence", kind}}}},
               clock)
        .has_value();
  }
  static std::string live_file(DirectoryShare& share) { return share.live(0) + "/journal"; }
};

TEST_F(DirectoryFence, ImmutableRefusesNewOpensAndOldDescriptors) {
  if (!offers("immutable")) GTEST_SKIP() << "no immutable flag for this user here";
  DirectoryShare share(with({{"fence", "immutable"}}));
  const Client by_export(share.exported(0) + "/journal");
  const Client by_path(live_file(share));
  ASSERT_EQ(by_export.opened(), 0);
  ASSERT_EQ(by_path.opened(), 0);
  ASSERT_EQ(by_export.write_by_descriptor(), 0);
  const auto changed = share.change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  EXPECT_EQ(changed->fence.kind, "immutable");
  EXPECT_TRUE(changed->fence.enforced);
  EXPECT_EQ(by_path.write_by_new_open(), EPERM);
  EXPECT_EQ(by_export.write_by_new_open(), EPERM);  // the old export shows a frozen copy now
  const bool binds = changed->fence.words.find("goes on writing") == std::string::npos;
  EXPECT_EQ(by_export.write_by_descriptor(), binds ? EPERM : 0);
  EXPECT_EQ(read_text(share.exported(1) + "/journal"), "late\n");
}

TEST_F(DirectoryFence, ImmutableRefusesRoot) {
  if (!offers("immutable")) GTEST_SKIP() << "no immutable flag for this user here";
  DirectoryShare share(with({{"fence", "immutable"}}));
  ASSERT_TRUE(share.write(0, "file", "before"));
  ASSERT_TRUE(share.change(1, Mode::planned));
  EXPECT_FALSE(write_file(share.live(0) + "/file", "after"));
  EXPECT_FALSE(write_file(share.live(0) + "/new", "after"));
}

TEST_F(DirectoryFence, ExportOfADrSecondaryIsGone) {
  DirectoryShare share({}, Replication::dr);
  const Client client(share.exported(0) + "/journal");
  ASSERT_EQ(client.opened(), 0);
  ASSERT_TRUE(share.change(1, Mode::planned));
  EXPECT_EQ(client.write_by_new_open(), ENOENT);
}

TEST_F(DirectoryFence, MountRefusesAPlannedChangeWhileAWriterIsOpen) {
  if (!offers("mount")) GTEST_SKIP() << "no bind mounts for this user here";
  DirectoryShare share(with({{"fence", "mount"}}));
  Client client(share.exported(0) + "/journal");
  ASSERT_EQ(client.opened(), 0);
  const auto refused = share.change(1, Mode::planned);
  EXPECT_EQ(problem_of(refused), Problem::busy) << words_of(refused);
  EXPECT_NE(words_of(refused).find("busy"), std::string::npos) << words_of(refused);
  EXPECT_EQ(client.write_by_descriptor(), 0);  // nothing changed
  EXPECT_EQ(client.write_by_new_open(), 0);
  client.close();
  const auto changed = share.change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  EXPECT_EQ(changed->fence.kind, "mount");
  const Client late(live_file(share));
  EXPECT_EQ(late.opened(), EROFS);
}

TEST_F(DirectoryFence, MountReportsAnOpenWriterOfAForcedChangeUntilItIsGone) {
  if (!offers("mount")) GTEST_SKIP() << "no bind mounts for this user here";
  DirectoryShare share(with({{"fence", "mount"}}));
  ASSERT_TRUE(share.write(0, "first", "text"));
  ASSERT_TRUE(share.sync(1));
  Client client(live_file(share));
  ASSERT_EQ(client.opened(), 0);
  const auto changed = share.change(1, Mode::forced);
  ASSERT_TRUE(changed) << words_of(changed);
  EXPECT_FALSE(changed->fence.enforced);
  EXPECT_NE(changed->fence.words.find("busy"), std::string::npos) << changed->fence.words;
  EXPECT_EQ(client.write_by_descriptor(), 0);
  EXPECT_EQ(client.write_by_new_open(), EROFS);
  EXPECT_FALSE(share.status(0)->fenced_now);
  client.close();
  const auto health = share.status(0);
  ASSERT_TRUE(health) << words_of(health);
  ASSERT_TRUE(health->fenced_now);
  ASSERT_EQ(health->aside.size(), 1U);
  EXPECT_EQ(read_text(health->aside[0].path + "/journal"), "late\n");
}

TEST_F(DirectoryFence, ModeRefusesNewOpensButNotOldDescriptors) {
  if (!offers("mode")) GTEST_SKIP() << "needs another user";
  DirectoryShare share(with({{"fence", "mode"}}));
  const Client client(live_file(share));
  ASSERT_EQ(client.opened(), 0);
  const auto changed = share.change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  EXPECT_EQ(changed->fence.kind, "mode");
  EXPECT_NE(changed->fence.words.find("does not bind root"), std::string::npos);
  EXPECT_EQ(client.write_by_new_open(), EACCES);
  EXPECT_EQ(client.write_by_descriptor(), 0);
  // What it wrote is not lost: it is found and kept aside before the side follows.
  const auto copy = share.sync(0);
  ASSERT_TRUE(copy) << words_of(copy);
  ASSERT_EQ(copy->aside.size(), 1U);
  EXPECT_EQ(read_text(copy->aside[0].path + "/journal"), "late\n");
}

TEST_F(DirectoryFence, ModeDoesNotShowInTheCopy) {
  DirectoryShare share(with({{"fence", "mode"}}));
  ASSERT_TRUE(share.write(0, "file", "text"));
  fs::permissions(share.live(0) + "/file", fs::perms(0640));
  const auto changed = share.change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  EXPECT_EQ(fs::status(share.live(1) + "/file").permissions(), fs::perms(0640));
}

class DirectoryFenceOfKind : public ::testing::TestWithParam<std::string> {};

TEST_P(DirectoryFenceOfKind, FailedPlannedChangeLeavesTheOldSideAsItWas) {
  if (::geteuid() != 0 && GetParam() != "mode") GTEST_SKIP() << "needs root";
  const Script rsync("exec rsync \"$@\"");
  DirectoryShare share(with({{"fence", GetParam()}, {"rsync", rsync.path()}}));
  ASSERT_TRUE(share.write(0, "file", "text"));
  fs::permissions(share.live(0) + "/file", fs::perms(0644));
  ASSERT_TRUE(share.sync(1));
  ASSERT_TRUE(share.write(0, "second", "text"));
  rsync.replace("exit 12");
  const auto refused = share.change(1, Mode::planned);
  EXPECT_EQ(problem_of(refused), Problem::failed) << words_of(refused);
  EXPECT_NE(words_of(refused).find("12"), std::string::npos) << words_of(refused);
  EXPECT_TRUE(share.write(0, "file", "changed"));
  EXPECT_TRUE(share.write(0, "third", "text"));
  EXPECT_EQ(fs::status(share.live(0) + "/file").permissions(), fs::perms(0644));
  EXPECT_EQ(share.status(0)->role_on_storage, Role::active);
  EXPECT_EQ(share.status(1)->role_on_storage, Role::secondary);
  EXPECT_EQ(share.status(1)->epoch_on_storage, 1U);
}

TEST_P(DirectoryFenceOfKind, DeletionUndoesIt) {
  if (::geteuid() != 0 && GetParam() != "mode") GTEST_SKIP() << "needs root";
  DirectoryShare share(with({{"fence", GetParam()}}));
  ASSERT_TRUE(share.write(0, "file", "text"));
  ASSERT_TRUE(share.change(1, Mode::planned));
  ASSERT_TRUE(fs::exists(share.live(0) + "/file"));
  const auto deleted =
      share.driver().delete_share(share.share.ref(), false, share.share.next_call());
  ASSERT_TRUE(deleted) << words_of(deleted);
  EXPECT_FALSE(fs::exists(share.top(0)));
  EXPECT_FALSE(fs::exists(share.top(1)));
  std::error_code error;
  fs::remove_all(share.world.root("alpha"), error);
  EXPECT_FALSE(error) << error.message();
}

TEST_P(DirectoryFenceOfKind, FenceOfADeadChangeIsLiftedByTheStatusCall) {
  if (::geteuid() != 0 && GetParam() != "mode") GTEST_SKIP() << "needs root";
  DirectoryShare share(with({{"fence", GetParam()}}));
  ASSERT_TRUE(share.write(0, "file", "text"));
  ASSERT_TRUE(share.sync(1));
  // As a pasigd killed between fence and switch leaves it.
  ASSERT_TRUE(share.change(1, Mode::planned));
  auto old_side = directory::decode_record(read_text(share.place(0).record()), "old");
  auto new_side = directory::decode_record(read_text(share.place(1).record()), "new");
  ASSERT_TRUE(old_side && new_side);
  old_side->role = directory::StoredRole::active;
  old_side->epoch = 1;
  old_side->fence.stage = directory::StoredFence::Stage::fencing;
  old_side->fence.target = share.share.id(1);
  new_side->role = directory::StoredRole::secondary;
  new_side->epoch = 1;
  ASSERT_TRUE(directory::write_record(share.place(0), *old_side));
  ASSERT_TRUE(directory::write_record(share.place(1), *new_side));
  ActiveChange back;
  back.epoch = 1;
  share.share.record_active(0, back);
  const auto health = share.status(0);
  ASSERT_TRUE(health) << words_of(health);
  EXPECT_FALSE(health->repaired.empty());
  EXPECT_TRUE(share.write(0, "file", "again"));
}

INSTANTIATE_TEST_SUITE_P(Kinds, DirectoryFenceOfKind,
                         ::testing::Values("immutable", "mount", "mode"),
                         [](const auto& kind) { return kind.param; });

// Named in the share and outside of it, on the same file system.
class DirectoryFenceOverOutsideNames : public DirectoryFence {
 protected:
  void SetUp() override {
    if (!offers("immutable")) GTEST_SKIP() << "no immutable flag for this user here";
    share.emplace(with({{"fence", "immutable"}}));
    ASSERT_TRUE(write_file(outside(), "x"));
    fs::create_hard_link(outside(), share->live(0) + "/inside");
    ASSERT_TRUE(share->write(0, "one", "y"));
    fs::create_hard_link(share->live(0) + "/one", share->live(0) + "/two");
    ASSERT_TRUE(share->sync(1));
  }

  std::string outside() { return share->world.root("alpha") + "/outside"; }

  std::optional<DirectoryShare> share;
};

TEST_F(DirectoryFenceOverOutsideNames, AreToldAndStayWritable) {
  const auto changed = share->change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  EXPECT_TRUE(changed->fence.enforced);
  EXPECT_NE(changed->fence.words.find("and stay writable there: 1"), std::string::npos)
      << changed->fence.words;
  ASSERT_TRUE(share->sync(0));
  EXPECT_FALSE(fs::exists(share->live(0)));
  EXPECT_TRUE(write_file(outside(), "still writable"));
  EXPECT_EQ(read_text(share->live(1) + "/inside"), "x");
}

TEST_F(DirectoryFenceOverOutsideNames, WhatIsWrittenThroughThemLaterIsKeptAside) {
  ASSERT_TRUE(share->write(0, "late", "z"));
  const directory::Descriptor writer(::open(outside().c_str(), O_WRONLY | O_CLOEXEC));
  const directory::Descriptor reader(::open((share->live(0) + "/one").c_str(), O_RDONLY));
  const auto changed = share->change(1, Mode::planned);  // what is open keeps the old tree
  ASSERT_TRUE(changed) << words_of(changed);
  ASSERT_EQ(::write(writer.get(), "late", 4), 4);
  const auto copy = share->sync(0);
  ASSERT_TRUE(copy) << words_of(copy);
  ASSERT_EQ(copy->aside.size(), 1U);
  EXPECT_EQ(read_text(copy->aside[0].path + "/inside"), "late");
}

}  // namespace
}  // namespace pasig::drivers
