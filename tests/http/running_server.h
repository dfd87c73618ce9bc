// A server on a free port with all of Pasig's routes over a service in memory, and a few routes
// that show what the server does with handlers.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "http/manila.h"
#include "http/probes.h"
#include "http/server.h"
#include "tests/http/client.h"
#include "tests/http/fakes.h"

namespace pasig::http {

class HttpServer : public ::testing::Test {
 protected:
  HttpServer() {
    add_manila_routes(router_, service_.context);
    add_probe_routes(router_, service_.context, metrics_);
    router_.add("POST", "/echo", [](const Request& request) {
      return Response{.body = request.body, .content_type = "text/plain"};
    });
    router_.add("GET", "/who", [](const Request& request) {
      return Response{.body = request.peer.name, .content_type = "text/plain"};
    });
    router_.add("GET", "/throw",
                [](const Request&) -> Response { throw std::runtime_error("out of something"); });
    router_.add("GET", "/full", [](const Request&) -> Response {
      throw StoreFailure({ErrorCode::exhausted, "reading: no space left", "make room"});
    });
    router_.add("GET", "/split", [](const Request& request) {
      return Response{.headers = {{"X-Back", request.query_value("h").value_or("")}}};
    });
    options_.tcp = {{.address = "127.0.0.1", .port = 0}};
    options_.message_timeout_ms = 20'000;
  }
  void start() {
    auto server = start_server(options_, router_, clock_);
    ASSERT_TRUE(server) << server.error().text();
    server_ = std::move(*server);
    if (!server_->tcp_addresses().empty()) address_ = server_->tcp_addresses().front();
  }
  // Sends the bytes on a connection of their own and reads until the server closes it.
  std::string exchange(const std::string& bytes) const {
    const RawClient client(address_);
    client.send(bytes);
    client.finish_sending();
    return client.read_to_end();
  }

  SystemClock clock_;
  FakeService service_;
  Metrics metrics_;
  Router router_;
  ServerOptions options_;
  std::unique_ptr<Server> server_;
  std::string address_;
};

inline std::string request_text(const std::string& head, const std::string& body = "") {
  return head + "\r\nHost: localhost\r\n" +
         (body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n") + "\r\n" +
         body;
}

}  // namespace pasig::http
