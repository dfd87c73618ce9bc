// Ids: 128-bit UUIDs, a type for each kind of thing, so that two of them never meet in
// one signature by mistake. Plain values; any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace pasig {

struct Uuid {
  std::uint64_t hi = 0;  // the first eight bytes in text order, big-endian
  std::uint64_t lo = 0;

  auto operator<=>(const Uuid&) const = default;
  [[nodiscard]] bool is_nil() const { return hi == 0 && lo == 0; }
};

std::string to_string(const Uuid& uuid);                // 8-4-4-4-12, lower case
std::optional<Uuid> parse_uuid(std::string_view text);  // that form only, any case
Uuid random_uuid();                                     // version 4; from the kernel
// The n-th id that the command makes: the same on every node and at every try
// (log-protocol 3). An RFC 9562 version 8 UUID over SHA-256(command id, n).
Uuid derived_uuid(std::string_view command_id, std::uint32_t n);

template <class Tag>
struct Id {
  Uuid uuid;

  auto operator<=>(const Id&) const = default;
  [[nodiscard]] bool is_nil() const { return uuid.is_nil(); }
  static std::optional<Id> parse(std::string_view text) {
    const auto uuid = parse_uuid(text);
    return uuid ? std::optional<Id>(Id{*uuid}) : std::nullopt;
  }
};

template <class Tag>
std::string to_string(const Id<Tag>& id) {
  return to_string(id.uuid);
}

using ShareId = Id<struct ShareTag>;
using ReplicaId = Id<struct ReplicaTag>;  // also Manila's share instance id
using ShareTypeId = Id<struct ShareTypeTag>;
using OperationId = Id<struct OperationTag>;
using SnapshotId = Id<struct SnapshotTag>;
using AccessRuleId = Id<struct AccessRuleTag>;
using LogId = Id<struct LogTag>;

}  // namespace pasig

template <class Tag>
struct std::hash<pasig::Id<Tag>> {
  std::size_t operator()(const pasig::Id<Tag>& id) const noexcept {
    return std::hash<std::uint64_t>()(id.uuid.hi ^ (id.uuid.lo * 0x9E3779B97F4A7C15ULL));
  }
};
