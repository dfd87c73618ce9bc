// A small HTTP/1.1 client: one request, one answer, each with a deadline, each on a connection
// of its own. An interrupt ends a request that is under way. One thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/endpoint.h"
#include "cli/interrupt.h"
#include "cli/problem.h"

namespace pasig::cli {

struct Call {
  std::string method = "GET";
  std::string target;  // path and query, encoded
  std::string body;    // JSON; empty: none
  std::vector<std::pair<std::string, std::string>> headers;
  std::chrono::milliseconds timeout{30'000};
};

struct Reply {
  unsigned status = 0;
  std::string body;
  std::string position;  // X-Pasig-Position; empty: none
};

class Client {
 public:
  Client(Endpoint endpoint, const Interrupt& interrupt)
      : endpoint_(std::move(endpoint)), interrupt_(interrupt) {}

  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }
  // A problem only when there is no whole answer. Exit::unavailable: the request never left.
  // Exit::unknown: it may have been acted on. Exit::wait_ended: an interrupt.
  [[nodiscard]] Answer<Reply> send(const Call& call) const;

 private:
  Endpoint endpoint_;
  const Interrupt& interrupt_;
};

// A path segment or a query value with everything but letters, digits and -._~ as %XX.
std::string encoded(std::string_view text);

}  // namespace pasig::cli
