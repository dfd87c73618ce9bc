// A request and its answer as plain values, and the table that leads one to the other. Knows
// nothing of sockets: server.cc turns bytes into a Request and a Response into bytes, tests make
// them by hand. The router is filled before the server starts and only read afterwards: any
// thread then.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "events/record.h"

namespace pasig::http {

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method;                 // upper case, as sent
  std::string target;                 // as sent: path and query
  std::string path;                   // of the target, not decoded, without the query
  std::vector<std::string> segments;  // of the path, percent-decoded; the project taken out
  // From /v2/{project}/...; empty when the path names none.
  std::string project;
  Pairs query;    // percent-decoded, in order; a name may come more than once
  Pairs headers;  // names in lower case
  std::string body;
  Actor peer;  // as found by the server; privileges are given by caller_of (service_context.h)
  std::string request_id;  // req-<uuid>, made by the server
  // Filled by the router: the {names} of the pattern, and the pattern itself.
  std::map<std::string, std::string> parameters;
  std::string route;

  // The first header of this (lower-case) name; nothing when it was not sent.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
  // The first query item of this name; nothing when it was not sent.
  [[nodiscard]] std::optional<std::string> query_value(std::string_view name) const;
  // A {name} of the route's pattern; empty when the pattern has none of this name.
  [[nodiscard]] std::string parameter(std::string_view name) const;
};

struct Response {
  int status = 200;
  Pairs headers;  // beside Content-Type, Content-Length, Date and those of the server
  std::string body;
  std::string content_type = "application/json";
  // Sent as X-Pasig-Position: the answer is as of this record (the last one applied).
  std::optional<Ordinal> position;
};

// Either a good answer or one that says what is wrong: lets a handler stop at the first check
// that fails (PASIG_TRY). Both go to the client.
template <class T>
using Checked = tl::expected<T, Response>;
using Answer = Checked<Response>;
[[nodiscard]] inline Response flatten(Answer answer) {
  return answer ? std::move(*answer) : std::move(answer.error());
}

// Reads path, segments, project and query out of request.target. invalid: a bad escape, bytes
// that are no UTF-8, a NUL, an asterisk or authority form. `project_characters` are those that an
// id after /v2/ consists of (no resource of Manila's has a name of only these).
[[nodiscard]] Result<void> parse_target(Request& request, std::string_view project_characters);

// Valid UTF-8 without NUL: what may go into the log and into JSON.
[[nodiscard]] bool is_clean_text(std::string_view text);

// Runs on a worker thread of the server, several at once; may block.
using RouteHandler = std::function<Response(const Request&)>;

class Router {
 public:
  struct Options {
    std::string project_characters = "0123456789abcdef-";  // Manila: project_id_regex
  };
  Router() = default;
  explicit Router(Options options) : options_(std::move(options)) {}

  // The pattern is a path of literal segments and {names}, without a project: /v2/shares/{id}.
  // A literal segment wins over a {name}. HEAD is answered by the GET route. One handler for each
  // method and pattern.
  void add(std::string_view method, std::string_view pattern, RouteHandler handler);

  // Parses the target, finds the route, sets request.route and runs the handler. Answers itself:
  // 400 for a bad target, 404 for an unknown path, 405 with Allow for an unknown method (under
  // /v2 404, as Manila does), OPTIONS with 204 and Allow.
  [[nodiscard]] Response dispatch(Request& request) const;

  // All patterns with their methods, in the order they were added ("GET /v2/shares/{id}").
  [[nodiscard]] std::vector<std::string> routes() const;

 private:
  struct Route {
    std::string method;
    std::string pattern;
    std::vector<std::string> segments;
    RouteHandler handler;
  };
  [[nodiscard]] const Route* find(const Request& request, std::string_view method) const;
  [[nodiscard]] std::string allowed(const Request& request) const;

  Options options_;
  std::vector<Route> routes_;
};

}  // namespace pasig::http
