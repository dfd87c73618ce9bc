#include "cli/client.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <optional>

#include "base/version.h"

namespace pasig::cli {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace {

constexpr std::size_t k_answer_bytes_max = 256ULL << 20;  // a page of the log, with room
constexpr std::chrono::milliseconds k_slice{100};         // how soon an interrupt is noticed

using Local = asio::local::stream_protocol;
using Tcp = asio::ip::tcp;

// One request on one connection. The steps run on the io_context; run() drives it in slices.
template <class Protocol>
class Exchange {
 public:
  using Stream = beast::basic_stream<Protocol>;
  using Endpoints = std::vector<typename Protocol::endpoint>;

  Exchange(asio::io_context& io, const Call& call, const Endpoint& to)
      : io_(io), stream_(io), call_(call), to_(to) {
    parser_.body_limit(k_answer_bytes_max);
  }

  Answer<Reply> run(Endpoints endpoints, const Interrupt& interrupt) {
    build();
    endpoints_ = std::move(endpoints);
    deadline_ = std::chrono::steady_clock::now() + call_.timeout;
    stream_.expires_at(deadline_);
    stream_.async_connect(endpoints_, [this](beast::error_code error, const auto&) {
      if (error) return end(error);
      write();
    });
    while (!ended_) {
      io_.run_for(k_slice);
      if (!ended_ && interrupt.raised()) {
        stream_.close();
        io_.run_for(k_slice);
        return problem(Exit::wait_ended, "interrupted", doing() + ": interrupted");
      }
    }
    return result();
  }

 private:
  asio::io_context& io_;
  Stream stream_;
  const Call& call_;
  const Endpoint& to_;
  Endpoints endpoints_;
  std::chrono::steady_clock::time_point deadline_;
  http::request<http::string_body> request_;
  http::response_parser<http::string_body> parser_;
  beast::flat_buffer buffer_;
  beast::error_code error_;
  bool sent_ = false;  // a byte of the request may have left
  bool ended_ = false;

  [[nodiscard]] std::string doing() const {
    return call_.method + " " + call_.target + " at " + to_string(to_);
  }

  void build() {
    request_.version(11);
    request_.method_string(call_.method);
    request_.target(call_.target);
    request_.set(http::field::host, to_.socket.empty()
                                        ? to_string(to_).substr(std::string_view("http://").size())
                                        : std::string("localhost"));
    request_.set(http::field::user_agent, "pasig/" + std::string(build_version()));
    request_.set(http::field::accept, "application/json");
    request_.set(http::field::connection, "close");
    for (const auto& [name, value] : call_.headers) request_.set(name, value);
    if (!call_.body.empty()) request_.set(http::field::content_type, "application/json");
    request_.body() = call_.body;
    if (!call_.body.empty() || call_.method == "POST") request_.prepare_payload();
  }

  void write() {
    sent_ = true;
    http::async_write(stream_, request_, [this](beast::error_code error, std::size_t) {
      // A server that refuses early may close before it has read all: its answer counts.
      if (error && error != asio::error::broken_pipe && error != asio::error::connection_reset)
        return end(error);
      read();
    });
  }

  void read() {
    http::async_read(stream_, buffer_, parser_,
                     [this](beast::error_code error, std::size_t) { end(error); });
  }

  void end(beast::error_code error) {
    error_ = error;
    ended_ = true;
  }

  Answer<Reply> result() {
    if (error_) {
      const bool late = error_ == beast::error::timeout;
      const std::string why = late ? "no answer in time" : error_.message();
      if (sent_ && call_.method != "GET")
        return problem(Exit::unknown, "no_answer", doing() + ": " + why);
      return problem(Exit::unavailable, "unreachable", doing() + ": " + why,
                     sent_ ? "is pasigd overloaded, or was it stopped? try again"
                           : "is pasigd running, and does it listen there?");
    }
    auto& response = parser_.get();
    const auto position = response.find("X-Pasig-Position");
    return Reply{
        .status = response.result_int(),
        .body = std::move(response.body()),
        .position = position == response.end() ? std::string() : std::string(position->value())};
  }
};

Answer<std::vector<Tcp::endpoint>> resolve(asio::io_context& io, const Endpoint& to) {
  Tcp::resolver resolver(io);
  beast::error_code error;
  const auto found = resolver.resolve(to.host, std::to_string(to.port), error);
  if (error)
    return problem(Exit::unavailable, "unreachable",
                   "looking up the address of " + to.host + ": " + error.message(),
                   "check --url or PASIG_URL");
  std::vector<Tcp::endpoint> endpoints;
  for (const auto& one : found) endpoints.push_back(one.endpoint());
  return endpoints;
}

}  // namespace

Answer<Reply> Client::send(const Call& call) const {
  asio::io_context io(1);
  if (endpoint_.socket.empty()) {
    PASIG_TRY(auto endpoints, resolve(io, endpoint_));
    return Exchange<Tcp>(io, call, endpoint_).run(std::move(endpoints), interrupt_);
  }
  // Longer paths do not fit into a socket address; Asio would throw.
  if (endpoint_.socket.size() >= sizeof(sockaddr_un::sun_path))
    return problem(Exit::usage, "usage",
                   "the socket path " + endpoint_.socket + " is longer than the " +
                       std::to_string(sizeof(sockaddr_un::sun_path) - 1) +
                       " bytes that the system allows",
                   "use a relative path or a link");
  return Exchange<Local>(io, call, endpoint_).run({Local::endpoint(endpoint_.socket)}, interrupt_);
}

std::string encoded(std::string_view text) {
  static constexpr std::string_view k_digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += k_digits[byte >> 4];
    out += k_digits[byte & 15];
  }
  return out;
}

}  // namespace pasig::cli
