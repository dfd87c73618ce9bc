// Short forms for what HTTP tests say over and over: a request by hand, and JSON's keys in order.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <string>
#include <vector>

#include "http/router.h"

namespace pasig::http {

struct Sent {
  std::string method = "GET";
  std::string target;
  std::string version;  // microversion; empty: no header
  std::string body;
  Pairs headers;  // more of them
};

inline Request request_of(const Sent& sent) {
  Request request{.method = sent.method,
                  .target = sent.target,
                  .headers = sent.headers,
                  .body = sent.body,
                  .request_id = "req-1"};
  request.peer = {.kind = ActorKind::anonymous, .name = "anonymous@loopback"};
  request.headers.emplace_back("host", "localhost:8786");
  request.headers.emplace_back("accept", "application/json");
  if (!sent.version.empty())
    request.headers.emplace_back("x-openstack-manila-api-version", sent.version);
  if (!sent.body.empty()) request.headers.emplace_back("content-type", "application/json");
  return request;
}

inline boost::json::object body_of(const Response& response) {
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse(response.body, error);
  return error || !value.is_object() ? boost::json::object{{"not JSON", response.body}}
                                     : value.get_object();
}

// "id size status …": the keys in their order.
inline std::string keys_of(const boost::json::value& value) {
  std::string keys;
  for (const auto& pair : value.as_object())
    keys += (keys.empty() ? "" : " ") + std::string(pair.key().data(), pair.key().size());
  return keys;
}

inline std::string header_of(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return "(none)";
}

inline std::string message_of(const Response& response) {
  const auto body = body_of(response);
  if (body.empty() || !body.begin()->value().is_object()) return "(no fault)";
  const auto& fault = body.begin()->value().get_object();
  return fault.contains("message") ? std::string(fault.at("message").as_string()) : "(no message)";
}

}  // namespace pasig::http
