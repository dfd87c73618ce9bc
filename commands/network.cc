#include "commands/network.h"

#include <charconv>
#include <cstdint>
#include <vector>

namespace pasig {
namespace {

// Digits alone, without a sign, at most so many, and no larger than `most`.
struct Digits {
  int base = 10;
  std::size_t length_max = 3;
  unsigned most = 255;
};

std::optional<unsigned> parse_digits(std::string_view text, const Digits& form) {
  unsigned number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, form.base);
  if (text.empty() || text.size() > form.length_max || error != std::errc() || stop != end ||
      number > form.most)
    return std::nullopt;
  return number;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

// Four numbers; "010" is refused, because some read it as eight.
std::optional<std::vector<unsigned char>> parse_v4(std::string_view text) {
  const auto parts = split(text, '.');
  if (parts.size() != 4) return std::nullopt;
  std::vector<unsigned char> bytes;
  for (const std::string_view part : parts) {
    const auto number = parse_digits(part, {});
    if (!number || (part.size() > 1 && part.front() == '0')) return std::nullopt;
    bytes.push_back(static_cast<unsigned char>(*number));
  }
  return bytes;
}

// One side of "::": groups of four digits, the last of which may be an IPv4 address.
std::optional<std::vector<unsigned char>> parse_groups(std::string_view text) {
  std::vector<unsigned char> bytes;
  if (text.empty()) return bytes;
  const auto groups = split(text, ':');
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (i + 1 == groups.size() && groups[i].find('.') != std::string_view::npos) {
      const auto last = parse_v4(groups[i]);
      if (!last) return std::nullopt;
      bytes.insert(bytes.end(), last->begin(), last->end());
      continue;
    }
    const auto group = parse_digits(groups[i], {.base = 16, .length_max = 4, .most = 0xFFFF});
    if (!group) return std::nullopt;
    bytes.push_back(static_cast<unsigned char>(*group >> 8U));
    bytes.push_back(static_cast<unsigned char>(*group & 0xFFU));
  }
  return bytes;
}

std::optional<std::vector<unsigned char>> parse_v6(std::string_view text) {
  constexpr std::size_t k_bytes = 16;
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    auto bytes = parse_groups(text);
    return bytes && bytes->size() == k_bytes ? bytes : std::nullopt;
  }
  auto bytes = parse_groups(text.substr(0, gap));
  const auto behind = parse_groups(text.substr(gap + 2));
  // The gap stands for one group at least.
  if (!bytes || !behind || bytes->size() + behind->size() > k_bytes - 2) return std::nullopt;
  bytes->resize(k_bytes - behind->size());
  bytes->insert(bytes->end(), behind->begin(), behind->end());
  return bytes;
}

bool has_host_bits(const Network& network, unsigned bits) {
  for (unsigned bit = network.prefix; bit < bits; ++bit)
    if ((network.address.at(bit / 8) & (0x80U >> (bit % 8))) != 0) return true;
  return false;
}

}  // namespace

std::optional<Network> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view address = text.substr(0, slash);
  Network network{.is_v6 = address.find(':') != std::string_view::npos};
  const auto bytes = network.is_v6 ? parse_v6(address) : parse_v4(address);
  if (!bytes) return std::nullopt;
  for (std::size_t i = 0; i < bytes->size(); ++i) network.address.at(i) = (*bytes)[i];
  const unsigned bits = network.is_v6 ? 128 : 32;
  network.prefix = bits;
  if (slash != std::string_view::npos) {
    const auto prefix = parse_digits(text.substr(slash + 1), {.most = bits});
    if (!prefix) return std::nullopt;
    network.prefix = *prefix;
  }
  if (has_host_bits(network, bits)) return std::nullopt;
  return network;
}

}  // namespace pasig
