// Adoption, verification of replicas, and data kept aside: a command each, and the list of what is
// kept.
#include "http/pasig_v1_commands.h"
#include "http/pasig_v1_views.h"

namespace pasig::http::v1 {
namespace json = boost::json;
namespace {

constexpr std::size_t k_path_characters_max = 4095;

Checked<std::string> required(const Fields& fields, std::string_view name) {
  PASIG_TRY(const auto text, fields.text(name, {.length_max = k_path_characters_max}));
  if (text && !text->empty()) return *text;
  return problem({.code = "bad_request", .message = "'" + std::string(name) + "' is missing"});
}

// What cannot be undone is not done without a word of why.
Checked<void> require_reason(const Call& call, const std::string& to_do) {
  const auto reason = call.request.header("x-pasig-reason");
  if (reason && !reason->empty()) return {};
  return problem({.code = "reason_missing",
                  .message = "a reason is needed to " + to_do,
                  .hint = "give one with --reason (X-Pasig-Reason)"});
}

// ---- adoption ----------------------------------------------------------------------------------
Answer manage_share(const Call& call) {
  PASIG_TRY(const json::object body, parse_body(call.request));
  const Fields fields(body, "");
  PASIG_CHECK(
      fields.only({"name", "description", "type", "protocol", "is_public", "host", "path"}));
  ManageShare command;
  PASIG_TRY(const auto name, fields.text("name"));
  command.name = name.value_or("");
  PASIG_TRY(const auto description, fields.text("description"));
  command.description = description.value_or("");
  PASIG_TRY(const std::string type_name, required(fields, "type"));
  PASIG_TRY(const ShareType type, find_type(call, type_name));
  command.type = type.id;
  PASIG_TRY(const auto protocol, fields.text("protocol", {.length_min = 1}));
  command.protocol = protocol.value_or("NFS");
  PASIG_TRY(const auto is_public, fields.boolean("is_public"));
  command.is_public = is_public.value_or(false);
  PASIG_TRY(command.host, required(fields, "host"));
  PASIG_TRY(command.path, required(fields, "path"));
  PASIG_TRY(const auto outcome, submit(call, std::move(command)));
  const auto* created = find_event<ShareCreated>(outcome);
  return accepted(outcome, "share",
                  created == nullptr ? json::value() : share_now(call, created->share, nullptr));
}

Answer unmanage_share(const Call& call) {
  PASIG_TRY(const json::object body, optional_body(call.request));
  PASIG_CHECK(Fields(body, "").only({}));
  PASIG_TRY(const Share share, find_share(call, call.request.parameter("share")));
  PASIG_TRY(const auto outcome, submit(call, UnmanageShare{share.id}));
  return accepted(outcome, "share", share_now(call, share.id, share_view(call, share)));
}

Answer manage_snapshot(const Call& call) {
  PASIG_TRY(const json::object body, parse_body(call.request));
  const Fields fields(body, "");
  PASIG_CHECK(fields.only({"share", "name", "description", "path"}));
  PASIG_TRY(const std::string share_name, required(fields, "share"));
  ManageSnapshot command;
  PASIG_TRY(const auto name, fields.text("name"));
  command.name = name.value_or("");
  PASIG_TRY(const auto description, fields.text("description"));
  command.description = description.value_or("");
  PASIG_TRY(command.path, required(fields, "path"));
  PASIG_TRY(const Share share, find_share(call, share_name));
  command.share = share.id;
  PASIG_TRY(const auto outcome, submit(call, std::move(command)));
  const auto* started = find_event<SnapshotCreationStarted>(outcome);
  return accepted(
      outcome, "snapshot",
      started == nullptr ? json::value() : snapshot_now(call, started->snapshot, nullptr));
}

Answer unmanage_snapshot(const Call& call) {
  PASIG_TRY(const json::object body, optional_body(call.request));
  PASIG_CHECK(Fields(body, "").only({}));
  PASIG_TRY(const SnapshotPlace place, find_snapshot(call, call.request.parameter("snapshot")));
  const json::value before = snapshot_view(call, place.share, place.snapshot());
  PASIG_TRY(const auto outcome, submit(call, UnmanageSnapshot{place.id}));
  return accepted(outcome, "snapshot", snapshot_now(call, place.id, before));
}

// ---- verification ------------------------------------------------------------------------------
Answer verify_replica(const Call& call) {
  PASIG_TRY(const json::object body, optional_body(call.request));
  PASIG_CHECK(Fields(body, "").only({}));
  PASIG_TRY(const ReplicaPlace place, find_replica(call, call.request.parameter("replica")));
  const json::value before = replica_view(call, place.share, place.replica());
  PASIG_TRY(const auto outcome, submit(call, VerifyReplica{place.id}));
  return accepted(outcome, "replica", replica_now(call, place.id, before));
}

// ---- data kept aside ---------------------------------------------------------------------------
Answer list_aside(const Call& call) {
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
  for (const Share& share : shares) {
    if (!call.sees(share)) continue;
    for (const AsideData& one : share.aside)
      rows.push_back(json::object{{"share", {{"id", to_string(share.id)}, {"name", share.name}}},
                                  {"replica", to_string(one.replica)},
                                  {"replica_is_gone", share.find(one.replica) == nullptr},
                                  {"controller", one.controller},
                                  {"path", one.path},
                                  {"files", one.files},
                                  {"bytes", one.bytes},
                                  {"epoch", one.epoch},
                                  {"since", time_or_null(one.since)}});
  }
  return answer(call, page_of("aside", rows, page));
}

Answer delete_aside(const Call& call) {
  PASIG_TRY(const json::object body, parse_body(call.request));
  const Fields fields(body, "");
  PASIG_CHECK(fields.only({"share", "controller", "path"}));
  PASIG_TRY(const std::string name, required(fields, "share"));
  DeleteAside command;
  PASIG_TRY(command.controller, required(fields, "controller"));
  PASIG_TRY(command.path, required(fields, "path"));
  PASIG_CHECK(require_reason(call, "delete data that is nowhere else"));
  PASIG_TRY(const Share share, find_share(call, name));
  command.share = share.id;
  PASIG_TRY(const auto outcome, submit(call, std::move(command)));
  return accepted(outcome, "share", share_now(call, share.id, nullptr));
}

Answer restore_aside(const Call& call) {
  PASIG_TRY(const json::object body, parse_body(call.request));
  const Fields fields(body, "");
  PASIG_CHECK(fields.only({"share", "controller", "path", "to"}));
  PASIG_TRY(const std::string name, required(fields, "share"));
  RestoreAside command;
  PASIG_TRY(command.controller, required(fields, "controller"));
  PASIG_TRY(command.path, required(fields, "path"));
  PASIG_TRY(command.to, required(fields, "to"));
  PASIG_CHECK(require_reason(call, "copy out data that was kept aside"));
  PASIG_TRY(const Share share, find_share(call, name));
  command.share = share.id;
  PASIG_TRY(const auto outcome, submit(call, std::move(command)));
  return accepted(outcome, "share", share_now(call, share.id, nullptr));
}

}  // namespace

std::vector<RouteEntry> care_routes() {
  return {{"POST", "/pasig/v1/shares/manage", manage_share},
          {"POST", "/pasig/v1/shares/{share}/unmanage", unmanage_share},
          {"POST", "/pasig/v1/snapshots/manage", manage_snapshot},
          {"POST", "/pasig/v1/snapshots/{snapshot}/unmanage", unmanage_snapshot},
          {"POST", "/pasig/v1/replicas/{replica}/verify", verify_replica},
          {"GET", "/pasig/v1/aside", list_aside},
          {"POST", "/pasig/v1/aside/delete", delete_aside},
          {"POST", "/pasig/v1/aside/restore", restore_aside}};
}

}  // namespace pasig::http::v1
