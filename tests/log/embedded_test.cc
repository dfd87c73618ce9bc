// What the embedded log promises beyond the contract: durability, one process, full disks.
#include "log/embedded.h"

#include <gtest/gtest.h>
#include <linux/magic.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <mutex>
#include <thread>

#include "log/directory_lock.h"
#include "log/open.h"
#include "tests/log/scratch_directory.h"

namespace pasig {
namespace {

using namespace std::chrono_literals;

std::unique_ptr<EventLog> opened(EmbeddedLogOptions options) {
  auto log = open_embedded_log(std::move(options));
  PASIG_ASSERT(log.has_value(), log.error().text());
  return std::move(*log);
}

std::vector<std::string> frames_of(const EventLog& log) {
  std::vector<std::string> all;
  while (true) {
    const auto entries = log.read(all.size(), 1000);
    EXPECT_TRUE(entries.has_value());
    if (!entries || entries->empty()) return all;
    for (const LogEntry& entry : *entries) all.push_back(entry.frame);
  }
}

// The crash tests' program, with its output at hand. Killed at the latest with this.
class Writer {
 public:
  Writer(const std::filesystem::path& directory, const char* threads) {
    int ends[2] = {-1, -1};
    PASIG_ASSERT(pipe(ends) == 0, "no pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn_file_actions_addclose(&actions, ends[1]);
    std::string path = directory.string();
    std::string count = threads;
    std::string program = PASIG_EMBEDDED_WRITER;
    char* arguments[] = {program.data(), path.data(), count.data(), nullptr};
    PASIG_ASSERT(posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments, environ) == 0,
                 "the writer does not start");
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    output_ = fdopen(ends[0], "r");
  }
  ~Writer() {
    kill_now();
    fclose(output_);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }

  // The next acknowledged append; false when there are no more.
  bool next(std::uint64_t& offset, std::string& frame) {
    char line[256];
    if (std::fgets(line, sizeof line, output_) == nullptr) return false;
    const std::string text = line;
    const std::size_t space = text.find(' ');
    if (space == std::string::npos || text.back() != '\n') return false;  // killed within a line
    offset = std::stoull(text.substr(0, space));
    frame = text.substr(space + 1, text.size() - space - 2);
    return true;
  }
  void kill_now() {
    if (killed_) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    killed_ = true;
  }

 private:
  pid_t pid_ = -1;
  std::FILE* output_ = nullptr;
  bool killed_ = false;
};

class EmbeddedLog : public testing::Test {
 protected:
  ScratchDirectory scratch_;
  const std::filesystem::path directory_ = scratch_.path() / "data" / "log";
};

TEST_F(EmbeddedLog, MakesItsDirectory) {
  opened({.directory = directory_});
  EXPECT_TRUE(std::filesystem::is_directory(directory_));
}

TEST_F(EmbeddedLog, KeepsItsRecordsOverANewStart) {
  {
    const auto log = opened({.directory = directory_});
    ASSERT_TRUE(log->append("a").has_value());
    ASSERT_TRUE(log->append("b").has_value());
  }
  const auto log = opened({.directory = directory_});
  EXPECT_EQ(frames_of(*log), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(log->append("c")->offset, 2U);
}

TEST_F(EmbeddedLog, IsOpenedOnceAtATime) {
  const auto log = opened({.directory = directory_});
  const auto second = open_embedded_log({.directory = directory_});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::conflict);
  EXPECT_NE(second.error().message.find(std::to_string(getpid())), std::string::npos);
  EXPECT_NE(second.error().message.find(directory_.string()), std::string::npos);
}

TEST_F(EmbeddedLog, IsRefusedWhileAnotherProcessHasIt) {
  Writer writer(directory_, "1");
  std::uint64_t offset = 0;
  std::string frame;
  ASSERT_TRUE(writer.next(offset, frame));
  const auto refused = open_embedded_log({.directory = directory_});
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find(std::to_string(writer.pid())), std::string::npos);
}

TEST_F(EmbeddedLog, LosesNothingAcknowledgedWhenItsProcessIsKilled) {
  std::map<std::uint64_t, std::string> acknowledged;
  for (std::size_t round = 1; round <= 3; ++round) {
    Writer writer(directory_, "8");
    std::uint64_t offset = 0;
    std::string frame;
    for (std::size_t i = 0; i < 100 * round && writer.next(offset, frame); ++i)
      acknowledged[offset] = frame;
    writer.kill_now();
    while (writer.next(offset, frame)) acknowledged[offset] = frame;
    ASSERT_GE(acknowledged.size(), 100 * round);
    const auto log = opened({.directory = directory_});
    const std::vector<std::string> found = frames_of(*log);
    for (const auto& [at, bytes] : acknowledged) {
      ASSERT_LT(at, found.size());
      ASSERT_EQ(found[at], bytes);
    }
  }
}

// ---- full ---------------------------------------------------------------------------------
TEST_F(EmbeddedLog, RefusesWhenItsMapIsFullAndReadsGoOn) {
  const auto log = opened({.directory = directory_, .map_bytes = 1 << 20});
  const std::string frame(100'000, 'x');
  std::uint64_t appended = 0;
  Result<LogPosition> last = log->append(frame);
  for (; last && appended < 100; ++appended) last = log->append(frame);
  ASSERT_FALSE(last.has_value());
  EXPECT_EQ(last.error().code, ErrorCode::exhausted);
  EXPECT_FALSE(last.error().hint.empty());
  EXPECT_EQ(log->end().value(), appended);
  EXPECT_EQ(frames_of(*log).size(), appended);
}

TEST_F(EmbeddedLog, GoesOnWithALargerMap) {
  const std::string frame(100'000, 'x');
  std::uint64_t appended = 0;
  {
    const auto log = opened({.directory = directory_, .map_bytes = 1 << 20});
    while (log->append(frame)) ++appended;
  }
  const auto log = opened({.directory = directory_, .map_bytes = 4 << 20});
  EXPECT_EQ(log->append(frame)->offset, appended);
}

TEST_F(EmbeddedLog, TakesASmallRecordAfterItRefusedALargeOne) {
  const auto log = opened({.directory = directory_, .map_bytes = 1 << 20});
  while (log->append(std::string(300'000, 'x'))) continue;
  EXPECT_TRUE(log->append("small").has_value());
}

TEST_F(EmbeddedLog, RefusesBeforeTheDiskIsFull) {
  const auto log = opened({.directory = directory_, .reserve_bytes = 1ULL << 60});
  const auto refused = log->append("a");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::exhausted);
  EXPECT_EQ(log->end().value(), 0U);
}

// ---- a failed write -------------------------------------------------------------------------
// The kernel refuses to let files grow beyond their size now: a commit fails in a way that
// LMDB was not built for.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : before_(signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &limit_);
    const rlimit lower{bytes, limit_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &lower);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &limit_);
    signal(SIGXFSZ, before_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit limit_{};
  void (*before_)(int);
};

TEST_F(EmbeddedLog, StopsForGoodAfterAFailedCommit) {
  std::vector<Error> told;
  const auto log = opened(
      {.directory = directory_, .on_failure = [&](const Error& error) { told.push_back(error); }});
  ASSERT_TRUE(log->append("a").has_value());
  {
    const FileSizeLimit limit(std::filesystem::file_size(directory_ / "data.mdb"));
    EXPECT_EQ(log->append(std::string(500'000, 'x')).error().code, ErrorCode::unknown);
  }
  const auto later = log->append("b");
  ASSERT_FALSE(later.has_value());
  EXPECT_EQ(later.error().code, ErrorCode::unavailable);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_NE(later.error().message.find(told.front().message), std::string::npos);
  EXPECT_EQ(log->end().value(), 1U);
}

TEST_F(EmbeddedLog, ReadsGoOnAfterAFailedCommit) {
  const auto log = opened({.directory = directory_});
  ASSERT_TRUE(log->append("a").has_value());
  {
    const FileSizeLimit limit(std::filesystem::file_size(directory_ / "data.mdb"));
    EXPECT_FALSE(log->append(std::string(500'000, 'x')).has_value());
  }
  EXPECT_EQ(frames_of(*log), std::vector<std::string>{"a"});
}

TEST_F(EmbeddedLog, GoesOnFromWhatIsDurableAfterAFailedCommit) {
  {
    const auto log = opened({.directory = directory_});
    ASSERT_TRUE(log->append("a").has_value());
    const FileSizeLimit limit(std::filesystem::file_size(directory_ / "data.mdb"));
    EXPECT_FALSE(log->append(std::string(500'000, 'x')).has_value());
  }
  const auto log = opened({.directory = directory_});
  EXPECT_EQ(log->append("b")->offset, 1U);
  EXPECT_EQ(frames_of(*log), (std::vector<std::string>{"a", "b"}));
}

// ---- refused at open ------------------------------------------------------------------------
TEST_F(EmbeddedLog, IsRefusedWithoutADirectory) {
  EXPECT_EQ(open_embedded_log({}).error().code, ErrorCode::invalid);
}

TEST_F(EmbeddedLog, IsRefusedWhereItsDirectoryCannotBe) {
  std::ofstream(scratch_.path() / "data") << "a file";
  const auto refused = open_embedded_log({.directory = directory_});
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find(directory_.string()), std::string::npos);
}

TEST_F(EmbeddedLog, IsRefusedWhereAnotherFileIsInItsPlace) {
  std::filesystem::create_directories(directory_);
  std::ofstream(directory_ / "data.mdb") << std::string(100'000, 'x');
  EXPECT_EQ(open_embedded_log({.directory = directory_}).error().code, ErrorCode::corrupt);
}

TEST_F(EmbeddedLog, LeavesTheDirectoryToOthersWhenItIsRefused) {
  std::filesystem::create_directories(directory_);
  std::ofstream(directory_ / "data.mdb") << std::string(100'000, 'x');
  ASSERT_FALSE(open_embedded_log({.directory = directory_}).has_value());
  EXPECT_TRUE(DirectoryLock::take(directory_).has_value());
}

TEST(NetworkFileSystem, IsKnownByItsNumber) {
  EXPECT_EQ(network_file_system(NFS_SUPER_MAGIC), "NFS");
  EXPECT_EQ(network_file_system(CIFS_SUPER_MAGIC), "CIFS");
  EXPECT_EQ(network_file_system(SMB2_SUPER_MAGIC), "CIFS");
  EXPECT_EQ(network_file_system(V9FS_MAGIC), "9p");
  EXPECT_EQ(network_file_system(EXT4_SUPER_MAGIC), std::nullopt);
  EXPECT_EQ(network_file_system(TMPFS_MAGIC), std::nullopt);
}

// ---- by the configuration's word --------------------------------------------------------------
TEST(OpenLog, OpensTheEngineThatIsNamed) {
  const ScratchDirectory scratch;
  EXPECT_TRUE(open_log({.engine = "memory"}).has_value());
  EXPECT_FALSE(std::filesystem::exists(scratch.path() / "log"));
  EXPECT_TRUE(open_log({.engine = "embedded", .directory = scratch.path() / "log"}).has_value());
  EXPECT_TRUE(std::filesystem::exists(scratch.path() / "log" / "data.mdb"));
}

TEST(OpenLog, RefusesAnEngineItDoesNotKnow) {
  const auto refused = open_log({.engine = "floppy"});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::invalid);
  EXPECT_NE(refused.error().message.find("floppy"), std::string::npos);
}

}  // namespace
}  // namespace pasig
