#include "daemon/configuration.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <climits>

#include <toml++/toml.h>

namespace pasig::daemon {
namespace {

using C = Configuration;

// Where a value came from, as an error names it: "pasig.toml:12" or "PASIG_API_SOCKET".
struct Origin {
  std::string text;
};
using Origins = std::map<std::string, Origin>;  // of keys that were given

struct Reading {
  C values;
  Origins origins;
};

Result<void> wrong(const Origin& origin, const std::string& key, const std::string& why,
                   const std::string& cure) {
  return fail(ErrorCode::invalid, origin.text + ": " + key + " " + why, cure);
}

const ConfigurationKey* find_key(const std::string& path) {
  const auto& keys = configuration_keys();
  const auto at = std::find_if(keys.begin(), keys.end(),
                               [&](const ConfigurationKey& key) { return key.path == path; });
  return at == keys.end() ? nullptr : &*at;
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& one : words) text += (text.empty() ? "" : ", ") + one;
  return text;
}

// ---- setting one key ---------------------------------------------------------------------
Result<void> set_number(C& into, const ConfigurationKey& key, std::int64_t value,
                        const Origin& origin) {
  if (value < key.least || value > key.most)
    return wrong(
        origin, key.path, "is " + std::to_string(value),
        "give a number from " + std::to_string(key.least) + " to " + std::to_string(key.most));
  into.*std::get<std::int64_t C::*>(key.field) = value;
  return {};
}

Result<void> object(const ConfigurationKey& key, const std::string& text, const Origin& origin) {
  if (key.objection == nullptr) return {};
  const auto objection = key.objection(text);
  return objection ? wrong(origin, key.path, objection->why, objection->cure) : Result<void>();
}

Result<void> set_text(C& into, const ConfigurationKey& key, std::string value,
                      const Origin& origin) {
  PASIG_CHECK(object(key, value, origin));
  if (!key.words.empty() && std::find(key.words.begin(), key.words.end(), value) == key.words.end())
    return wrong(origin, key.path, "is \"" + value + "\"", "give one of " + listed(key.words));
  into.*std::get<std::string C::*>(key.field) = std::move(value);
  return {};
}

Result<void> set_from_node(C& into, const ConfigurationKey& key, const toml::node& node,
                           const Origin& origin) {
  if (std::holds_alternative<std::int64_t C::*>(key.field)) {
    if (!node.is_integer())
      return wrong(origin, key.path, "is no whole number",
                   "give a number from " + std::to_string(key.least) + " to " +
                       std::to_string(key.most) + ", without quotes");
    return set_number(into, key, node.as_integer()->get(), origin);
  }
  if (std::holds_alternative<std::string C::*>(key.field)) {
    if (!node.is_string()) return wrong(origin, key.path, "is no text", "put it in quotes");
    return set_text(into, key, node.as_string()->get(), origin);
  }
  std::vector<std::string> values;
  if (!node.is_array()) return wrong(origin, key.path, "is no list", "write [\"…\", \"…\"]");
  for (const toml::node& one : *node.as_array()) {
    if (!one.is_string())
      return wrong(origin, key.path, "holds what is no text", "put it in quotes");
    values.push_back(one.as_string()->get());
    PASIG_CHECK(object(key, values.back(), origin));
  }
  into.*std::get<std::vector<std::string> C::*>(key.field) = std::move(values);
  return {};
}

Result<void> set_from_text(C& into, const ConfigurationKey& key, const std::string& text,
                           const Origin& origin) {
  if (std::holds_alternative<std::int64_t C::*>(key.field)) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
      return wrong(origin, key.path, "is \"" + text + "\"", "give a whole number");
    return set_number(into, key, value, origin);
  }
  if (std::holds_alternative<std::string C::*>(key.field)) return set_text(into, key, text, origin);
  std::vector<std::string> values;
  for (std::size_t at = 0; at <= text.size() && !text.empty();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    values.push_back(text.substr(at, comma - at));
    PASIG_CHECK(object(key, values.back(), origin));
    at = comma + 1;
  }
  into.*std::get<std::vector<std::string> C::*>(key.field) = std::move(values);
  return {};
}

// ---- the file ----------------------------------------------------------------------------
Origin origin_of(const std::string& path, const toml::node& node) {
  return {path + ":" + std::to_string(node.source().begin.line)};
}

// Of the first of these keys that was given.
Origin origin_of(const Reading& reading, const std::vector<std::string>& keys) {
  for (const std::string& key : keys)
    if (const auto at = reading.origins.find(key); at != reading.origins.end()) return at->second;
  return {"the defaults"};
}

bool is_section(const std::string& name) {
  const auto& keys = configuration_keys();
  return std::any_of(keys.begin(), keys.end(),
                     [&](const ConfigurationKey& key) { return key.path.starts_with(name + "."); });
}

Result<void> read_section(Reading& into, const std::string& path, const std::string& section,
                          const toml::table& table) {
  if (!is_section(section))
    return wrong(origin_of(path, table), "[" + section + "]", "is no section of pasigd",
                 "see docs/configuration.md for all sections");
  for (const auto& [name, node] : table) {
    const std::string full = section + "." + std::string(name.str());
    const ConfigurationKey* key = find_key(full);
    if (key == nullptr)
      return wrong(origin_of(path, node), full, "is no key of pasigd",
                   "see docs/configuration.md for all keys");
    const Origin origin = origin_of(path, node);
    PASIG_CHECK(set_from_node(into.values, *key, node, origin));
    into.origins[full] = origin;
  }
  return {};
}

// A driver's own value as the text that drivers are handed.
std::string option_text(const toml::node& node) {
  if (node.is_string()) return node.as_string()->get();
  if (node.is_integer()) return std::to_string(node.as_integer()->get());
  if (node.is_boolean()) return node.as_boolean()->get() ? "true" : "false";
  return {};
}

Result<void> read_controller(C& into, const std::string& path, const toml::node& node) {
  const toml::table* table = node.as_table();
  const Origin origin = origin_of(path, node);
  if (table == nullptr) return wrong(origin, "controller", "is no table", "write [[controller]]");
  drivers::ControllerConfig one;
  for (const auto& [name, value] : *table) {
    const std::string key(name.str());
    if (!value.is_string() && !value.is_integer() && !value.is_boolean())
      return wrong(origin_of(path, value), "controller." + key, "is no text, number or boolean",
                   "give one value");
    const std::string text = option_text(value);
    if (key == "name") one.name = text;
    else if (key == "zone") one.zone = text;
    else if (key == "driver") one.driver = text;
    else one.options[key] = text;
  }
  if (!is_name(one.name))
    return wrong(origin, "controller.name", "is \"" + one.name + "\"", k_name_cure);
  if (!is_name(one.zone))
    return wrong(origin, "zone of controller " + one.name, "is \"" + one.zone + "\"", k_name_cure);
  if (one.driver != "directory" && one.driver != "simulated")
    return wrong(origin, "driver of controller " + one.name, "is \"" + one.driver + "\"",
                 "give directory or simulated");
  for (const auto& other : into.controllers)
    if (other.name == one.name)
      return wrong(origin, "controller " + one.name, "is there twice", "give each its own name");
  into.controllers.push_back(std::move(one));
  return {};
}

std::string in_one_line(std::string_view text) {
  std::string line(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

// toml++ of Debian throws; it ends here.
Result<toml::table> parse(const std::string& path) {
  try {
    return toml::table(toml::parse_file(path));
  } catch (const toml::parse_error& error) {
    const auto line = error.source().begin.line;  // 0: the file itself could not be read
    return fail(ErrorCode::invalid,
                path + (line == 0 ? "" : ":" + std::to_string(line)) + ": " +
                    in_one_line(error.description()),
                line == 0 ? "give the path of a readable TOML file"
                          : "correct the file; see docs/configuration.md");
  }
}

Result<void> read_file(Reading& into, const std::string& path) {
  PASIG_TRY(const toml::table whole, parse(path));
  for (const auto& [name, node] : whole) {
    const std::string section(name.str());
    if (section == "controller") {
      if (!node.is_array())
        return wrong(origin_of(path, node), "controller", "is no list", "write [[controller]]");
      for (const toml::node& one : *node.as_array())
        PASIG_CHECK(read_controller(into.values, path, one));
    } else if (node.is_table()) {
      PASIG_CHECK(read_section(into, path, section, *node.as_table()));
    } else {
      return wrong(origin_of(path, node), section, "stands outside of any section",
                   "put it below [node], [api], …");
    }
  }
  return {};
}

std::string variable_of(const std::string& key) {
  std::string name = "PASIG_" + key;
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
    return c == '.' ? '_' : static_cast<char>(std::toupper(c));
  });
  return name;
}

std::string host_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

// What no key alone can be wrong about.
Result<void> check_whole(Reading& reading) {
  C& values = reading.values;
  if (values.node_name.empty()) values.node_name = host_name();
  if (!is_name(values.node_name))
    return fail(ErrorCode::invalid, "the host's name is \"" + values.node_name + "\"",
                "set node.name: letters, digits, '-', '_' and '.' only");
  if (values.socket.empty() && values.listen.empty())
    return wrong(origin_of(reading, {"api.listen", "api.socket"}), "api.socket and api.listen",
                 "are both empty", "give at least one of them");
  if (values.lease_seconds > values.operation_deadline_seconds)
    return wrong(
        origin_of(reading, {"timings.lease_seconds", "timings.operation_deadline_seconds"}),
        "timings.lease_seconds", "is longer than timings.operation_deadline_seconds",
        "make the lease shorter");
  return {};
}

}  // namespace

bool is_name(const std::string& text) {
  return !text.empty() && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
         });
}

std::optional<ListenAddress> parse_listen_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  ListenAddress address{.address = text.substr(0, colon)};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, address.port);
  if (error != std::errc() || stop != end) return std::nullopt;
  if (address.address.starts_with('[') && address.address.ends_with(']'))
    address.address = address.address.substr(1, address.address.size() - 2);
  return address;
}

Result<Configuration> read_configuration(const std::string& path,
                                         const std::map<std::string, std::string>& environment) {
  Reading reading;
  if (!path.empty()) PASIG_CHECK(read_file(reading, path));
  for (const ConfigurationKey& key : configuration_keys()) {
    const std::string variable = variable_of(key.path);
    const auto at = environment.find(variable);
    if (at == environment.end()) continue;
    PASIG_CHECK(set_from_text(reading.values, key, at->second, {variable}));
    reading.origins[key.path] = {variable};
  }
  PASIG_CHECK(check_whole(reading));
  return std::move(reading.values);
}

}  // namespace pasig::daemon
