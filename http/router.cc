#include "http/router.h"

#include <algorithm>

#include "http/faults.h"

namespace pasig::http {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out.push_back(' ');
    } else if (text[i] != '%') {
      out.push_back(text[i]);
    } else {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0)
        return fail(ErrorCode::invalid, "The URL holds a bad percent escape",
                    "a % is followed by two hexadecimal digits");
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
  }
  if (!is_clean_text(out)) return fail(ErrorCode::invalid, "The URL is not valid UTF-8 text");
  return out;
}

Result<void> parse_query(std::string_view text, Pairs& query) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view item = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (item.empty()) continue;
    const std::size_t equals = std::min(item.find('='), item.size());
    PASIG_TRY(std::string name, percent_decode(item.substr(0, equals), true));
    const std::string_view after = item.substr(std::min(equals + 1, item.size()));
    PASIG_TRY(std::string value, percent_decode(after, true));
    query.emplace_back(std::move(name), std::move(value));
  }
  return {};
}

// http://host/path is the same as /path with a Host header (RFC 9112 3.2.2).
Result<std::string_view> without_authority(std::string_view target) {
  if (target.starts_with('/')) return target;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    const std::size_t slash = target.find('/', scheme.size());
    return slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
  }
  return fail(ErrorCode::invalid, "The request target is not a path",
              "it starts with / or with http://");
}

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    segments.emplace_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return segments;
}

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

bool fits(const std::vector<std::string>& pattern, const std::vector<std::string>& segments) {
  if (pattern.size() != segments.size()) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i)
    if (is_parameter(pattern[i]) ? segments[i].empty() : pattern[i] != segments[i]) return false;
  return true;
}

// Whether the first pattern is the more exact one: a literal where the other has a {name}.
bool is_more_exact(const std::vector<std::string>& one, const std::vector<std::string>& other) {
  for (std::size_t i = 0; i < one.size(); ++i)
    if (is_parameter(one[i]) != is_parameter(other[i])) return is_parameter(other[i]);
  return false;
}

bool is_under_v2(const Request& request) {
  return !request.segments.empty() && request.segments.front() == "v2";
}

}  // namespace

std::optional<std::string_view> Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return std::nullopt;
}

std::optional<std::string> Request::query_value(std::string_view name) const {
  for (const auto& [key, value] : query)
    if (key == name) return value;
  return std::nullopt;
}

std::string Request::parameter(std::string_view name) const {
  const auto at = parameters.find(std::string(name));
  return at == parameters.end() ? std::string() : at->second;
}

bool is_clean_text(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i++]);
    if (lead == 0) return false;
    if (lead < 0x80) continue;
    const std::size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (lead < 0xC2 || lead > 0xF4 || text.size() - i < more) return false;
    std::uint32_t point = lead & (0x3FU >> more);
    for (std::size_t k = 0; k < more; ++k) {
      const auto next = static_cast<unsigned char>(text[i++]);
      if ((next & 0xC0U) != 0x80U) return false;
      point = (point << 6) | (next & 0x3FU);
    }
    // Overlong forms, surrogates and what lies beyond Unicode.
    if ((more == 2 && point < 0x800) || (more == 3 && (point < 0x10000 || point > 0x10FFFF)) ||
        (point >= 0xD800 && point <= 0xDFFF))
      return false;
  }
  return true;
}

Result<void> parse_target(Request& request, std::string_view project_characters) {
  PASIG_TRY(const std::string_view target, without_authority(request.target));
  const std::size_t question = std::min(target.find('?'), target.size());
  request.path = std::string(target.substr(0, question));
  request.segments.clear();
  request.query.clear();
  request.project.clear();
  std::string_view path = std::string_view(request.path).substr(1);
  if (path.ends_with('/')) path.remove_suffix(1);
  for (const std::string& raw : split_path(path)) {
    PASIG_TRY(std::string segment, percent_decode(raw, false));
    request.segments.push_back(std::move(segment));
  }
  auto& segments = request.segments;
  if (segments.size() >= 2 && is_under_v2(request) && !segments[1].empty() &&
      segments[1].find_first_not_of(project_characters) == std::string::npos) {
    request.project = segments[1];
    segments.erase(segments.begin() + 1);
  }
  return parse_query(target.substr(std::min(question + 1, target.size())), request.query);
}

void Router::add(std::string_view method, std::string_view pattern, RouteHandler handler) {
  routes_.push_back({std::string(method), std::string(pattern), split_path(pattern.substr(1)),
                     std::move(handler)});
}

const Router::Route* Router::find(const Request& request, std::string_view method) const {
  const Route* found = nullptr;
  for (const Route& route : routes_)
    if (route.method == method && fits(route.segments, request.segments) &&
        (found == nullptr || is_more_exact(route.segments, found->segments)))
      found = &route;
  return found;
}

std::string Router::allowed(const Request& request) const {
  std::vector<std::string> methods;
  const auto note = [&](const std::string& method) {
    if (std::find(methods.begin(), methods.end(), method) == methods.end())
      methods.push_back(method);
  };
  for (const Route& route : routes_) {
    if (!fits(route.segments, request.segments)) continue;
    note(route.method);
    if (route.method == "GET") note("HEAD");
  }
  if (methods.empty()) return {};
  note("OPTIONS");
  std::string text;
  for (const std::string& method : methods) text += (text.empty() ? "" : ", ") + method;
  return text;
}

Response Router::dispatch(Request& request) const {
  if (request.method == "OPTIONS" && request.target == "*")
    return {204, {{"Allow", "GET, HEAD, POST, PUT, DELETE, OPTIONS"}}, "", "", std::nullopt};
  if (auto parsed = parse_target(request, options_.project_characters); !parsed)
    return fault(400, parsed.error().text());
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  if (const Route* route = find(request, method)) {
    request.route = route->pattern;
    for (std::size_t i = 0; i < route->segments.size(); ++i)
      if (const std::string& name = route->segments[i]; is_parameter(name))
        request.parameters[name.substr(1, name.size() - 2)] = request.segments[i];
    return route->handler(request);
  }
  const std::string methods = allowed(request);
  if (!methods.empty() && request.method == "OPTIONS")
    return {204, {{"Allow", methods}}, "", "", std::nullopt};
  if (methods.empty() || is_under_v2(request))
    return router_fault(404, "Not Found", "The resource could not be found.", request);
  Response refusal = fault(405, "There is no " + request.method + " for " + request.path +
                                    "; there is " + methods + ".");
  refusal.headers.emplace_back("Allow", methods);
  return refusal;
}

std::vector<std::string> Router::routes() const {
  std::vector<std::string> list;
  for (const Route& route : routes_) list.push_back(route.method + " " + route.pattern);
  return list;
}

}  // namespace pasig::http
