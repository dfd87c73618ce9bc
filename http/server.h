// The HTTP/1.1 server: a unix socket and TCP on loopback, by Boost.Beast on one io thread;
// requests run on a pool of worker threads, so that the io thread never blocks.
//
// Every message has one deadline and every size a limit, so that no client can hold memory or a
// worker for ever. Framing that two parties could read differently is refused (400). Without
// authentication the server does not listen beyond loopback, and on TCP it answers only for host
// names it knows, so that a page in a browser cannot reach it through a name of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "http/router.h"

namespace pasig::http {

struct TcpAddress {
  std::string address = "127.0.0.1";  // an IP address, no name
  std::uint16_t port = 8786;          // 0: any free one; see Server::tcp_addresses
};

// One request that was answered, for metrics and the access log.
struct Exchange {
  std::string method;
  std::string target;
  std::string route;  // the pattern; empty: none matched, or refused before routing
  int status = 0;
  std::uint64_t micros = 0;  // from the first byte read to the last one written
  std::string actor;
  std::string request_id;
  std::size_t bytes_sent = 0;
};

struct ServerOptions {
  std::string unix_socket;         // a path; empty: none
  std::uint32_t unix_mode = 0660;  // of that path: who may open it may do everything
  std::vector<TcpAddress> tcp;
  bool has_authentication = false;  // without it: loopback addresses only
  // Names that a Host header on TCP may carry, beside localhost and loopback addresses.
  std::vector<std::string> host_names;
  std::uint32_t workers = 16;
  std::size_t header_bytes_max = 8 * 1024;
  std::size_t target_bytes_max = 4 * 1024;
  std::size_t body_bytes_max = 64 * 1024;
  std::size_t connections_max = 1024;
  std::size_t connections_per_peer_max = 512;  // an address, or a uid on the unix socket
  std::uint32_t message_timeout_ms = 30'000;   // for a whole request, and for a whole answer
  std::uint32_t idle_timeout_ms = 75'000;      // between two requests of a connection
  std::uint32_t drain_timeout_ms = 10'000;     // at stop, for what is under way
  // Called on the io thread after each answer; must not block. May be empty.
  std::function<void(const Exchange&)> observe;
};

class Server {
 public:
  virtual ~Server() = default;  // stops

  // What is really listened on (a port 0 is the chosen one), as host:port.
  [[nodiscard]] virtual std::vector<std::string> tcp_addresses() const = 0;
  // No new connections; requests that have begun are answered; then, or after the drain time,
  // connections are closed. Returns when every handler has returned. Any thread; once.
  virtual void stop() = 0;
};

// Binds, then answers from its own threads. The router and the clock outlive the server.
// invalid: an address that must not be listened on, or is none. conflict: an address or socket
// that something else uses. unavailable: the system says no.
[[nodiscard]] Result<std::unique_ptr<Server>> start_server(ServerOptions options,
                                                           const Router& router,
                                                           const Clock& clock);

}  // namespace pasig::http
