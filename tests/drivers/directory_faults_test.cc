// What machines do to a copy: rsync that hangs or is killed in the midst of many bytes, file
// systems that are full, read-only or not mounted, names that no person would choose, and more
// files than one looks through.
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "drivers/directory/files.h"
#include "drivers/directory/processes.h"
#include "drivers/directory/replica_lock.h"
#include "tests/drivers/directory_share.h"

namespace pasig::drivers {
namespace {

using std::chrono::steady_clock;

constexpr std::uint64_t k_mib = 1 << 20;
#ifdef __SANITIZE_ADDRESS__
constexpr int k_many_files = 10'000;  // each call costs several times as much here
#else
constexpr int k_many_files = 100'000;
#endif

std::string any_bytes(std::uint64_t size, std::uint64_t seed) {
  std::string bytes(size, '\0');
  for (std::uint64_t i = 0; i + 8 <= size; i += 8) {
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    bytes.replace(i, 8, reinterpret_cast<const char*>(&seed), 8);
  }
  return bytes;
}

directory::Tree contents(const std::string& tree) {
  const SystemClock clock;
  const directory::Patience patience{clock, Monotonic::max(), {}};
  auto found = directory::scan(tree, {});
  EXPECT_TRUE(found) << words_of(found);
  for (directory::Entry& entry : found->entries)
    EXPECT_TRUE(directory::read_digests(tree, entry, patience));
  return std::move(*found);
}

void expect_equal(const directory::Tree& expected, const std::string& tree) {
  for (const std::string& one :
       directory::differences(expected, contents(tree), {.write_bits = false}))  // it may be sealed
    ADD_FAILURE() << one;
}

std::uint64_t bytes_below(const std::string& directory) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at(directory, error), end; !error && at != end;
       at.increment(error)) {
    struct stat status {};
    if (::lstat(at->path().c_str(), &status) == 0 && S_ISREG(status.st_mode))
      bytes += static_cast<std::uint64_t>(status.st_blocks) * 512;
  }
  return bytes;
}

TEST(DirectoryRsync, StoppedPastTheDeadlineIsEndedAndTheNextSyncWorks) {
  const Script rsync("");
  rsync.replace("echo $$ > " + rsync.beside("pid") + "; kill -STOP $$; exec rsync \"$@\"");
  DirectoryShare share(with({{"rsync", rsync.path()}}));
  ASSERT_TRUE(share.write(0, "file", "text"));
  CallContext call = share.share.next_call();
  call.deadline = steady_clock::now() + std::chrono::seconds(1);
  const auto copy = share.driver().sync_replica(share.share.ref(), share.share.id(1), call);
  EXPECT_EQ(problem_of(copy), Problem::expired) << words_of(copy);
  const auto stopped = static_cast<pid_t>(std::stoi(read_text(rsync.beside("pid"))));
  EXPECT_EQ(directory::mark_of(stopped).pid, 0) << "the stopped child is still there";
  EXPECT_TRUE(directory::generation_numbers(share.place(1))->empty());
  EXPECT_FALSE(fs::exists(share.exported(1)));
  rsync.replace("exec rsync \"$@\"");
  const auto next = share.sync(1);
  ASSERT_TRUE(next) << words_of(next);
  EXPECT_EQ(read_text(share.exported(1) + "/file"), "text");
}

// Kills the rsync of beta's sync once it has brought so many bytes.
class KillerOfRsync {
 public:
  KillerOfRsync(const directory::ReplicaPlace& place, std::uint64_t bytes)
      : thread_([this, place, bytes] { watch(place, bytes); }) {}
  ~KillerOfRsync() {
    stops_ = true;
    thread_.join();
  }
  KillerOfRsync(const KillerOfRsync&) = delete;
  KillerOfRsync& operator=(const KillerOfRsync&) = delete;
  [[nodiscard]] std::uint64_t killed_at() const { return killed_at_; }

 private:
  void watch(const directory::ReplicaPlace& place, std::uint64_t bytes) {
    while (!stops_) {  // it may be started again
      const std::uint64_t now = bytes_below(place.staging());
      const auto record = directory::decode_record(read_text(place.record()), "record");
      if (now < bytes || !record || record->child.pid <= 0) continue;
      directory::signal_all({record->child}, SIGKILL);
      killed_at_ = now;
    }
  }

  std::atomic<bool> stops_ = false;
  std::atomic<std::uint64_t> killed_at_ = 0;
  std::thread thread_;
};

TEST(DirectoryRsync, KilledInTheMidstOfManyBytesLeavesTheLastCopy) {
  DirectoryShare share;
  ASSERT_TRUE(share.write(0, "file", "before"));
  ASSERT_TRUE(share.sync(1));
  const auto before = contents(share.frozen(1));
  for (int i = 0; i < 5; ++i)
    ASSERT_TRUE(share.write(0, "large-" + std::to_string(i),
                            any_bytes(42 * k_mib, static_cast<std::uint64_t>(i))));
  const auto wanted = contents(share.live(0));
  ASSERT_GE(wanted.bytes(), 200 * k_mib);
  for (const std::uint64_t part : {10 * k_mib, 90 * k_mib, 160 * k_mib}) {
    SCOPED_TRACE(part);
    const KillerOfRsync killer(share.place(1), part);
    const auto copy = share.sync(1);
    ASSERT_FALSE(copy);
    EXPECT_NE(copy.error().words.find("rsync"), std::string::npos) << words_of(copy);
    EXPECT_GE(killer.killed_at(), part);
    EXPECT_EQ(directory::generation_numbers(share.place(1))->size(), 1U);
    expect_equal(before, share.frozen(1));
    EXPECT_EQ(read_text(share.exported(1) + "/file"), "before");
  }
  const auto copy = share.sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  expect_equal(wanted, share.frozen(1));
  EXPECT_TRUE(directory::names_in(share.place(1).staging())->empty());
}

TEST(DirectoryTree, OfOddNamesLinksAndHolesIsPromotedAsItIs) {
  DirectoryShare share;
  const std::string live = share.live(0);
  fs::create_directories(live + "/\n/\xff\xfe");
  ASSERT_TRUE(write_file(live + "/\n/\xff\xfe/ \t*?", "odd"));
  ASSERT_TRUE(write_file(live + "/" + std::string(255, '\x80'), "long"));
  fs::create_hard_link(live + "/\n/\xff\xfe/ \t*?", live + "/-rf");
  fs::create_symlink("\n/\xff\xfe", live + "/symbolic");
  const directory::Descriptor sparse(
      ::open((live + "/sparse").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0640));
  ASSERT_EQ(::pwrite(sparse.get(), "end", 3, 64 << 20), 3);
  if (::fsetxattr(sparse.get(), "user.colour", "blue", 4, 0) != 0)
    GTEST_LOG_(INFO) << "no attributes here";
  const auto wanted = contents(live);
  ASSERT_TRUE(share.sync(1));
  const auto changed = share.change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  expect_equal(wanted, share.live(1));
  EXPECT_LT(bytes_below(share.live(1)), k_mib) << "holes stay holes";
  const auto back = share.sync(0);
  ASSERT_TRUE(back) << words_of(back);
  expect_equal(wanted, share.live(1));
}

// A flush for each of so many files would be what is measured.
constexpr const char* k_rsync_without_flushes =
    "n=$#; i=0\n"
    "while [ $i -lt $n ]; do\n"
    "  word=$1; shift; i=$((i + 1))\n"
    "  [ \"$word\" = --fsync ] || set -- \"$@\" \"$word\"\n"
    "done\n"
    "exec rsync \"$@\"";

TEST(DirectoryTree, OfManyFilesIsSyncedPromotedAndEqual) {
  const Script rsync(k_rsync_without_flushes);
  DirectoryShare share(with({{"rsync", rsync.path()}}));
  for (int i = 0; i < k_many_files; ++i) {
    const std::string directory = share.live(0) + "/" + std::to_string(i / 500);
    if (i % 500 == 0) fs::create_directory(directory);
    ASSERT_TRUE(write_file(directory + "/" + std::to_string(i), std::to_string(i)));
  }
  const auto wanted = contents(share.live(0));
  ASSERT_EQ(wanted.files(), static_cast<std::uint64_t>(k_many_files));
  const auto copy = share.sync(1);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_EQ(copy->files, wanted.files());
  const auto changed = share.change(1, Mode::planned);
  ASSERT_TRUE(changed) << words_of(changed);
  expect_equal(wanted, share.live(1));
}

// One of the roots is a file system of its own, in a file.
class FileSystemFault : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    root_ = base_.path() + "/" + GetParam();
    fs::create_directory(root_);
    const std::string made = "truncate -s 1400M " + image() + " && mkfs.ext4 -q -m 0 -F " + image();
    if (std::system(made.c_str()) != 0) GTEST_SKIP() << "no mkfs.ext4 here";
    if (!attach() || !mount()) GTEST_SKIP() << "may not mount files here";
    fs::remove(root_ + "/lost+found");
    share.emplace(Settings{}, Replication::readable, base_.path());
    ASSERT_TRUE(share->write(0, "file", "text"));
    ASSERT_TRUE(share->sync(1));
  }

  [[nodiscard]] std::string image() const { return base_.path() + "/image"; }
  void TearDown() override {
    share.reset();
    ::umount2(root_.c_str(), MNT_DETACH);
    if (device_.empty()) return;
    EXPECT_EQ(std::system(("losetup -d " + device_).c_str()), 0);
  }
  // The same device throughout: another one would be another file system.
  bool attach() {
    const std::string told = base_.path() + "/device";
    const std::string attached = "losetup -f --show " + image() + " > " + told + " 2>/dev/null";
    if (std::system(attached.c_str()) != 0) return false;
    std::ifstream(told) >> device_;
    return !device_.empty();
  }
  [[nodiscard]] bool mount() const {
    return ::mount(device_.c_str(), root_.c_str(), "ext4", 0, nullptr) == 0;
  }
  void make_read_only(bool on) {
    constexpr unsigned long k_remount = MS_REMOUNT;
    constexpr unsigned long k_read_only = MS_RDONLY;
    const unsigned long flags = on ? k_remount | k_read_only : k_remount;
    ASSERT_EQ(::mount(nullptr, root_.c_str(), nullptr, flags, nullptr), 0) << errno;
  }
  void fill() {
    const directory::Descriptor file(
        ::open((root_ + "/filler").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    // Most of it without a write: the file takes what there is.
    for (off_t at = 0, size = 1 << 30; size >= static_cast<off_t>(k_mib); size /= 2)
      for (; ::fallocate(file.get(), 0, at, size) == 0; at += size) {
      }
    ::lseek(file.get(), 0, SEEK_END);
    const std::string block(k_mib, 'x');
    // What was removed before becomes free with the next flush only.
    for (bool wrote = true; wrote;) {
      wrote = false;
      for (std::size_t size = block.size(); size > 0;) {
        const bool is_full = ::write(file.get(), block.data(), size) < 0;
        wrote = wrote || !is_full;
        if (is_full) size /= 2;
      }
      static_cast<void>(::fsync(file.get()));
    }
  }
  // In every fault: the copies that were made stay, and are shown where they were.
  void expect_nothing_is_lost() {
    EXPECT_EQ(read_text(share->live(0) + "/file"), "text");
    EXPECT_EQ(read_text(share->exported(1) + "/file"), "text");
  }
  void expect_healed() {
    ASSERT_TRUE(share->write(0, "late", "late"));
    const auto copy = share->sync(1);
    ASSERT_TRUE(copy) << words_of(copy);
    EXPECT_EQ(read_text(share->exported(1) + "/late"), "late");
    for (const std::size_t n : {0U, 1U}) {
      const auto health = share->status(n);
      ASSERT_TRUE(health) << words_of(health);
      EXPECT_TRUE(health->writable_probe_ok);
      EXPECT_TRUE(health->present);
    }
    const auto changed = share->change(1, Mode::planned);
    ASSERT_TRUE(changed) << words_of(changed);
    EXPECT_EQ(read_text(share->live(1) + "/late"), "late");
  }
  template <class T>
  void expect_told(const Answer<T>& answer, Problem problem, const std::string& words) {
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().problem, problem) << words_of(answer);
    EXPECT_EQ(answer.error().controller, GetParam()) << words_of(answer);
    EXPECT_FALSE(answer.error().unknown) << words_of(answer);
    EXPECT_NE(words_of(answer).find(words), std::string::npos) << words_of(answer);
  }
  [[nodiscard]] bool is_source() const { return GetParam() == "alpha"; }

  TemporaryDirectory base_;
  std::string root_;
  std::string device_;
  std::optional<DirectoryShare> share;
};

TEST_P(FileSystemFault, UnmountedIsUnreachableAndNothingIsDeleted) {
  ASSERT_EQ(::umount2(root_.c_str(), MNT_DETACH), 0);
  ASSERT_TRUE(fs::is_empty(root_));
  const std::string marker = ".pasig-controller";
  expect_told(share->sync(1), Problem::unreachable, marker);
  expect_told(share->status(is_source() ? 0 : 1), Problem::unreachable, marker);
  expect_told(share->change(1, Mode::planned), Problem::unreachable, marker);
  EXPECT_TRUE(fs::is_empty(root_)) << "nothing is made where the root should be";
  ASSERT_TRUE(mount());
  expect_nothing_is_lost();
  expect_healed();
}

TEST_P(FileSystemFault, ReadOnlyIsToldAndNothingIsDeleted) {
  ASSERT_TRUE(share->write(0, "second", "text"));
  make_read_only(true);
  const std::string words = "mounted read-only";
  expect_told(share->sync(1), Problem::failed, words);
  expect_told(share->status(is_source() ? 0 : 1), Problem::failed, words);
  expect_told(share->change(1, Mode::planned), Problem::failed, words);
  expect_nothing_is_lost();
  make_read_only(false);
  expect_nothing_is_lost();
  expect_healed();
}

TEST_P(FileSystemFault, FullIsNoSpaceAndNothingIsDeleted) {
  ASSERT_TRUE(share->write(0, "second", any_bytes(20 * k_mib, 1)));
  fill();
  expect_told(share->sync(1), Problem::no_space, "make room on that file system");
  expect_nothing_is_lost();
  expect_told(share->change(1, Mode::planned), Problem::no_space, "make room on that file system");
  expect_nothing_is_lost();
  EXPECT_TRUE(directory::names_in(share->place(0).staging())->empty());
  fs::remove(root_ + "/filler");
  expect_nothing_is_lost();
  expect_healed();
  EXPECT_EQ(fs::file_size(share->live(1) + "/second"), 20 * k_mib);
}

INSTANTIATE_TEST_SUITE_P(Of, FileSystemFault, ::testing::Values("alpha", "beta"),
                         [](const auto& root) {
                           return root.param == "alpha" ? "TheSource" : "TheTarget";
                         });

TEST(FileSystemFaultForced, ReadOnlyOldSideIsFencedOnceItCanBe) {
  TemporaryDirectory base;
  const std::string root = base.path() + "/alpha";
  fs::create_directory(root);
  if (::mount("none", root.c_str(), "tmpfs", 0, nullptr) != 0) GTEST_SKIP() << "may not mount here";
  DirectoryShare share({}, Replication::readable, base.path());
  ASSERT_TRUE(share.write(0, "file", "text"));
  ASSERT_TRUE(share.sync(1));
  ASSERT_TRUE(share.write(0, "late", "never copied"));
  ASSERT_EQ(::mount(nullptr, root.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr), 0);
  const auto changed = share.change(1, Mode::automatic);
  ASSERT_TRUE(changed) << words_of(changed);
  EXPECT_TRUE(changed->forced);
  EXPECT_FALSE(changed->fence.enforced);
  EXPECT_TRUE(share.write(1, "new", "line"));
  ASSERT_EQ(::mount(nullptr, root.c_str(), nullptr, MS_REMOUNT, nullptr), 0);
  const auto health = share.status(0);
  ASSERT_TRUE(health) << words_of(health);
  ASSERT_EQ(health->aside.size(), 1U);
  EXPECT_EQ(read_text(health->aside.front().path + "/late"), "never copied");
  const auto copy = share.sync(0);
  ASSERT_TRUE(copy) << words_of(copy);
  EXPECT_EQ(read_text(share.exported(0) + "/new"), "line");
}

}  // namespace
}  // namespace pasig::drivers
