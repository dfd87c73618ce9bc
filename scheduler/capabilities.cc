#include "scheduler/capabilities.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <vector>

namespace pasig {
namespace {

constexpr std::string_view k_scope = "capabilities:";

// Specs that other filters judge, or that say nothing about a pool.
constexpr std::array k_never_a_capability = {std::string_view("availability_zones"),
                                             std::string_view("replication_type"),
                                             std::string_view("default_qos_type")};

// Specs that clients put on every type. A pool that does not speak of them is not refused for
// it: the calls themselves refuse what its driver cannot do.
constexpr std::array k_only_when_listed = {
    std::string_view("driver_handles_share_servers"),
    std::string_view("snapshot_support"),
    std::string_view("create_share_from_snapshot_support"),
    std::string_view("revert_to_snapshot_support"),
    std::string_view("mount_snapshot_support"),
    std::string_view("mount_point_name_support"),
    std::string_view("snapshot_inherit_share_access_support"),
    std::string_view("thin_provisioning")};

template <class Names>
bool is_one_of(std::string_view name, const Names& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t start = text.find_first_not_of(" \t", at);
    if (start == std::string_view::npos) break;
    const std::size_t end = std::min(text.find_first_of(" \t", start), text.size());
    words.push_back(text.substr(start, end - start));
    at = end;
  }
  return words;
}

std::optional<bool> boolean(std::string_view text) {
  const std::string word = lower(text);
  for (const std::string_view yes : {"true", "t", "yes", "y", "on", "1"})
    if (word == yes) return true;
  for (const std::string_view no : {"false", "f", "no", "n", "off", "0"})
    if (word == no) return false;
  return std::nullopt;
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<bool> compare_numbers(std::string_view capability, std::string_view op,
                                    std::string_view wanted) {
  if (op != "=" && op != ">=" && op != "<=" && op != "==" && op != "!=") return std::nullopt;
  const auto have = number(capability);
  const auto want = number(wanted);
  if (!have || !want) return false;
  if (op == "<=") return *have <= *want;
  if (op == "==") return *have == *want;
  if (op == "!=") return *have != *want;
  return *have >= *want;
}

std::optional<bool> compare_texts(std::string_view capability, std::string_view op,
                                  std::string_view wanted) {
  if (op == "s==") return capability == wanted;
  if (op == "s!=") return capability != wanted;
  if (op == "s<") return capability < wanted;
  if (op == "s<=") return capability <= wanted;
  if (op == "s>") return capability > wanted;
  if (op == "s>=") return capability >= wanted;
  return std::nullopt;
}

bool is_one_of_the_wanted(std::string_view capability, const std::vector<std::string_view>& words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view one) {
    return one != "<or>" && lower(one) == lower(capability);
  });
}

// What the pool says of it; its own names count as capabilities.
std::optional<std::string> value_of(const PoolReport& pool, const std::string& name) {
  if (const auto at = pool.capabilities.find(name); at != pool.capabilities.end())
    return at->second;
  if (name == "share_backend_name") return pool.controller;
  if (name == "pool_name") return pool.pool;
  if (name == "replication_domain" && !pool.replication_domain.empty())
    return pool.replication_domain;
  return std::nullopt;
}

}  // namespace

std::vector<std::string> comma_list(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view item = text.substr(0, comma);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (!item.empty()) items.emplace_back(item);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return items;
}

bool satisfies(std::string_view capability, std::string_view wanted) {
  const auto words = words_of(wanted);
  if (words.empty()) return capability.empty();
  const std::string_view op = words.front();
  if (op == "<or>") return is_one_of_the_wanted(capability, words);
  if (words.size() >= 2) {
    const std::size_t start = static_cast<std::size_t>(words[1].data() - wanted.data());
    const std::string_view last = words.back();
    const std::string_view operand =
        wanted.substr(start, static_cast<std::size_t>(last.data() - words[1].data()) + last.size());
    if (op == "<in>") return lower(capability).find(lower(operand)) != std::string::npos;
    if (op == "<is>") {
      const auto want = boolean(operand);
      return want && boolean(capability) == want;
    }
    if (const auto held = compare_numbers(capability, op, operand)) return *held;
    if (const auto held = compare_texts(capability, op, operand)) return *held;
  }
  if (const auto want = boolean(wanted))
    if (const auto have = boolean(capability)) return *have == *want;
  return lower(capability) == lower(wanted);
}

std::optional<std::string> missing_capability(const PlacementRequest& request,
                                              const PoolReport& pool) {
  bool names_protocol = false;
  for (const KeyValue& spec : request.extra_specs) {
    std::string name = spec.key;
    if (name.starts_with(k_scope)) name.erase(0, k_scope.size());
    else if (name.find(':') != std::string::npos) continue;  // another scope: not for pools
    if (is_one_of(name, k_never_a_capability)) continue;
    // A further replica belongs on another back end than the one that the type names.
    if (name == "share_backend_name" && request.share != nullptr) continue;
    names_protocol = names_protocol || name == "storage_protocol";
    const auto value = value_of(pool, name);
    if (!value && is_one_of(name, k_only_when_listed)) continue;
    if (!value) return "it does not list " + name + ", and the type asks for '" + spec.value + "'";
    if (!satisfies(*value, spec.value))
      return name + " is '" + *value + "', and the type asks for '" + spec.value + "'";
  }
  if (names_protocol || request.protocol.empty()) return std::nullopt;
  const auto protocols = value_of(pool, "storage_protocol");
  if (protocols && !satisfies(*protocols, "<in> " + request.protocol))
    return "storage_protocol is '" + *protocols + "', and the share speaks " + request.protocol;
  return std::nullopt;
}

}  // namespace pasig
