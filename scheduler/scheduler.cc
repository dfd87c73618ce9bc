// The filters run in a fixed order; a pool is counted by the first one that rejects it. What
// passes is narrowed by preferences and ordered by free space; ties go to the lower host name.
#include "scheduler/scheduler.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <set>
#include <string_view>

#include "scheduler/capabilities.h"

namespace pasig {
namespace {

constexpr std::size_t k_best_max = 20;
constexpr double k_gib = 1024.0 * 1024.0 * 1024.0;

using Pools = std::vector<const PoolReport*>;
using Why = std::optional<std::string>;  // why a pool is rejected; nothing: it passes

struct Filter {
  std::string_view name;
  std::function<Why(const PoolReport&)> rejects;
};

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// GiB promised to shares on this pool and on all that share its file system.
double provisioned_gb(const PoolReport& pool, const std::vector<PoolReport>& pools) {
  if (pool.file_system.empty()) return static_cast<double>(pool.provisioned_gb);
  double sum = 0;
  for (const PoolReport& one : pools)
    if (one.file_system == pool.file_system) sum += static_cast<double>(one.provisioned_gb);
  return sum;
}

std::string gb(double value) {
  const auto tenths = static_cast<std::int64_t>(std::floor(value * 10));
  const std::int64_t size = std::abs(tenths);
  return (tenths < 0 ? "-" : "") + std::to_string(size / 10) + "." + std::to_string(size % 10) +
         " GiB";
}

Why zone_rejects(const PlacementRequest& request, const PoolReport& pool) {
  if (!request.zone.empty() && pool.zone != request.zone)
    return "it is in zone " + pool.zone + ", not in " + request.zone;
  for (const KeyValue& spec : request.extra_specs)
    if (spec.key == "availability_zones" && !contains(comma_list(spec.value), pool.zone))
      return "its zone " + pool.zone + " is not one of the type's (" + spec.value + ")";
  return std::nullopt;
}

Why replication_rejects(const PlacementRequest& request, const std::vector<PoolReport>& pools,
                        const PoolReport& pool) {
  if (request.replication == ReplicationType::none) return std::nullopt;
  if (pool.replication_domain.empty()) return "it has no replication domain";
  const auto& offered = pool.replication_types;
  if (std::find(offered.begin(), offered.end(), request.replication) == offered.end())
    return "its driver does not offer " + std::string(word(request.replication)) + " replication";
  if (request.share == nullptr) return std::nullopt;
  const Replica* active = request.share->active();
  if (active == nullptr) return "the share has no active replica to replicate with";
  const auto home = std::find_if(pools.begin(), pools.end(),
                                 [&](const PoolReport& one) { return one.host == active->host; });
  if (home == pools.end())
    return "the active replica's pool " + active->host +
           " is not reported, so its replication domain is not known";
  if (home->replication_domain != pool.replication_domain)
    return "its replication domain is " + pool.replication_domain + ", the active replica's is " +
           (home->replication_domain.empty() ? "none" : home->replication_domain);
  return std::nullopt;
}

Why one_per_pool_rejects(const PlacementRequest& request, const PoolReport& pool) {
  if (request.share == nullptr) return std::nullopt;
  for (const Replica& one : request.share->replicas)
    if (one.host == pool.host) return "replica " + to_string(one.id) + " of this share is on it";
  return std::nullopt;
}

// Manila's arithmetic for thin pools; a ratio of 1 makes it that of thick ones. A pool that says
// it does not provision thinly cannot promise more than it has.
double over_subscription(const PoolReport& pool) {
  const auto thin = pool.capabilities.find("thin_provisioning");
  return thin != pool.capabilities.end() && thin->second == "false" ? 1.0
                                                                    : pool.max_over_subscription;
}

Why capacity_rejects(const PlacementRequest& request, const std::vector<PoolReport>& pools,
                     const PoolReport& pool) {
  if (contains(request.excluded_hosts, pool.host)) return "it was tried and had no space";
  if (pool.total_bytes == 0) return "it reports no capacity";
  const double ratio = over_subscription(pool);
  if (ratio < 1.0) return "its over-subscription ratio is below 1";
  const double total = static_cast<double>(pool.total_bytes) / k_gib;
  const double reserved = total * pool.reserved_percent / 100.0;
  const double free = static_cast<double>(pool.free_bytes) / k_gib - reserved;
  const double size = static_cast<double>(request.size_gb);
  const double promised = provisioned_gb(pool, pools);
  if (free <= 0) return "no free space is left beside the " + gb(reserved) + " reserved";
  if (promised + size > total * ratio)
    return gb(promised) + " of " + gb(total * ratio) + " are promised, and " + gb(size) +
           " more are asked for";
  if (free * ratio < size) return gb(free) + " are free, and " + gb(size) + " are asked for";
  return std::nullopt;
}

std::vector<Filter> filters_for(const PlacementRequest& request,
                                const std::vector<PoolReport>& pools) {
  return {
      {"only_host",
       [&](const PoolReport& pool) {
         return request.only_host.empty() || pool.host == request.only_host
                    ? Why()
                    : "only " + request.only_host + " was asked for";
       }},
      {"up",
       [](const PoolReport& pool) { return pool.up ? Why() : "no worker reported it lately"; }},
      {"drained",
       [](const PoolReport& pool) {
         return pool.closed_because.empty() ? Why() : Why(pool.closed_because);
       }},
      {"availability_zone", [&](const PoolReport& pool) { return zone_rejects(request, pool); }},
      {"replication",
       [&](const PoolReport& pool) { return replication_rejects(request, pools, pool); }},
      {"one_per_pool", [&](const PoolReport& pool) { return one_per_pool_rejects(request, pool); }},
      {"capabilities", [&](const PoolReport& pool) { return missing_capability(request, pool); }},
      {"capacity", [&](const PoolReport& pool) { return capacity_rejects(request, pools, pool); }},
  };
}

// Only those that hold, when there are any.
template <class Holds>
Pools preferring(const Pools& pools, Holds holds) {
  Pools preferred;
  std::copy_if(pools.begin(), pools.end(), std::back_inserter(preferred),
               [&](const PoolReport* one) { return holds(*one); });
  return preferred.empty() ? pools : preferred;
}

std::set<std::string> places_of(const Share* share, std::string Replica::*place) {
  std::set<std::string> places;
  if (share == nullptr) return places;
  for (const Replica& one : share->replicas)
    if (!one.host.empty()) places.insert(one.*place);
  return places;
}

// How much of the pool is free and not promised, in millionths; below zero when more is
// promised than is free.
std::int64_t weight_micros(const PoolReport& pool, const std::vector<PoolReport>& pools) {
  const double total = static_cast<double>(pool.total_bytes) / k_gib;
  const double free = static_cast<double>(pool.free_bytes) / k_gib;
  return std::llround((free - provisioned_gb(pool, pools)) / total * 1e6);
}

}  // namespace

Placement place(const PlacementRequest& request, const std::vector<PoolReport>& pools) {
  Placement placement;
  placement.zone_asked = request.zone;
  placement.considered = static_cast<std::uint32_t>(pools.size());
  Pools passing;
  for (const PoolReport& pool : pools) passing.push_back(&pool);
  std::sort(passing.begin(), passing.end(),
            [](const PoolReport* a, const PoolReport* b) { return a->host < b->host; });

  for (const Filter& filter : filters_for(request, pools)) {
    FilterCount count{std::string(filter.name), 0, {}};
    std::erase_if(passing, [&](const PoolReport* pool) {
      const Why why = filter.rejects(*pool);
      if (why && count.rejected++ == 0) count.example = pool->host + ": " + *why;
      return why.has_value();
    });
    if (count.rejected > 0) placement.filters.push_back(std::move(count));
  }
  if (passing.empty()) return placement;

  const auto zones = places_of(request.share, &Replica::zone);
  const auto controllers = places_of(request.share, &Replica::controller);
  if (request.zone.empty())
    passing = preferring(passing, [&](const PoolReport& one) { return !zones.contains(one.zone); });
  passing = preferring(
      passing, [&](const PoolReport& one) { return !controllers.contains(one.controller); });

  std::stable_sort(passing.begin(), passing.end(), [&](const PoolReport* a, const PoolReport* b) {
    return weight_micros(*a, pools) > weight_micros(*b, pools);
  });
  const PoolReport& chosen = *passing.front();
  placement.host = chosen.host;
  placement.controller = chosen.controller;
  placement.pool = chosen.pool;
  placement.zone = chosen.zone;
  placement.shares_zone = zones.contains(chosen.zone);
  for (std::size_t i = 0; i < std::min(passing.size(), k_best_max); ++i)
    placement.best.push_back({passing[i]->host, weight_micros(*passing[i], pools)});
  return placement;
}

std::string explain(const Placement& placement) {
  std::string text;
  if (placement.considered == 0)
    return "no pool passed: none is reported; see that a worker runs (pasig pool list)";
  const std::string of_all = " of " + std::to_string(placement.considered);
  for (const FilterCount& count : placement.filters) {
    text += text.empty() ? "" : ", ";
    text += std::to_string(count.rejected) + (text.empty() ? of_all + " rejected by " : " by ");
    text += count.filter + " (" + count.example + ")";
  }
  if (placement.host.empty()) return "no pool passed: " + text;
  std::string chosen = placement.host + " was chosen";
  if (placement.shares_zone)
    chosen += placement.zone_asked.empty()
                  ? "; it shares zone " + placement.zone +
                        " with another replica, because no pool elsewhere passed"
                  : "; it shares zone " + placement.zone + " with another replica, as asked";
  return text.empty() ? chosen : chosen + "; " + text;
}

}  // namespace pasig
