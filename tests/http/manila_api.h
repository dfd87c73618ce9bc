// Manila's routes over a service in memory, without sockets.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "http/manila.h"
#include "tests/http/fakes.h"
#include "tests/http/requests.h"

namespace pasig::http {

class ManilaApi : public ::testing::Test {
 protected:
  ManilaApi() { add_manila_routes(router_, service_.context); }

  Response send(Sent sent) {
    if (sent.version.empty()) sent.version = "2.93";
    Request request = request_of(sent);
    return router_.dispatch(request);
  }
  Response get(const std::string& target) { return send({.target = target}); }
  Response post(const std::string& target, const std::string& body) {
    return send({.method = "POST", .target = target, .body = body});
  }
  Response remove(const std::string& target) {
    return send({.method = "DELETE", .target = target});
  }
  void members_only() { service_.context.options.anonymous_is_admin = false; }
  static std::string at(ShareId id) { return "/v2/shares/" + to_string(id); }
  static std::string at(ReplicaId id) { return "/v2/share-replicas/" + to_string(id); }

  FakeService service_;
  Router router_;
};

}  // namespace pasig::http
