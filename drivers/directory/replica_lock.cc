#include "drivers/directory/replica_lock.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>

#include <cerrno>
#include <chrono>
#include <map>

#include "drivers/directory/processes.h"

namespace pasig::drivers::directory {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds k_first_pause{5};
constexpr milliseconds k_longest_pause{200};
// An orphan's work is thrown away, so it is not waited for longer than it needs to notice.
constexpr std::chrono::seconds k_orphan_grace{1};
constexpr std::chrono::seconds k_orphan_kill{3};

// Ends the rsync that a dead pasigd left behind, first kindly. One whose start was not recorded
// any more is known by the lock that it inherited.
class OrphanWatch {
 public:
  explicit OrphanWatch(const ReplicaPlace& place) : place_(place) {}

  void look() {
    const auto now = steady_clock::now();
    if (now - since_ < k_orphan_grace) return;
    const auto text = read_file(place_.record());
    if (!text) return;
    const auto record = decode_record(*text, place_.record());
    if (!record || is_alive(record->runner)) {
      seen_.clear();
      return;
    }
    signal_all(group_holding(record->child, place_.lock()),
               now - since_ < k_orphan_kill ? SIGTERM : SIGKILL);
    end_heirs(record->runner, now);
  }

 private:
  using steady_clock = std::chrono::steady_clock;

  // Another pasigd that has just taken the lock needs a moment to put its own name in the record.
  void end_heirs(const ProcessMark& runner, steady_clock::time_point now) {
    std::map<std::int64_t, steady_clock::time_point> seen;
    for (const ProcessMark& heir : heirs_of_lock(runner, place_.lock())) {
      const auto before = seen_.find(heir.pid);
      const auto first = before == seen_.end() ? now : before->second;
      seen[heir.pid] = first;
      if (now - first < k_orphan_grace) continue;
      signal_all({heir}, now - first < k_orphan_kill ? SIGTERM : SIGKILL);
    }
    seen_ = std::move(seen);
  }

  const ReplicaPlace& place_;
  steady_clock::time_point since_ = steady_clock::now();
  std::map<std::int64_t, steady_clock::time_point> seen_;  // heirs, and when first
};

}  // namespace

Answer<void> Patience::check(const std::string& doing) const {
  if (cancelled.stop_requested())
    return tl::unexpected(CallFailure{.problem = Problem::cancelled,
                                      .unknown = false,
                                      .controller = {},
                                      .words = "asked to stop while " + doing,
                                      .hint = {}});
  if (clock.monotonic() >= until)
    return tl::unexpected(CallFailure{.problem = Problem::expired,
                                      .unknown = false,
                                      .controller = {},
                                      .words = "the deadline passed while " + doing,
                                      .hint = "try again with more time"});
  return {};
}

void Patience::pause(Duration duration) const {
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  woken.wait_for(lock, cancelled, duration, [] { return false; });
}

Answer<ReplicaLock> ReplicaLock::take(const ReplicaPlace& place, const Patience& patience) {
  Descriptor file(::open(place.lock().c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open()) return tl::unexpected(system_failure(errno, "opening", place.lock()));
  OrphanWatch orphan(place);
  Duration pause = k_first_pause;
  while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR)
      return tl::unexpected(system_failure(errno, "locking", place.lock()));
    if (auto checked =
            patience.check("waiting for the lock of replica " + to_string(place.replica));
        !checked) {
      CallFailure failure = std::move(checked).error();
      if (failure.problem == Problem::expired) {
        failure.problem = Problem::busy;
        failure.hint = "another call works on this replica; try again when it has ended";
      }
      failure.controller = place.controller;
      return tl::unexpected(std::move(failure));
    }
    orphan.look();
    patience.pause(pause);
    pause = std::min<Duration>(2 * pause, k_longest_pause);
  }
  // The replica may have been deleted, lock and all, while this call waited.
  struct stat mine {};
  struct stat named {};
  if (::fstat(file.get(), &mine) != 0 || ::stat(place.lock().c_str(), &named) != 0 ||
      mine.st_ino != named.st_ino)
    return tl::unexpected(mismatch(place, "the replica went away while its lock was awaited"));
  return ReplicaLock(std::move(file));
}

Answer<GenerationUse> GenerationUse::begin(const ReplicaPlace& place, std::uint64_t generation) {
  const std::string path = place.in_use(generation);
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open()) return tl::unexpected(system_failure(errno, "opening", path));
  // Only a pruning asks for the exclusive lock, and that ends the generation.
  if (::flock(file.get(), LOCK_SH | LOCK_NB) != 0)
    return tl::unexpected(
        mismatch(place, "generation " + std::to_string(generation) + " is being removed"));
  return GenerationUse(std::move(file));
}

bool GenerationUse::is_unused(const ReplicaPlace& place, std::uint64_t generation) {
  const Descriptor file(::open(place.in_use(generation).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (!file.is_open()) return errno == ENOENT;
  return ::flock(file.get(), LOCK_EX | LOCK_NB) == 0;
}

}  // namespace pasig::drivers::directory
