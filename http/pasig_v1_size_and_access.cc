// A share's size and its access rules: extend, shrink, reset-status, and the rules with what they
// are on each replica.
#include <algorithm>

#include "http/pasig_v1_commands.h"
#include "http/pasig_v1_views.h"

namespace pasig::http::v1 {
namespace json = boost::json;
namespace {

constexpr std::int64_t k_size_gb_max = 0xFFFFFFFF;  // decide has the real limit

// ---- size ----------------------------------------------------------------------------------
template <class Make>
Answer on_share(const Call& call, const std::vector<std::string_view>& names, Make make) {
  PASIG_TRY(const json::object body, optional_body(call.request));
  const Fields fields(body, "");
  PASIG_CHECK(fields.only(names));
  PASIG_TRY(const Share share, find_share(call, call.request.parameter("share")));
  PASIG_TRY(Command command, make(share.id, fields));
  PASIG_TRY(const auto outcome, submit(call, std::move(command)));
  return accepted(outcome, "share", share_now(call, share.id, share_view(call, share)));
}

Checked<std::uint64_t> read_size(const Fields& fields) {
  PASIG_TRY(const auto size, fields.integer("size_gb", 1, k_size_gb_max));
  if (!size) return problem({.code = "bad_request", .message = "'size_gb' is missing"});
  return static_cast<std::uint64_t>(*size);
}

Answer extend(const Call& call) {
  return on_share(call, {"size_gb", "force"},
                  [](ShareId id, const Fields& fields) -> Checked<Command> {
                    PASIG_TRY(const std::uint64_t size, read_size(fields));
                    PASIG_TRY(const auto force, fields.boolean("force"));
                    return ExtendShare{id, size, force.value_or(false)};
                  });
}

Answer shrink(const Call& call) {
  return on_share(call, {"size_gb"}, [](ShareId id, const Fields& fields) -> Checked<Command> {
    PASIG_TRY(const std::uint64_t size, read_size(fields));
    return ShrinkShare{id, size};
  });
}

Answer reset_status(const Call& call) {
  return on_share(call, {},
                  [](ShareId id, const Fields&) -> Checked<Command> { return ResetShareTask{id}; });
}

// ---- access --------------------------------------------------------------------------------
// A rule, and what it is on each replica.
json::object access_rule_view(const Share& share, const ShareAccessRule& rule) {
  json::object metadata;
  for (const KeyValue& one : rule.metadata) metadata[one.key] = one.value;
  json::object view{{"id", to_string(rule.id)},
                    {"share", {{"id", to_string(share.id)}, {"name", share.name}}},
                    {"type", rule.type},
                    {"to", rule.to},
                    {"level", word(rule.level)},
                    {"state", word(status_of(rule))},
                    {"metadata", std::move(metadata)},
                    {"created_at", time_or_null(rule.created_at)},
                    {"updated_at", time_or_null(rule.updated_at)}};
  json::array replicas;
  for (const AppliedRule& one : rule.replicas) {
    const Replica* replica = share.find(one.replica);
    if (replica == nullptr) continue;
    const bool holds = one.state == AccessState::active;
    replicas.push_back(
        json::object{{"replica", to_string(one.replica)},
                     {"zone", replica->zone},
                     {"state", word(one.state)},
                     {"level", holds ? json::value(word(one.level)) : json::value(nullptr)},
                     {"words", one.words.empty() && !holds ? replica->access_words : one.words}});
  }
  view["replicas"] = std::move(replicas);
  view["operation"] = nullptr;  // that storage is to be told by
  for (const PendingOperation& one : share.operations)
    if (one.kind == OperationKind::update_access) view["operation"] = to_string(one.id);
  return view;
}

struct FoundRule {
  Share share;
  AccessRuleId id;
  [[nodiscard]] const ShareAccessRule& rule() const { return *share.find(id); }
};

// An id, or whom it lets in where only one rule of the share does: anna, or user:anna.
Checked<FoundRule> find_rule(const Call& call) {
  PASIG_TRY(Share share, find_share(call, call.request.parameter("share")));
  const std::string text = call.request.parameter("rule");
  std::vector<AccessRuleId> found;
  for (const ShareAccessRule& one : share.access_rules)
    if (to_string(one.id) == text || one.to == text || one.type + ":" + one.to == text)
      found.push_back(one.id);
  if (found.size() == 1) return FoundRule{std::move(share), found.front()};
  Problem none{.status = 404,
               .code = "rule_not_found",
               .message = "share " + share.name + " has no access rule '" + text + "'",
               .hint = "`pasig access list " + to_string(share.id) + "` shows which there are"};
  if (found.size() > 1) {
    none.status = 409;
    none.code = "ambiguous_name";
    none.message = std::to_string(found.size()) + " access rules of share " + share.name +
                   " let '" + text + "' in";
    none.hint = "give TYPE:NAME, or the id";
    for (const AccessRuleId id : found) none.ids.push_back(to_string(id));
  }
  return problem(none);
}

Checked<AccessLevel> read_level(const Fields& fields, std::optional<AccessLevel> fallback) {
  PASIG_TRY(const auto text, fields.text("level"));
  if (!text && fallback) return *fallback;
  if (!text) return problem({.code = "bad_request", .message = "'level' is missing"});
  if (const auto level = parse_word<AccessLevel>(*text)) return *level;
  return problem(
      {.code = "bad_request", .message = "'level' is '" + *text + "'; it can be rw, ro"});
}

json::value rule_now(const Call& call, ShareId share_id, AccessRuleId id, json::value before) {
  const Call now = after(call);
  const auto share = now.view->share(share_id);
  const ShareAccessRule* rule = share ? share->find(id) : nullptr;
  return rule == nullptr ? std::move(before) : json::value(access_rule_view(*share, *rule));
}

Answer list_rules(const Call& call) {
  PASIG_CHECK(only_query(call.request, {"limit", "offset"}));
  PASIG_TRY(const Page page, parse_page(call));
  PASIG_TRY(const Share share, find_share(call, call.request.parameter("share")));
  json::array rows;
  for (const ShareAccessRule& one : share.access_rules)
    rows.push_back(access_rule_view(share, one));
  return answer(call, page_of("rules", rows, page));
}

Answer show_rule(const Call& call) {
  PASIG_TRY(const FoundRule found, find_rule(call));
  return answer(call, access_rule_view(found.share, found.rule()));
}

Answer add_rule(const Call& call) {
  PASIG_TRY(const json::object body, parse_body(call.request));
  const Fields fields(body, "");
  PASIG_CHECK(fields.only({"type", "to", "level", "metadata"}));
  GrantAccess command;
  PASIG_TRY(const auto type, fields.text("type"));
  if (!type) return problem({.code = "bad_request", .message = "'type' is missing"});
  command.type = *type;
  PASIG_TRY(const auto to, fields.text("to"));
  if (!to) return problem({.code = "bad_request", .message = "'to' is missing"});
  command.to = *to;
  PASIG_TRY(command.level, read_level(fields, AccessLevel::rw));
  PASIG_TRY(command.metadata, fields.pairs("metadata", false));
  PASIG_TRY(const Share share, find_share(call, call.request.parameter("share")));
  command.share = share.id;
  PASIG_TRY(const auto outcome, submit(call, std::move(command)));
  const auto* added = find_event<AccessRuleAdded>(outcome);
  return accepted(outcome, "rule",
                  added == nullptr ? json::value() : rule_now(call, share.id, added->rule, {}));
}

Answer remove_rule(const Call& call) {
  PASIG_CHECK(only_query(call.request, {}));
  PASIG_TRY(const FoundRule found, find_rule(call));
  PASIG_TRY(const auto outcome, submit(call, RevokeAccess{found.share.id, found.id}));
  return accepted(
      outcome, "rule",
      rule_now(call, found.share.id, found.id, access_rule_view(found.share, found.rule())));
}

Answer set_level(const Call& call) {
  PASIG_TRY(const json::object body, parse_body(call.request));
  const Fields fields(body, "");
  PASIG_CHECK(fields.only({"level"}));
  PASIG_TRY(const AccessLevel level, read_level(fields, std::nullopt));
  PASIG_TRY(const FoundRule found, find_rule(call));
  PASIG_TRY(const auto outcome, submit(call, ChangeAccessLevel{found.id, level}));
  return accepted(
      outcome, "rule",
      rule_now(call, found.share.id, found.id, access_rule_view(found.share, found.rule())));
}

}  // namespace

std::vector<RouteEntry> size_and_access_routes() {
  return {{"POST", "/pasig/v1/shares/{share}/extend", extend},
          {"POST", "/pasig/v1/shares/{share}/shrink", shrink},
          {"POST", "/pasig/v1/shares/{share}/reset-status", reset_status},
          {"GET", "/pasig/v1/shares/{share}/access", list_rules},
          {"GET", "/pasig/v1/shares/{share}/access/{rule}", show_rule},
          {"POST", "/pasig/v1/shares/{share}/access", add_rule},
          {"POST", "/pasig/v1/shares/{share}/access/{rule}/set", set_level},
          {"DELETE", "/pasig/v1/shares/{share}/access/{rule}", remove_rule}};
}

}  // namespace pasig::http::v1
