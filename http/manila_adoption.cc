// Trees that existed before: they become shares and snapshots, and are given back (manage and
// unmanage, which OpenStack's client calls adopt and abandon).
#include "http/faults.h"
#include "http/manila_routes.h"
#include "http/manila_views.h"
#include "http/refusals.h"

namespace pasig::http {
namespace {

namespace json = boost::json;

constexpr std::size_t k_path_characters_max = 4095;

// Manila: what is missing or empty is no request at all.
Checked<std::string> required(const Fields& fields, std::string_view name) {
  PASIG_TRY(const auto text, fields.text(name, {.length_max = k_path_characters_max}));
  if (!text) return fail_with(422, "Required parameter " + std::string(name) + " not found.");
  if (text->empty())
    return fail_with(422, "Required parameter " + std::string(name) + " is empty.");
  return *text;
}

// What other drivers of Manila take, and nothing here does: refused by name and never ignored.
// OpenStack's client always names them, by null.
Checked<void> refuse_foreign_fields(const Fields& fields) {
  for (const std::string_view name : {"share_server_id", "mount_point_name"}) {
    PASIG_TRY(const auto given, fields.text(name));
    if (given)
      return fail_with(400, "'" + fields.label(name) + "' cannot be given: nothing here has one.");
  }
  PASIG_TRY(const json::object* options, fields.object("driver_options"));
  if (options == nullptr || options->empty()) return {};
  return fail_with(400, "'" + fields.label("driver_options") +
                            "' cannot be given: no driver here has options of its own.");
}

Checked<ShareTypeId> read_type(const Call& call, const Fields& fields, const View& view) {
  PASIG_TRY(const auto named, fields.text("share_type"));
  const std::string wanted = named.value_or(call.service.options.default_share_type);
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

Checked<ManageShare> read_share(const Call& call, const View& view) {
  PASIG_TRY(const json::object body, body_object(call, "share"));
  const Fields fields(body, "share");
  ManageShare command;
  PASIG_TRY(command.path, required(fields, "export_path"));
  PASIG_TRY(command.host, required(fields, "service_host"));
  PASIG_TRY(command.protocol, required(fields, "protocol"));
  PASIG_CHECK(refuse_foreign_fields(fields));
  PASIG_TRY(command.type, read_type(call, fields, view));
  PASIG_TRY(command.name, either_text(fields, "name", "display_name"));
  PASIG_TRY(command.description, either_text(fields, "description", "display_description"));
  if (call.at_least(8)) {
    PASIG_TRY(const auto is_public, fields.boolean("is_public"));
    command.is_public = is_public.value_or(false);
  }
  return command;
}

Answer manage_share(const Call& call) {
  PASIG_CHECK(require_admin(call, "share:manage"));
  PASIG_TRY(auto view, open_view(call));
  PASIG_TRY(ManageShare command, read_share(call, *view));
  view.reset();  // none is held while the command waits
  PASIG_TRY(const auto outcome, submit(call.service, call.request, std::move(command)));
  PASIG_TRY(view, open_view(call));
  for (const Event& event : outcome.events)
    if (const auto* created = std::get_if<ShareCreated>(&event))
      if (const auto share = view->share(created->share))
        return after(outcome, answer_as_of(*view, {{"share", share_detail(call, *share)}}));
  return not_found();  // an earlier request with this Idempotency-Key made it; it is gone again
}

struct FoundSnapshot {
  Share share;
  SnapshotId id;
};

std::optional<FoundSnapshot> visible_snapshot(const Call& call, const View& view,
                                              std::string_view text) {
  const auto id = SnapshotId::parse(text);
  const auto share_id = id ? view.share_of(*id) : std::nullopt;
  auto share = share_id ? view.share(*share_id) : std::nullopt;
  if (!share || !call.owns(*share) || share->find(*id) == nullptr) return std::nullopt;
  return FoundSnapshot{std::move(*share), *id};
}

Checked<ManageSnapshot> read_snapshot(const Call& call, const View& view) {
  PASIG_TRY(const json::object body, body_object(call, "snapshot"));
  const Fields fields(body, "snapshot");
  ManageSnapshot command;
  PASIG_TRY(const std::string share_id, required(fields, "share_id"));
  PASIG_TRY(command.path, required(fields, "provider_location"));
  PASIG_CHECK(refuse_foreign_fields(fields));
  PASIG_TRY(command.name, either_text(fields, "name", "display_name"));
  PASIG_TRY(command.description, either_text(fields, "description", "display_description"));
  const auto share = visible_share(call, view, share_id);
  if (!share) return fail_with(404, "Share " + share_id + " could not be found.");
  command.share = share->id;
  return command;
}

Answer manage_snapshot(const Call& call) {
  PASIG_CHECK(require_admin(call, "share_snapshot:manage_snapshot"));
  PASIG_TRY(auto view, open_view(call));
  PASIG_TRY(ManageSnapshot command, read_snapshot(call, *view));
  view.reset();
  PASIG_TRY(const auto outcome, submit(call.service, call.request, std::move(command)));
  PASIG_TRY(view, open_view(call));
  for (const Event& event : outcome.events)
    if (const auto* started = std::get_if<SnapshotCreationStarted>(&event))
      if (const auto share = view->share(started->share))
        if (const Snapshot* snapshot = share->find(started->snapshot))
          return after(
              outcome,
              answer_as_of(*view, {{"snapshot", snapshot_detail(call, *share, *snapshot)}}, 202));
  return not_found();
}

}  // namespace

Answer unmanage_share(const Call& call) {
  PASIG_CHECK(require_admin(call, "share:unmanage"));
  PASIG_TRY(auto view, open_view(call));
  const auto share = visible_share(call, *view, call.request.parameter("id"));
  if (!share) return not_found();
  view.reset();
  PASIG_TRY(const auto outcome,
            submit(call.service, call.request, UnmanageShare{share->id}, tell_unsettled));
  return after(outcome, empty_response(202));
}

Answer unmanage_snapshot(const Call& call) {
  PASIG_CHECK(require_admin(call, "share_snapshot:unmanage_snapshot"));
  PASIG_TRY(auto view, open_view(call));
  const auto found = visible_snapshot(call, *view, call.request.parameter("id"));
  if (!found) return not_found();
  view.reset();
  PASIG_TRY(const auto outcome,
            submit(call.service, call.request, UnmanageSnapshot{found->id}, tell_unsettled));
  return after(outcome, empty_response(202));
}

std::vector<CallRoute> adoption_routes() {
  return {{"POST", "/v2/shares/manage", manage_share, 7},
          {"POST", "/v2/os-share-manage", manage_share, 0, 6},
          {"POST", "/v2/os-share-unmanage/{id}/unmanage", unmanage_share, 0, 6},
          {"POST", "/v2/snapshots/manage", manage_snapshot, 12}};
}

}  // namespace pasig::http
