// Addresses and networks of the internet as values. Pure.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace pasig {

struct Network {
  bool is_v6 = false;
  std::array<unsigned char, 16> address{};  // the first four count for an IPv4 one
  unsigned prefix = 0;
  bool operator==(const Network&) const = default;
};

// 10.0.0.2, 10.0.0.0/24, 2001:db8::/32; nothing for what is none, or has bits beyond its prefix.
[[nodiscard]] std::optional<Network> parse_network(std::string_view text);

}  // namespace pasig
