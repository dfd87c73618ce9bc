#include "http/manila_call.h"

#include <algorithm>
#include <map>

#include "http/faults.h"

namespace pasig::http {
namespace {

namespace json = boost::json;

Answer run(const Call& call, const std::vector<CallRoute>& routes) {
  for (const CallRoute& route : routes) {
    const std::uint32_t minor = call.negotiated.version.minor;
    if (minor < route.since || minor > route.until) continue;
    if (minor < route.experimental_below && !call.negotiated.experimental) continue;
    return route.handler(call);
  }
  return not_found();
}

// Unreserved characters stay, all others become percent escapes.
std::string percent_encode(std::string_view text) {
  constexpr std::string_view k_digits = "0123456789ABCDEF";
  constexpr std::string_view k_plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (k_plain.find(c) != std::string_view::npos) {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(k_digits[byte >> 4]);
      out.push_back(k_digits[byte & 15]);
    }
  }
  return out;
}

Checked<std::optional<std::uint64_t>> query_number(const Request& request, std::string_view name) {
  const auto text = request.query_value(name);
  if (!text) return std::optional<std::uint64_t>();
  const bool digits = !text->empty() && text->size() <= 18 &&
                      text->find_first_not_of("0123456789") == std::string::npos;
  if (!digits) {
    const bool negative = text->size() > 1 && text->front() == '-' &&
                          text->find_first_not_of("0123456789", 1) == std::string::npos;
    return fail_with(
        400, std::string(name) + " param must be " + (negative ? "positive" : "an integer"));
  }
  return std::optional<std::uint64_t>(std::stoull(*text));
}

}  // namespace

void add_call_routes(Router& router, const ServiceContext& service,
                     const std::vector<CallRoute>& routes) {
  std::map<std::pair<std::string_view, std::string_view>, std::vector<CallRoute>> grouped;
  for (const CallRoute& route : routes) grouped[{route.method, route.pattern}].push_back(route);
  for (const auto& [key, versions] : grouped) {
    router.add(key.first, key.second, [&service, versions = versions](const Request& request) {
      auto negotiated = negotiate(request);
      if (!negotiated) return std::move(negotiated.error());
      const Call call{service, request, caller_of(service, request), *negotiated};
      Response response = flatten(run(call, versions));
      add_version_headers(*negotiated, response);
      return response;
    });
  }
}

Checked<void> require_admin(const Call& call, std::string_view rule) {
  if (call.caller.admin) return {};
  return fail_with(403, "Policy doesn't allow " + std::string(rule) + " to be performed.");
}

tl::unexpected<Response> not_found() { return fail_with(404, "The resource could not be found."); }

Checked<std::unique_ptr<View>> open_view(const Call& call) {
  return open_view(call.service, call.request);
}

std::optional<Share> own_share(const Call& call, const View& view, std::string_view id) {
  const auto parsed = ShareId::parse(id);
  auto share = parsed ? view.share(*parsed) : std::nullopt;
  return share && call.owns(*share) ? share : std::nullopt;
}

std::optional<Share> visible_share(const Call& call, const View& view, std::string_view id) {
  const auto parsed = ShareId::parse(id);
  auto share = parsed ? view.share(*parsed) : std::nullopt;
  return share && (call.owns(*share) || share->is_public) ? share : std::nullopt;
}

bool is_replica(const Share& share, const Replica& replica) {
  return share.replication != ReplicationType::none && replica.state != ReplicaState::none;
}

std::optional<FoundReplica> visible_replica(const Call& call, const View& view,
                                            std::string_view id) {
  const auto parsed = ReplicaId::parse(id);
  const auto share_id = parsed ? view.share_of(*parsed) : std::nullopt;
  auto share = share_id ? view.share(*share_id) : std::nullopt;
  if (!share || !call.owns(*share)) return std::nullopt;
  const Replica* replica = share->find(*parsed);
  if (replica == nullptr || !is_replica(*share, *replica)) return std::nullopt;
  FoundReplica found{{}, *replica};
  found.share = std::move(*share);
  return found;
}

Response answer_as_of(const View& view, const json::object& body, int status) {
  Response response = json_response(status, body);
  response.position = position_of(view);
  return response;
}

Response after(const CommandOutcome& outcome, Response response) {
  if (outcome.written || outcome.repeated) response.position = outcome.ordinal;
  return response;
}

Checked<Action> parse_action(const Call& call) {
  PASIG_TRY(json::object body, parse_body(call.request));
  if (body.size() != 1) return fail_with(400, "Malformed request body");
  const auto key = body.begin()->key();
  return Action{std::string(key.data(), key.size()), std::move(body)};
}

tl::unexpected<Response> no_such_action(const Action& action) {
  return fail_with(400, "There is no such action: " + action.name + ".");
}

Checked<std::string> action_word(const Action& action, std::string_view field) {
  const auto* object = action.value().if_object();
  if (object == nullptr)
    return fail_with(400,
                     "'" + action.name + "' is not an object with '" + std::string(field) + "'.");
  PASIG_TRY(const auto word, Fields(*object, action.name).text(field));
  if (!word) return fail_with(400, "'" + action.name + "." + std::string(field) + "' is missing.");
  return *word;
}

Checked<json::object> body_object(const Call& call, std::string_view key) {
  json::object body;
  if (!call.request.body.empty()) {
    PASIG_TRY(body, parse_body(call.request));
  }
  json::value* inner = body.if_contains(key);
  if (inner == nullptr || !inner->is_object())
    return fail_with(422,
                     "Unable to process the contained instructions: the body has no object "
                     "'" +
                         std::string(key) + "'.");
  return std::move(inner->get_object());
}

Checked<Page> parse_page(const Call& call) {
  const std::size_t most = call.service.options.list_limit_max;
  Page page{.limit = most};
  PASIG_TRY(const auto limit, query_number(call.request, "limit"));
  PASIG_TRY(const auto offset, query_number(call.request, "offset"));
  if (limit && *limit > 0) {  // Manila: 0 is no limit
    page.limit = std::min<std::size_t>(most, *limit);
    page.limit_was_given = true;
  }
  page.offset = offset.value_or(0);
  return page;
}

std::size_t rows_on(const Page& page, std::size_t total) {
  return page.offset >= total ? 0 : std::min(page.limit, total - page.offset);
}

std::string root_url(const Request& request) {
  return "http://" + std::string(request.header("host").value_or("localhost"));
}

json::array object_links(const Request& request, std::string_view collection, std::string_view id) {
  const std::string project = request.project.empty() ? "" : "/" + request.project;
  const std::string tail = project + "/" + std::string(collection) + "/" + std::string(id);
  return {json::object{{"rel", "self"}, {"href", root_url(request) + "/v2" + tail}},
          json::object{{"rel", "bookmark"}, {"href", root_url(request) + tail}}};
}

std::optional<json::array> next_links(const Request& request, const Page& page, std::size_t rows,
                                      std::string_view last_id) {
  if (!page.limit_was_given || rows == 0 || rows != page.limit) return std::nullopt;
  std::string query;
  const auto add = [&](std::string_view name, std::string_view value) {
    query += (query.empty() ? "?" : "&") + percent_encode(name) + "=" + percent_encode(value);
  };
  for (const auto& [name, value] : request.query)
    if (name != "marker") add(name, value);
  add("marker", last_id);
  return json::array{
      json::object{{"rel", "next"}, {"href", root_url(request) + request.path + query}}};
}

std::string zone_id(std::string_view name) {
  return to_string(derived_uuid("zone:" + std::string(name), 0));
}

std::string zone_named(const ServiceContext& service, std::string_view text) {
  for (const std::string& zone : service.zones)
    if (zone_id(zone) == text) return zone;
  return std::string(text);
}

Checked<std::optional<bool>> query_flag(const Request& request, std::string_view name) {
  const auto text = request.query_value(name);
  if (!text) return std::optional<bool>();
  const json::object holder{{name, *text}};
  return Fields(holder, "").boolean(name);
}

}  // namespace pasig::http
