#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include <array>
#include <cstdlib>

namespace pasig::cli {
namespace {

struct Character {
  char32_t code = 0;
  std::size_t bytes = 0;  // 0: not UTF-8
};

// Shortest form only, no surrogates, nothing beyond U+10FFFF.
Character character_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  if (length == 0 || first > 0xF4 || at + length > text.size()) return {};
  char32_t code = first & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return {};
    code = (code << 6) | (byte(at + i) & 0x3Fu);
  }
  const char32_t least = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
  if (code < least || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
  return {code, length};
}

// Line separators and direction overrides would let a name rewrite the line it stands in.
bool is_unsafe(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029 ||
         (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

std::size_t width_of(char32_t code) {
  const int width = ::wcwidth(static_cast<wchar_t>(code));
  return width < 0 ? 1 : static_cast<std::size_t>(width);
}

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

Terminal find_terminal(const Environment& environment) {
  const auto is_set = [&](const std::string& name) {
    const auto value = environment(name);
    return value && !value->empty();
  };
  Terminal terminal;
  const bool dumb = environment("TERM").value_or("dumb") == "dumb";
  const bool out_is_terminal = ::isatty(STDOUT_FILENO) != 0;
  terminal.colour = (out_is_terminal && !dumb && !is_set("NO_COLOR")) ||
                    (is_set("CLICOLOR_FORCE") && environment("CLICOLOR_FORCE") != "0");
  terminal.shows_progress = ::isatty(STDERR_FILENO) != 0 && !dumb;
  winsize size{};
  if (out_is_terminal && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
    terminal.width = size.ws_col;
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    terminal.progress_width = size.ws_col;
  return terminal;
}

std::string printable(std::string_view text) {
  static constexpr std::string_view k_digits = "0123456789abcdef";
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    const std::size_t bytes = character.bytes == 0 ? 1 : character.bytes;
    if (character.bytes != 0 && !is_unsafe(character.code)) {
      out += text.substr(at, bytes);
    } else {
      for (std::size_t i = at; i < at + bytes; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        out += "\\x";
        out += k_digits[byte >> 4];
        out += k_digits[byte & 15];
      }
    }
    at += bytes;
  }
  return out;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    columns += character.bytes == 0 ? 1 : width_of(character.code);
    at += character.bytes == 0 ? 1 : character.bytes;
  }
  return columns;
}

std::string fitted(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  std::size_t used = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const Character character = character_at(text, at);
    const std::size_t width = character.bytes == 0 ? 1 : width_of(character.code);
    if (used + width > columns - 1) break;
    used += width;
    at += character.bytes == 0 ? 1 : character.bytes;
  }
  return std::string(text.substr(0, at)) + "…";
}

std::string painted(const std::string& text, Paint paint, bool colour) {
  if (!colour || text.empty()) return text;
  const char* code = nullptr;
  switch (paint) {
    case Paint::plain:
      return text;
    case Paint::good:
      code = "32";
      break;
    case Paint::warning:
      code = "33";
      break;
    case Paint::bad:
      code = "31";
      break;
    case Paint::faint:
      code = "2";
      break;
    case Paint::strong:
      code = "1";
      break;
  }
  return std::string("\x1b[") + code + "m" + text + "\x1b[0m";
}

Paint paint_of(std::string_view word) {
  static constexpr std::array k_good{"available", "in_sync",  "active",  "done",
                                     "up",        "enforced", "accepted"};
  static constexpr std::array k_warning{
      "creating",  "deleting",  "out_of_sync", "pending", "running", "replication_change",
      "requested", "cancelled", "refused",     "void",    "paused",  "drained"};
  static constexpr std::array k_bad{"error", "error_deleting", "failed", "down", "retired"};
  for (const std::string_view one : k_good)
    if (word == one) return Paint::good;
  for (const std::string_view one : k_warning)
    if (word == one) return Paint::warning;
  for (const std::string_view one : k_bad)
    if (word == one) return Paint::bad;
  return Paint::plain;
}

}  // namespace pasig::cli
