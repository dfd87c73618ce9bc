#include "replay/phrases.h"

#include <array>
#include <utility>

namespace pasig::replay {
namespace {

constexpr std::int64_t k_second = 1'000'000;
constexpr std::size_t k_pools_named = 3;  // of the best ones that were not chosen

std::string escaped(char c) {
  static constexpr char k_digits[] = "0123456789abcdef";
  if (c == '\n') return "\\n";
  if (c == '\t') return "\\t";
  const auto byte = static_cast<unsigned char>(c);
  return std::string("\\x") + k_digits[byte >> 4] + k_digits[byte & 0xF];
}

std::string considered_text(const Placement& placement) {
  if (placement.considered == 0) return "no pool was reported";
  std::vector<std::string> parts;
  for (const FilterCount& filter : placement.filters) {
    if (filter.rejected == 0) continue;
    std::string part =
        text(filter.rejected, parts.empty() ? " rejected by " : " by ", filter.filter);
    if (!filter.example.empty()) part += text(" (", filter.example, ")");
    parts.push_back(std::move(part));
  }
  return text("of ", counted(placement.considered, "pool", "pools"), ": ",
              parts.empty() ? "none rejected" : joined(parts, ", "));
}

std::string weight_text(std::int64_t micros) {
  std::string fraction = std::to_string((micros < 0 ? -micros : micros) % k_second / 1000);
  fraction.insert(0, 3 - fraction.size(), '0');
  const bool below_zero = micros < 0 && micros > -k_second;
  return text(below_zero ? "-" : "", micros / k_second, ".", fraction);
}

std::string best_text(const Placement& placement) {
  std::vector<std::string> parts;
  for (const PoolScore& score : placement.best) {
    if (parts.size() == k_pools_named) break;
    parts.push_back(text(score.host, " ", weight_text(score.weight_micros)));
  }
  return joined(parts, ", ");
}

std::string zone_text(const Placement& placement) {
  return text("it shares zone ", placement.zone, " with another replica of the share because ",
              placement.zone_asked.empty() ? "no pool of another zone passed"
                                           : "that zone was asked for by name");
}

}  // namespace

std::string quoted(std::string_view words) {
  std::string shown = "\"";
  for (const char c : words) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) shown += escaped(c);
    else shown += c;
  }
  return shown + '"';
}

std::string joined(const std::vector<std::string>& items, std::string_view between) {
  std::string all;
  for (const std::string& item : items) {
    if (!all.empty()) all += between;
    all += item;
  }
  return all;
}

std::string span_of(std::int64_t micros) {
  if (micros < 0) return "-" + span_of(-micros);
  if (micros < k_second) return text(micros / 1000, " ms");
  const std::int64_t seconds = micros / k_second;
  const std::int64_t minutes = seconds / 60;
  const std::int64_t hours = minutes / 60;
  if (minutes == 0) return text(seconds, " s");
  if (hours == 0) return text(minutes, " min ", seconds % 60, " s");
  if (hours < 24) return text(hours, " h ", minutes % 60, " min");
  return text(hours / 24, " d ", hours % 24, " h");
}

std::string bytes_of(std::uint64_t bytes) {
  static constexpr std::array<std::string_view, 6> k_units = {"B",   "KiB", "MiB",
                                                              "GiB", "TiB", "PiB"};
  std::uint64_t whole = bytes;
  std::uint64_t tenths = 0;
  std::size_t unit = 0;
  for (; whole >= 1024 && unit + 1 < k_units.size(); ++unit) {
    tenths = whole % 1024 * 10 / 1024;
    whole /= 1024;
  }
  if (unit == 0) return text(whole, " B");
  return text(whole, ".", tenths, " ", k_units[unit]);
}

std::string counted(std::uint64_t n, std::string_view one, std::string_view many) {
  return text(n, " ", n == 1 ? one : many);
}

std::string said(const Failure& failure) {
  std::string all(word(failure.code));
  if (!failure.controller.empty()) all += text(" at controller ", failure.controller);
  if (!failure.words.empty()) all += text(": ", quoted(failure.words));
  return all;
}

std::string said(const Fence& fence) {
  const std::string words = fence.words.empty() ? "" : text(": ", quoted(fence.words));
  switch (fence.state) {
    case FenceState::none:
      return "it needed no fence";
    case FenceState::enforced:
      if (fence.kind == FenceKind::none) return text("fenced", words);
      return text("fenced (", word(fence.kind), ")", words);
    case FenceState::pending:
      return text("not fenced yet", words);
  }
  return {};
}

std::vector<std::string> said(const Placement& placement) {
  const std::string asked =
      placement.zone_asked.empty() ? "" : text(" (zone ", placement.zone_asked, " was asked for)");
  if (placement.host.empty()) return {text("no pool passed", asked), considered_text(placement)};
  std::vector<std::string> all = {
      text("placed on ", placement.host, " in zone ", placement.zone, asked),
      considered_text(placement)};
  if (!placement.best.empty()) all.push_back(text("best by weight: ", best_text(placement)));
  if (placement.shares_zone) all.push_back(zone_text(placement));
  return all;
}

std::string said(OutOfSyncReason reason) {
  switch (reason) {
    case OutOfSyncReason::behind:
      return "its copy is older than its RPO allows";
    case OutOfSyncReason::unverified:
      return "nothing confirmed its copy within its RPO";
    case OutOfSyncReason::sync_failed:
      return "its sync failed";
    case OutOfSyncReason::manifest_mismatch:
      return "its copy does not match the manifest of the active replica";
    case OutOfSyncReason::mass_deletion_suspected:
      return "more than half of the files are gone on the active replica since the last copy, "
             "and nobody said that this was meant";
    case OutOfSyncReason::unreachable:
      return "its controller does not answer";
    case OutOfSyncReason::demoted:
      return "another replica became active, and it has to follow that one first";
    case OutOfSyncReason::diverged:
      return "it holds writes that the active replica does not have";
    case OutOfSyncReason::epoch:
      return "its storage holds another role or epoch than the log";
    case OutOfSyncReason::relation_broken:
      return "its relation to the active replica is broken";
    case OutOfSyncReason::size:
      return "its size could not be changed with the share's";
    case OutOfSyncReason::snapshot_missing:
      return "a snapshot of the share is not on it";
    case OutOfSyncReason::damaged:
      return "content on it was found damaged";
    case OutOfSyncReason::reverted:
      return "the share went back to a snapshot, and it did not yet";
    case OutOfSyncReason::controller_retired:
      return "its controller was retired";
  }
  return {};
}

std::string data_text(std::uint64_t generation, Time as_of, Consistency consistency) {
  if (!as_of.is_set()) return "no verified copy of it is known";
  std::string all = text("data as of ", as_of, ", generation ", generation);
  if (consistency != Consistency::unknown) all += text(", ", word(consistency));
  return all;
}

}  // namespace pasig::replay
