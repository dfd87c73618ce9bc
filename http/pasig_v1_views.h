// How shares, replicas, operations, types and records look in /pasig/v1.
// Plain functions of a view and the observations; any thread.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>

#include "http/pasig_v1_call.h"
#include "replay/history.h"

namespace pasig::http::v1 {

[[nodiscard]] boost::json::object type_view(const ShareType& type);
[[nodiscard]] boost::json::object share_view(const Call& call, const Share& share);
[[nodiscard]] boost::json::object replica_view(const Call& call, const Share& share,
                                               const Replica& replica);
// Empty, or that the active replica holds more than the share was given: where sizes are only
// observed, nothing else stops that.
[[nodiscard]] std::string over_size_words(const Call& call, const Share& share);
// A rule, and what it is on each replica.
[[nodiscard]] boost::json::object access_rule_view(const Share& share, const ShareAccessRule& rule);
[[nodiscard]] boost::json::object snapshot_view(const Call& call, const Share& share,
                                                const Snapshot& snapshot);
[[nodiscard]] boost::json::object operation_view(const Call& call, const Operation& operation);
[[nodiscard]] boost::json::object pool_view(const PoolObservation& pool);

// {"type", "sentence", "data"} of each event.
[[nodiscard]] boost::json::array events_view(const std::vector<Event>& events);
[[nodiscard]] boost::json::object record_view(const replay::HistoryEntry& entry);

}  // namespace pasig::http::v1
