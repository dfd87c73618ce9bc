#include "drivers/directory/rsync.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <vector>

#include "drivers/directory/processes.h"

extern char** environ;

namespace pasig::drivers::directory {
namespace {

constexpr int k_vanished = 24;  // rsync's: files went away while it copied
constexpr int k_passes_max = 3;
constexpr int k_poll_ms = 100;
constexpr std::chrono::seconds k_term_grace{5};
constexpr std::chrono::seconds k_end_grace{1};  // killed processes may wait for init to reap them
constexpr std::chrono::minutes k_run_max{24 * 60};  // for calls without a deadline
constexpr int k_silence_seconds = 600;              // rsync gives up when nothing moves
constexpr std::size_t k_words_max = 2000;
constexpr int k_child_lock = STDERR_FILENO + 1;  // the lock's descriptor in the child

CallFailure failed(std::string words, std::string hint) {
  return {.problem = Problem::failed,
          .unknown = false,
          .controller = {},
          .words = std::move(words),
          .hint = std::move(hint)};
}

// The child's own limit, a minute past the deadline: this process ends it before that.
std::int64_t limit_minutes(const Patience& patience) {
  const auto left = patience.until - patience.clock.monotonic();
  if (patience.until == Monotonic::max() || left > k_run_max) return k_run_max.count();
  return std::chrono::duration_cast<std::chrono::minutes>(left).count() + 1;
}

std::vector<std::string> arguments(const RsyncRun& run, const Patience& patience) {
  std::vector<std::string> words = {run.program,
                                    "-aHAXS",
                                    "--numeric-ids",
                                    "--modify-window=-1",
                                    "--delete",
                                    "--one-file-system",
                                    "--fsync",
                                    "--info=progress2",
                                    "--no-human-readable",
                                    "--timeout=" + std::to_string(k_silence_seconds),
                                    "--stop-after=" + std::to_string(limit_minutes(patience))};
  if (!run.owners) words.emplace_back("--fake-super");
  if (run.leaves_existing) words.emplace_back("--ignore-existing");
  words.push_back(run.from + "/");
  words.push_back(run.to + "/");
  return words;
}

// LC_ALL=C, so that numbers and words are the same everywhere.
std::vector<std::string> child_environment() {
  std::vector<std::string> all;
  for (char** one = environ; *one != nullptr; ++one)
    if (!std::string_view(*one).starts_with("LC_ALL=")) all.emplace_back(*one);
  all.emplace_back("LC_ALL=C");
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> list;
  for (std::string& word : words) list.push_back(word.data());
  list.push_back(nullptr);
  return list;
}

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Answer<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return tl::unexpected(system_failure(errno, "making a pipe for", "rsync"));
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

// A child that leads a process group of its own, which ends with it.
class Child {
 public:
  Child() = default;
  ~Child() {
    if (pid_ > 0) end();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  Answer<void> start(const RsyncRun& run, const Patience& patience, const Pipe& out,
                     const Pipe& err) {
    std::vector<std::string> words = arguments(run, patience);
    std::vector<std::string> variables = child_environment();
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, out.write.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, err.write.get(), STDERR_FILENO);
    // Nothing else: an orphan that kept the service's sockets would stand in its successor's way.
    posix_spawn_file_actions_adddup2(&files, run.lock, k_child_lock);
    posix_spawn_file_actions_addclosefrom_np(&files, k_child_lock + 1);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    const int error = ::posix_spawnp(&pid_, run.program.c_str(), &files, &attributes,
                                     pointers(words).data(), pointers(variables).data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    if (error == 0) return {};
    pid_ = 0;
    return tl::unexpected(failed("starting " + run.program + ": " + std::strerror(error),
                                 "install rsync, or name it by the controller's option rsync"));
  }

  [[nodiscard]] pid_t pid() const { return pid_; }
  void signal(int number) const { ::kill(-pid_, number); }
  // The exit code, 128 + the signal, or nothing while it runs.
  std::optional<int> reap() {
    siginfo_t seen{};
    const int answer = ::waitid(P_PID, static_cast<id_t>(pid_), &seen, WEXITED | WNOHANG | WNOWAIT);
    if (answer != 0 || seen.si_pid != pid_) return std::nullopt;
    const int status = end();
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  // Whatever it started ends before its work is looked at. Until the leader is reaped nobody
  // else can have the group's number.
  int end() {
    ::kill(-pid_, SIGKILL);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    const auto give_up = std::chrono::steady_clock::now() + k_end_grace;
    while (::kill(-pid_, 0) == 0 && std::chrono::steady_clock::now() < give_up)
      ::poll(nullptr, 0, k_poll_ms / 10);
    pid_ = 0;
    return status;
  }

  pid_t pid_ = 0;
};

// Takes what there is; false at the end of the stream.
bool drain(const Descriptor& from, std::string& into) {
  std::array<char, 4096> part{};
  while (true) {
    const ssize_t n = ::read(from.get(), part.data(), part.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n < 0 && errno == EAGAIN;
    into.append(part.data(), static_cast<std::size_t>(n));
  }
}

void report(std::string& text, const RsyncRun& run) {
  const auto end = text.find_last_of("\r\n");
  if (end == std::string::npos) return;
  const auto begin = text.find_last_of("\r\n", end == 0 ? 0 : end - 1);
  const std::string line = text.substr(begin == std::string::npos ? 0 : begin,
                                       end - (begin == std::string::npos ? 0 : begin));
  text.erase(0, end + 1);
  if (const auto bytes = parse_progress(line); bytes && run.progress)
    run.progress({"transferring", *bytes, run.bytes_total});
}

std::string one_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  if (text.size() > k_words_max) text.resize(k_words_max);
  std::replace(text.begin(), text.end(), '\n', ';');
  return text;
}

struct Ending {
  int code = 0;
  std::string words;
};

Answer<Ending> run_once(const RsyncRun& run, const Patience& patience) {
  PASIG_TRY(Pipe out, make_pipe());
  PASIG_TRY(Pipe err, make_pipe());
  Child child;
  PASIG_CHECK(child.start(run, patience, out, err));
  out.write.reset();
  err.write.reset();
  PASIG_CHECK(run.on_start(mark_of(child.pid())));
  std::string progress;
  Ending ending;
  std::optional<CallFailure> stopped;
  std::chrono::steady_clock::time_point stopped_at;
  while (true) {
    std::array<pollfd, 2> wait = {{{out.read.get(), POLLIN, 0}, {err.read.get(), POLLIN, 0}}};
    ::poll(wait.data(), wait.size(), k_poll_ms);
    const bool talks = drain(out.read, progress);
    const bool complains = drain(err.read, ending.words);
    report(progress, run);
    if (const auto code = child.reap()) {
      ending.code = *code;
      drain(err.read, ending.words);
      if (stopped) return tl::unexpected(std::move(*stopped));
      return ending;
    }
    if (!talks && !complains) ::poll(nullptr, 0, k_poll_ms / 10);  // both closed, still running
    if (!stopped) {
      if (auto checked = patience.check("rsync copied to " + run.to); !checked) {
        stopped = std::move(checked).error();
        stopped_at = std::chrono::steady_clock::now();
        child.signal(SIGTERM);
      }
    } else if (std::chrono::steady_clock::now() - stopped_at > k_term_grace) {
      child.signal(SIGKILL);
    }
  }
}

CallFailure refused(const Ending& ending, const RsyncRun& run) {
  const std::string said = one_line(ending.words);
  CallFailure failure = failed("rsync to " + run.to + " ended with code " +
                                   std::to_string(ending.code) + (said.empty() ? "" : ": " + said),
                               "rsync(1), EXIT VALUES, says what the code means; the copy was "
                               "not published");
  if (ending.words.find(std::strerror(ENOSPC)) != std::string::npos) {
    failure.problem = Problem::no_space;
    failure.hint = "make room on the target's file system, then try again";
  }
  return failure;
}

}  // namespace

std::optional<std::uint64_t> parse_progress(std::string_view line) {
  const auto begin = line.find_first_of("0123456789");
  if (begin == std::string_view::npos || line.find('%') == std::string_view::npos)
    return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : line.substr(begin)) {
    if (c == ',') continue;
    if (c < '0' || c > '9') break;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

Answer<void> run_rsync(const RsyncRun& run, const Patience& patience) {
  for (int pass = 1;; ++pass) {
    PASIG_TRY(const Ending ending, run_once(run, patience));
    if (ending.code == 0) return {};
    if (ending.code != k_vanished || pass == k_passes_max)
      return tl::unexpected(refused(ending, run));
  }
}

}  // namespace pasig::drivers::directory
