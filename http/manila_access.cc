// Access rules: the share's actions allow_access, deny_access and access_list, and
// /share-access-rules from 2.45 on.
#include <algorithm>

#include "http/access_status.h"
#include "http/faults.h"
#include "http/manila_routes.h"
#include "http/manila_views.h"
#include "http/python_literal.h"
#include "http/refusals.h"

namespace pasig::http {
namespace {

namespace json = boost::json;

constexpr std::size_t k_to_characters_max = 255;

std::string_view state_word(const Call& call, const Share& share, const ShareAccessRule& rule) {
  if (call.at_least(28)) return word(status_of(rule));
  // Before 2.28 a rule had no state of its own: it shows the share's.
  switch (access_sum(share)) {
    case AccessSum::active:
      return "active";
    case AccessSum::syncing:
      return "new";
    case AccessSum::error:
      return "error";
  }
  return "error";
}

json::object metadata_view(const ShareAccessRule& rule) {
  json::object view;
  for (const KeyValue& one : rule.metadata) view[one.key] = one.value;
  return view;
}

// Rows of lists do not name their share.
json::object rule_view(const Call& call, const Share& share, const ShareAccessRule& rule,
                       bool with_share) {
  json::object view{{"id", to_string(rule.id)}};
  if (with_share) view["share_id"] = to_string(share.id);
  view["access_level"] = word(rule.level);
  view["access_to"] = rule.to;
  view["access_type"] = rule.type;
  view["state"] = state_word(call, share, rule);
  if (call.at_least(21)) view["access_key"] = nullptr;
  if (call.at_least(33)) {
    view["created_at"] = time_or_null(rule.created_at);
    view["updated_at"] =
        rule.updated_at == rule.created_at ? json::value() : time_or_null(rule.updated_at);
  }
  if (call.at_least(45)) view["metadata"] = metadata_view(rule);
  return view;
}

tl::unexpected<Response> invalid_state() {
  return fail_with(400,
                   "New access rules cannot be applied while the share or any of its replicas or "
                   "migration copies lacks a valid host or is in an invalid state.");
}

// Older clients are kept from changes while a replica is broken; newer ones are not.
Checked<void> old_rules_allow(const Call& call, const Share& share) {
  for (const Replica& one : share.replicas) {
    if (!call.at_least(74) && one.status == ReplicaStatus::error) return invalid_state();
    if (!call.at_least(28) && access_sum(share, one) == AccessSum::error) return invalid_state();
  }
  return {};
}

// Manila: a rule that is there already is 400.
Response tell_change(const Refusal& refusal) {
  Response response = refused(refusal);
  if (refusal.guard != Guard::rule_exists) return response;
  Response exists = fault(400, refusal.message);
  exists.headers = response.headers;
  return exists;
}

Checked<AccessLevel> read_level(const Fields& fields) {
  PASIG_TRY(const auto text, fields.text("access_level"));
  if (!text || text->empty()) return AccessLevel::rw;
  if (const auto level = parse_word<AccessLevel>(*text)) return *level;
  return fail_with(
      400, "Invalid or unsupported share access level: " + *text + ". Valid levels: rw, ro.");
}

Checked<std::string> read_type(const Call& call, const Fields& fields, const std::string& to) {
  PASIG_TRY(const auto given, fields.text("access_type"));
  const std::string type = given.value_or(std::string());
  if (type.empty()) return fail_with(400, "'" + fields.label("access_type") + "' is missing.");
  if (type == "cephx" && !call.at_least(13))
    return fail_with(400, "Only ip, user, and cert access types are supported.");
  if (type == "ip" && to.find(':') != std::string::npos && !call.at_least(38))
    return fail_with(400, "IPv6 addresses need microversion 2.38 or later.");
  return type;
}

Checked<void> refuse_locks(const Call& call, const Fields& fields) {
  if (!call.at_least(82)) return {};
  for (const std::string_view name : {"lock_visibility", "lock_deletion"}) {
    PASIG_TRY(const auto wanted, fields.boolean(name));
    if (wanted.value_or(false))
      return fail_with(
          400, "'" + fields.label(name) + "' cannot be given: there are no resource locks here.");
  }
  PASIG_TRY(const auto reason, fields.text("lock_reason"));
  if (reason && !reason->empty())
    return fail_with(400, "'" + fields.label("lock_reason") + "' is given without a lock.");
  return {};
}

Checked<const json::object*> object_of(const Action& action) {
  if (const json::object* body = action.value().if_object()) return body;
  return fail_with(400, "'" + action.name + "' is an object.");
}

struct FoundRule {
  Share share;
  AccessRuleId id;
  [[nodiscard]] const ShareAccessRule& rule() const { return *share.find(id); }
};

Checked<FoundRule> visible_rule(const Call& call, const View& view, std::string_view text) {
  const auto id = AccessRuleId::parse(text);
  const auto share_id = id ? view.share_of(*id) : std::nullopt;
  auto share = share_id ? view.share(*share_id) : std::nullopt;
  if (!share || !call.owns(*share) || share->find(*id) == nullptr) return not_found();
  return FoundRule{std::move(*share), *id};
}

json::array rules_view(const Call& call, const Share& share) {
  json::array rows;
  for (const ShareAccessRule& rule : share.access_rules)
    rows.push_back(rule_view(call, share, rule, false));
  return rows;
}

// The dictionary of `metadata=` is written as Python writes it.
Checked<bool> fits_query(const Call& call, const ShareAccessRule& rule) {
  if (const auto text = call.request.query_value("metadata")) {
    const auto wanted = parse_python_dict(*text);
    if (!wanted) return fail_with(400, "'metadata' is no dictionary: " + *text);
    for (const KeyValue& one : *wanted)
      if (std::find(rule.metadata.begin(), rule.metadata.end(), one) == rule.metadata.end())
        return false;
  }
  if (!call.at_least(82)) return true;
  const auto fits = [&](std::string_view name, std::string_view value) {
    const auto wanted = call.request.query_value(name);
    return !wanted || *wanted == value;
  };
  return fits("access_type", rule.type) && fits("access_to", rule.to) &&
         fits("access_level", word(rule.level)) && fits("access_key", "");
}

Answer list_rules(const Call& call) {
  const auto id = call.request.query_value("share_id");
  if (!id) return fail_with(400, "The field 'share_id' has to be specified.");
  PASIG_TRY(const auto view, open_view(call));
  const auto share = own_share(call, *view, *id);
  if (!share) return fail_with(400, "Share " + *id + " could not be found.");
  json::array rows;
  for (const ShareAccessRule& rule : share->access_rules) {
    PASIG_TRY(const bool fits, fits_query(call, rule));
    if (fits) rows.push_back(rule_view(call, *share, rule, false));
  }
  return answer_as_of(*view, {{"access_list", std::move(rows)}});
}

Answer show_rule(const Call& call) {
  PASIG_TRY(const auto view, open_view(call));
  PASIG_TRY(const FoundRule found, visible_rule(call, *view, call.request.parameter("id")));
  return answer_as_of(*view, {{"access", rule_view(call, found.share, found.rule(), true)}});
}

// The rule as it is after the command.
Answer rule_after(const Call& call, const CommandOutcome& outcome, AccessRuleId id) {
  PASIG_TRY(const auto view, open_view(call));
  PASIG_TRY(const FoundRule found, visible_rule(call, *view, to_string(id)));
  return after(outcome,
               answer_as_of(*view, {{"access", rule_view(call, found.share, found.rule(), true)}}));
}

Answer update_rule(const Call& call) {
  PASIG_TRY(const json::object body, body_object(call, "update_access"));
  const Fields fields(body, "update_access");
  PASIG_CHECK(fields.only({"access_level"}));
  if (!fields.has("access_level"))
    return fail_with(400, "'update_access.access_level' is missing.");
  PASIG_TRY(const AccessLevel level, read_level(fields));
  PASIG_TRY(auto view, open_view(call));
  PASIG_TRY(const FoundRule found, visible_rule(call, *view, call.request.parameter("id")));
  view.reset();
  PASIG_TRY(const auto outcome,
            submit(call.service, call.request, ChangeAccessLevel{found.id, level}, tell_change));
  return rule_after(call, outcome, found.id);
}

Answer put_metadata(const Call& call) {
  PASIG_TRY(const json::object body, parse_body(call.request));
  const Fields fields(body, "");
  if (!fields.has("metadata")) return fail_with(400, "'metadata' is missing.");
  PASIG_TRY(auto wanted, fields.pairs("metadata", false));
  PASIG_TRY(auto view, open_view(call));
  PASIG_TRY(const FoundRule found, visible_rule(call, *view, call.request.parameter("id")));
  view.reset();
  PASIG_TRY(const auto outcome,
            submit(call.service, call.request,
                   ChangeAccessMetadata{.rule = found.id, .set = std::move(wanted)}));
  PASIG_TRY(view, open_view(call));
  PASIG_TRY(const FoundRule now, visible_rule(call, *view, to_string(found.id)));
  return after(outcome, answer_as_of(*view, {{"metadata", metadata_view(now.rule())}}));
}

Answer delete_metadata(const Call& call) {
  PASIG_TRY(auto view, open_view(call));
  PASIG_TRY(const FoundRule found, visible_rule(call, *view, call.request.parameter("id")));
  view.reset();
  PASIG_TRY(const auto outcome,
            submit(call.service, call.request,
                   ChangeAccessMetadata{
                       .rule = found.id, .set = {}, .unset = {call.request.parameter("key")}}));
  return after(outcome, empty_response(200));
}

}  // namespace

Answer allow_access(const Call& call, const Action& action) {
  PASIG_TRY(const json::object* body, object_of(action));
  const Fields fields(*body, action.name);
  GrantAccess command;
  PASIG_TRY(const auto to, fields.text("access_to", {.length_max = k_to_characters_max}));
  if (!to) return fail_with(400, "'" + fields.label("access_to") + "' is missing.");
  command.to = *to;
  PASIG_TRY(command.type, read_type(call, fields, command.to));
  PASIG_TRY(command.level, read_level(fields));
  if (call.at_least(45)) {
    PASIG_TRY(command.metadata, fields.pairs("metadata", false));
  }
  PASIG_CHECK(refuse_locks(call, fields));
  PASIG_TRY(auto view, open_view(call));
  const auto share = visible_share(call, *view, call.request.parameter("id"));
  if (!share) return not_found();
  PASIG_CHECK(old_rules_allow(call, *share));
  view.reset();
  command.share = share->id;
  PASIG_TRY(const auto outcome,
            submit(call.service, call.request, std::move(command), tell_change));
  for (const Event& event : outcome.events)
    if (const auto* added = std::get_if<AccessRuleAdded>(&event))
      return rule_after(call, outcome, added->rule);
  return not_found();  // an earlier request with this Idempotency-Key made it; it is gone again
}

Answer deny_access(const Call& call, const Action& action) {
  PASIG_TRY(const json::object* body, object_of(action));
  const Fields fields(*body, action.name);
  PASIG_TRY(const auto text, fields.text("access_id"));
  if (!text) return fail_with(400, "'" + fields.label("access_id") + "' is missing.");
  if (call.at_least(82)) PASIG_CHECK(fields.boolean("unrestrict"));
  PASIG_TRY(auto view, open_view(call));
  const auto share = visible_share(call, *view, call.request.parameter("id"));
  const auto id = AccessRuleId::parse(*text);
  if (!share || !id || share->find(*id) == nullptr) return not_found();
  PASIG_CHECK(old_rules_allow(call, *share));
  view.reset();
  PASIG_TRY(const auto outcome,
            submit(call.service, call.request, RevokeAccess{share->id, *id}, tell_change));
  return after(outcome, empty_response(202));
}

Answer list_share_access(const Call& call) {
  PASIG_TRY(const auto view, open_view(call));
  const auto share = own_share(call, *view, call.request.parameter("id"));
  if (!share) return not_found();
  return answer_as_of(*view, {{"access_list", rules_view(call, *share)}});
}

std::vector<CallRoute> access_routes() {
  return {{"GET", "/v2/share-access-rules", list_rules, 45},
          {"GET", "/v2/share-access-rules/{id}", show_rule, 45},
          {"PUT", "/v2/share-access-rules/{id}", update_rule, 88},
          {"PUT", "/v2/share-access-rules/{id}/metadata", put_metadata, 45},
          {"DELETE", "/v2/share-access-rules/{id}/metadata/{key}", delete_metadata, 45}};
}

}  // namespace pasig::http
