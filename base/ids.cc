#include "base/ids.h"

#include <openssl/rand.h>

#include <array>

#include "base/assert.h"
#include "base/digest.h"

namespace pasig {
namespace {

constexpr int k_text_length = 36;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_dash_place(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

Uuid with_version(Uuid uuid, std::uint64_t version) {
  uuid.hi = (uuid.hi & ~0xF000ULL) | (version << 12);
  uuid.lo = (uuid.lo & ~(3ULL << 62)) | (2ULL << 62);  // the RFC 9562 variant
  return uuid;
}

std::uint64_t big_endian(const std::uint8_t* bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = (value << 8) | bytes[i];
  return value;
}

}  // namespace

std::string to_string(const Uuid& uuid) {
  static constexpr char k_digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(k_text_length);
  for (int nibble = 0; nibble < 32; ++nibble) {
    if (is_dash_place(text.size())) text.push_back('-');
    const std::uint64_t word = nibble < 16 ? uuid.hi : uuid.lo;
    text.push_back(k_digits[(word >> (60 - 4 * (nibble % 16))) & 0xF]);
  }
  return text;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != k_text_length) return std::nullopt;
  Uuid uuid;
  int nibble = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_dash_place(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int value = hex_value(text[i]);
    if (value < 0) return std::nullopt;
    std::uint64_t& word = nibble < 16 ? uuid.hi : uuid.lo;
    word = (word << 4) | static_cast<std::uint64_t>(value);
    ++nibble;
  }
  return uuid;
}

Uuid random_uuid() {
  std::array<std::uint8_t, 16> bytes{};
  PASIG_ASSERT(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1,
               "the system's random source failed");
  return with_version({big_endian(bytes.data()), big_endian(bytes.data() + 8)}, 4);
}

Uuid derived_uuid(std::string_view command_id, std::uint32_t n) {
  Sha256 hash;
  hash.add(command_id);
  hash.add_number(n);
  const Digest digest = hash.finish();
  return with_version({big_endian(digest.bytes.data()), big_endian(digest.bytes.data() + 8)}, 8);
}

}  // namespace pasig
