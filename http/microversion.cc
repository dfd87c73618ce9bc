#include "http/microversion.h"

#include <limits>

#include "http/faults.h"

namespace pasig::http {
namespace {

// A decimal number without a leading zero; beyond 32 bits it is clipped.
std::optional<std::uint32_t> parse_number(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  constexpr std::uint64_t k_clip = std::numeric_limits<std::uint32_t>::max();
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = std::min(k_clip, value * 10 + static_cast<std::uint64_t>(c - '0'));
  }
  return static_cast<std::uint32_t>(value);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Manila reads this header loosely.
bool is_true_word(std::string_view text) {
  std::string lower;
  for (const char c : trimmed(text))
    lower.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  return lower == "true" || lower == "1" || lower == "t" || lower == "y" || lower == "yes" ||
         lower == "on";
}

}  // namespace

std::string to_string(Microversion version) {
  return std::to_string(version.major) + "." + std::to_string(version.minor);
}

std::optional<Microversion> parse_microversion(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto major = parse_number(text.substr(0, dot));
  const auto minor = parse_number(text.substr(dot + 1));
  if (!major || !minor || *major == 0) return std::nullopt;
  return Microversion{*major, *minor};
}

Checked<Negotiated> negotiate(const Request& request) {
  Negotiated negotiated{.version = k_microversion_min};
  if (const auto word = request.header("x-openstack-manila-api-experimental"))
    negotiated.experimental = is_true_word(*word);
  const auto header = request.header("x-openstack-manila-api-version");
  const std::string_view text = header ? trimmed(*header) : std::string_view();
  if (text.empty()) return negotiated;
  const auto version = parse_microversion(text);
  if (!version)
    return fail_with(400, "API Version String " + std::string(text) +
                              " is of invalid format. Must be of format MajorNum.MinorNum.");
  negotiated.version = *version;
  if (*version < k_microversion_min || *version > k_microversion_max) {
    Response refusal =
        fault(406, "Version " + std::string(text) + " is not supported by the API. Minimum is " +
                       to_string(k_microversion_min) + " and maximum is " +
                       to_string(k_microversion_max) + ".");
    add_version_headers(negotiated, refusal);
    return tl::unexpected(std::move(refusal));
  }
  return negotiated;
}

void add_version_headers(const Negotiated& negotiated, Response& response) {
  response.headers.emplace_back(k_microversion_header, to_string(negotiated.version));
  response.headers.emplace_back("Vary", k_microversion_header);
  if (negotiated.experimental) response.headers.emplace_back(k_experimental_header, "True");
}

}  // namespace pasig::http
