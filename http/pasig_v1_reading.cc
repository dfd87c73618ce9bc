// GET of types, shares, replicas, pools, operations and the node's status.
#include <algorithm>
#include <boost/json/serialize.hpp>

#include "base/version.h"
#include "http/pasig_v1_orders.h"
#include "http/pasig_v1_views.h"

namespace pasig::http::v1 {
namespace json = boost::json;
namespace {

Answer list_types(const Call& call) {
  PASIG_CHECK(only_query(call.request, {"limit", "offset"}));
  PASIG_TRY(const Page page, parse_page(call));
  json::array rows;
  for (const ShareType& one : call.view->share_types())
    if (one.is_public || call.caller.admin) rows.push_back(type_view(one));
  return answer(call, page_of("types", rows, page));
}

Answer show_type(const Call& call) {
  PASIG_TRY(const ShareType type, find_type(call, call.request.parameter("type")));
  return answer(call, type_view(type));
}

Answer list_shares(const Call& call) {
  PASIG_CHECK(only_query(call.request, {"limit", "offset", "name"}));
  PASIG_TRY(const Page page, parse_page(call));
  const auto name = call.request.query_value("name");
  json::array rows;
  for (const Share& one : call.view->shares())
    if (call.sees(one) && (!name || one.name == *name)) rows.push_back(share_view(call, one));
  return answer(call, page_of("shares", rows, page));
}

Answer show_share(const Call& call) {
  PASIG_TRY(const Share share, find_share(call, call.request.parameter("share")));
  return answer(call, share_view(call, share));
}

Answer list_replicas(const Call& call) {
  PASIG_CHECK(only_query(call.request, {"limit", "offset", "share"}));
  PASIG_TRY(const Page page, parse_page(call));
  std::vector<Share> shares;
  if (const auto name = call.request.query_value("share")) {
    PASIG_TRY(Share share, find_share(call, *name));
    shares.push_back(std::move(share));
  } else {
    shares = call.view->shares();
  }
  json::array rows;
  for (const Share& share : shares)
    if (call.sees(share))
      for (const Replica& one : share.replicas) rows.push_back(replica_view(call, share, one));
  return answer(call, page_of("replicas", rows, page));
}

Answer show_replica(const Call& call) {
  PASIG_TRY(const ReplicaPlace place, find_replica(call, call.request.parameter("replica")));
  return answer(call, replica_view(call, place.share, place.replica()));
}

Answer list_pools(const Call& call) {
  PASIG_CHECK(require_admin(call, "see the pools"));
  PASIG_CHECK(only_query(call.request, {"limit", "offset"}));
  PASIG_TRY(const Page page, parse_page(call));
  json::array rows;
  for (const PoolObservation& one : call.service.observations.pools())
    rows.push_back(pool_view(one));
  return answer(call, page_of("pools", rows, page));
}

// Every operation that is remembered, at most: the store forgets those that ended long ago.
constexpr std::size_t k_operations_max = 1'000'000;

Answer list_operations(const Call& call) {
  PASIG_CHECK(only_query(call.request, {"limit", "offset", "pending", "share"}));
  PASIG_TRY(const Page page, parse_page(call));
  PASIG_TRY(const bool pending, query_flag(call.request, "pending"));
  std::optional<ShareId> of;
  if (const auto name = call.request.query_value("share")) {
    PASIG_TRY(const Share share, find_share(call, *name));
    of = share.id;
  }
  std::vector<Operation> all;
  if (pending) {
    all = call.view->pending_operations();
    std::reverse(all.begin(), all.end());  // the newest first, as in the whole list
  } else {
    // Without a filter no more is read than the page needs, and one to know whether more follow.
    const bool filters = of.has_value() || !call.caller.admin;
    const std::size_t needed =
        filters || page.offset > k_operations_max ? k_operations_max : page.offset + page.limit + 1;
    all = call.view->operations(needed);
  }
  std::erase_if(all, [&](const Operation& one) {
    if (of && one.share != *of) return true;
    if (call.caller.admin) return false;
    const auto share = call.view->share(one.share);
    return !share || !call.sees(*share);
  });
  json::array shown;
  const std::size_t begin = std::min(page.offset, all.size());
  const std::size_t end = begin + std::min(page.limit, all.size() - begin);
  for (std::size_t i = begin; i < end; ++i) shown.push_back(operation_view(call, all[i]));
  json::object body{{"operations", std::move(shown)}, {"next_offset", nullptr}};
  if (end < all.size()) body["next_offset"] = end;
  return answer(call, body);
}

Answer show_operation(const Call& call) {
  PASIG_TRY(const Operation operation, find_operation(call, call.request.parameter("operation")));
  return answer(call, operation_view(call, operation));
}

Answer show_status(const Call& call) {
  const StoreHead& head = call.view->head();
  const std::string not_ready =
      call.service.not_ready_because ? call.service.not_ready_because() : std::string();
  std::uint64_t shares = 0;
  std::uint64_t replicas = 0;
  for (const Share& share : call.view->shares()) {
    if (!call.sees(share)) continue;
    ++shares;
    replicas += share.replicas.size();
  }
  json::object body{{"service", "pasig"},
                    {"version", build_version()},
                    {"commit", build_commit()},
                    {"node", call.service.options.node},
                    {"ready", not_ready.empty()},
                    {"not_ready_because", not_ready},
                    {"time", to_string(call.service.clock.now())},
                    {"log",
                     {{"id", to_string(head.log)},
                      {"incarnation", head.incarnation},
                      {"format", k_log_format},
                      {"window", head.window},
                      {"records", head.next_ordinal}}},
                    {"last_time", time_or_null(head.last_time)},
                    {"verdict_digest", head.verdict_digest.hex()},
                    {"state_digest", head.state_digest.hex()},
                    {"fold_version", head.fold_version},
                    {"shares", shares},
                    {"replicas", replicas},
                    {"operations_pending", call.view->pending_operations().size()},
                    {"paused", pauses_view(call)}};
  return answer(call, body);
}

}  // namespace

std::vector<RouteEntry> reading_routes() {
  return {{"GET", "/pasig/v1/types", list_types},
          {"GET", "/pasig/v1/types/{type}", show_type},
          {"GET", "/pasig/v1/shares", list_shares},
          {"GET", "/pasig/v1/shares/{share}", show_share},
          {"GET", "/pasig/v1/replicas", list_replicas},
          {"GET", "/pasig/v1/replicas/{replica}", show_replica},
          {"GET", "/pasig/v1/pools", list_pools},
          {"GET", "/pasig/v1/operations", list_operations},
          {"GET", "/pasig/v1/operations/{operation}", show_operation},
          {"GET", "/pasig/v1/status", show_status}};
}

}  // namespace pasig::http::v1
