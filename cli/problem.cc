#include "cli/problem.h"

#include <boost/json.hpp>

#include "cli/json.h"

namespace pasig::cli {
namespace {

// Pasig's guards answer with Manila's statuses, where 400 may also mean "not in this state":
// what is wrong with the request itself has one of these codes.
bool is_about_input(const std::string& code) {
  return code == "invalid_input" || code == "bad_request" || code == "badRequest";
}

Exit exit_of(unsigned status) {
  switch (status) {
    case 400:
    case 405:
    case 415:
    case 422:
      return Exit::usage;
    case 404:
      return Exit::not_found;
    case 401:
    case 403:
    case 409:
    case 412:
    case 413:
      return Exit::refused;
    case 429:
    case 502:
    case 503:
    case 507:
      return Exit::unavailable;
    case 504:
      return Exit::unknown;
    default:
      return Exit::failed;
  }
}

struct Error {
  const Json* object = nullptr;  // with a message; null: none that we understand
  std::string code;
};

// Pasig's own answers are {"error": {"code": …}}. What is said before a route is found has
// Manila's forms: {"itemNotFound": {…}}, or {"message", "title"}.
Error error_in(const Json& body) {
  if (const Json* own = find(body, "error"); own != nullptr && own->is_object())
    return {own, text_at(*own, "code")};
  const boost::json::object* whole = body.if_object();
  if (whole == nullptr || whole->empty()) return {};
  if (find(body, "message") != nullptr) return {&body, text_at(body, "title")};
  const auto& only = *whole->begin();
  if (whole->size() == 1 && only.value().is_object()) return {&only.value(), only.key()};
  return {};
}

}  // namespace

const std::vector<ExitMeaning>& exit_meanings() {
  static const std::vector<ExitMeaning> meanings = {
      {Exit::done, "done, or accepted when --wait was not given"},
      {Exit::failed, "the operation failed, or a check did not hold"},
      {Exit::usage, "the command line or a value in it is wrong"},
      {Exit::not_found, "no such object"},
      {Exit::refused, "refused: the state, a limit or a right forbids it, or a name is ambiguous"},
      {Exit::unavailable, "pasigd cannot be reached or cannot act now; nothing was changed"},
      {Exit::wait_ended, "time-out or Ctrl-C while waiting; the work goes on"},
      {Exit::unknown, "it may or may not have happened; look before trying again"},
  };
  return meanings;
}

Problem problem_of(unsigned status, const std::string& body, const std::string& doing) {
  Problem found;
  found.exit = exit_of(status);
  const auto parsed = parse_json(body);
  const Json answer = parsed ? *parsed : Json();
  const Error said = error_in(answer);
  if (said.object == nullptr) {
    found.code = "http_" + std::to_string(status);
    found.message = doing + ": the answer was HTTP " + std::to_string(status) +
                    " without an explanation that pasig understands";
    found.hint = "is it pasigd that listens there? try `pasig status`";
    return found;
  }
  found.code = said.code;
  found.message = text_at(*said.object, "message");
  found.hint = text_at(*said.object, "hint");
  if (status == 400 && !is_about_input(found.code)) found.exit = Exit::refused;
  if (found.message.empty()) found.message = doing + ": HTTP " + std::to_string(status);
  if (flag_at(*said.object, "recorded")) found.ordinal = number_at(*said.object, "ordinal");
  for (const Json& id : list_at(*said.object, "ids")) found.ids.push_back(text_of(id));
  return found;
}

}  // namespace pasig::cli
