#include "drivers/directory/processes.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <optional>
#include <sstream>

#include "drivers/directory/files.h"

namespace pasig::drivers::directory {
namespace {

struct ProcessState {
  char state = '?';
  std::int64_t group = 0;
  std::uint64_t start_time = 0;  // ticks since boot
};

std::string boot_id() {
  auto text = read_file("/proc/sys/kernel/random/boot_id");
  if (!text) return {};
  while (!text->empty() && text->back() == '\n') text->pop_back();
  return *text;
}

// proc(5): the name in parentheses may hold anything, so fields are counted after the last one.
std::optional<ProcessState> state_of(std::int64_t pid) {
  const auto text = read_file("/proc/" + std::to_string(pid) + "/stat");
  if (!text) return std::nullopt;
  const auto after_name = text->rfind(')');
  if (after_name == std::string::npos) return std::nullopt;
  std::istringstream fields(text->substr(after_name + 1));
  ProcessState found;
  std::string skipped;
  fields >> found.state >> skipped >> found.group;
  for (int field = 6; field < 22; ++field) fields >> skipped;
  fields >> found.start_time;
  return fields ? std::optional<ProcessState>(found) : std::nullopt;
}

bool is_same(const std::string& path, const struct stat& file) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && status.st_dev == file.st_dev &&
         status.st_ino == file.st_ino;
}

// Its descriptors of the file.
std::vector<std::string> descriptors_of(std::int64_t pid, const struct stat& file) {
  const std::string directory = "/proc/" + std::to_string(pid) + "/fd";
  auto names = names_in(directory);
  if (!names) return {};
  std::erase_if(*names,
                [&](const std::string& name) { return !is_same(directory + "/" + name, file); });
  return std::move(*names);
}

bool has_open(std::int64_t pid, const struct stat& file) {
  return !descriptors_of(pid, file).empty();
}

// proc(5): fdinfo lists the locks that are held by this very opening of the file.
bool has_locked(std::int64_t pid, const struct stat& file) {
  for (const std::string& name : descriptors_of(pid, file)) {
    const auto text = read_file("/proc/" + std::to_string(pid) + "/fdinfo/" + name);
    if (text && text->find("\nlock:") != std::string::npos) return true;
  }
  return false;
}

bool is_this_program(std::int64_t pid) {
  struct stat status {};
  return ::stat("/proc/self/exe", &status) == 0 &&
         is_same("/proc/" + std::to_string(pid) + "/exe", status);
}

std::vector<std::int64_t> all_processes() {
  std::vector<std::int64_t> found;
  const auto names = names_in("/proc");
  if (!names) return found;
  for (const std::string& name : *names) {
    std::int64_t pid = 0;
    const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error == std::errc() && stop == name.data() + name.size()) found.push_back(pid);
  }
  return found;
}

}  // namespace

ProcessMark mark_of(pid_t pid) {
  const auto state = state_of(pid);
  if (!state) return {};
  return {.pid = pid, .start_time = state->start_time, .boot = boot_id()};
}

ProcessMark this_process() { return mark_of(::getpid()); }

bool is_alive(const ProcessMark& mark) {
  if (mark.pid <= 0 || mark.boot != boot_id()) return false;
  const auto state = state_of(mark.pid);
  return state && state->start_time == mark.start_time && state->state != 'Z';
}

std::vector<ProcessMark> group_holding(const ProcessMark& leader, const std::string& file) {
  std::vector<ProcessMark> found;
  struct stat status {};
  if (leader.pid <= 0 || leader.boot != boot_id() || ::stat(file.c_str(), &status) != 0)
    return found;
  for (const std::int64_t pid : all_processes()) {
    const auto state = state_of(pid);
    if (state && state->group == leader.pid && state->start_time >= leader.start_time &&
        has_open(pid, status))
      found.push_back({.pid = pid, .start_time = state->start_time, .boot = leader.boot});
  }
  return found;
}

std::vector<ProcessMark> heirs_of_lock(const ProcessMark& runner, const std::string& file) {
  std::vector<ProcessMark> found;
  struct stat status {};
  if (runner.pid <= 0 || runner.boot != boot_id() || ::stat(file.c_str(), &status) != 0)
    return found;
  for (const std::int64_t pid : all_processes()) {
    const auto state = state_of(pid);
    if (state && state->start_time >= runner.start_time && has_locked(pid, status) &&
        !is_this_program(pid))
      found.push_back({.pid = pid, .start_time = state->start_time, .boot = runner.boot});
  }
  return found;
}

void signal_all(const std::vector<ProcessMark>& processes, int signal) {
  for (const ProcessMark& process : processes)
    if (is_alive(process)) ::kill(static_cast<pid_t>(process.pid), signal);
}

}  // namespace pasig::drivers::directory
