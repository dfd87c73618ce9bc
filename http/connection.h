// What server.cc (listening, accepting, stopping) and connection.cc (one connection's life, the
// only file with Beast) share. All of it is touched on the io thread only, except `workers`.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/clock.h"
#include "events/record.h"
#include "http/router.h"
#include "http/server.h"

namespace pasig::http {

using Socket = boost::asio::generic::stream_protocol::socket;

struct Connection {
  Connection(Socket accepted, Actor who, std::string key)
      : socket(std::move(accepted)),
        peer(std::move(who)),
        peer_key(std::move(key)),
        deadline(socket.get_executor()),
        answered(socket.get_executor()) {}

  Socket socket;
  Actor peer;
  std::string peer_key;  // what connections are counted by
  boost::asio::steady_timer deadline;
  boost::asio::steady_timer answered;  // cancelled when the worker has the answer
  std::uint64_t deadlines = 0;         // armed so far: tells a late expiry from the current one
  bool timed_out = false;
  bool idle = true;  // between two requests: nothing is lost when it is closed
};

struct ServerCore {
  ServerCore(ServerOptions given, const Router& routes, const Clock& time)
      : options(std::move(given)), router(routes), clock(time), workers(options.workers) {}

  ServerOptions options;
  const Router& router;
  const Clock& clock;
  boost::asio::io_context io{1};
  boost::asio::thread_pool workers;
  std::set<std::shared_ptr<Connection>> connections;
  std::map<std::string, std::size_t> per_peer;
  boost::asio::steady_timer drain{io};
  bool stopping = false;
};

// Serves the connection until one side has enough of it. The core outlives it.
boost::asio::awaitable<void> serve(ServerCore& core, std::shared_ptr<Connection> connection);

// Whether a Host header's value (name, or address, with or without a port) is one that this
// server answers for.
[[nodiscard]] bool is_own_host(const ServerOptions& options, std::string_view host);

}  // namespace pasig::http
