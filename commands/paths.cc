#include "commands/paths.h"

#include <algorithm>

namespace pasig {
namespace {

constexpr std::size_t k_path_bytes_max = 4095;  // Linux: PATH_MAX without the end

bool leads_back(const std::string& path) {
  const std::string whole = path + "/";
  return whole.find("/../") != std::string::npos || whole.find("/./") != std::string::npos;
}

}  // namespace

Found<std::string> absolute_path(const std::string& what, const std::string& path) {
  const auto wrong = [&](const std::string& why) {
    return refuse(Guard::invalid_input, what + " '" + path + "' " + why);
  };
  if (!path.starts_with('/')) return wrong("is not absolute: it has to begin with /");
  if (path.size() > k_path_bytes_max)
    return refuse(Guard::invalid_input, what + " has " + std::to_string(path.size()) +
                                            " bytes; at most " + std::to_string(k_path_bytes_max) +
                                            " are possible");
  if (std::any_of(path.begin(), path.end(),
                  [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }))
    return refuse(Guard::invalid_input, what + " holds control characters");
  if (leads_back(path)) return wrong("has . or .. in it; give it without");
  const std::size_t end = path.find_last_not_of('/');
  if (end == std::string::npos) return wrong("is the root of everything");
  return path.substr(0, end + 1);
}

}  // namespace pasig
