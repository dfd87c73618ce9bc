// A scrub finds what neither sizes nor times show, on both sides: damage on a secondary is
// repaired, damage on the active replica is told and does not travel. This program answers read
// itself for the paths that cannot be read.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "drivers/directory/files.h"
#include "tests/drivers/directory_share.h"

namespace {
std::string unreadable;  // the end of a path; "": everything can be read
}  // namespace

extern "C" ssize_t read(int file, void* into, size_t size) {
  if (!unreadable.empty()) {
    std::array<char, 4096> path{};
    const ssize_t length =
        ::readlink(("/proc/self/fd/" + std::to_string(file)).c_str(), path.data(), path.size());
    if (length > 0 &&
        std::string_view(path.data(), static_cast<std::size_t>(length)).ends_with(unreadable)) {
      errno = EIO;
      return -1;
    }
  }
  return ::syscall(SYS_read, file, into, size);
}

namespace pasig::drivers {
namespace {

// The inode's flag is off while `act` changes it, and its times are as before.
template <class Act>
void under_the_seal(const std::string& path, const Act& act) {
  const directory::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  ASSERT_TRUE(file.is_open()) << path;
  const bool was_sealed = directory::is_immutable(file.get());
  struct stat before {};
  ASSERT_EQ(::fstat(file.get(), &before), 0);
  if (was_sealed) directory::set_immutable(file.get(), false);
  ASSERT_EQ(::fchmod(file.get(), before.st_mode | 0200), 0);
  act(path);
  ::fchmod(file.get(), before.st_mode & 07777);
  const timespec times[2] = {before.st_atim, before.st_mtim};
  ::futimens(file.get(), times);
  if (was_sealed) directory::set_immutable(file.get(), true);
}

void flip_first_byte(const std::string& path) {
  under_the_seal(path, [](const std::string& name) {
    const directory::Descriptor file(::open(name.c_str(), O_RDWR | O_CLOEXEC));
    char byte = 0;
    ASSERT_EQ(::pread(file.get(), &byte, 1, 0), 1);
    byte = static_cast<char>(byte ^ 1);
    ASSERT_EQ(::pwrite(file.get(), &byte, 1, 0), 1);
  });
}

void remove_sealed(const std::string& directory, const std::string& name) {
  under_the_seal(directory + "/" + name, [](const std::string&) {});
  under_the_seal(directory, [&name](const std::string& top) {
    const directory::Descriptor opened(::open(top.c_str(), O_RDONLY | O_CLOEXEC));
    ASSERT_EQ(directory::unlink_sealed(opened.get(), name), 0);
  });
}

class DirectoryScrub : public ::testing::Test {
 protected:
  DirectoryScrub() {
    fs::create_directories(share.live(0) + "/deep");
    EXPECT_TRUE(share.write(0, "first", "the first file"));
    EXPECT_TRUE(share.write(0, "deep/second", "the second file"));
    EXPECT_TRUE(share.sync(1));
  }
  ~DirectoryScrub() override { unreadable.clear(); }

  Answer<Scrubbed> scrub(std::size_t n, const CallContext& call) {
    return share.driver().scrub_replica(share.share.ref(), share.share.id(n), call);
  }
  Answer<Scrubbed> scrub(std::size_t n) { return scrub(n, share.share.next_call()); }
  // Another generation, which shares what did not change.
  void write_more() {
    ++more_;
    ASSERT_TRUE(share.write(0, "more-" + std::to_string(more_), std::to_string(more_)));
    const auto copy = share.sync(1);
    ASSERT_TRUE(copy) << words_of(copy);
  }
  std::string where(std::size_t n) {
    return "generation " +
           std::to_string((*directory::latest_generation(share.place(n)))->generation);
  }
  // As one that pasigd takes.
  std::string snapshot(std::size_t n, const std::string& id) {
    const std::string top = share.top(n) + "/snapshots/" + id;
    const auto latest = directory::latest_generation(share.place(n));
    fs::create_directories(top);
    const std::string copy = "cp -a " + share.frozen(n) + " " + top + "/tree";
    EXPECT_EQ(std::system(copy.c_str()), 0);
    EXPECT_TRUE(directory::write_manifest(top + "/manifest", **latest));
    return top + "/tree";
  }
  void expect_repaired(const Answer<Scrubbed>& scrubbed, std::uint64_t count) {
    ASSERT_TRUE(scrubbed) << words_of(scrubbed);
    EXPECT_EQ(scrubbed->damaged, count);
    EXPECT_EQ(scrubbed->repaired, count);
    EXPECT_TRUE(scrubbed->good_copies.empty());
    for (const Damage& one : scrubbed->damage)
      EXPECT_TRUE(one.is_repaired) << one.where << " " << one.path << ": " << one.words;
    const auto again = scrub(1);
    ASSERT_TRUE(again) << words_of(again);
    EXPECT_EQ(again->damaged, 0U);
    EXPECT_TRUE(directory::names_in(share.place(1).staging())->empty());
    EXPECT_EQ(read_text(share.exported(1) + "/first"), "the first file");
    EXPECT_FALSE(write_file(share.exported(1) + "/first", "written")) << "it is sealed again";
  }
  // As if the last freeze were longer ago: what did not change since need not be read again.
  void let_time_pass() {
    auto manifest = *directory::latest_generation(share.place(0));
    for (const directory::Entry& entry : manifest->tree.entries)
      manifest->listed_at_ns = std::max(manifest->listed_at_ns, entry.ctime_ns);
    manifest->listed_at_ns += 2'000'000'000;
    ASSERT_TRUE(
        directory::write_manifest(share.place(0).manifest(manifest->generation), *manifest));
  }
  // What a disk that loses a bit does: the manifest knows the file as it is now, but for that.
  void rot_in_live(const std::string& name) {
    flip_first_byte(share.live(0) + "/" + name);
    auto manifest = *directory::latest_generation(share.place(0));
    struct stat status {};
    ASSERT_EQ(::stat((share.live(0) + "/" + name).c_str(), &status), 0);
    for (directory::Entry& entry : manifest->tree.entries)
      if (entry.path == name) entry.ctime_ns = directory::nanoseconds(status.st_ctim);
    ASSERT_TRUE(
        directory::write_manifest(share.place(0).manifest(manifest->generation), *manifest));
    let_time_pass();
  }

  DirectoryShare share;
  int more_ = 0;
};

TEST_F(DirectoryScrub, GoodReplicasAreReadAndWithoutDamage) {
  std::uint64_t last = 0;
  CallContext call = share.share.next_call();
  call.progress = [&last](const Progress& progress) {
    EXPECT_GE(progress.bytes_done, last);
    EXPECT_EQ(progress.bytes_total, 29U);
    last = progress.bytes_done;
  };
  const auto secondary = scrub(1, call);
  ASSERT_TRUE(secondary) << words_of(secondary);
  EXPECT_EQ(secondary->files, 2U);
  EXPECT_EQ(secondary->bytes, 29U);
  EXPECT_EQ(secondary->damaged, 0U);
  EXPECT_EQ(last, 29U);
  const auto active = scrub(0);
  ASSERT_TRUE(active) << words_of(active);
  EXPECT_EQ(active->damaged, 0U);
}

TEST_F(DirectoryScrub, FlippedBitOnASecondaryIsRepaired) {
  const std::string file = share.frozen(1) + "/first";
  flip_first_byte(file);
  const auto scrubbed = scrub(1);
  expect_repaired(scrubbed, 1);
  ASSERT_EQ(scrubbed->damage.size(), 1U);
  EXPECT_EQ(scrubbed->damage[0].where, where(1));
  EXPECT_EQ(scrubbed->damage[0].path, "first");
  EXPECT_EQ(scrubbed->damage[0].words, "has other content");
}

TEST_F(DirectoryScrub, BitInAFileOfTwoGenerationsIsRepairedInBoth) {
  const std::string older = share.frozen(1);
  write_more();
  ASSERT_TRUE(fs::equivalent(older + "/first", share.frozen(1) + "/first"));
  flip_first_byte(share.frozen(1) + "/first");
  expect_repaired(scrub(1), 2);
  EXPECT_EQ(read_text(older + "/first"), "the first file");
}

TEST_F(DirectoryScrub, RemovedAddedAndChangedEntriesAreRepaired) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const std::string top = share.frozen(1);
  remove_sealed(top, "first");
  under_the_seal(top + "/deep", [](const std::string& deep) {
    ASSERT_TRUE(write_file(deep + "/added", "by somebody"));
  });
  under_the_seal(top + "/deep/second", [](const std::string& file) {
    ASSERT_EQ(::chown(file.c_str(), 65534, 65534), 0);
  });
  const auto scrubbed = scrub(1);
  ASSERT_TRUE(scrubbed) << words_of(scrubbed);
  std::string words;
  for (const Damage& one : scrubbed->damage) words += one.path + " " + one.words + "\n";
  EXPECT_NE(words.find("first is missing"), std::string::npos) << words;
  EXPECT_NE(words.find("deep/added should not be there"), std::string::npos) << words;
  EXPECT_NE(words.find("deep/second has another owner"), std::string::npos) << words;
  expect_repaired(scrubbed, scrubbed->damaged);
  EXPECT_FALSE(fs::exists(share.exported(1) + "/deep/added"));
  EXPECT_EQ(read_text(share.exported(1) + "/deep/second"), "the second file");
}

TEST_F(DirectoryScrub, DamagedManifestOfASecondaryIsReplaced) {
  const std::string manifest =
      share.place(1).manifest((*directory::latest_generation(share.place(1)))->generation);
  flip_first_byte(manifest);
  const auto scrubbed = scrub(1);
  expect_repaired(scrubbed, 1);
  EXPECT_NE(scrubbed->damage.at(0).words.find("manifest"), std::string::npos);
}

TEST_F(DirectoryScrub, MissingManifestAndFlippedBitAreRepairedTogether) {
  flip_first_byte(share.frozen(1) + "/first");
  fs::remove(share.place(1).manifest(1));
  expect_repaired(scrub(1), 1);
}

TEST_F(DirectoryScrub, SnapshotOfASecondaryIsRepaired) {
  const std::string id = to_string(SnapshotId{random_uuid()});
  snapshot(0, id);
  const std::string tree = snapshot(1, id);
  write_more();
  flip_first_byte(tree + "/deep/second");
  const auto scrubbed = scrub(1);
  expect_repaired(scrubbed, 1);
  EXPECT_EQ(scrubbed->damage.at(0).where, "snapshot " + id);
  EXPECT_EQ(read_text(tree + "/deep/second"), "the second file");
}

TEST_F(DirectoryScrub, SnapshotOfTheActiveIsToldWithWhoHasIt) {
  const std::string id = to_string(SnapshotId{random_uuid()});
  const std::string tree = snapshot(0, id);
  snapshot(1, id);
  flip_first_byte(tree + "/first");
  const std::string damaged = read_text(tree + "/first");
  const auto scrubbed = scrub(0);
  ASSERT_TRUE(scrubbed) << words_of(scrubbed);
  EXPECT_EQ(scrubbed->damaged, 1U);
  EXPECT_EQ(scrubbed->repaired, 0U);
  EXPECT_EQ(scrubbed->good_copies, std::vector{share.share.id(1)});
  EXPECT_EQ(read_text(tree + "/first"), damaged);
}

TEST_F(DirectoryScrub, GenerationThatTheActiveHasNoMoreComesFromAnother) {
  share.add("gamma");
  ASSERT_TRUE(share.sync(2));
  const auto place = share.place(0);
  const auto numbers = directory::generation_numbers(place);
  ASSERT_TRUE(numbers);
  for (const std::uint64_t number : *numbers)
    ASSERT_TRUE(directory::remove_tree(place.frozen(number)));
  flip_first_byte(share.frozen(1) + "/first");
  expect_repaired(scrub(1), 1);
}

TEST_F(DirectoryScrub, GenerationThatNobodyHasIsReplacedByANewCopy) {
  const std::string old = share.frozen(1);
  share.add("gamma");
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(share.write(0, "more", std::to_string(i)));
    ASSERT_TRUE(share.sync(2));
  }
  flip_first_byte(old + "/first");
  expect_repaired(scrub(1), 1);
  EXPECT_FALSE(fs::exists(old));
  EXPECT_EQ(read_text(share.exported(1) + "/more"), "2");
}

TEST_F(DirectoryScrub, UnreadableFileIsDamageAndIsRepaired) {
  unreadable = "beta" + share.frozen(1).substr(share.world.root("beta").size()) + "/first";
  const auto scrubbed = scrub(1);
  unreadable.clear();
  expect_repaired(scrubbed, 1);
  EXPECT_NE(scrubbed->damage.at(0).words.find("Input/output error"), std::string::npos);
}

TEST_F(DirectoryScrub, DamageOnBothSidesIsNotRepairedNorOpened) {
  flip_first_byte(share.frozen(0) + "/first");
  flip_first_byte(share.frozen(1) + "/first");
  let_time_pass();  // else the next freeze reads live once more, where it is good
  const std::string damaged = read_text(share.frozen(1) + "/first");
  const auto scrubbed = scrub(1);
  ASSERT_TRUE(scrubbed) << words_of(scrubbed);
  EXPECT_EQ(scrubbed->repaired, 0U);
  EXPECT_TRUE(scrubbed->good_copies.empty());
  EXPECT_NE(scrubbed->damage.at(0).words.find("its copy is damaged, too"), std::string::npos)
      << scrubbed->damage.at(0).words;
  EXPECT_EQ(read_text(share.frozen(1) + "/first"), damaged);
  share.world.set_reachable("alpha", false);
  EXPECT_EQ(problem_of(share.change(1, Mode::forced)), Problem::not_verified);
}

TEST_F(DirectoryScrub, DamageOfTheActiveIsToldNotOverwrittenAndDoesNotTravel) {
  const std::string file = share.frozen(0) + "/first";
  flip_first_byte(file);
  const std::string damaged = read_text(file);
  let_time_pass();
  const auto scrubbed = scrub(0);
  ASSERT_TRUE(scrubbed) << words_of(scrubbed);
  EXPECT_EQ(scrubbed->damaged, 1U);
  EXPECT_EQ(scrubbed->repaired, 0U);
  EXPECT_EQ(scrubbed->damage.at(0).where, where(0));
  EXPECT_EQ(scrubbed->good_copies, std::vector{share.share.id(1)});
  EXPECT_EQ(read_text(file), damaged);
  share.add("gamma");
  const auto copy = share.sync(2);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_EQ(read_text(share.exported(2) + "/first"), "the first file");
  EXPECT_EQ(read_text(share.frozen(0) + "/first"), "the first file");
}

TEST_F(DirectoryScrub, RotInLiveIsToldAndTheGoodCopiesStay) {
  rot_in_live("first");
  const auto scrubbed = scrub(0);
  ASSERT_TRUE(scrubbed) << words_of(scrubbed);
  ASSERT_EQ(scrubbed->damaged, 1U);
  EXPECT_EQ(scrubbed->damage.at(0).where, "live");
  EXPECT_EQ(scrubbed->damage.at(0).path, "first");
  EXPECT_EQ(scrubbed->good_copies, std::vector{share.share.id(1)});
  write_more();
  EXPECT_EQ(read_text(share.frozen(0) + "/first"), "the first file");
  EXPECT_EQ(read_text(share.exported(1) + "/first"), "the first file");
  let_time_pass();
  EXPECT_EQ(scrub(0)->damaged, 1U) << "it goes on being told";
}

TEST_F(DirectoryScrub, FileThatItsUsersWroteIsNoDamage) {
  ASSERT_TRUE(share.write(0, "first", "THE first file"));
  const auto scrubbed = scrub(0);
  ASSERT_TRUE(scrubbed) << words_of(scrubbed);
  EXPECT_EQ(scrubbed->damaged, 0U);
}

TEST_F(DirectoryScrub, DamageThatNobodyCouldRepairDoesNotTravel) {
  flip_first_byte(share.frozen(1) + "/first");
  share.world.set_reachable("alpha", false);
  const auto scrubbed = scrub(1);
  ASSERT_TRUE(scrubbed) << words_of(scrubbed);
  EXPECT_EQ(scrubbed->damaged, 1U);
  EXPECT_EQ(scrubbed->repaired, 0U);
  EXPECT_NE(scrubbed->damage.at(0).words.find("not repaired"), std::string::npos);
  share.world.set_reachable("alpha", true);
  const std::string damaged = share.frozen(1);
  write_more();
  ASSERT_NE(share.frozen(1), damaged);
  EXPECT_EQ(read_text(share.frozen(1) + "/first"), "the first file");
  expect_repaired(scrub(1), 1);  // the copy before
  EXPECT_EQ(read_text(damaged + "/first"), "the first file");
}

TEST_F(DirectoryScrub, EndsWhenAskedToAndWhenItsTimeIsUp) {
  std::stop_source stop;
  CallContext call = share.share.next_call();
  call.cancelled = stop.get_token();
  call.progress = [&stop](const Progress&) { stop.request_stop(); };
  EXPECT_EQ(problem_of(scrub(1, call)), Problem::cancelled);
  CallContext late = share.share.next_call();
  late.deadline = SystemClock().monotonic();
  EXPECT_EQ(problem_of(scrub(1, late)), Problem::expired);
}

TEST_F(DirectoryScrub, AwayRootIsNoDamage) {
  share.world.set_reachable("beta", false);
  EXPECT_EQ(problem_of(scrub(1)), Problem::unreachable);
}

}  // namespace
}  // namespace pasig::drivers
