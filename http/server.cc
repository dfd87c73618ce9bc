#include "http/server.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>
#include <thread>

#include "http/connection.h"

namespace pasig::http {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using Local = asio::local::stream_protocol;

constexpr auto k_use = asio::as_tuple(asio::use_awaitable);
constexpr auto k_pause_without_descriptors = std::chrono::milliseconds(100);
constexpr std::string_view k_too_many =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\n"
    "Connection: close\r\n\r\n";

struct Peer {
  Actor actor;
  std::string key;
};

Peer peer_of(const Tcp::socket& socket) {
  boost::system::error_code error;
  const auto end = socket.remote_endpoint(error);
  return {{.kind = ActorKind::anonymous, .name = "anonymous@loopback"},
          error ? "?" : end.address().to_string()};
}

Peer peer_of(Local::socket& socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
    return {{.kind = ActorKind::local, .name = "local:unknown"}, "local:unknown"};
  const std::string name = "local:" + std::to_string(credentials.uid);
  return {{.kind = ActorKind::local, .name = name}, name};
}

// Without room for it the connection is told so and closed.
void take(ServerCore& core, Socket socket, Peer peer) {
  std::size_t& of_peer = core.per_peer[peer.key];
  if (core.connections.size() >= core.options.connections_max ||
      of_peer >= core.options.connections_per_peer_max) {
    boost::system::error_code ignored;
    socket.non_blocking(true, ignored);
    socket.send(asio::buffer(k_too_many), 0, ignored);
    if (of_peer == 0) core.per_peer.erase(peer.key);
    return;
  }
  ++of_peer;
  auto connection =
      std::make_shared<Connection>(std::move(socket), std::move(peer.actor), std::move(peer.key));
  core.connections.insert(connection);
  asio::co_spawn(core.io, serve(core, std::move(connection)), asio::detached);
}

template <class Acceptor>
asio::awaitable<void> accept_all(ServerCore& core, Acceptor& acceptor) {
  asio::steady_timer pause(core.io);
  while (acceptor.is_open()) {
    auto [error, socket] = co_await acceptor.async_accept(k_use);
    if (error == asio::error::operation_aborted || core.stopping) co_return;
    if (error) {  // out of descriptors, or the client is gone already
      pause.expires_after(k_pause_without_descriptors);
      co_await pause.async_wait(k_use);
      continue;
    }
    Peer peer = peer_of(socket);
    if constexpr (std::is_same_v<Acceptor, Tcp::acceptor>) {
      boost::system::error_code ignored;
      socket.set_option(Tcp::no_delay(true), ignored);
    }
    take(core, Socket(std::move(socket)), std::move(peer));
  }
}

std::string text_of(const asio::ip::address& address, std::uint16_t port) {
  const std::string text = address.to_string();
  return (address.is_v6() ? "[" + text + "]" : text) + ":" + std::to_string(port);
}

class BeastServer final : public Server {
 public:
  BeastServer(ServerOptions options, const Router& router, const Clock& clock)
      : core_(std::move(options), router, clock) {}
  ~BeastServer() override {
    BeastServer::stop();
    remove_path();  // when starting failed
  }

  Result<void> listen() {
    if (core_.options.unix_socket.empty() && core_.options.tcp.empty())
      return fail(ErrorCode::invalid, "the HTTP server has nothing to listen on",
                  "configure a unix socket or a TCP address");
    for (const TcpAddress& one : core_.options.tcp) PASIG_CHECK(listen_tcp(one));
    if (!core_.options.unix_socket.empty()) PASIG_CHECK(listen_unix());
    return {};
  }

  void run() {
    for (Tcp::acceptor& one : tcp_)
      asio::co_spawn(core_.io, accept_all(core_, one), asio::detached);
    for (Local::acceptor& one : local_)
      asio::co_spawn(core_.io, accept_all(core_, one), asio::detached);
    thread_ = std::thread([this] { core_.io.run(); });
  }

  [[nodiscard]] std::vector<std::string> tcp_addresses() const override { return addresses_; }

  void stop() override {
    if (!thread_.joinable()) return;
    remove_path();  // first: a successor may take the path as soon as we no longer listen
    asio::post(core_.io, [this] { begin_stop(); });
    thread_.join();
    core_.workers.join();
  }

 private:
  Result<void> listen_tcp(const TcpAddress& wanted) {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(wanted.address, error);
    if (error)
      return fail(ErrorCode::invalid,
                  "cannot listen on '" + wanted.address + "': it is not an IP address",
                  "use 127.0.0.1 or ::1");
    const std::string name = text_of(address, wanted.port);
    if (!address.is_loopback() && !core_.options.has_authentication)
      return fail(ErrorCode::invalid,
                  "refusing to listen on " + name +
                      ": other machines can reach it, and there is no authentication",
                  "listen on 127.0.0.1 or ::1; others reach it through a proxy that "
                  "authenticates, or through ssh");
    Tcp::acceptor acceptor(core_.io);
    const Tcp::endpoint endpoint(address, wanted.port);
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error && address.is_v6()) acceptor.set_option(asio::ip::v6_only(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    const std::string port = std::to_string(wanted.port);
    if (error == asio::error::address_in_use)
      return fail(ErrorCode::conflict,
                  "cannot listen on " + name + ": another process listens there",
                  "stop it (ss -ltnp 'sport = :" + port + "' names it) or configure another port");
    if (error == asio::error::access_denied)
      return fail(ErrorCode::unavailable, "cannot listen on " + name + ": " + error.message(),
                  "ports below 1024 need CAP_NET_BIND_SERVICE; configure a higher one");
    if (error)
      return fail(ErrorCode::unavailable, "cannot listen on " + name + ": " + error.message(),
                  "check that the address is one of this machine's");
    addresses_.push_back(text_of(address, acceptor.local_endpoint().port()));
    tcp_.push_back(std::move(acceptor));
    return {};
  }

  // A socket that a killed process left behind is taken over; a living one's is not.
  Result<void> remove_stale(const std::string& path) {
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0) return {};
    if (!S_ISSOCK(found.st_mode))
      return fail(ErrorCode::conflict, "cannot listen on " + path + ": it exists and is no socket",
                  "remove it or configure another path");
    Local::socket probe(core_.io);
    boost::system::error_code error;
    probe.connect(Local::endpoint(path), error);
    if (error != asio::error::connection_refused)
      return fail(ErrorCode::conflict,
                  "cannot listen on " + path + ": another process listens there" +
                      (error ? " (" + error.message() + ")" : ""),
                  "stop it (ss -lxp names it) or configure another path");
    ::unlink(path.c_str());
    return {};
  }

  Result<void> listen_unix() {
    const std::string& path = core_.options.unix_socket;
    if (path.size() >= sizeof(sockaddr_un::sun_path))
      return fail(ErrorCode::invalid,
                  "cannot listen on " + path + ": the path is longer than " +
                      std::to_string(sizeof(sockaddr_un::sun_path) - 1) + " bytes",
                  "configure a shorter one");
    PASIG_CHECK(remove_stale(path));
    Local::acceptor acceptor(core_.io);
    boost::system::error_code error;
    acceptor.open(Local(), error);
    if (!error) acceptor.bind(Local::endpoint(path), error);
    if (!error) {
      owns_path_ = true;
      // Nobody can connect before listen, so there is no moment with a wider mode.
      if (::chmod(path.c_str(), core_.options.unix_mode) != 0)
        error.assign(errno, boost::system::system_category());
    }
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error)
      return fail(ErrorCode::unavailable, "cannot listen on " + path + ": " + error.message(),
                  "check that its directory exists and can be written");
    local_.push_back(std::move(acceptor));
    return {};
  }

  void remove_path() {
    if (owns_path_) ::unlink(core_.options.unix_socket.c_str());
    owns_path_ = false;
  }

  void begin_stop() {
    core_.stopping = true;
    boost::system::error_code ignored;
    for (Tcp::acceptor& one : tcp_) one.close(ignored);
    for (Local::acceptor& one : local_) one.close(ignored);
    for (const auto& one : core_.connections)
      if (one->idle) one->socket.cancel(ignored);
    if (core_.connections.empty()) return;
    core_.drain.expires_after(std::chrono::milliseconds(core_.options.drain_timeout_ms));
    core_.drain.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      boost::system::error_code none;
      for (const auto& one : core_.connections) one->socket.close(none);
    });
  }

  ServerCore core_;
  std::list<Tcp::acceptor> tcp_;
  std::list<Local::acceptor> local_;
  std::vector<std::string> addresses_;
  std::thread thread_;
  bool owns_path_ = false;
};

// Threads started meanwhile take no signals: those are the daemon's main thread's.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

Result<std::unique_ptr<Server>> start_server(ServerOptions options, const Router& router,
                                             const Clock& clock) {
  const SignalsBlocked blocked;
  auto server = std::make_unique<BeastServer>(std::move(options), router, clock);
  PASIG_CHECK(server->listen());
  server->run();
  return server;
}

}  // namespace pasig::http
