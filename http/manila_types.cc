// Share types: create, list, show, delete. What a type promises cannot be changed afterwards,
// because shares were made by it; clients that try are told so.
#include "http/manila_routes.h"

#include <algorithm>

#include "http/faults.h"
#include "http/manila_views.h"
#include "http/refusals.h"

namespace pasig::http {
namespace {

namespace json = boost::json;

tl::unexpected<Response> type_not_found() { return fail_with(404, "Share type not found."); }

Checked<ShareType> find_type(const Call& call, const View& view, std::string_view id) {
  const auto parsed = ShareTypeId::parse(id);
  auto type = parsed ? view.share_type(*parsed) : std::nullopt;
  if (!type || (!type->is_public && !call.caller.admin)) return type_not_found();
  return std::move(*type);
}

Answer show_type(const Call& call) {
  PASIG_TRY(const auto view, open_view(call));
  PASIG_TRY(const ShareType type, find_type(call, *view, call.request.parameter("id")));
  return answer_as_of(*view, type_answer(call, type));
}

Answer show_default_type(const Call& call) {
  PASIG_TRY(const auto view, open_view(call));
  const auto id = view->share_type_named(call.service.options.default_share_type);
  const auto type = id ? view->share_type(*id) : std::nullopt;
  if (!type) return type_not_found();
  return answer_as_of(*view, type_answer(call, *type));
}

// Admins may ask for public, private or all types; nobody else sees private ones.
Checked<std::optional<bool>> wanted_publicity(const Call& call) {
  const auto text = call.request.query_value("is_public");
  if (!call.caller.admin || !text) return std::optional<bool>(true);
  if (*text == "all" || *text == "none" || *text == "None") return std::optional<bool>();
  return query_flag(call.request, "is_public");
}

Answer list_types(const Call& call) {
  PASIG_TRY(const auto wanted, wanted_publicity(call));
  PASIG_TRY(const auto view, open_view(call));
  json::array list;
  for (const ShareType& type : view->share_types())
    if (!wanted || *wanted == type.is_public) list.push_back(type_view(call, type));
  return answer_as_of(*view, {{"volume_types", list}, {"share_types", list}});
}

Checked<CreateShareType> read_type(const Call& call) {
  PASIG_TRY(json::object body, parse_body(call.request));
  const std::string_view key = body.contains("share_type") ? "share_type" : "volume_type";
  const json::value* held = body.if_contains(key);
  if (held == nullptr || !held->is_object())
    return fail_with(400, "The body has no object 'share_type'.");
  const Fields fields(held->get_object(), "share_type");
  CreateShareType command;
  PASIG_TRY(const auto name, fields.text("name", {.length_min = 1}));
  if (!name) return fail_with(400, "'share_type.name' is missing: 1 to 255 characters.");
  command.name = *name;
  if (call.at_least(41)) {
    PASIG_TRY(const auto description, fields.text("description"));
    command.description = description.value_or("");
  }
  PASIG_TRY(const auto is_public,
            fields.boolean(call.at_least(7) ? "share_type_access:is_public"
                                            : "os-share-type-access:is_public"));
  command.is_public = is_public.value_or(true);
  PASIG_TRY(command.extra_specs, fields.pairs("extra_specs", true));
  return command;
}

Answer create_type(const Call& call) {
  PASIG_CHECK(require_admin(call, "share_type:create"));
  PASIG_TRY(CreateShareType command, read_type(call));
  PASIG_TRY(const auto outcome, submit(call.service, call.request, std::move(command)));
  PASIG_TRY(const auto view, open_view(call));
  for (const Event& event : outcome.events)
    if (const auto* created = std::get_if<ShareTypeCreated>(&event))
      if (const auto type = view->share_type(created->type))
        return after(outcome, answer_as_of(*view, type_answer(call, *type)));
  return type_not_found();  // an earlier request with this Idempotency-Key made it; it is gone
}

Answer delete_type(const Call& call) {
  PASIG_CHECK(require_admin(call, "share_type:delete"));
  const auto id = ShareTypeId::parse(call.request.parameter("id"));
  if (!id) return type_not_found();
  PASIG_TRY(const auto outcome, submit(call.service, call.request, DeleteShareType{*id}));
  return after(outcome, empty_response(202));
}

Answer refuse_change(const Call& call) {
  PASIG_CHECK(require_admin(call, "share_type:update"));
  return fail_with(403,
                   "A share type cannot be changed: shares were made by what it promises. Create "
                   "another type, or delete this one when no share has it and create it anew.");
}

Answer list_specs(const Call& call) {
  PASIG_CHECK(require_admin(call, "share_types_extra_spec:index"));
  PASIG_TRY(const auto view, open_view(call));
  PASIG_TRY(const ShareType type, find_type(call, *view, call.request.parameter("id")));
  return answer_as_of(*view, {{"extra_specs", type_view(call, type)["extra_specs"]}});
}

Answer show_spec(const Call& call) {
  PASIG_CHECK(require_admin(call, "share_types_extra_spec:show"));
  PASIG_TRY(const auto view, open_view(call));
  PASIG_TRY(const ShareType type, find_type(call, *view, call.request.parameter("id")));
  for (const KeyValue& spec : type.extra_specs)
    if (spec.key == call.request.parameter("key"))
      return answer_as_of(*view, {{spec.key, spec.value}});
  return not_found();
}

// A private type is seen by admins only; there is no list of projects to it.
Answer list_access(const Call& call) {
  PASIG_CHECK(require_admin(call, "share_type:list_project_access"));
  PASIG_TRY(const auto view, open_view(call));
  PASIG_TRY(const ShareType type, find_type(call, *view, call.request.parameter("id")));
  if (type.is_public) return fail_with(404, "Access list not available for public share types.");
  return answer_as_of(*view, {{"share_type_access", json::array()}});
}

}  // namespace

std::vector<CallRoute> type_routes() {
  return {{"GET", "/v2/types", list_types},
          {"GET", "/v2/types/default", show_default_type},
          {"GET", "/v2/types/{id}", show_type},
          {"POST", "/v2/types", create_type},
          {"DELETE", "/v2/types/{id}", delete_type},
          {"PUT", "/v2/types/{id}", refuse_change, 50},
          {"GET", "/v2/types/{id}/extra_specs", list_specs},
          {"POST", "/v2/types/{id}/extra_specs", refuse_change},
          {"GET", "/v2/types/{id}/extra_specs/{key}", show_spec},
          {"PUT", "/v2/types/{id}/extra_specs/{key}", refuse_change},
          {"DELETE", "/v2/types/{id}/extra_specs/{key}", refuse_change},
          {"GET", "/v2/types/{id}/share_type_access", list_access, 7},
          {"GET", "/v2/types/{id}/os-share-type-access", list_access, 0, 6}};
}

}  // namespace pasig::http
