#include "drivers/simulated/options.h"

#include <charconv>
#include <optional>
#include <sstream>

namespace pasig::drivers::simulated {
namespace {

template <class Number>
bool read_number(const std::string& text, Number& into) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, into);
  return !text.empty() && error == std::errc() && stop == end;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> names;
  std::istringstream in(text);
  for (std::string name; std::getline(in, name, ',');) {
    const auto begin = name.find_first_not_of(' ');
    const auto end = name.find_last_not_of(' ');
    if (begin != std::string::npos) names.push_back(name.substr(begin, end - begin + 1));
  }
  return names;
}

// Empty when the option was understood, else why not.
std::string take(Options& options, const std::string& key, const std::string& value) {
  if (key == "pools") {
    options.pools = split(value);
    return options.pools.empty() ? "names no pool" : "";
  }
  if (key == "replication_domain") {
    options.replication_domain = value;
    return {};
  }
  if (key == "capacity_gb")
    return read_number(value, options.capacity_gb) ? "" : "\"" + value + "\" is no number";
  if (key == "latency_ms")
    return read_number(value, options.latency_ms) ? "" : "\"" + value + "\" is no number";
  if (key == "adopt") {
    options.adopt = value == "true";
    return value == "true" || value == "false" ? "" : "\"" + value + "\" is neither true nor false";
  }
  return "is not known";
}

}  // namespace

Result<Options> read_options(const ControllerConfig& config) {
  Options options;
  options.controller = config.name;
  options.zone = config.zone;
  for (const auto& [key, value] : config.options)
    if (const std::string why = take(options, key, value); !why.empty())
      return fail(ErrorCode::invalid, "controller " + config.name + ", option " + key + ": " + why,
                  "options of the simulated driver: pools, capacity_gb, replication_domain, "
                  "latency_ms, adopt");
  if (options.pools.empty()) options.pools = {config.name};
  return options;
}

}  // namespace pasig::drivers::simulated
