// Where pasigd listens: a unix socket, or a plain HTTP address.
#pragma once

#include <cstdint>
#include <string>

#include "cli/problem.h"
#include "cli/terminal.h"

namespace pasig::cli {

struct Endpoint {
  std::string socket;  // a path; empty: TCP
  std::string host;
  std::uint16_t port = 0;
  bool operator==(const Endpoint&) const = default;
};
std::string to_string(const Endpoint& endpoint);  // unix:/run/… or http://host:port

constexpr const char* k_system_socket = "/run/pasig/pasig.sock";
constexpr const char* k_quickstart_socket = "./var/quickstart/run/pasig.sock";
constexpr std::uint16_t k_default_port = 8786;

// http://HOST[:PORT][/], an IPv6 address in brackets. Other schemes are refused: TLS ends at a
// proxy in front of pasigd.
Answer<Endpoint> parse_url(const std::string& url);

struct EndpointChoice {
  std::string url;     // --url
  std::string socket;  // --socket
};
// --url or --socket, else PASIG_URL or PASIG_SOCKET, else the system's socket if it exists, else
// the quick start's in this directory if it exists; else a problem that names all of these.
Answer<Endpoint> choose_endpoint(const EndpointChoice& choice, const Environment& environment);

}  // namespace pasig::cli
