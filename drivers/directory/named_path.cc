#include "drivers/directory/named_path.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>

#include "drivers/directory/files.h"

namespace pasig::drivers::directory {
namespace {

constexpr const char* k_name_another = "name a directory outside of Pasig's roots";

struct Freed {
  void operator()(char* text) const { std::free(text); }
};

std::string real_path(const std::string& path) {  // empty and errno
  const std::unique_ptr<char, Freed> found(::realpath(path.c_str(), nullptr));
  return found ? std::string(found.get()) : std::string();
}

bool is_at_or_below(const std::string& path, const std::string& top) {
  return path == top || top == "/" || path.starts_with(top + "/");
}

bool has_dots(const std::string& path) {
  const std::string closed = path + "/";
  return closed.find("/./") != std::string::npos || closed.find("/../") != std::string::npos;
}

// Mount points are listed with blanks, backslashes and control characters as \ooo.
std::string without_octals(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      plain.push_back(static_cast<char>(std::strtol(text.substr(i + 1, 3).c_str(), nullptr, 8)));
      i += 3;
    } else {
      plain.push_back(text[i]);
    }
  }
  return plain;
}

Answer<dev_t> device_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    return tl::unexpected(system_failure(errno, "looking at", path));
  return status.st_dev;
}

}  // namespace

CallFailure wrong_path(const std::string& path, const std::string& why, std::string hint) {
  return {.problem = Problem::failed,
          .unknown = false,
          .controller = {},
          .words = printable(path) + " " + why,
          .hint = std::move(hint)};
}

Answer<NamedPath> read_named_path(const std::string& path) {
  NamedPath named{.given = path, .directory = {}, .name = {}};
  while (named.given.size() > 1 && named.given.back() == '/') named.given.pop_back();
  if (named.given.empty() || named.given.front() != '/' || named.given == "/" ||
      has_dots(named.given))
    return tl::unexpected(wrong_path(path, "is no absolute path of a directory",
                                     "begin with a slash and leave out . and .."));
  if (printable(named.given) != named.given)
    return tl::unexpected(wrong_path(path, "has control characters or is no UTF-8",
                                     "rename it, or a directory above it, first"));
  const auto slash = named.given.rfind('/');
  named.name = named.given.substr(slash + 1);
  const std::string above = slash == 0 ? "/" : named.given.substr(0, slash);
  named.directory = real_path(above);
  if (named.directory.empty()) return tl::unexpected(system_failure(errno, "looking at", above));
  return named;
}

Answer<void> refuse_pasigs_own(const Call& call, const Side& side, const NamedPath& path) {
  const std::string real = path.real();
  for (const auto& [name, root] : call.roots) {
    // The others may be away, and asking for them may take for ever.
    std::string top = name == side.place.controller ? real_path(root->options().root) : "";
    if (top.empty()) top = root->options().root;
    for (const char* own : {"/shares", "/unmanaged", "/aside-kept"})
      if (is_at_or_below(real, top + own))
        return tl::unexpected(
            wrong_path(path.given, "lies in " + top + own + ", which is Pasig's", k_name_another));
    if (is_at_or_below(top, real))
      return tl::unexpected(
          wrong_path(path.given, "holds the root of controller " + name, k_name_another));
  }
  return {};
}

Answer<void> refuse_other_file_system(const Side& side, const std::string& path) {
  PASIG_TRY(const dev_t here, device_of(side.place.root));
  PASIG_TRY(const dev_t there, device_of(path));
  if (here == there) return {};
  return tl::unexpected(wrong_path(path,
                                   "is not on the file system of controller " +
                                       side.place.controller + " (" + side.place.root + ")",
                                   "name a path on that file system, or use a controller whose "
                                   "root lies on that of " +
                                       printable(path)));
}

std::optional<std::string> mount_at_or_below(const std::string& path) {
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream fields(line);
    std::string number, parent, device, root, place;
    fields >> number >> parent >> device >> root >> place;
    place = without_octals(place);
    if (is_at_or_below(place, path)) return place;
  }
  return std::nullopt;
}

}  // namespace pasig::drivers::directory
