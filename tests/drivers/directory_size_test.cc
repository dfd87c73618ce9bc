// Sizes: what extend and shrink say of every replica, and, where the temporary directory can be put
// on a file system with project quota, that users are refused beyond the size.
#include <sys/mount.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <optional>

#include "drivers/directory/project_quota.h"
#include "tests/drivers/as_user.h"
#include "tests/drivers/directory_share.h"

namespace pasig::drivers {
namespace {

constexpr std::uint64_t k_gib = std::uint64_t{1} << 30;
constexpr std::uint64_t k_mib = std::uint64_t{1} << 20;
constexpr User k_user{65534};

const ReplicaAnswer* answer_of(const Answer<Resized>& resized, ReplicaId replica) {
  if (!resized) return nullptr;
  for (const ReplicaAnswer& one : resized->replicas)
    if (one.replica == replica) return &one;
  return nullptr;
}

Answer<Resized> extend(DirectoryShare& share, std::uint64_t size_gb) {
  return share.driver().extend(share.share.ref(), size_gb, share.share.next_call());
}
Answer<Resized> shrink(DirectoryShare& share, std::uint64_t size_gb) {
  return share.driver().shrink(share.share.ref(), size_gb, share.share.next_call());
}

class DirectorySize : public ::testing::Test {
 protected:
  DirectorySize() {
    EXPECT_TRUE(share.write(0, "file", "text"));
    EXPECT_TRUE(share.sync(1));
  }
  // Room that is taken at once: it is reserved, and nothing is written.
  static bool take(const std::string& path, off_t bytes) {
    const directory::Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    return file.is_open() && ::fallocate(file.get(), 0, 0, bytes) == 0;
  }

  DirectoryShare share;
};

TEST_F(DirectorySize, ExtendAnswersForEveryReplica) {
  const auto resized = extend(share, 2);
  ASSERT_TRUE(resized) << words_of(resized);
  ASSERT_EQ(resized->replicas.size(), 2U);
  for (const std::size_t n : {0U, 1U}) {
    const ReplicaAnswer* answer = answer_of(resized, share.share.id(n));
    ASSERT_NE(answer, nullptr);
    EXPECT_FALSE(answer->failure);
  }
  EXPECT_EQ(resized->replicas.back().replica, share.share.id(0));  // the active one last
}

TEST_F(DirectorySize, SecondaryThatIsAwayIsToldAndTheCallGoesOn) {
  share.world.set_reachable("beta", false);
  for (const auto& resized : {extend(share, 2), shrink(share, 1)}) {
    ASSERT_TRUE(resized) << words_of(resized);
    const ReplicaAnswer* answer = answer_of(resized, share.share.id(1));
    ASSERT_NE(answer, nullptr);
    ASSERT_TRUE(answer->failure);
    EXPECT_EQ(answer->failure->problem, Problem::unreachable);
    EXPECT_EQ(answer->failure->controller, "beta");
    EXPECT_FALSE(answer_of(resized, share.share.id(0))->failure);
  }
  share.world.set_reachable("beta", true);
}

TEST_F(DirectorySize, ActiveReplicaThatIsAwayMakesItFail) {
  share.world.set_reachable("alpha", false);
  EXPECT_EQ(problem_of(extend(share, 2)), Problem::unreachable);
  EXPECT_EQ(problem_of(shrink(share, 1)), Problem::unreachable);
  share.world.set_reachable("alpha", true);
}

TEST_F(DirectorySize, ExtendBeyondTheRoomIsRefused) {
  const auto resized = extend(share, 1'000'000'000);
  ASSERT_FALSE(resized);
  EXPECT_EQ(resized.error().problem, Problem::no_space);
  EXPECT_EQ(resized.error().controller, "alpha");
}

TEST_F(DirectorySize, ShrinkBelowWhatTheActiveHoldsNamesIt) {
  share.share.ref().size_gb = 2;
  if (!take(share.exported(0) + "/large", static_cast<off_t>(k_gib + k_mib)))
    GTEST_SKIP() << "no fallocate, or no room of 1 GiB";
  const auto resized = shrink(share, 1);
  ASSERT_FALSE(resized);
  EXPECT_EQ(resized.error().problem, Problem::too_small);
  EXPECT_NE(resized.error().words.find(to_string(share.share.id(0))), std::string::npos);
  EXPECT_NE(resized.error().words.find(std::to_string(k_gib)), std::string::npos);
  fs::remove(share.exported(0) + "/large");
  const auto after = shrink(share, 1);
  EXPECT_TRUE(after) << words_of(after);
}

TEST_F(DirectorySize, HolesTakeNoRoom) {
  share.share.ref().size_gb = 3;
  ASSERT_TRUE(share.write(0, "sparse", ""));
  fs::resize_file(share.live(0) + "/sparse", 2 * k_gib);
  const auto resized = shrink(share, 1);
  EXPECT_TRUE(resized) << words_of(resized);
}

TEST_F(DirectorySize, ShrinkBelowTheNewestCopyNamesTheSecondary) {
  ASSERT_TRUE(fs::remove(share.live(0) + "/file"));
  const auto resized = shrink(share, 0);
  ASSERT_FALSE(resized);
  EXPECT_EQ(resized.error().problem, Problem::too_small);
  EXPECT_EQ(resized.error().controller, "beta");
  EXPECT_NE(resized.error().words.find("holds 4 bytes"), std::string::npos);
  EXPECT_NE(resized.error().hint.find("sync"), std::string::npos);
}

TEST_F(DirectorySize, OlderCallChangesNothing) {
  EXPECT_EQ(problem_of(share.driver().shrink(share.share.ref(), 1, share.share.older_call())),
            Problem::stale_token);
}

TEST_F(DirectorySize, CopySaysWhatTheActiveHeld) {
  ASSERT_TRUE(share.write(0, "more", "more text"));
  const auto copy = share.sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_EQ(copy->source_bytes, std::optional<std::uint64_t>(4 + 9));
}

TEST(DirectorySizeWithoutQuota, IsObserved) {
  const TemporaryDirectory place;  // a tmpfs has no project quota
  if (::geteuid() != 0 || ::mount("none", place.path().c_str(), "tmpfs", 0, "mode=0755") != 0)
    GTEST_SKIP() << "needs the right to mount a tmpfs";
  const SystemClock clock;
  const auto driver = make_directory_driver(
      {{"alpha", "z", "directory", {{"root", place.path() + "/root"}, {"create", "true"}}}}, clock);
  ASSERT_TRUE(driver);
  EXPECT_EQ((*driver)->stats("alpha")->front().capabilities.at("size"), "observed");
}

// An ext4 with project quota in a file, and the temporary directories of the test on it.
class QuotaDisk {
 public:
  QuotaDisk() {
    const std::string image = place_.path() + "/image";
    const std::string mounted = place_.path() + "/disk";
    fs::create_directory(mounted);
    run("truncate -s 6G " + image);
    run("mkfs.ext4 -q -F -O project,quota -E quotatype=prjquota " + image);
    run("mount -o loop,prjquota " + image + " " + mounted);
    if (!why_not_.empty()) return;
    if (const char* before = ::getenv("TMPDIR")) before_ = before;
    ::setenv("TMPDIR", mounted.c_str(), 1);
    ::chmod(mounted.c_str(), 0755);
  }
  ~QuotaDisk() {
    if (before_) ::setenv("TMPDIR", before_->c_str(), 1);
    else ::unsetenv("TMPDIR");
  }
  QuotaDisk(const QuotaDisk&) = delete;
  QuotaDisk& operator=(const QuotaDisk&) = delete;
  [[nodiscard]] const std::string& why_not() const { return why_not_; }

 private:
  void run(const std::string& command) {
    if (why_not_.empty() && std::system((command + " >/dev/null 2>&1").c_str()) != 0)
      why_not_ = "did not work here: " + command;
  }

  TemporaryDirectory place_;  // which unmounts what is below
  std::string why_not_;
  std::optional<std::string> before_;
};

class DirectoryQuota : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs mounts";
    disk_ = std::make_unique<QuotaDisk>();
    if (!disk_->why_not().empty()) GTEST_SKIP() << disk_->why_not();
    share_ = std::make_unique<DirectoryShare>();
    ASSERT_TRUE(share().write(0, "file", "text"));
    ASSERT_TRUE(share().sync(1));
  }
  void TearDown() override { share_.reset(); }

  DirectoryShare& share() { return *share_; }
  std::string large(std::size_t n) { return share().exported(n) + "/large"; }
  // Up to a MiB below so many GiB, and then a few MiB more.
  int fill(std::size_t n, std::uint64_t gib) {
    fs::remove(large(n));
    return k_user.fills(large(n), gib * k_gib - k_mib, 4 * k_mib);
  }
  static bool is_full(int error) { return error == EDQUOT || error == ENOSPC; }
  std::uint64_t limit(std::size_t n) {
    const auto project = directory::project_of(share().live(n));
    const auto use = directory::project_use(share().live(n), project.value_or(0));
    return use ? use->limit : 0;
  }

  std::unique_ptr<QuotaDisk> disk_;
  std::unique_ptr<DirectoryShare> share_;
};

TEST_F(DirectoryQuota, RefusesUsersBeyondTheSizeAndNothingOfOursBreaks) {
  EXPECT_EQ(share().driver().stats("alpha")->front().capabilities.at("size"), "enforced");
  EXPECT_TRUE(is_full(fill(0, 1)));
  const auto health = share().status(0);
  ASSERT_TRUE(health) << words_of(health);
  EXPECT_TRUE(health->repaired.empty());
  const auto copy = share().sync(1);
  EXPECT_TRUE(copy) << words_of(copy);
}

TEST_F(DirectoryQuota, ExtendedShareTakesMore) {
  const auto resized = extend(share(), 2);
  ASSERT_TRUE(resized) << words_of(resized);
  EXPECT_EQ(fill(0, 1), 0);
  EXPECT_TRUE(is_full(fill(0, 2)));
}

TEST_F(DirectoryQuota, ShrunkShareTakesLess) {
  ASSERT_TRUE(extend(share(), 2));
  share().share.ref().size_gb = 2;
  const auto resized = shrink(share(), 1);
  ASSERT_TRUE(resized) << words_of(resized);
  EXPECT_TRUE(is_full(fill(0, 1)));
}

TEST_F(DirectoryQuota, ShrinkBelowWhatIsStoredLeavesTheLimit) {
  ASSERT_TRUE(extend(share(), 2));
  share().share.ref().size_gb = 2;
  ASSERT_EQ(fill(0, 1), 0);
  EXPECT_EQ(problem_of(shrink(share(), 1)), Problem::too_small);
  EXPECT_EQ(limit(0), 2 * k_gib);
}

TEST_F(DirectoryQuota, NewActiveSideEnforcesTheSizeToo) {
  ASSERT_TRUE(share().change(1, Mode::planned));
  EXPECT_TRUE(is_full(fill(1, 1)));
  ASSERT_TRUE(share().sync(0));
  ASSERT_TRUE(share().change(0, Mode::planned));
  EXPECT_TRUE(is_full(fill(0, 1)));
}

TEST_F(DirectoryQuota, FrozenTreesAndDataKeptAsideDoNotCount) {
  ASSERT_EQ(k_user.fills(large(0), 600 * k_mib, 0), 0);
  share().world.set_reachable("alpha", false);
  ASSERT_TRUE(share().change(1, Mode::forced));
  share().world.set_reachable("alpha", true);
  const auto copy = share().sync(0);
  ASSERT_TRUE(copy) << words_of(copy);
  ASSERT_EQ(copy->aside.size(), 1U);
  ASSERT_TRUE(share().change(0, Mode::planned));
  EXPECT_EQ(k_user.fills(large(0), 600 * k_mib, 0), 0);
  ASSERT_TRUE(share().sync(1));
  EXPECT_EQ(k_user.fills(share().exported(0) + "/more", 300 * k_mib, 0), 0);
}

TEST_F(DirectoryQuota, StatusLimitsAgainWhatIsNot) {
  const auto project = directory::project_of(share().live(0));
  ASSERT_TRUE(project && *project != 0);
  ASSERT_TRUE(directory::limit_project(share().live(0), *project, 0));
  const auto health = share().status(0);
  ASSERT_TRUE(health) << words_of(health);
  ASSERT_EQ(health->repaired.size(), 1U);
  EXPECT_NE(health->repaired[0].find("1 GiB"), std::string::npos);
  EXPECT_TRUE(is_full(fill(0, 1)));
}

// Made by another driver, by hand, or before the file system had quota.
TEST_F(DirectoryQuota, StatusTakesAnOlderTreeInAsAWhole) {
  ASSERT_EQ(k_user.fills(share().exported(0) + "/old", 700 * k_mib, 0), 0);
  auto record = directory::decode_record(read_text(share().place(0).record()), "record");
  ASSERT_TRUE(record);
  ASSERT_EQ(record->projects.size(), 1U);
  record->projects.clear();
  ASSERT_TRUE(directory::write_record(share().place(0), *record));
  ASSERT_TRUE(share().status(0));
  EXPECT_TRUE(is_full(k_user.fills(large(0), 400 * k_mib, 0)));
  EXPECT_EQ(k_user.fills(large(0), 200 * k_mib, 0), 0);
}

TEST_F(DirectoryQuota, RevertedTreeIsLimitedAndTheOldOneIsForgotten) {
  const SnapshotId id{random_uuid()};
  const auto taken =
      share().driver().create_snapshot(share().share.ref(), id, share().share.next_call());
  ASSERT_TRUE(taken) << words_of(taken);
  share().share.record_snapshot(id, taken->digest);
  const auto before = directory::project_of(share().live(0));
  ASSERT_TRUE(share().driver().revert(share().share.ref(), id, share().share.next_call()));
  EXPECT_EQ(limit(0), k_gib);
  EXPECT_NE(directory::project_of(share().live(0)).value_or(0), before.value_or(0));
  EXPECT_EQ(directory::project_use(share().live(0), before.value_or(0))->limit, 0U);
  EXPECT_TRUE(is_full(fill(0, 1)));
}

TEST_F(DirectoryQuota, TreeIsLimitedFromWhenItIsTakenInUntilItIsLetGo) {
  ShareOnDriver taken_in{Replication::readable};
  taken_in.ref().size_gb = 1;
  taken_in.add("alpha");
  const std::string path = share().world.make_tree("alpha", "papers");
  ASSERT_TRUE(share().driver().manage(taken_in.ref(), taken_in.id(0), path, taken_in.next_call()));
  taken_in.record_provisioned();
  const std::string live = share().world.top(taken_in.ref().replicas[0], taken_in.ref()) + "/live";
  const auto project = directory::project_of(live);
  ASSERT_TRUE(project && *project != 0);
  EXPECT_EQ(directory::project_use(live, *project)->limit, k_gib);
  ASSERT_TRUE(share().driver().unmanage(taken_in.ref(), taken_in.id(0), taken_in.next_call()));
  EXPECT_EQ(directory::project_use(path, *project)->limit, 0U);
}

TEST_F(DirectoryQuota, DeletedShareLeavesNoLimit) {
  const auto project = directory::project_of(share().live(0));
  ASSERT_TRUE(project && *project != 0);
  ASSERT_TRUE(share().driver().delete_share(share().share.ref(), false, share().share.next_call()));
  const auto use = directory::project_use(share().world.root("alpha"), *project);
  ASSERT_TRUE(use) << words_of(use);
  EXPECT_TRUE(use->is_free());
}

}  // namespace
}  // namespace pasig::drivers
