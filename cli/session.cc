#include "cli/session.h"

#include <boost/json.hpp>
#include <optional>

namespace pasig::cli {

namespace {

Answer<Json> json_of(const Reply& reply, const Call& call) {
  const std::string doing = call.method + " " + call.target;
  if (reply.status < 200 || reply.status > 299)
    return tl::unexpected(problem_of(reply.status, reply.body, doing));
  auto parsed = parse_json(reply.body);
  if (!parsed)
    return problem(call.method == "GET" ? Exit::failed : Exit::unknown, "bad_answer",
                   doing + ": the answer is no JSON",
                   "is it pasigd that listens there? try `pasig status`");
  return std::move(*parsed);
}

}  // namespace

Answer<Json> Session::send(Call call) {
  if (!position_.empty()) call.headers.emplace_back("X-Pasig-Position", position_);
  PASIG_TRY(const auto reply, client_.send(call));
  PASIG_TRY(auto answer, json_of(reply, call));
  if (!reply.position.empty()) position_ = reply.position;
  return answer;
}

Answer<Json> Session::send_regardless(const Call& call) const {
  const Interrupt never;
  PASIG_TRY(const auto reply, Client(endpoint(), never).send(call));
  return json_of(reply, call);
}

Answer<Json> Session::get(const std::string& target) { return send(Call{.target = target}); }

Answer<Json> Session::list(const std::string& target, const std::string& member, const Page& page) {
  const char joint = target.find('?') == std::string::npos ? '?' : '&';
  boost::json::array all;
  std::uint64_t offset = page.offset;
  for (;;) {
    std::string part = target + joint + "offset=" + std::to_string(offset);
    if (page.limit) part += "&limit=" + std::to_string(*page.limit - all.size());
    PASIG_TRY(auto answer, get(part));
    for (const Json& one : list_at(answer, member)) all.push_back(one);
    const auto next = number_at(answer, "next_offset");
    const bool is_full = page.limit && all.size() >= *page.limit;
    if (!next || *next <= offset || is_full) {
      boost::json::object whole{{member, std::move(all)}};
      whole["total"] = number_at(answer, "total").value_or(0);
      whole["next_offset"] = next ? Json(*next) : Json(nullptr);
      return Json(std::move(whole));
    }
    offset = *next;
  }
}

std::string path_of(const std::string& kind, const std::string& name) {
  return "/pasig/v1/" + kind + "/" + encoded(name);
}

Query& Query::add(const std::string& name, const std::string& value) {
  if (value.empty()) return *this;
  text_ += (text_.empty() ? "?" : "&") + name + "=" + encoded(value);
  return *this;
}

Answer<boost::json::object> pairs_of(const std::vector<std::string>& texts,
                                     const std::string& option) {
  boost::json::object pairs;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      return problem(Exit::usage, "usage", option + " '" + text + "' is not KEY=VALUE");
    if (pairs.contains(text.substr(0, equals)))
      return problem(Exit::usage, "usage",
                     option + " gives the key '" + text.substr(0, equals) + "' twice");
    pairs[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return pairs;
}

}  // namespace pasig::cli
