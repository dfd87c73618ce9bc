// A share type: what shares of it promise. Its extra specs are checked here once, so that
// nobody meets a wrong one later.
#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <map>

#include "commands/guards.h"
#include "scheduler/capabilities.h"

namespace pasig {
namespace {

constexpr std::size_t k_name_characters_max = 255;
constexpr std::size_t k_value_characters_max = 255;
constexpr std::string_view k_rpo = "pasig:rpo_seconds";
constexpr std::string_view k_sync_interval = "pasig:sync_interval_seconds";
constexpr std::string_view k_pools_make_servers = "driver_handles_share_servers";

using Specs = std::map<std::string, std::string>;

struct Promise {  // what the specs come to
  ReplicationType replication = ReplicationType::none;
  std::uint32_t rpo_seconds = 0;
  std::uint32_t sync_interval_seconds = 0;
};

Found<Specs> readable_specs(const CreateShareType& command) {
  Specs specs;
  for (const KeyValue& spec : command.extra_specs) {
    if (spec.key.empty()) return refuse(Guard::invalid_input, "an extra spec has an empty key");
    if (auto fits = text_fits("extra spec key '" + spec.key + "'", spec.key, k_name_characters_max);
        !fits)
      return tl::unexpected(fits.error());
    if (auto fits = text_fits("extra spec " + spec.key, spec.value, k_value_characters_max); !fits)
      return tl::unexpected(fits.error());
    if (spec.key.starts_with("pasig:") && spec.key != k_rpo && spec.key != k_sync_interval)
      return refuse(Guard::invalid_input, "extra spec " + spec.key +
                                              " is not known. Known: " + std::string(k_rpo) + ", " +
                                              std::string(k_sync_interval));
    std::string value = spec.value;
    if (spec.key == "availability_zones") {
      value.clear();  // stored without blanks, as Manila does
      for (const std::string& zone : comma_list(spec.value))
        value += (value.empty() ? "" : ",") + zone;
      if (value.empty())
        return refuse(Guard::invalid_input, "extra spec availability_zones names no zone");
    }
    if (!specs.emplace(spec.key, value).second)
      return refuse(Guard::invalid_input, "extra spec " + spec.key + " is given twice");
  }
  return specs;
}

Allowed servers_are_not_asked_for(const Specs& specs) {
  const auto at = specs.find(std::string(k_pools_make_servers));
  if (at == specs.end())
    return refuse(Guard::invalid_input,
                  "extra spec driver_handles_share_servers is required; "
                  "set it to false");
  if (satisfies("false", "<is> " + at->second)) return {};
  if (satisfies("true", "<is> " + at->second))
    return refuse(Guard::invalid_input,
                  "extra spec driver_handles_share_servers is true, but no "
                  "driver here makes share servers; set it to false");
  return refuse(Guard::invalid_input, "extra spec driver_handles_share_servers is '" + at->second +
                                          "', which is no boolean; set it to false");
}

Found<ReplicationType> replication_of(const Specs& specs) {
  const auto at = specs.find("replication_type");
  if (at == specs.end()) return ReplicationType::none;
  const auto type = parse_word<ReplicationType>(at->second);
  if (type && *type != ReplicationType::none) return *type;
  return refuse(Guard::invalid_input, "extra spec replication_type is '" + at->second +
                                          "'; it can be writable, readable or dr, or left out");
}

// Nothing when it is not given.
Found<std::optional<std::uint32_t>> seconds(const Specs& specs, std::string_view key) {
  const auto at = specs.find(std::string(key));
  if (at == specs.end()) return std::optional<std::uint32_t>();
  const std::string& text = at->second;
  std::uint32_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem == std::errc() && end == text.data() + text.size() && value > 0)
    return std::optional(value);
  return refuse(Guard::invalid_input,
                "extra spec " + std::string(key) + " is '" + text + "'; it has to be a whole " +
                    "number of seconds from 1 to " +
                    std::to_string(std::numeric_limits<std::uint32_t>::max()));
}

Found<Promise> promise_of(const Specs& specs, const Timings& timings) {
  Promise promise;
  PASIG_TRY(promise.replication, replication_of(specs));
  PASIG_TRY(const auto rpo, seconds(specs, k_rpo));
  PASIG_TRY(const auto interval, seconds(specs, k_sync_interval));
  if (promise.replication == ReplicationType::none) {
    if (!rpo && !interval) return promise;
    return refuse(Guard::invalid_input, std::string(rpo ? k_rpo : k_sync_interval) +
                                            " says how replicas are kept; it needs "
                                            "replication_type");
  }
  promise.rpo_seconds = rpo.value_or(timings.rpo_seconds);
  // Twice within the RPO, unless it was said, so that one missed sync breaks no promise.
  promise.sync_interval_seconds = interval.value_or(
      std::max(1U, std::min(timings.sync_interval_seconds, promise.rpo_seconds / 2)));
  if (promise.sync_interval_seconds <= promise.rpo_seconds) return promise;
  return refuse(Guard::invalid_input, std::string(k_sync_interval) + " is " +
                                          std::to_string(promise.sync_interval_seconds) +
                                          ", longer than the RPO of " +
                                          std::to_string(promise.rpo_seconds) +
                                          " s: no replica could stay in sync; make it shorter");
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const CreateShareType& command) {
  PASIG_CHECK(require_admin(now.actor, "create share types", {}));
  if (command.name.empty())
    return refuse(Guard::invalid_input, "a share type needs a name of 1 to 255 characters");
  PASIG_CHECK(text_fits("the name of a share type", command.name, k_name_characters_max));
  PASIG_CHECK(
      text_fits("the description of a share type", command.description, k_value_characters_max));
  PASIG_TRY(const Specs specs, readable_specs(command));
  PASIG_CHECK(servers_are_not_asked_for(specs));
  PASIG_TRY(const Promise promise, promise_of(specs, now.timings));
  if (const auto taken = view.share_type_named(command.name))
    return refuse(Guard::type_name_taken,
                  "Share Type " + command.name + " already exists: it is " + to_string(*taken) +
                      ". Choose another name, or delete that type first",
                  type_name_stream(command.name));
  const ShareTypeId id{now.make_id(0)};
  view.expect_new(stream_of(id));
  ShareTypeCreated created{.type = id,
                           .name = command.name,
                           .description = command.description,
                           .is_public = command.is_public,
                           .replication = promise.replication,
                           .rpo_seconds = promise.rpo_seconds,
                           .sync_interval_seconds = promise.sync_interval_seconds};
  for (const auto& [key, value] : specs) created.extra_specs.push_back({key, value});
  return Events{std::move(created)};
}

}  // namespace pasig
