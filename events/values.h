// The values that several events carry. Like the events themselves they are a storage format:
// field order equals the ids in events.fbs (a test holds it). Plain values; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "events/words.h"

namespace pasig {

struct KeyValue {
  std::string key;
  std::string value;
  bool operator==(const KeyValue&) const = default;
};
struct PoolScore {
  std::string host;
  std::int64_t weight_micros = 0;  // weigher's sum, × 1,000,000
  bool operator==(const PoolScore&) const = default;
};
struct FilterCount {
  std::string filter;
  std::uint32_t rejected = 0;
  std::string example;  // why the first pool it rejected was rejected
  bool operator==(const FilterCount&) const = default;
};
// What the scheduler chose and why. host is empty when nothing passed.
struct Placement {
  std::string host;  // node@controller#pool, Manila's form
  std::string controller;
  std::string pool;
  std::string zone;
  std::string zone_asked;    // empty: none was asked for
  bool shares_zone = false;  // lies in the zone of another replica of this share
  std::uint32_t considered = 0;
  std::vector<FilterCount> filters;  // in the order they ran
  std::vector<PoolScore> best;       // best first, at most 20
  bool operator==(const Placement&) const = default;
};
struct Failure {
  FailureCode code = FailureCode::failed;
  std::string controller;  // where, when it is known
  std::string words;       // the driver's own
  std::string hint;        // what to do next
  bool operator==(const Failure&) const = default;
};
struct ReplicaOutcome {  // of one call, on one of the replicas it acted on
  ReplicaId replica;
  bool done = false;
  Failure failure;  // when it was not done
  bool operator==(const ReplicaOutcome&) const = default;
};
struct AccessOutcome {  // of one rule on one replica
  AccessRuleId rule;
  AccessState state = AccessState::active;  // active or error
  AccessLevel level = AccessLevel::rw;      // that holds there, when it is active
  std::string words;                        // why it is an error
  bool operator==(const AccessOutcome&) const = default;
};
struct Fence {
  FenceState state = FenceState::none;
  FenceKind kind = FenceKind::none;
  std::string words;  // what the probe showed, or why it is pending
  bool operator==(const Fence&) const = default;
};

}  // namespace pasig
