// A World in memory as what decisions read, and a World that follows records: for what-if
// (replay/) and tests. One thread.
#pragma once

#include <map>
#include <string>

#include "events/record.h"
#include "statemachine/evolve.h"
#include "statemachine/state_reader.h"

namespace pasig {

// Reads the world it was handed, which has to outlive it and to stand still meanwhile.
class WorldReader final : public StateReader {
 public:
  WorldReader(const World& world, std::map<std::string, std::uint64_t> versions,
              std::map<std::string, std::int64_t> counters, Position position = {});

  [[nodiscard]] Position position() const override { return position_; }
  [[nodiscard]] std::optional<Share> share(ShareId id) const override;
  [[nodiscard]] std::optional<ShareId> share_of(ReplicaId id) const override;
  [[nodiscard]] std::optional<ShareId> share_of(SnapshotId id) const override;
  [[nodiscard]] std::optional<ShareId> share_of(AccessRuleId id) const override;
  [[nodiscard]] std::optional<ControllerOrders> controller(std::string_view name) const override;
  [[nodiscard]] std::optional<Operation> operation(OperationId id) const override;
  [[nodiscard]] std::optional<ShareType> share_type(ShareTypeId id) const override;
  [[nodiscard]] std::optional<ShareTypeId> share_type_named(std::string_view name) const override;
  [[nodiscard]] std::uint64_t stream_version(std::string_view stream) const override;
  [[nodiscard]] std::int64_t counter(std::string_view counter) const override;

 private:
  const World& world_;
  std::map<std::string, std::uint64_t> versions_;
  std::map<std::string, std::int64_t> counters_;
  Position position_;
};

// The whole fold: objects, stream versions and counters, record by record.
struct FoldedWorld {
  World world;
  std::map<std::string, std::uint64_t> versions;
  std::map<std::string, std::int64_t> counters;
  // Counts the records applied; its digest is set by whoever judged them.
  StateReader::Position position;

  void apply(const Record& record);  // an accepted one
  [[nodiscard]] WorldReader reader() const { return {world, versions, counters, position}; }
};

}  // namespace pasig
