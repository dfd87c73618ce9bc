#include "http/connection.h"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <ctime>
#include <exception>

#include "base/ids.h"
#include "http/faults.h"
#include "http/refusals.h"
#include "projections/store.h"

// House rule for coroutines (g++ 12): every temporary is named before co_await, and no capturing
// lambda is a coroutine; otherwise temporaries are destroyed twice.
namespace pasig::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using Parser = beast::http::request_parser<beast::http::string_body>;

constexpr auto k_use = asio::as_tuple(asio::use_awaitable);
// After a refusal the rest of the request is read and dropped for so long, so that the client
// can read the answer before the system resets the connection.
constexpr std::uint32_t k_linger_ms = 1000;
constexpr std::size_t k_linger_bytes_max = 1024 * 1024;

// One request on its way through this file.
struct Message {
  Request request;
  Response response;
  bool keep_alive = false;
  bool is_http10 = false;
  bool refused = false;  // answered before the whole request was read
  Monotonic began;
};

std::string_view view_of(beast::string_view text) { return {text.data(), text.size()}; }

std::string_view text_in(const beast::flat_buffer& buffer) {
  return {static_cast<const char*>(buffer.data().data()), buffer.size()};
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

enum class Deadline { of_reading, of_writing };

// From now on the connection's reads (or all it does) fail when the time is up.
void arm(const std::shared_ptr<Connection>& connection, Deadline what, std::uint32_t milliseconds) {
  const std::uint64_t number = ++connection->deadlines;
  connection->timed_out = false;
  connection->deadline.expires_after(std::chrono::milliseconds(milliseconds));
  auto expired = [connection, number, what](const boost::system::error_code& error) {
    if (error || number != connection->deadlines) return;
    connection->timed_out = true;
    boost::system::error_code ignored;
    // Not cancel alone: a read that begins a moment later must fail too. Once reading is over
    // a last answer can still be written.
    if (what == Deadline::of_reading)
      connection->socket.shutdown(Socket::shutdown_receive, ignored);
    connection->socket.cancel(ignored);
    if (what == Deadline::of_writing) connection->socket.close(ignored);
  };
  connection->deadline.async_wait(std::move(expired));
}

void disarm(const std::shared_ptr<Connection>& connection) {
  ++connection->deadlines;
  connection->deadline.cancel();
}

void refuse(Message& message, int status, std::string_view text) {
  message.response = fault(status, text);
  message.keep_alive = false;
  message.refused = true;
}

// Whether a request line that could not be read ends with another version of HTTP.
bool names_other_version(std::string_view received) {
  const std::string_view line = received.substr(0, received.find("\r\n"));
  const std::string_view version = line.substr(line.find_last_of(' ') + 1);
  return version.size() == 8 && version.starts_with("HTTP/") && version[6] == '.' &&
         version != "HTTP/1.1" && version != "HTTP/1.0";
}

// What a failed read means for the client; status 0: nothing can be said to it.
void refuse_read(Message& message, const boost::system::error_code& code, const Parser& parser,
                 std::string_view received) {
  using beast::http::error;
  const bool no_line = parser.get().target().empty();
  message.refused = true;
  message.response.status = 0;
  if (code == error::header_limit || code == error::buffer_overflow) {
    if (no_line) refuse(message, 414, "The request line is too long.");
    else refuse(message, 431, "The request's header is too long.");
  } else if (code == error::body_limit) {
    refuse(message, 413, "The request's body is too long.");
  } else if (code == error::bad_version && names_other_version(received)) {
    refuse(message, 505, "This server speaks HTTP/1.1 and HTTP/1.0.");
  } else if (code.category() == make_error_code(error::bad_value).category() &&
             code != error::end_of_stream && code != error::partial_message) {
    refuse(message, 400, "The request is malformed: " + code.message() + ".");
  }
}

void take_header(Message& message, const Parser& parser) {
  const auto& header = parser.get();
  message.request.method = std::string(view_of(header.method_string()));
  message.request.target = std::string(view_of(header.target()));
  message.is_http10 = header.version() == 10;
  message.keep_alive = header.keep_alive();
  for (const auto& field : header)
    message.request.headers.emplace_back(lower(view_of(field.name_string())),
                                         std::string(view_of(field.value())));
}

std::size_t count_of(const Request& request, std::string_view name) {
  std::size_t count = 0;
  for (const auto& [key, value] : request.headers) count += key == name ? 1 : 0;
  return count;
}

// The host of an absolute-form target; empty for a path.
std::string_view authority_of(std::string_view target) {
  const std::size_t scheme = target.find("://");
  if (target.starts_with('/') || scheme == std::string_view::npos) return {};
  target.remove_prefix(scheme + 3);
  return target.substr(0, target.find_first_of("/?#"));
}

// All that is refused before a byte of the body is read.
void check_header(const ServerCore& core, Message& message, const Parser& parser) {
  const Request& request = message.request;
  const bool has_encoding = count_of(request, "transfer-encoding") > 0;
  const bool has_length = count_of(request, "content-length") > 0;
  if (has_encoding && (has_length || !parser.chunked() || message.is_http10))
    return refuse(message, 400,
                  "The request's length is ambiguous: Transfer-Encoding may only be chunked, "
                  "without Content-Length.");
  const std::size_t hosts = count_of(request, "host");
  if (hosts > 1 || (hosts == 0 && !message.is_http10))
    return refuse(message, 400, "The request needs exactly one Host header.");
  if (request.target.size() > core.options.target_bytes_max)
    return refuse(message, 414,
                  "The request target is longer than " +
                      std::to_string(core.options.target_bytes_max) + " bytes.");
  const std::string_view authority = authority_of(request.target);
  if (request.peer.kind == ActorKind::anonymous && !core.options.has_authentication) {
    const bool own = hosts == 0 || is_own_host(core.options, *request.header("host"));
    if (!own || (!authority.empty() && !is_own_host(core.options, authority)))
      return refuse(message, 421,
                    "This server does not answer for that host name. Use 127.0.0.1 or localhost, "
                    "or add the name to the host names in the server's configuration.");
  }
  const auto expect = request.header("expect");
  if (expect && lower(*expect) != "100-continue")
    return refuse(message, 417, "The only expectation that can be met is 100-continue.");
}

std::string http_date(Time now) {
  const std::time_t seconds = static_cast<std::time_t>(now.micros / 1'000'000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  const std::size_t size =
      std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), size};
}

// A value that would end its line would let a client write headers: such bytes are dropped.
void add_header(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ");
  for (const char c : value)
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) head.push_back(c);
  head.append("\r\n");
}

std::string head_of(const ServerCore& core, const Message& message) {
  const Response& response = message.response;
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head.append(reason_phrase(response.status)).append("\r\n");
  const bool has_no_body = response.status == 204 || response.status == 304;
  if (!has_no_body) {
    if (!response.content_type.empty()) add_header(head, "Content-Type", response.content_type);
    add_header(head, "Content-Length", std::to_string(response.body.size()));
  }
  add_header(head, "Date", http_date(core.clock.now()));
  add_header(head, "x-compute-request-id", message.request.request_id);
  add_header(head, "x-openstack-request-id", message.request.request_id);
  add_header(head, "X-Content-Type-Options", "nosniff");
  if (response.position) add_header(head, "X-Pasig-Position", std::to_string(*response.position));
  for (const auto& [name, value] : response.headers) add_header(head, name, value);
  if (!message.keep_alive) add_header(head, "Connection", "close");
  else if (message.is_http10) add_header(head, "Connection", "keep-alive");
  head.append("\r\n");
  return head;
}

// What the state throws when its disk failed, and what third parties do (allocation, mostly),
// ends here and not the process.
Response run_handler(const Router& router, Request& request) {
  try {
    return router.dispatch(request);
  } catch (const StoreFailure& failure) {
    return failed(failure.error());
  } catch (const std::exception& thrown) {
    return fault(500, "The server failed to answer request " + request.request_id + ": " +
                          thrown.what() + ".");
  }
}

// Runs the handler on a worker and comes back to the io thread with the answer.
asio::awaitable<void> answer(ServerCore& core, std::shared_ptr<Connection> connection,
                             std::shared_ptr<Message> message) {
  const auto done = std::make_shared<bool>(false);
  connection->answered.expires_at(asio::steady_timer::time_point::max());
  auto work = [&core, message, done, waiting = connection]() mutable {
    message->response = run_handler(core.router, message->request);
    auto wake = [done, woken = std::move(waiting)]() {
      *done = true;
      woken->answered.cancel();
    };
    asio::post(core.io, std::move(wake));  // so that the connection ends on the io thread
  };
  asio::post(core.workers, std::move(work));
  while (!*done) co_await connection->answered.async_wait(k_use);
}

asio::awaitable<bool> write_answer(ServerCore& core, std::shared_ptr<Connection> connection,
                                   std::shared_ptr<Message> message) {
  const std::string head = head_of(core, *message);
  const bool without_body = message->request.method == "HEAD" || message->response.status == 204 ||
                            message->response.status == 304;
  const std::string_view body = without_body ? std::string_view() : message->response.body;
  const std::array<asio::const_buffer, 2> buffers{asio::buffer(head), asio::buffer(body)};
  arm(connection, Deadline::of_writing, core.options.message_timeout_ms);
  const auto [error, sent] = co_await asio::async_write(connection->socket, buffers, k_use);
  disarm(connection);
  if (core.options.observe) {
    const auto took = core.clock.monotonic() - message->began;
    core.options.observe({.method = message->request.method,
                          .target = message->request.target,
                          .route = message->request.route,
                          .status = message->response.status,
                          .micros = static_cast<std::uint64_t>(
                              std::chrono::duration_cast<std::chrono::microseconds>(took).count()),
                          .actor = message->request.peer.name,
                          .request_id = message->request.request_id,
                          .bytes_sent = sent});
  }
  co_return !error;
}

// Reads one whole request, or sets message->refused.
asio::awaitable<void> read_request(ServerCore& core, std::shared_ptr<Connection> connection,
                                   beast::flat_buffer& buffer, std::shared_ptr<Message> message) {
  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(core.options.header_bytes_max));
  parser.body_limit(core.options.body_bytes_max);
  const auto [header_error, header_bytes] =
      co_await beast::http::async_read_header(connection->socket, buffer, parser, k_use);
  if (header_error) {
    refuse_read(*message, header_error, parser, text_in(buffer));
    if (connection->timed_out && parser.got_some())
      refuse(*message, 408, "The request did not arrive in time.");
    co_return;
  }
  take_header(*message, parser);
  check_header(core, *message, parser);
  if (message->refused) co_return;
  if (!parser.is_done()) {
    if (message->request.header("expect")) {
      static constexpr std::string_view k_continue = "HTTP/1.1 100 Continue\r\n\r\n";
      const auto go_on = asio::buffer(k_continue);
      co_await asio::async_write(connection->socket, go_on, k_use);
    }
    const auto [body_error, body_bytes] =
        co_await beast::http::async_read(connection->socket, buffer, parser, k_use);
    if (body_error) {
      refuse_read(*message, body_error, parser, text_in(buffer));
      if (connection->timed_out) refuse(*message, 408, "The request did not arrive in time.");
      co_return;
    }
  }
  message->request.body = std::move(parser.get().body());
}

// One request and its answer; false: the connection is to be closed.
asio::awaitable<bool> serve_one(ServerCore& core, std::shared_ptr<Connection> connection,
                                beast::flat_buffer& buffer) {
  if (buffer.size() == 0) {
    if (core.stopping) co_return false;
    connection->idle = true;
    arm(connection, Deadline::of_reading, core.options.idle_timeout_ms);
    const auto [error] = co_await connection->socket.async_wait(Socket::wait_read, k_use);
    if (error || connection->timed_out) co_return false;
  }
  connection->idle = false;
  arm(connection, Deadline::of_reading, core.options.message_timeout_ms);
  const auto message = std::make_shared<Message>();
  message->began = core.clock.monotonic();
  message->request.peer = connection->peer;
  message->request.request_id = "req-" + to_string(random_uuid());
  co_await read_request(core, connection, buffer, message);
  disarm(connection);
  if (message->refused && message->response.status == 0) co_return false;
  if (!message->refused) co_await answer(core, connection, message);
  if (core.stopping) message->keep_alive = false;
  const bool written = co_await write_answer(core, connection, message);
  co_return written && message->keep_alive;
}

asio::awaitable<void> close_gently(std::shared_ptr<Connection> connection) {
  boost::system::error_code ignored;
  connection->socket.shutdown(Socket::shutdown_send, ignored);
  if (ignored) co_return;
  arm(connection, Deadline::of_reading, k_linger_ms);
  std::array<char, 8192> dropped{};
  std::size_t total = 0;
  while (!connection->timed_out && total < k_linger_bytes_max) {
    const auto room = asio::buffer(dropped);
    const auto [error, bytes] = co_await connection->socket.async_read_some(room, k_use);
    if (error) break;
    total += bytes;
  }
  disarm(connection);
}

}  // namespace

bool is_own_host(const ServerOptions& options, std::string_view host) {
  if (host.starts_with('[')) {
    const std::size_t close = host.find(']');
    if (close == std::string_view::npos) return false;
    host = host.substr(1, close - 1);
  } else if (const std::size_t colon = host.find(':'); colon != std::string_view::npos) {
    host = host.substr(0, colon);
  }
  const std::string name = lower(host);
  if (name == "localhost") return true;
  for (const std::string& own : options.host_names)
    if (lower(own) == name) return true;
  boost::system::error_code error;
  const auto address = asio::ip::make_address(name, error);
  return !error && address.is_loopback();
}

asio::awaitable<void> serve(ServerCore& core, std::shared_ptr<Connection> connection) {
  beast::flat_buffer buffer(core.options.header_bytes_max);
  while (true) {
    const bool goes_on = co_await serve_one(core, connection, buffer);
    if (!goes_on) break;
  }
  if (!core.stopping) co_await close_gently(connection);
  disarm(connection);
  boost::system::error_code ignored;
  connection->socket.close(ignored);
  core.connections.erase(connection);
  if (--core.per_peer[connection->peer_key] == 0) core.per_peer.erase(connection->peer_key);
  if (core.stopping && core.connections.empty()) core.drain.cancel();
}

}  // namespace pasig::http
