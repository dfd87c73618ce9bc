// The routes of each part of Manila's API; manila.cc puts them together.
#pragma once

#include <vector>

#include "http/manila_call.h"

namespace pasig::http {

[[nodiscard]] std::vector<CallRoute> type_routes();      // manila_types.cc
[[nodiscard]] std::vector<CallRoute> share_routes();     // manila_shares.cc
[[nodiscard]] std::vector<CallRoute> replica_routes();   // manila_replicas.cc
[[nodiscard]] std::vector<CallRoute> export_routes();    // manila_exports.cc
[[nodiscard]] std::vector<CallRoute> instance_routes();  // manila_instances.cc
[[nodiscard]] std::vector<CallRoute> pool_routes();      // manila_pools.cc
[[nodiscard]] std::vector<CallRoute> quota_routes();     // manila_quotas.cc
[[nodiscard]] std::vector<CallRoute> access_routes();    // manila_access.cc
[[nodiscard]] std::vector<CallRoute> snapshot_routes();  // manila_snapshots.cc

// Actions of a share.
Answer extend_share(const Call& call, const Action& action);  // manila_resize.cc
Answer shrink_share(const Call& call, const Action& action);
Answer allow_access(const Call& call, const Action& action);  // manila_access.cc
Answer deny_access(const Call& call, const Action& action);
Answer list_share_access(const Call& call);
[[nodiscard]] std::vector<CallRoute> adoption_routes();  // manila_adoption.cc

// Actions of manila_adoption.cc, on the {id} of the route.
Answer unmanage_share(const Call& call);
Answer unmanage_snapshot(const Call& call);
Answer list_shares(const Call& call);         // manila_share_list.cc: {id, name, links}
Answer list_shares_detail(const Call& call);  // the whole of each

// The answer to a refusal where Manila has 403, not 400, for a share that is not settled.
Response tell_unsettled(const Refusal& refusal);  // manila_shares.cc

}  // namespace pasig::http
