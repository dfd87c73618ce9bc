#include "cli/endpoint.h"

#include <charconv>
#include <filesystem>

namespace pasig::cli {
namespace {

tl::unexpected<Problem> bad_url(const std::string& url, const std::string& why) {
  return problem(Exit::usage, "usage", "the address '" + url + "' " + why,
                 "an address is http://HOST[:PORT], e.g. http://127.0.0.1:8786");
}

Answer<std::uint16_t> parse_port(const std::string& url, std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0)
    return bad_url(url, "has a port that is no number from 1 to 65535");
  return port;
}

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

}  // namespace

std::string to_string(const Endpoint& endpoint) {
  if (!endpoint.socket.empty()) return "unix:" + endpoint.socket;
  const bool is_v6 = endpoint.host.find(':') != std::string::npos;
  return "http://" + (is_v6 ? "[" + endpoint.host + "]" : endpoint.host) + ":" +
         std::to_string(endpoint.port);
}

Answer<Endpoint> parse_url(const std::string& url) {
  constexpr std::string_view k_scheme = "http://";
  if (url.rfind(k_scheme, 0) != 0) return bad_url(url, "does not begin with http://");
  std::string_view rest = std::string_view(url).substr(k_scheme.size());
  if (!rest.empty() && rest.back() == '/') rest.remove_suffix(1);
  if (rest.find_first_of("/?#@ ") != std::string_view::npos)
    return bad_url(url, "has more than a host and a port");
  std::string_view host = rest;
  std::string_view port;
  if (!rest.empty() && rest.front() == '[') {
    const std::size_t close = rest.find(']');
    if (close == std::string_view::npos) return bad_url(url, "has a [ without a ]");
    host = rest.substr(1, close - 1);
    port = rest.substr(close + 1);
  } else if (const std::size_t colon = rest.find(':'); colon != std::string_view::npos) {
    host = rest.substr(0, colon);
    port = rest.substr(colon);
  }
  if (host.empty()) return bad_url(url, "has no host");
  Endpoint endpoint{.socket = {}, .host = std::string(host), .port = k_default_port};
  if (!port.empty()) {
    if (port.front() != ':') return bad_url(url, "has something other than :PORT after the host");
    PASIG_TRY(endpoint.port, parse_port(url, port.substr(1)));
  }
  return endpoint;
}

Answer<Endpoint> choose_endpoint(const EndpointChoice& choice, const Environment& environment) {
  if (!choice.url.empty() && !choice.socket.empty())
    return problem(Exit::usage, "usage", "--url and --socket were both given", "give one of them");
  if (!choice.url.empty()) return parse_url(choice.url);
  if (!choice.socket.empty()) return Endpoint{.socket = choice.socket, .host = {}, .port = 0};
  const std::string url = environment("PASIG_URL").value_or("");
  const std::string socket = environment("PASIG_SOCKET").value_or("");
  if (!url.empty() && !socket.empty())
    return problem(Exit::usage, "usage", "PASIG_URL and PASIG_SOCKET are both set",
                   "unset one of them, or say --url or --socket");
  if (!url.empty()) return parse_url(url);
  if (!socket.empty()) return Endpoint{.socket = socket, .host = {}, .port = 0};
  for (const char* path : {k_system_socket, k_quickstart_socket})
    if (exists(path)) return Endpoint{.socket = path, .host = {}, .port = 0};
  return problem(Exit::unavailable, "unreachable",
                 std::string("no pasigd found: neither ") + k_system_socket + " nor " +
                     k_quickstart_socket + " exists",
                 "start it (`./dev up` for the quick start), or say where it listens: --socket "
                 "PATH, --url http://127.0.0.1:8786, PASIG_SOCKET or PASIG_URL");
}

}  // namespace pasig::cli
