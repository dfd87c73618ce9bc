// Random logs: commands as clients, workers and timers give them, decided now or a while ago, with
// ids that come back, bytes that are nobody's, and commands that were given up.
#pragma once

#include <functional>
#include <vector>

#include "tests/projections/composed_log.h"

namespace pasig {

class RandomHistory {
 public:
  // A number from 0 to below the one given.
  using Pick = std::function<std::uint64_t(std::uint64_t below)>;

  RandomHistory(ComposedLog& log, Pick pick);
  void step();  // at most one record is written

 private:
  ComposedLog& log_;
  Pick pick_;
  std::vector<ShareTypeId> types_;
  std::vector<Record> held_;  // decided, and written later: mostly void then
  std::vector<std::string> ids_;

  std::string any_id();
  Command any_command();
  Command any_act(ShareId share, ReplicaId replica);
  Command any_act_on(ShareId share);
  Command any_report(ShareId share, ReplicaId replica, OperationId operation);
  template <class Map>
  typename Map::key_type any_key(const Map& map);
  ReplicaId any_replica();
  SnapshotId any_snapshot(ShareId share);
  AccessRuleId any_rule(ShareId share);
};

}  // namespace pasig
