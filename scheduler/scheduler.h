// Placement: filters, then weighers, over the pools that were reported. Pure: same input, same
// verdict. The rules and their order are Manila's where it has one (manila.md 3.2), with
// replication.md 1: never two replicas of a share on one pool; without a zone asked for, a zone
// and then a controller without a replica of this share is preferred.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "events/event.h"
#include "statemachine/state.h"

namespace pasig {

// One pool as its controller's driver last reported it (an observation, not an event).
struct PoolReport {
  std::string host;  // node@controller#pool
  std::string controller;
  std::string pool;
  std::string zone;
  std::string driver;
  std::string file_system;  // pools on one file system share its free space; empty: its own
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;
  std::uint32_t reserved_percent = 0;
  double max_over_subscription = 20.0;
  std::int64_t provisioned_gb = 0;  // by the log's counters, not by the driver
  std::string replication_domain;   // empty: no replication
  std::vector<ReplicationType> replication_types;
  std::map<std::string, std::string> capabilities;
  bool up = true;              // its worker reported lately
  std::string closed_because;  // an operator's order: nothing new is placed there; empty: none
  bool operator==(const PoolReport&) const = default;
};

struct PlacementRequest {
  std::uint64_t size_gb = 0;
  std::string zone;                   // empty: any
  std::string only_host;              // admins: this host only
  std::vector<KeyValue> extra_specs;  // the type's; availability_zones limits the zones
  ReplicationType replication = ReplicationType::none;
  std::string protocol;
  const Share* share = nullptr;             // set: a further replica of this share
  std::vector<std::string> excluded_hosts;  // tried before, without space
};

// host is empty in the answer when no pool passed; filters say why.
[[nodiscard]] Placement place(const PlacementRequest& request,
                              const std::vector<PoolReport>& pools);

// "no pool passed: 2 of 3 rejected by availability_zone (…), 1 by capacity (…)".
[[nodiscard]] std::string explain(const Placement& placement);

}  // namespace pasig
