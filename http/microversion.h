// Manila's microversions: parsing, negotiation and the headers that go with them.
// Plain values and functions; any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/router.h"

namespace pasig::http {

struct Microversion {
  std::uint32_t major = 2;
  std::uint32_t minor = 0;
  auto operator<=>(const Microversion&) const = default;
};
std::string to_string(Microversion version);

constexpr Microversion k_microversion_min{2, 0};
// Every view is right at each version up to this one. 2.94 (QoS types) and 2.95 (metadata of
// replicas) are not served.
constexpr Microversion k_microversion_max{2, 93};

constexpr std::string_view k_microversion_header = "X-OpenStack-Manila-API-Version";
constexpr std::string_view k_experimental_header = "X-OpenStack-Manila-API-Experimental";

// Digits, a dot, digits; no leading zeros. Numbers beyond 32 bits are clipped: out of any range.
[[nodiscard]] std::optional<Microversion> parse_microversion(std::string_view text);

struct Negotiated {
  Microversion version;
  bool experimental = false;  // the client asked to see experimental methods
};
// 400 for a malformed header (without version headers), 406 for a version out of range (with
// the one that was asked for).
[[nodiscard]] Checked<Negotiated> negotiate(const Request& request);
// The headers of an answer under /v2.
void add_version_headers(const Negotiated& negotiated, Response& response);

}  // namespace pasig::http
