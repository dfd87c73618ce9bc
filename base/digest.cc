#include "base/digest.h"

#include <openssl/evp.h>

#include <algorithm>

#include "base/assert.h"

namespace pasig {

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() {
    PASIG_ASSERT(context != nullptr && EVP_DigestInit_ex(context, EVP_sha256(), nullptr) == 1,
                 "OpenSSL has no SHA-256");
  }
  ~State() { EVP_MD_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::add(std::string_view bytes) {
  PASIG_ASSERT(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1,
               "SHA-256 update failed");
}

void Sha256::add_number(std::uint64_t value) {
  std::array<char, 8> raw{};
  for (std::size_t i = 0; i < raw.size(); ++i) raw[i] = static_cast<char>(value >> (8 * i));
  add({raw.data(), raw.size()});
}

void Sha256::add_text(std::string_view text) {
  add_number(text.size());
  add(text);
}

Digest Sha256::finish() {
  Digest digest;
  unsigned int length = 0;
  PASIG_ASSERT(EVP_DigestFinal_ex(state_->context, digest.bytes.data(), &length) == 1 &&
                   length == digest.bytes.size(),
               "SHA-256 gave no 32 bytes");
  return digest;
}

Digest sha256(std::string_view bytes) {
  Sha256 hash;
  hash.add(bytes);
  return hash.finish();
}

std::string Digest::hex() const {
  static constexpr char k_digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    text.push_back(k_digits[byte >> 4]);
    text.push_back(k_digits[byte & 0xF]);
  }
  return text;
}

std::optional<Digest> Digest::from_bytes(std::string_view raw) {
  Digest digest;
  if (raw.size() != digest.bytes.size()) return std::nullopt;
  std::copy(raw.begin(), raw.end(), digest.bytes.begin());
  return digest;
}

}  // namespace pasig
