// Existing trees that become shares, and shares whose trees become their users' own again: at any
// moment the tree is whole and at exactly one place.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>

#include "drivers/directory/files.h"
#include "tests/drivers/directory_share.h"
#include "tests/drivers/killed_process.h"

namespace pasig::drivers {
namespace {

class AdoptedShare {
 public:
  explicit AdoptedShare(Settings options = {}) : world(std::move(options)) {
    share.add("alpha");
    fs::create_directories(path() + "/reports");
    EXPECT_TRUE(write_file(path() + "/notes", "notes"));
    EXPECT_TRUE(write_file(path() + "/reports/1999", "party"));
  }

  [[nodiscard]] std::string above() const {
    return fs::path(world.root("alpha")).parent_path().string();
  }
  [[nodiscard]] std::string path() const { return above() + "/users/papers"; }
  [[nodiscard]] std::string top() { return world.top(share.ref().replicas.front(), share.ref()); }
  [[nodiscard]] std::string live() { return top() + "/live"; }
  [[nodiscard]] std::string unmanaged() {
    return world.root("alpha") + "/unmanaged/" + to_string(share.ref().id);
  }
  Driver& driver() { return world.driver(); }
  Answer<Managed> manage(const std::string& from, const CallContext& call) {
    return driver().manage(share.ref(), share.id(0), from, call);
  }
  Answer<Managed> manage() {
    auto managed = manage(path(), share.next_call());
    if (managed) share.record_provisioned();
    return managed;
  }
  Answer<Unmanaged> unmanage() {
    return driver().unmanage(share.ref(), share.id(0), share.next_call());
  }

  // How many places have the tree as it was.
  int places(const std::vector<std::string>& where) {
    return static_cast<int>(std::count_if(where.begin(), where.end(), [](const std::string& one) {
      return directory::is_directory(one) && read_text(one + "/notes") == "notes" &&
             read_text(one + "/reports/1999") == "party";
    }));
  }

  DirectoryWorld world;
  ShareOnDriver share{Replication::readable};
};

TEST(DirectoryAdoption, TreeBecomesTheSharesAndItsUsersGoOn) {
  AdoptedShare adopted;
  const directory::Descriptor user(
      ::open((adopted.path() + "/notes").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  const auto managed = adopted.manage();
  ASSERT_TRUE(managed) << words_of(managed);
  ASSERT_EQ(managed->exports.size(), 1U);
  EXPECT_EQ(managed->used_bytes, 10U);
  EXPECT_EQ(fs::read_symlink(adopted.path()), managed->exports.front());
  ASSERT_EQ(::write(user.get(), ", more", 6), 6);
  EXPECT_EQ(read_text(managed->exports.front() + "/notes"), "notes, more");
  ASSERT_TRUE(write_file(adopted.path() + "/new", "by the old path"));
  EXPECT_EQ(read_text(managed->exports.front() + "/new"), "by the old path");
}

TEST(DirectoryAdoption, AdoptedTreeIsReplicatedAndPromoted) {
  AdoptedShare adopted;
  ASSERT_TRUE(adopted.manage());
  ShareOnDriver& share = adopted.share;
  share.add("beta");
  ASSERT_TRUE(adopted.driver().add_replica(share.ref(), share.id(1), share.next_call()));
  share.record_added(1);
  ASSERT_TRUE(adopted.driver().sync_replica(share.ref(), share.id(1), share.next_call()));
  const auto changed = adopted.driver().set_active_replica(
      share.ref(), {.replica = share.id(1), .mode = Mode::planned}, share.next_call());
  ASSERT_TRUE(changed) << words_of(changed);
  EXPECT_EQ(read_text(changed->exports.front() + "/reports/1999"), "party");
  EXPECT_EQ(read_text(adopted.path() + "/notes"), "notes") << "the old path shows the frozen copy";
}

TEST(DirectoryAdoption, KilledAnywhereAndDeliveredAgainEndsRight) {
  int step = 1;
  for (bool died = true; died; ++step) {
    SCOPED_TRACE("flush " + std::to_string(step));
    AdoptedShare adopted;
    CallContext call = adopted.share.next_call();
    died = dies_at_flush(step, [&] { static_cast<void>(adopted.manage(adopted.path(), call)); });
    EXPECT_EQ(adopted.places({adopted.path(), adopted.live()}), 1);
    ++call.attempt;
    const auto managed = adopted.manage(adopted.path(), call);
    ASSERT_TRUE(managed) << words_of(managed);
    EXPECT_EQ(adopted.places({adopted.live()}), 1);
    EXPECT_EQ(read_text(managed->exports.at(0) + "/notes"), "notes");
    EXPECT_EQ(fs::read_symlink(adopted.path()), managed->exports.at(0));
  }
  EXPECT_GT(step, 10);
}

TEST(DirectoryAdoption, KilledAnywhereAndGivenUpLosesNothing) {
  for (int step = 1;; ++step) {
    SCOPED_TRACE("flush " + std::to_string(step));
    AdoptedShare adopted;
    CallContext call = adopted.share.next_call();
    ASSERT_TRUE(
        dies_at_flush(step, [&] { static_cast<void>(adopted.manage(adopted.path(), call)); }));
    const auto record = directory::decode_record(read_text(adopted.top() + "/replica.json"), "");
    if (record && record->role == directory::StoredRole::active) break;  // the share is made
    const auto deleted =
        adopted.driver().delete_share(adopted.share.ref(), false, adopted.share.next_call());
    ASSERT_TRUE(deleted) << words_of(deleted);
    EXPECT_EQ(adopted.places({adopted.path()}), 1);
    EXPECT_FALSE(fs::exists(adopted.top()));
  }
}

TEST(DirectoryAdoption, AnotherTreeIsRefusedOnceThereIsOne) {
  AdoptedShare adopted;
  ASSERT_TRUE(adopted.manage());
  fs::create_directories(adopted.above() + "/other");
  const auto managed = adopted.manage(adopted.above() + "/other", adopted.share.next_call());
  EXPECT_EQ(problem_of(managed), Problem::mismatch) << words_of(managed);
  EXPECT_TRUE(directory::is_directory(adopted.above() + "/other"));
}

// What is refused: how it is made, and a word that tells why.
struct Refusal {
  std::string name;
  std::function<std::string(AdoptedShare&)> make;  // the path
  std::string words;
};

class DirectoryAdoptionRefused : public ::testing::TestWithParam<Refusal> {};

TEST_P(DirectoryAdoptionRefused, BeforeAnythingIsMade) {
  AdoptedShare adopted;
  const std::string path = GetParam().make(adopted);
  if (path.empty()) GTEST_SKIP() << "may not mount here";
  const auto managed = adopted.manage(path, adopted.share.next_call());
  ASSERT_FALSE(managed);
  EXPECT_EQ(managed.error().problem, Problem::failed);
  EXPECT_NE(managed.error().words.find(GetParam().words), std::string::npos) << words_of(managed);
  EXPECT_EQ(managed.error().controller, "alpha");
  EXPECT_FALSE(fs::exists(adopted.top()));
  EXPECT_EQ(adopted.places({adopted.path()}), 1);
}

std::string below_a_mount(AdoptedShare& adopted, const std::string& at, const std::string& named) {
  fs::create_directories(at);
  if (::mount("none", at.c_str(), "tmpfs", 0, nullptr) != 0) return {};
  fs::create_directories(named);
  static_cast<void>(adopted);
  return named;
}

std::vector<Refusal> refusals() {
  return {
      {"RelativePath", [](AdoptedShare&) { return "users/papers"; }, "is no absolute path"},
      {"Dots", [](AdoptedShare& a) { return a.above() + "/users/../users/papers"; },
       "is no absolute path"},
      {"Missing", [](AdoptedShare& a) { return a.above() + "/users/nobody"; }, "No such file"},
      {"ControlCharacters", [](AdoptedShare& a) { return a.above() + "/users/pa\npers"; },
       "control characters"},
      {"SymbolicLink",
       [](AdoptedShare& a) {
         fs::create_symlink(a.path(), a.above() + "/link");
         return a.above() + "/link";
       },
       "is a symbolic link"},
      {"File", [](AdoptedShare& a) { return a.path() + "/notes"; }, "is no directory"},
      {"WithoutRights",
       [](AdoptedShare& a) {
         fs::create_directories(a.above() + "/closed");
         fs::permissions(a.above() + "/closed", fs::perms::none);
         return a.above() + "/closed";
       },
       "gives nobody any right"},
      {"InsideOfARoot",
       [](AdoptedShare& a) {
         fs::create_directories(a.world.root("beta") + "/shares/mine");
         return a.world.root("beta") + "/shares/mine";
       },
       "which is Pasig's"},
      {"Unmanaged",
       [](AdoptedShare& a) {
         fs::create_directories(a.world.root("alpha") + "/unmanaged/old");
         return a.world.root("alpha") + "/unmanaged/old";
       },
       "which is Pasig's"},
      {"AboveARoot", [](AdoptedShare& a) { return a.above(); }, "holds the root of controller"},
      {"ForeignRoot",
       [](AdoptedShare& a) {
         fs::create_directories(a.above() + "/foreign");
         write_file(a.above() + "/foreign/.pasig-controller", "{}");
         return a.above() + "/foreign";
       },
       "is the root of a controller"},
      {"HardLinkFromOutside",
       [](AdoptedShare& a) {
         fs::create_hard_link(a.path() + "/notes", a.above() + "/elsewhere");
         return a.path();
       },
       "further names outside of it"},
      {"MountInside",
       [](AdoptedShare& a) {
         return below_a_mount(a, a.path() + "/mounted", a.path() + "/mounted/x").empty()
                    ? std::string()
                    : a.path();
       },
       "another file system mounted in it"},
      {"MountPoint",
       [](AdoptedShare& a) {
         return below_a_mount(a, a.above() + "/m", a.above() + "/m/x").empty() ? std::string()
                                                                               : a.above() + "/m";
       },
       "is a mount point"},
      {"OtherFileSystem",
       [](AdoptedShare& a) { return below_a_mount(a, a.above() + "/m", a.above() + "/m/tree"); },
       "is not on the file system of controller alpha"}};
}

INSTANTIATE_TEST_SUITE_P(Paths, DirectoryAdoptionRefused, ::testing::ValuesIn(refusals()),
                         [](const auto& refusal) { return refusal.param.name; });

TEST(DirectoryAdoption, HardLinksInsideAreTakenIn) {
  AdoptedShare adopted;
  fs::create_hard_link(adopted.path() + "/notes", adopted.path() + "/reports/notes");
  const auto managed = adopted.manage();
  ASSERT_TRUE(managed) << words_of(managed);
  EXPECT_TRUE(fs::equivalent(adopted.live() + "/notes", adopted.live() + "/reports/notes"));
  EXPECT_EQ(managed->used_bytes, 10U);
}

TEST(DirectoryAdoption, DeletedShareLeavesNoLink) {
  AdoptedShare adopted;
  ASSERT_TRUE(adopted.manage());
  ASSERT_TRUE(adopted.driver().delete_share(adopted.share.ref(), false, adopted.share.next_call()));
  EXPECT_FALSE(fs::is_symlink(adopted.path()));
}

TEST(DirectoryRelease, TreeGoesBackToWhereItCameFrom) {
  for (const char* fence : {"auto", "mount", "mode"}) {
    if (std::string(fence) == "mount" && ::geteuid() != 0) continue;
    AdoptedShare adopted(with({{"fence", fence}}));
    ASSERT_TRUE(adopted.manage());
    ASSERT_TRUE(write_file(adopted.path() + "/late", "late"));
    const auto unmanaged = adopted.unmanage();
    ASSERT_TRUE(unmanaged) << words_of(unmanaged);
    EXPECT_EQ(unmanaged->path, adopted.path());
    EXPECT_EQ(adopted.places({adopted.path()}), 1);
    EXPECT_EQ(read_text(adopted.path() + "/late"), "late");
    EXPECT_FALSE(fs::exists(adopted.top()));
    EXPECT_EQ(fs::remove_all(adopted.path()), 5U) << "nothing keeps it from being removed";
  }
}

TEST(DirectoryRelease, TreeThatCannotGoBackGoesToTheUnmanaged) {
  AdoptedShare adopted;
  ASSERT_TRUE(adopted.manage());
  fs::remove(adopted.path());
  fs::create_directories(adopted.path());
  ASSERT_TRUE(write_file(adopted.path() + "/other", "mine"));
  const auto unmanaged = adopted.unmanage();
  ASSERT_TRUE(unmanaged) << words_of(unmanaged);
  EXPECT_EQ(unmanaged->path, adopted.unmanaged());
  EXPECT_EQ(adopted.places({adopted.unmanaged()}), 1);
  EXPECT_EQ(read_text(adopted.path() + "/other"), "mine");
}

TEST(DirectoryRelease, TreeOfAnOrdinaryShareGoesToTheUnmanaged) {
  AdoptedShare adopted;
  ShareOnDriver& share = adopted.share;
  ASSERT_TRUE(adopted.driver().create_share(share.ref(), share.id(0), share.next_call()));
  share.record_provisioned();
  ASSERT_TRUE(write_file(adopted.top() + "/export/file", "text"));
  const auto unmanaged = adopted.unmanage();
  ASSERT_TRUE(unmanaged) << words_of(unmanaged);
  EXPECT_EQ(unmanaged->path, adopted.unmanaged());
  EXPECT_EQ(read_text(adopted.unmanaged() + "/file"), "text");
  EXPECT_FALSE(fs::exists(adopted.top()));
}

TEST(DirectoryRelease, ReleasedTreeIsAdoptedAgain) {
  AdoptedShare adopted;
  ASSERT_TRUE(adopted.manage());
  ASSERT_TRUE(adopted.unmanage());
  const auto again = adopted.manage();
  ASSERT_TRUE(again) << words_of(again);
  EXPECT_EQ(adopted.places({adopted.live()}), 1);
}

TEST(DirectoryRelease, KilledAnywhereAndDeliveredAgainEndsRight) {
  for (const bool is_path_taken : {false, true}) {
    int step = 1;
    for (bool died = true; died; ++step) {
      SCOPED_TRACE("flush " + std::to_string(step));
      AdoptedShare adopted;
      ASSERT_TRUE(adopted.manage());
      if (is_path_taken) {
        fs::remove(adopted.path());
        ASSERT_TRUE(write_file(adopted.path(), "taken"));
      }
      const std::string target = is_path_taken ? adopted.unmanaged() : adopted.path();
      CallContext call = adopted.share.next_call();
      const auto deliver = [&] {
        return adopted.driver().unmanage(adopted.share.ref(), adopted.share.id(0), call);
      };
      died = dies_at_flush(step, [&] { static_cast<void>(deliver()); });
      EXPECT_EQ(adopted.places({target, adopted.live()}), 1);
      ++call.attempt;
      const auto unmanaged = deliver();
      ASSERT_TRUE(unmanaged) << words_of(unmanaged);
      EXPECT_EQ(unmanaged->path, target);
      EXPECT_EQ(adopted.places({target}), 1);
      EXPECT_FALSE(fs::exists(adopted.top()));
    }
    EXPECT_GT(step, 5);
  }
}

TEST(DirectoryRelease, ShareWithFurtherReplicasIsRefused) {
  DirectoryShare share;
  const auto unmanaged =
      share.driver().unmanage(share.share.ref(), share.share.id(0), share.share.next_call());
  ASSERT_FALSE(unmanaged);
  EXPECT_NE(unmanaged.error().words.find("1 more replicas"), std::string::npos);
  EXPECT_TRUE(share.write(0, "file", "still its own"));
}

TEST(DirectoryRelease, ShareWithSnapshotsIsRefused) {
  AdoptedShare adopted;
  ASSERT_TRUE(adopted.manage());
  fs::create_directories(adopted.top() + "/snapshots/" + to_string(SnapshotId{random_uuid()}));
  const auto unmanaged = adopted.unmanage();
  ASSERT_FALSE(unmanaged);
  EXPECT_NE(unmanaged.error().words.find("has snapshots"), std::string::npos);
  EXPECT_EQ(adopted.places({adopted.live()}), 1);
}

TEST(DirectoryRelease, SnapshotsThatAreGoneKeepNobody) {
  AdoptedShare adopted;
  ASSERT_TRUE(adopted.manage());
  ShareOnDriver& share = adopted.share;
  const SnapshotId id{random_uuid()};
  ASSERT_TRUE(adopted.driver().create_snapshot(share.ref(), id, share.next_call()));
  ASSERT_TRUE(adopted.driver().update_replica_status(share.ref(), share.id(0), share.next_call()));
  ASSERT_TRUE(adopted.driver().delete_snapshot(share.ref(), id, share.next_call()));
  const auto unmanaged = adopted.unmanage();
  ASSERT_TRUE(unmanaged) << words_of(unmanaged);
  EXPECT_EQ(adopted.places({adopted.path()}), 1);
  EXPECT_FALSE(fs::exists(adopted.top()));
}

TEST(DirectoryRelease, ShareWithDataKeptAsideIsRefused) {
  AdoptedShare adopted;
  ASSERT_TRUE(adopted.manage());
  fs::create_directories(adopted.top() + "/aside/20261123T091402.120497Z-epoch1");
  const auto unmanaged = adopted.unmanage();
  ASSERT_FALSE(unmanaged);
  EXPECT_NE(unmanaged.error().hint.find("pasig replica aside"), std::string::npos);
  EXPECT_EQ(adopted.places({adopted.live()}), 1);
}

TEST(DirectoryRelease, OfATreeThatWasNeverTakenInSaysSo) {
  AdoptedShare adopted;
  EXPECT_EQ(problem_of(adopted.unmanage()), Problem::lost);
  EXPECT_EQ(adopted.places({adopted.path()}), 1);
}

TEST(DirectoryRelease, OfATreeThatIsToBeThereIsAMismatchOnAnEmptyRoot) {
  AdoptedShare adopted;
  ASSERT_TRUE(adopted.manage());
  fs::rename(adopted.world.root("alpha") + "/shares", adopted.above() + "/elsewhere");
  EXPECT_EQ(problem_of(adopted.unmanage()), Problem::mismatch);
}

TEST(DirectoryRelease, LostTreeIsNoRelease) {
  AdoptedShare adopted;
  ASSERT_TRUE(adopted.manage());
  fs::rename(adopted.live(), adopted.above() + "/lost");
  const auto unmanaged = adopted.unmanage();
  EXPECT_EQ(problem_of(unmanaged), Problem::mismatch) << words_of(unmanaged);
  EXPECT_TRUE(fs::exists(adopted.top() + "/replica.json"));
}

}  // namespace
}  // namespace pasig::drivers
