// Snapshots with their copy on each replica, and shares that go back to one.
#include "http/pasig_v1_commands.h"
#include "http/pasig_v1_views.h"

namespace pasig::http::v1 {
namespace json = boost::json;
namespace {

// Also those of public shares are their owner's.
Answer list_snapshots(const Call& call) {
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
    if (call.owns(share))
      for (const Snapshot& one : share.snapshots) rows.push_back(snapshot_view(call, share, one));
  return answer(call, page_of("snapshots", rows, page));
}

Answer show_snapshot(const Call& call) {
  PASIG_TRY(const SnapshotPlace place, find_snapshot(call, call.request.parameter("snapshot")));
  return answer(call, snapshot_view(call, place.share, place.snapshot()));
}

Answer create_snapshot(const Call& call) {
  PASIG_TRY(const json::object body, parse_body(call.request));
  const Fields fields(body, "");
  PASIG_CHECK(fields.only({"share", "name", "description", "metadata"}));
  PASIG_TRY(const auto name, fields.text("share"));
  if (!name) return problem({.code = "bad_request", .message = "'share' is missing"});
  CreateSnapshot command;
  PASIG_TRY(const auto own_name, fields.text("name"));
  command.name = own_name.value_or("");
  PASIG_TRY(const auto description, fields.text("description"));
  command.description = description.value_or("");
  PASIG_TRY(command.metadata, fields.pairs("metadata", false));
  PASIG_TRY(const Share share, find_share(call, *name));
  command.share = share.id;
  PASIG_TRY(const auto outcome, submit(call, std::move(command)));
  const auto* started = find_event<SnapshotCreationStarted>(outcome);
  return accepted(
      outcome, "snapshot",
      started == nullptr ? json::value() : snapshot_now(call, started->snapshot, nullptr));
}

Answer delete_snapshot(const Call& call) {
  PASIG_CHECK(only_query(call.request, {"force"}));
  PASIG_TRY(const bool force, query_flag(call.request, "force"));
  PASIG_TRY(const SnapshotPlace place, find_snapshot(call, call.request.parameter("snapshot")));
  const json::value before = snapshot_view(call, place.share, place.snapshot());
  PASIG_TRY(const auto outcome, submit(call, DeleteSnapshot{place.id, force}));
  return accepted(outcome, "snapshot", snapshot_now(call, place.id, before));
}

Answer reset_status(const Call& call) {
  PASIG_TRY(const json::object body, parse_body(call.request));
  const Fields fields(body, "");
  PASIG_CHECK(fields.only({"status"}));
  PASIG_TRY(const auto text, fields.text("status"));
  const auto status = parse_word<SnapshotStatus>(text.value_or(""));
  if (!status)
    return problem({.code = "bad_request",
                    .message = "'status' is '" + text.value_or("") +
                               "'; it can be available, creating, error, error_deleting"});
  PASIG_TRY(const SnapshotPlace place, find_snapshot(call, call.request.parameter("snapshot")));
  const json::value before = snapshot_view(call, place.share, place.snapshot());
  PASIG_TRY(const auto outcome, submit(call, ResetSnapshotStatus{place.id, *status}));
  return accepted(outcome, "snapshot", snapshot_now(call, place.id, before));
}

// The snapshot by its id, or by its name among those of the share.
Answer revert_share(const Call& call) {
  PASIG_TRY(const json::object body, parse_body(call.request));
  const Fields fields(body, "");
  PASIG_CHECK(fields.only({"snapshot"}));
  PASIG_TRY(const auto text, fields.text("snapshot"));
  if (!text) return problem({.code = "bad_request", .message = "'snapshot' is missing"});
  PASIG_TRY(const Share share, find_share(call, call.request.parameter("share")));
  const bool is_whole = SnapshotId::parse(*text) || text->find('@') != std::string::npos;
  PASIG_TRY(const SnapshotPlace place,
            find_snapshot(call, is_whole ? *text : to_string(share.id) + "@" + *text));
  PASIG_TRY(const auto outcome, submit(call, RevertShare{share.id, place.id}));
  return accepted(outcome, "share", share_now(call, share.id, share_view(call, share)));
}

}  // namespace

std::vector<RouteEntry> snapshot_routes() {
  return {{"GET", "/pasig/v1/snapshots", list_snapshots},
          {"POST", "/pasig/v1/snapshots", create_snapshot},
          {"GET", "/pasig/v1/snapshots/{snapshot}", show_snapshot},
          {"DELETE", "/pasig/v1/snapshots/{snapshot}", delete_snapshot},
          {"POST", "/pasig/v1/snapshots/{snapshot}/reset-status", reset_status},
          {"POST", "/pasig/v1/shares/{share}/revert", revert_share}};
}

}  // namespace pasig::http::v1
