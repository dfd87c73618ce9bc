// Shares: create, show, delete and their actions. Lists are in manila_share_list.cc.
#include "http/manila_routes.h"

#include <algorithm>
#include <array>

#include "http/faults.h"
#include "http/manila_views.h"
#include "http/refusals.h"

namespace pasig::http {
namespace {

namespace json = boost::json;

constexpr std::int64_t k_size_gb_max = std::int64_t{1} << 40;  // decide has the real limit

Answer show_share(const Call& call) {
  PASIG_TRY(const auto view, open_view(call));
  const auto share = visible_share(call, *view, call.request.parameter("id"));
  if (!share) return not_found();
  return answer_as_of(*view, {{"share", share_detail(call, *share)}});
}

// What other parts of Manila would take, and Pasig has not: refused by name and never ignored,
// because the share would not be what was asked for.
Checked<void> refuse_foreign_fields(const Call& call, const json::object& share) {
  struct Foreign {
    std::string_view name;
    std::uint32_t since;
    std::string_view what;
  };
  static constexpr std::array<Foreign, 4> k_foreign = {{
      {"share_network_id", 0, "share networks"},
      {"share_group_id", 31, "share groups"},
      {"mount_point_name", 84, "mount point names"},
      {"encryption_key_ref", 90, "encrypted shares"},
  }};
  for (const Foreign& one : k_foreign) {
    const json::value* value = share.if_contains(one.name);
    if (value == nullptr || value->is_null() || !call.at_least(one.since)) continue;
    if (const auto* text = value->if_string(); text != nullptr && text->empty()) continue;
    return fail_with(400, "'share." + std::string(one.name) + "' cannot be given: there are no " +
                              std::string(one.what) + " here.");
  }
  return {};
}

Checked<std::string> read_only_host(const Call& call, const Fields& fields) {
  if (!call.at_least(65)) return std::string();
  PASIG_TRY(const json::object* hints, fields.object("scheduler_hints"));
  if (hints == nullptr) return std::string();
  const Fields inner(*hints, "share.scheduler_hints");
  PASIG_CHECK(inner.only({"only_host"}));
  PASIG_TRY(const auto host, inner.text("only_host"));
  return call.at_least(67) ? host.value_or("") : std::string();
}

struct Source {  // of a new share
  SnapshotId snapshot;
  std::uint64_t size_gb = 0;
  ShareTypeId type;
};

// By id, else by name; without one (OpenStack's client says null), that of the snapshot's share,
// else the configured default.
Checked<ShareTypeId> read_type(const Call& call, const Fields& fields, const View& view,
                               const std::optional<Source>& source) {
  PASIG_TRY(const auto by_new_name, fields.text("share_type"));
  PASIG_TRY(const auto by_old_name, fields.text("volume_type"));
  if (by_new_name && by_old_name)
    return fail_with(400, "Both 'share.share_type' and 'share.volume_type' are given; give one.");
  if (source && !by_new_name && !by_old_name) return source->type;
  const std::string& fallback = call.service.options.default_share_type;
  const std::string wanted = by_new_name ? *by_new_name : by_old_name.value_or(fallback);
  if (wanted.empty())
    return fail_with(400, "'share.share_type' is missing, and there is no default share type.");
  if (const auto id = ShareTypeId::parse(wanted); id && view.share_type(*id)) return *id;
  if (const auto id = view.share_type_named(wanted)) return *id;
  return fail_with(404, "Share type " + wanted + " could not be found.");
}

Checked<std::string> either_text(const Fields& fields, std::string_view name,
                                 std::string_view older) {
  PASIG_TRY(const auto text, fields.text(name));
  if (text) return *text;
  PASIG_TRY(const auto old_text, fields.text(older));
  return old_text.value_or("");
}

Checked<std::optional<Source>> read_source(const Call& call, const Fields& fields,
                                           const View& view) {
  PASIG_TRY(const auto text, fields.text("snapshot_id"));
  if (!text || text->empty()) return std::optional<Source>();
  const auto id = SnapshotId::parse(*text);
  const auto share_id = id ? view.share_of(*id) : std::nullopt;
  const auto share = share_id ? view.share(*share_id) : std::nullopt;
  if (!share || !call.owns(*share))
    return fail_with(404, "Snapshot " + *text + " could not be found.");
  if (call.at_least(24) && !is_spec_set(*share, "create_share_from_snapshot_support"))
    return fail_with(400, "Share cannot be created from snapshot " + *text + ": the type " +
                              share->type_name +
                              " of its share has no "
                              "create_share_from_snapshot_support.");
  return std::optional(Source{*id, share->find(*id)->size_gb, share->type});
}

Checked<CreateShare> read_share(const Call& call, const View& view) {
  PASIG_TRY(const json::object body, body_object(call, "share"));
  const Fields fields(body, "share");
  PASIG_CHECK(refuse_foreign_fields(call, body));
  CreateShare command;
  PASIG_TRY(const auto source, read_source(call, fields, view));
  if (source) command.source_snapshot = source->snapshot;
  PASIG_TRY(const auto size, fields.integer("size", source ? 0 : 1, k_size_gb_max));
  // Of a snapshot the size may be left out, and is the snapshot's then.
  if (source && size.value_or(0) == 0) command.size_gb = source->size_gb;
  else if (!size) return fail_with(400, "'share.size' is missing: GiB, at least 1.");
  else command.size_gb = static_cast<std::uint64_t>(*size);
  PASIG_TRY(const auto protocol, fields.text("share_proto", {.length_min = 1}));
  if (!protocol) return fail_with(400, "'share.share_proto' is missing, for example NFS.");
  command.protocol = *protocol;
  PASIG_TRY(command.name, either_text(fields, "name", "display_name"));
  PASIG_TRY(command.description, either_text(fields, "description", "display_description"));
  PASIG_TRY(command.type, read_type(call, fields, view, source));
  if (call.at_least(1)) {
    PASIG_TRY(const auto zone, fields.text("availability_zone"));
    command.zone = zone_named(call.service, zone.value_or(""));
  }
  PASIG_TRY(command.metadata, fields.pairs("metadata", false));
  PASIG_TRY(const auto is_public, fields.boolean("is_public"));
  command.is_public = is_public.value_or(false);
  PASIG_TRY(command.only_host, read_only_host(call, fields));
  return command;
}

// Manila: a zone that does not exist is 404 here (for replicas it is 400).
Response tell_creation(const Refusal& refusal) {
  Response response = refused(refusal);
  if (refusal.guard != Guard::zone_unknown) return response;
  Response missing = fault(404, refusal.message);
  missing.headers = response.headers;
  return missing;
}

Answer create_share(const Call& call) {
  PASIG_TRY(auto view, open_view(call));
  PASIG_TRY(CreateShare command, read_share(call, *view));
  if (command.is_public) PASIG_CHECK(require_admin(call, "share:create_public_share"));
  view.reset();  // none is held while the command waits
  PASIG_TRY(const auto outcome,
            submit(call.service, call.request, std::move(command), tell_creation));
  PASIG_TRY(view, open_view(call));
  for (const Event& event : outcome.events)
    if (const auto* created = std::get_if<ShareCreated>(&event))
      if (const auto share = view->share(created->share))
        return after(outcome, answer_as_of(*view, {{"share", share_detail(call, *share)}}));
  return not_found();  // an earlier request with this Idempotency-Key made it; it is gone again
}

Answer remove_share(const Call& call, std::string_view id, bool force) {
  PASIG_TRY(auto view, open_view(call));
  const auto share = visible_share(call, *view, id);
  if (!share) return not_found();
  view.reset();
  PASIG_TRY(const auto outcome,
            submit(call.service, call.request, DeleteShare{share->id, force}, tell_unsettled));
  return after(outcome, empty_response(202));
}

Answer delete_share(const Call& call) {
  return remove_share(call, call.request.parameter("id"), false);
}

// Writes the status of the replica that speaks for the share, as Manila does; out of what a task
// left the whole share in, `available` ends that.
Answer reset_status(const Call& call, const Action& action) {
  PASIG_CHECK(require_admin(call, "share:reset_status"));
  PASIG_TRY(const std::string text, action_word(action, "status"));
  const auto status = parse_word<ReplicaStatus>(text);
  if (!status || *status == ReplicaStatus::deleted || *status == ReplicaStatus::replication_change)
    return fail_with(400,
                     "Invalid state. Valid states: available, creating, deleting, error, "
                     "error_deleting.");
  PASIG_TRY(auto view, open_view(call));
  const auto share = visible_share(call, *view, call.request.parameter("id"));
  if (!share) return not_found();
  const Replica* chosen = chosen_replica(*share);
  if (chosen == nullptr)
    return fail_with(400,
                     "The share has no replica whose status could be "
                     "reset.");
  Command command = ResetReplicaStatus{chosen->id, *status};
  if (*status == ReplicaStatus::available && chosen->status == ReplicaStatus::available &&
      share->task != ShareTask::none)
    command = ResetShareTask{share->id};
  view.reset();
  PASIG_TRY(const auto outcome, submit(call.service, call.request, std::move(command)));
  return after(outcome, empty_response(202));
}

// Manila: what is not settled is 409 here, and a snapshot that is not the share's 400.
Response tell_revert(const Refusal& refusal) {
  static constexpr std::array<Guard, 4> k_unsettled = {
      Guard::share_is_busy, Guard::share_not_available, Guard::snapshot_is_busy,
      Guard::snapshot_not_available};
  Response response = refused(refusal);
  const bool is_unsettled =
      std::find(k_unsettled.begin(), k_unsettled.end(), refusal.guard) != k_unsettled.end();
  if (!is_unsettled && refusal.guard != Guard::snapshot_not_found) return response;
  Response told = fault(is_unsettled ? 409 : 400, refusal.message);
  told.headers = response.headers;
  return told;
}

Answer revert_share(const Call& call, const Action& action) {
  PASIG_TRY(const std::string text, action_word(action, "snapshot_id"));
  const auto snapshot = SnapshotId::parse(text);
  if (!snapshot) return fail_with(400, "Snapshot " + text + " could not be found.");
  PASIG_TRY(auto view, open_view(call));
  const auto share = visible_share(call, *view, call.request.parameter("id"));
  if (!share) return not_found();
  if (!is_spec_set(*share, "revert_to_snapshot_support"))
    return fail_with(400, "Share " + to_string(share->id) +
                              " cannot go back to a snapshot: its type " + share->type_name +
                              " has no revert_to_snapshot_support.");
  view.reset();
  PASIG_TRY(const auto outcome,
            submit(call.service, call.request, RevertShare{share->id, *snapshot}, tell_revert));
  return after(outcome, empty_response(202));
}

Answer act_on_share(const Call& call) {
  PASIG_TRY(const Action action, parse_action(call));
  // Below 2.7 actions have the prefix os-, from then on they have not.
  std::string name = action.name;
  const bool prefixed = name.starts_with("os-");
  if (prefixed == call.at_least(7)) return no_such_action(action);
  if (prefixed) name.erase(0, 3);
  if (name == "reset_status") return reset_status(call, action);
  if (name == "extend") return extend_share(call, action);
  if (name == "shrink") return shrink_share(call, action);
  if (name == "allow_access") return allow_access(call, action);
  if (name == "deny_access") return deny_access(call, action);
  if (name == "access_list" && !call.at_least(45)) return list_share_access(call);
  if (name == "unmanage" && !prefixed) return unmanage_share(call);
  if (name == "revert" && call.at_least(27)) return revert_share(call, action);
  if (name == "force_delete") {
    PASIG_CHECK(require_admin(call, "share:force_delete"));
    return remove_share(call, call.request.parameter("id"), true);
  }
  return no_such_action(action);
}

Answer show_metadata(const Call& call) {
  PASIG_TRY(const auto view, open_view(call));
  const auto share = visible_share(call, *view, call.request.parameter("id"));
  if (!share) return not_found();
  return answer_as_of(*view, {{"metadata", share_detail(call, *share)["metadata"]}});
}

}  // namespace

Response tell_unsettled(const Refusal& refusal) {
  Response response = refused(refusal);
  if (refusal.guard != Guard::share_is_busy) return response;
  Response busy = fault(403, refusal.message);
  busy.headers = response.headers;
  return busy;
}

std::vector<CallRoute> share_routes() {
  return {{"GET", "/v2/shares", list_shares},
          {"GET", "/v2/shares/detail", list_shares_detail},
          {"GET", "/v2/shares/{id}", show_share},
          {"POST", "/v2/shares", create_share},
          {"DELETE", "/v2/shares/{id}", delete_share},
          {"POST", "/v2/shares/{id}/action", act_on_share},
          {"GET", "/v2/shares/{id}/metadata", show_metadata}};
}

}  // namespace pasig::http
