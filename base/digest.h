// SHA-256 (OpenSSL's) as a value. Plain; any thread; one Sha256 per thread at a time.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pasig {

struct Digest {
  std::array<std::uint8_t, 32> bytes{};

  auto operator<=>(const Digest&) const = default;
  [[nodiscard]] std::string hex() const;  // 64 lower-case digits
  [[nodiscard]] std::string_view view() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  static std::optional<Digest> from_bytes(std::string_view raw);  // exactly 32
};

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void add(std::string_view bytes);
  void add_number(std::uint64_t value);  // eight bytes, little-endian
  void add_text(std::string_view text);  // its length first, so that fields cannot merge
  [[nodiscard]] Digest finish();         // once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Digest sha256(std::string_view bytes);

}  // namespace pasig
