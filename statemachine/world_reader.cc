#include "statemachine/world_reader.h"

#include <utility>

namespace pasig {
namespace {

// The value under the key, or nothing.
template <class Map, class Key>
std::optional<typename Map::mapped_type> lookup(const Map& map, const Key& key) {
  const auto found = map.find(key);
  if (found == map.end()) return std::nullopt;
  return found->second;
}

// The version of each stream of the record before it.
std::map<std::string, std::uint64_t> versions_before(
    const Record& record, const std::map<std::string, std::uint64_t>& versions) {
  std::map<std::string, std::uint64_t> before;
  for (const Event& event : record.events)
    for (const std::string& stream : streams_of(event))
      before[stream] = lookup(versions, stream).value_or(0);
  return before;
}

std::uint64_t share_version_of(const Event& event,
                               const std::map<std::string, std::uint64_t>& before) {
  return std::visit(
      [&](const auto& held) -> std::uint64_t {
        if constexpr (requires { held.share; })
          return lookup(before, stream_of(held.share)).value_or(0);
        else return 0;  // events of no share carry no token
      },
      event);
}

}  // namespace

WorldReader::WorldReader(const World& world, std::map<std::string, std::uint64_t> versions,
                         std::map<std::string, std::int64_t> counters, Position position)
    : world_(world),
      versions_(std::move(versions)),
      counters_(std::move(counters)),
      position_(position) {}

std::optional<Share> WorldReader::share(ShareId id) const { return lookup(world_.shares, id); }

std::optional<ShareId> WorldReader::share_of(ReplicaId id) const {
  for (const auto& [share_id, share] : world_.shares)
    if (share.find(id) != nullptr) return share_id;
  return std::nullopt;
}

std::optional<ShareId> WorldReader::share_of(SnapshotId id) const {
  for (const auto& [share_id, share] : world_.shares)
    if (share.find(id) != nullptr) return share_id;
  return std::nullopt;
}

std::optional<ShareId> WorldReader::share_of(AccessRuleId id) const {
  for (const auto& [share_id, share] : world_.shares)
    if (share.find(id) != nullptr) return share_id;
  return std::nullopt;
}

std::optional<ControllerOrders> WorldReader::controller(std::string_view name) const {
  return lookup(world_.controllers, std::string(name));
}

std::optional<Operation> WorldReader::operation(OperationId id) const {
  return lookup(world_.operations, id);
}

std::optional<ShareType> WorldReader::share_type(ShareTypeId id) const {
  return lookup(world_.types, id);
}

std::optional<ShareTypeId> WorldReader::share_type_named(std::string_view name) const {
  return lookup(world_.type_names, std::string(name));
}

std::uint64_t WorldReader::stream_version(std::string_view stream) const {
  return lookup(versions_, std::string(stream)).value_or(0);
}

std::int64_t WorldReader::counter(std::string_view counter) const {
  return lookup(counters_, std::string(counter)).value_or(0);
}

void FoldedWorld::apply(const Record& record) {
  const auto before = versions_before(record, versions);
  for (const Event& event : record.events) {
    evolve(world, event,
           {.ordinal = position.next_ordinal,
            .time = record.time,
            .command_id = record.command_id,
            .share_version = share_version_of(event, before),
            .actor = record.actor.name});
    for (const std::string& stream : streams_of(event)) ++versions[stream];
  }
  for (const CounterMove& move : record.moved) counters[move.counter] += move.delta;
  ++position.next_ordinal;
}

}  // namespace pasig
