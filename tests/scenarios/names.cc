#include "tests/scenarios/names.h"

#include <cctype>
#include <charconv>
#include <ctime>

namespace pasig::scenario {
namespace {

constexpr std::size_t k_uuid_length = 36;
constexpr std::string_view k_moment_form = "dddd-dd-ddTdd:dd:dd";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_moment(std::string_view text) {
  if (text.size() < k_moment_form.size()) return false;
  for (std::size_t i = 0; i < k_moment_form.size(); ++i)
    if (k_moment_form[i] == 'd' ? !is_digit(text[i]) : text[i] != k_moment_form[i]) return false;
  return true;
}

// Reads a moment at the front of the text, and how long it is.
Time moment_of(std::string_view text, std::size_t& length) {
  std::tm parts{};
  const std::string form(text.substr(0, k_moment_form.size()));
  (void)strptime(form.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  Time time{static_cast<std::int64_t>(timegm(&parts)) * 1'000'000};
  length = k_moment_form.size();
  if (length < text.size() && text[length] == '.') {
    std::int64_t unit = 100'000;
    for (++length; length < text.size() && is_digit(text[length]); ++length, unit /= 10)
      time.micros += (text[length] - '0') * unit;
  }
  if (length < text.size() && text[length] == 'Z') ++length;
  return time;
}

}  // namespace

Result<std::int64_t> parse_seconds(const std::string& text) {
  static const std::map<char, std::int64_t> k_units = {
      {'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86'400}};
  std::int64_t seconds = 0;
  const char* at = text.data();
  const char* end = at + text.size();
  while (at != end) {
    std::int64_t number = 0;
    const auto [stop, error] = std::from_chars(at, end, number);
    if (error != std::errc() || stop == end || !k_units.contains(*stop)) break;
    seconds += number * k_units.at(*stop);
    at = stop + 1;
  }
  if (at == end && !text.empty()) return seconds;
  return fail(ErrorCode::invalid, "\"" + text + "\" is no duration", "write 90s, 5m or 1h30m");
}

std::string told(Time time) {
  if (!time.is_set()) return "never";
  const std::int64_t micros = time.micros_since(k_start);
  return micros < 0 ? "-" + told_length(-micros) : "+" + told_length(micros);
}

std::string told_length(std::int64_t micros) {
  std::string text;
  std::int64_t seconds = micros / 1'000'000;
  for (const auto& [unit, length] : {std::pair{'d', 86'400}, {'h', 3600}, {'m', 60}}) {
    if (seconds >= length) text += std::to_string(seconds / length) + unit;
    seconds %= length;
  }
  if (micros % 1'000'000 != 0)
    text += std::to_string(seconds) + "." + std::to_string(micros % 1'000'000 / 1000) + "s";
  else if (seconds > 0 || text.empty()) text += std::to_string(seconds) + "s";
  return text;
}

void Names::bind(const std::string& name, const Uuid& id) {
  if (names_.emplace(id, name).second) ids_[name] = id;
}

std::string Names::of(const Uuid& id) {
  if (id.is_nil()) return "none";
  if (!names_.contains(id)) bind("id" + std::to_string(++nameless_), id);
  return names_.at(id);
}

std::string Names::told(std::string_view text) {
  std::string all;
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view rest = text.substr(i);
    const bool starts_word = i == 0 || std::isxdigit(static_cast<unsigned char>(text[i - 1])) == 0;
    const auto id = starts_word ? parse_uuid(rest.substr(0, k_uuid_length)) : std::nullopt;
    std::size_t length = 1;
    if (id) {
      all += of(*id);
      length = k_uuid_length;
    } else if (is_moment(rest)) {
      all += scenario::told(moment_of(rest, length));
    } else {
      all += rest.front();
    }
    i += length;
  }
  return all;
}

std::string Names::known() const {
  std::string all;
  for (const auto& [name, id] : ids_) all += (all.empty() ? "" : ", ") + name;
  return all;
}

}  // namespace pasig::scenario
