#include "http/pasig_v1_call.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>

#include "http/refusals.h"

namespace pasig::http::v1 {
namespace json = boost::json;
namespace {

constexpr std::size_t k_rows_default = 100;

std::string_view code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid:
      return "invalid";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::conflict:
      return "conflict";
    case ErrorCode::forbidden:
      return "forbidden";
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::exhausted:
      return "exhausted";
    case ErrorCode::corrupt:
      return "corrupt";
    case ErrorCode::unknown:
      return "unknown";
    case ErrorCode::unsupported:
      return "unsupported";
  }
  return "unknown";
}

std::string_view code_of_status(int status) {
  switch (status) {
    case 400:
      return "bad_request";
    case 403:
      return "forbidden";
    case 404:
      return "not_found";
    case 409:
      return "conflict";
    case 413:
      return "too_large";
    case 415:
      return "bad_media_type";
    case 422:
      return "invalid";
    case 503:
      return "unavailable";
    case 504:
      return "unknown";
    case 507:
      return "exhausted";
    default:
      return "failed";
  }
}

tl::unexpected<Response> nothing(const std::string& kind, const std::string& text) {
  return problem({.status = 404,
                  .code = kind + "_not_found",
                  .message = "there is no " + kind + " '" + text + "'",
                  .hint = "`pasig " + kind + " list` shows which there are"});
}

template <class T>
tl::unexpected<Response> several(const std::string& kind, const std::string& text,
                                 const std::vector<T>& found) {
  Problem ambiguous{
      .status = 409,
      .code = "ambiguous_name",
      .message = "'" + text + "' means " + std::to_string(found.size()) + " " + kind + "s",
      .hint = "give the id instead"};
  for (const T& one : found) ambiguous.ids.push_back(to_string(one.id));
  return problem(ambiguous);
}

}  // namespace

Response answer_of(const Problem& problem) {
  json::object error{{"code", problem.code},
                     {"message", problem.message},
                     {"hint", problem.hint},
                     {"recorded", problem.ordinal.has_value()},
                     {"ordinal", nullptr}};
  if (problem.ordinal) error["ordinal"] = *problem.ordinal;
  if (!problem.ids.empty()) error["ids"] = json::array(problem.ids.begin(), problem.ids.end());
  Response response{.status = problem.status};
  response.body = json::serialize(json::object{{"error", std::move(error)}});
  response.position = problem.ordinal;
  if (problem.status == 503) response.headers.emplace_back("Retry-After", "1");
  return response;
}

Response answer_of(const Error& error, const std::string& doing) {
  return answer_of(Problem{.status = status_of(error.code),
                           .code = std::string(code_of(error.code)),
                           .message = doing.empty() ? error.message : doing + ": " + error.message,
                           .hint = error.hint});
}

Response in_own_form(Response response) {
  if (response.status < 400) return response;
  json::error_code error;
  const json::value body = json::parse(response.body, error);
  const json::object* whole = error ? nullptr : body.if_object();
  if (whole != nullptr && whole->contains("error")) return response;
  std::string message = response.body;
  if (whole != nullptr && !whole->empty())
    if (const auto* fault = whole->begin()->value().if_object(); fault != nullptr)
      if (const auto* text = fault->if_contains("message"); text != nullptr && text->is_string())
        message = std::string(text->get_string());
  Response own = answer_of(Problem{.status = response.status,
                                   .code = std::string(code_of_status(response.status)),
                                   .message = message});
  own.position = response.position;
  return own;
}

Response answer(const Call& call, const json::object& body, int status) {
  Response response = json_response(status, body);
  response.position = position_of(*call.view);
  return response;
}

Checked<Share> find_share(const Call& call, const std::string& text) {
  if (const auto id = ShareId::parse(text))
    if (auto share = call.view->share(*id); share && call.sees(*share)) return std::move(*share);
  std::vector<Share> found;
  for (Share& share : call.view->shares())
    if (share.name == text && call.sees(share)) found.push_back(std::move(share));
  if (found.empty()) return nothing("share", text);
  if (found.size() > 1) return several("share", text, found);
  return std::move(found.front());
}

Checked<ShareType> find_type(const Call& call, const std::string& text) {
  std::optional<ShareType> found;
  if (const auto id = ShareTypeId::parse(text)) found = call.view->share_type(*id);
  if (!found)
    if (const auto id = call.view->share_type_named(text)) found = call.view->share_type(*id);
  if (!found || !(found->is_public || call.caller.admin)) return nothing("type", text);
  return std::move(*found);
}

Checked<Operation> find_operation(const Call& call, const std::string& text) {
  const auto id = OperationId::parse(text);
  auto found = id ? call.view->operation(*id) : std::nullopt;
  if (!found) return nothing("operation", text);
  const auto share = call.view->share(found->share);
  if (share ? !call.sees(*share) : !call.caller.admin) return nothing("operation", text);
  return std::move(*found);
}

Checked<ReplicaPlace> find_replica(const Call& call, const std::string& text) {
  if (const auto id = ReplicaId::parse(text)) {
    const auto share_id = call.view->share_of(*id);
    auto share = share_id ? call.view->share(*share_id) : std::nullopt;
    if (!share || !call.sees(*share) || share->find(*id) == nullptr)
      return nothing("replica", text);
    return ReplicaPlace{std::move(*share), *id};
  }
  const std::size_t at = text.rfind('@');
  if (at == std::string::npos || at == 0 || at + 1 == text.size())
    return problem({.status = 404,
                    .code = "replica_not_found",
                    .message = "there is no replica '" + text + "'",
                    .hint = "a replica is given by its id, or as SHARE@ZONE or SHARE@CONTROLLER; "
                            "`pasig replica list` shows which there are"});
  PASIG_TRY(Share share, find_share(call, text.substr(0, at)));
  const std::string place = text.substr(at + 1);
  std::vector<Replica> found;
  for (const Replica& one : share.replicas)
    if (one.zone == place || one.controller == place) found.push_back(one);
  if (found.empty()) return nothing("replica", text);
  if (found.size() > 1) return several("replica", text, found);
  return ReplicaPlace{std::move(share), found.front().id};
}

Checked<SnapshotPlace> find_snapshot(const Call& call, const std::string& text) {
  if (const auto id = SnapshotId::parse(text)) {
    const auto share_id = call.view->share_of(*id);
    auto share = share_id ? call.view->share(*share_id) : std::nullopt;
    if (!share || !call.owns(*share)) return nothing("snapshot", text);
    return SnapshotPlace{std::move(*share), *id};
  }
  const std::size_t at = text.find('@');
  if (at == std::string::npos || at == 0 || at + 1 == text.size())
    return problem({.status = 404,
                    .code = "snapshot_not_found",
                    .message = "there is no snapshot '" + text + "'",
                    .hint = "a snapshot is given by its id, or as SHARE@SNAPSHOT; "
                            "`pasig snapshot list` shows which there are"});
  PASIG_TRY(Share share, find_share(call, text.substr(0, at)));
  const std::string name = text.substr(at + 1);
  std::vector<Snapshot> found;
  for (const Snapshot& one : share.snapshots)
    if (one.name == name || to_string(one.id) == name) found.push_back(one);
  if (found.empty() || !call.owns(share)) return nothing("snapshot", text);
  if (found.size() > 1) return several("snapshot", text, found);
  return SnapshotPlace{std::move(share), found.front().id};
}

Checked<void> require_admin(const Call& call, const std::string& to_do) {
  if (call.caller.admin) return {};
  return problem({.status = 403,
                  .code = "needs_admin",
                  .message = call.caller.name + " is not allowed to " + to_do,
                  .hint = "ask an administrator"});
}

Checked<void> only_query(const Request& request, const std::vector<std::string_view>& names) {
  for (std::size_t i = 0; i < request.query.size(); ++i) {
    const std::string& name = request.query[i].first;
    if (std::find(names.begin(), names.end(), name) == names.end())
      return problem({.code = "bad_request", .message = "unknown query item '" + name + "'"});
    for (std::size_t k = 0; k < i; ++k)
      if (request.query[k].first == name)
        return problem({.code = "bad_request", .message = "query item '" + name + "' comes twice"});
  }
  return {};
}

Checked<std::optional<std::uint64_t>> query_number(const Request& request, std::string_view name) {
  const auto text = request.query_value(name);
  if (!text) return std::optional<std::uint64_t>();
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size())
    return problem({.code = "bad_request",
                    .message = "query item '" + std::string(name) + "' is '" + *text +
                               "', not a whole number from 0 on"});
  return std::optional(number);
}

Checked<bool> query_flag(const Request& request, std::string_view name) {
  const auto text = request.query_value(name);
  if (!text || *text == "false") return false;
  if (*text == "true" || text->empty()) return true;
  return problem({.code = "bad_request",
                  .message = "query item '" + std::string(name) + "' is '" + *text +
                             "'; it can be true or false"});
}

Checked<Page> parse_page(const Call& call) {
  PASIG_TRY(const auto limit, query_number(call.request, "limit"));
  PASIG_TRY(const auto offset, query_number(call.request, "offset"));
  if (limit == std::uint64_t{0})
    return problem({.code = "bad_request", .message = "query item 'limit' is 0"});
  const std::size_t most = call.service.options.list_limit_max;
  return Page{.offset = static_cast<std::size_t>(offset.value_or(0)),
              .limit = std::min<std::size_t>(limit.value_or(k_rows_default), most)};
}

json::object page_of(const std::string& name, const json::array& rows, const Page& page) {
  json::array shown;
  const std::size_t begin = std::min(page.offset, rows.size());
  const std::size_t end = begin + std::min(page.limit, rows.size() - begin);
  for (std::size_t i = begin; i < end; ++i) shown.push_back(rows[i]);
  json::object body{{name, std::move(shown)}, {"total", rows.size()}, {"next_offset", nullptr}};
  if (end < rows.size()) body["next_offset"] = end;
  return body;
}

Checked<json::object> optional_body(const Request& request) {
  if (request.body.empty()) return json::object();
  return parse_body(request);
}

}  // namespace pasig::http::v1
