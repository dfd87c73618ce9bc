// Raw sockets for server tests: bytes out, bytes in, no library that would mend them.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace pasig::http {

class RawClient {
 public:
  // "127.0.0.1:8786", or a path for a unix socket.
  explicit RawClient(const std::string& address);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  [[nodiscard]] bool is_connected() const { return descriptor_ >= 0; }
  void send(std::string_view bytes) const;
  void finish_sending() const;  // shuts this side down
  // Everything until the server closes, or the time is up.
  [[nodiscard]] std::string read_to_end(
      std::chrono::milliseconds most = std::chrono::seconds(20)) const;
  // One answer with a Content-Length (or none).
  [[nodiscard]] std::string read_answer() const;

 private:
  [[nodiscard]] bool wait_readable(std::chrono::steady_clock::time_point until) const;
  int descriptor_ = -1;
};

// "HTTP/1.1 404 Not Found…" gives 404; 0 for nothing.
[[nodiscard]] int status_in(const std::string& answer);

}  // namespace pasig::http
