// What decisions read. Two implementations: projections/store.h (LMDB) and
// statemachine/world_reader.h (a World in memory, for tests and what-if).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "statemachine/state.h"

namespace pasig {

// One consistent view: every answer is as of position(). One thread at a time.
class StateReader {
 public:
  struct Position {
    std::uint64_t next_ordinal = 0;  // records applied so far
    Digest verdict_digest;           // after the last of them
  };

  virtual ~StateReader() = default;
  [[nodiscard]] virtual Position position() const = 0;
  [[nodiscard]] virtual std::optional<Share> share(ShareId id) const = 0;
  [[nodiscard]] virtual std::optional<ShareId> share_of(ReplicaId id) const = 0;
  [[nodiscard]] virtual std::optional<ShareId> share_of(SnapshotId id) const = 0;
  [[nodiscard]] virtual std::optional<ShareId> share_of(AccessRuleId id) const = 0;
  // Nothing: no order was ever given. The empty name: about all controllers.
  [[nodiscard]] virtual std::optional<ControllerOrders> controller(std::string_view name) const = 0;
  [[nodiscard]] virtual std::optional<Operation> operation(OperationId id) const = 0;
  [[nodiscard]] virtual std::optional<ShareType> share_type(ShareTypeId id) const = 0;
  [[nodiscard]] virtual std::optional<ShareTypeId> share_type_named(
      std::string_view name) const = 0;
  // Accepted events in the stream; 0 = it does not exist.
  [[nodiscard]] virtual std::uint64_t stream_version(std::string_view stream) const = 0;
  [[nodiscard]] virtual std::int64_t counter(std::string_view counter) const = 0;
};

}  // namespace pasig
