#include "drivers/directory/open_files.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>
#include <sstream>

#include "drivers/directory/manifest.h"
#include "drivers/directory/tree.h"

namespace pasig::drivers::directory {
namespace {

constexpr std::size_t k_writers_named = 3;

// File systems whose files others open without this kernel's knowledge. Not all of their numbers
// are in linux/magic.h.
constexpr std::array<std::uint32_t, 12> k_shared_by_machines = {
    NFS_SUPER_MAGIC,       FUSE_SUPER_MAGIC, CIFS_SUPER_MAGIC, SMB_SUPER_MAGIC,  SMB2_SUPER_MAGIC,
    CEPH_SUPER_MAGIC,      V9FS_MAGIC,       AFS_SUPER_MAGIC,  CODA_SUPER_MAGIC, OCFS2_SUPER_MAGIC,
    0x01161970 /* GFS2 */, 0x0BD00BD0 /* Lustre */};

bool is_shared_by_machines(const std::string& path) {
  struct statfs system {};
  if (::statfs(path.c_str(), &system) != 0) return true;
  return std::find(k_shared_by_machines.begin(), k_shared_by_machines.end(),
                   static_cast<std::uint32_t>(system.f_type)) != k_shared_by_machines.end();
}

std::string link_target(const std::string& path) {
  std::array<char, PATH_MAX> target{};
  const ssize_t n = ::readlink(path.c_str(), target.data(), target.size());
  return n <= 0 ? std::string() : std::string(target.data(), static_cast<std::size_t>(n));
}

// proc(5): the flags that the file was opened with, octal.
bool is_for_writing(const std::string& process, const std::string& descriptor) {
  const auto text = read_file(process + "/fdinfo/" + descriptor);
  if (!text) return false;
  std::istringstream lines(*text);
  for (std::string name, value; lines >> name >> value;)
    if (name == "flags:") return (std::strtol(value.c_str(), nullptr, 8) & O_ACCMODE) != O_RDONLY;
  return false;
}

// The first file below `tree` that the process has open for writing; empty: none is seen.
std::string written_by(const std::string& process, const std::string& tree) {
  const auto descriptors = names_in(process + "/fd");
  if (!descriptors) return {};
  for (const std::string& descriptor : *descriptors) {
    const std::string path = link_target(process + "/fd/" + descriptor);
    if (path.starts_with(tree + "/") && is_for_writing(process, descriptor))
      return path.substr(tree.size() + 1);
  }
  return {};
}

std::string name_of(const std::string& process) {
  auto name = read_file(process + "/comm").value_or("?");
  while (!name.empty() && name.back() == '\n') name.pop_back();
  return printable(name);
}

}  // namespace

Answer<OpenFiles> open_files(const std::string& tree, const Patience& patience) {
  if (is_shared_by_machines(tree)) return OpenFiles::unknown;
  PASIG_TRY(const Tree found, scan(tree, patience.cancelled));
  PASIG_TRY(const Descriptor top, open_directory(tree));
  OpenFiles answer = OpenFiles::none;
  for (const Entry& entry : found.entries) {
    if (entry.type != EntryType::file) continue;
    PASIG_CHECK(patience.check("asking who has a file open below " + tree));
    const Descriptor file(open_beneath(top.get(), entry.path, O_RDONLY | O_NONBLOCK));
    // A write lease is given only where nobody else has the file open, and only to its owner
    // (fcntl(2)); any other refusal says nothing.
    if (file.is_open() && ::fcntl(file.get(), F_SETLEASE, F_WRLCK) == 0) continue;
    if (file.is_open() && errno == EAGAIN) return OpenFiles::some;
    answer = OpenFiles::unknown;
  }
  return answer;
}

std::string writers_below(const std::string& tree) {
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(tree.c_str(), nullptr), &::free);
  const auto names = names_in("/proc");
  if (!names || !real) return {};
  std::string words;
  std::size_t count = 0;
  for (const std::string& name : *names) {
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string process = "/proc/" + name;
    const std::string path = written_by(process, real.get());
    if (path.empty()) continue;
    if (++count > k_writers_named) return words + " and others";
    words += (words.empty() ? "" : ", ") + ("process " + name + " (" + name_of(process) + ") has " +
                                            printable(path) + " open for writing");
  }
  return words;
}

}  // namespace pasig::drivers::directory
