#include "http/json_body.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <set>

#include "http/faults.h"

namespace pasig::http {
namespace {

namespace json = boost::json;

constexpr std::size_t k_depth_max = 16;

// Boost.JSON keeps the last of two equal keys; whoever reads the body before us may keep the
// first. So a key that comes twice is refused: this handler reads along and only looks for it.
struct KeyWatch {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  std::vector<std::set<std::string>> open;  // the keys of each object that is not closed
  std::string key;
  std::string twice;  // the key that came again
  bool holds_nul = false;

  void look(json::string_view text) {
    if (text.find('\0') != json::string_view::npos) holds_nul = true;
  }
  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) {
    open.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t, json::error_code&) {
    open.pop_back();
    return true;
  }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t, json::error_code&) { return true; }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    key.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, std::size_t, json::error_code&) {
    key.append(part.data(), part.size());
    look(key);
    if (!open.back().insert(key).second && twice.empty()) twice = key;
    key.clear();
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    look(part);
    return true;
  }
  bool on_string(json::string_view part, std::size_t, json::error_code&) {
    look(part);
    return true;
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, json::error_code&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code&) { return true; }
  bool on_double(double, json::string_view, json::error_code&) { return true; }
  bool on_bool(bool, json::error_code&) { return true; }
  bool on_null(json::error_code&) { return true; }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }
};

bool is_json_type(const Request& request) {
  const auto header = request.header("content-type");
  if (!header) return false;
  std::string type(header->substr(0, header->find(';')));
  while (!type.empty() && type.back() == ' ') type.pop_back();
  std::transform(type.begin(), type.end(), type.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return type == "application/json";
}

std::string kind_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "a boolean";
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      return "a number";
    case json::kind::string:
      return "text";
    case json::kind::array:
      return "a list";
    case json::kind::object:
      return "an object";
  }
  return "something else";
}

// The integer that a JSON number or a decimal text stands for.
std::optional<std::int64_t> integer_in(const json::value& value) {
  if (const auto* number = value.if_int64()) return *number;
  const auto* text = value.if_string();
  if (text == nullptr || text->empty() || text->size() > 18) return std::nullopt;
  const bool negative = text->front() == '-';
  std::int64_t number = 0;
  if (negative && text->size() == 1) return std::nullopt;
  for (std::size_t i = negative ? 1 : 0; i < text->size(); ++i) {
    if ((*text)[i] < '0' || (*text)[i] > '9') return std::nullopt;
    number = number * 10 + ((*text)[i] - '0');
  }
  return negative ? -number : number;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

}  // namespace

Checked<json::object> parse_body(const Request& request) {
  if (request.body.empty())
    return fail_with(400, "The request has no body; a JSON object is expected.");
  if (!is_json_type(request))
    return fail_with(400, "The body is ignored: its Content-Type is not application/json.");
  json::parse_options options;
  options.max_depth = k_depth_max;
  json::error_code error;
  json::basic_parser<KeyWatch> watch(options);
  watch.write_some(false, request.body.data(), request.body.size(), error);
  json::value value;
  if (!error) value = json::parse(request.body, error, {}, options);
  if (error) return fail_with(400, "Malformed request body: " + error.message() + ".");
  if (const KeyWatch& seen = watch.handler(); !seen.twice.empty())
    return fail_with(400, "Malformed request body: the key '" + seen.twice + "' comes twice.");
  else if (seen.holds_nul)
    return fail_with(400, "Malformed request body: a text holds a NUL character.");
  if (!value.is_object())
    return fail_with(400, "Malformed request body: it is " + kind_of(value) + ", not an object.");
  return std::move(value.get_object());
}

std::size_t characters_in(std::string_view utf8) {
  const auto begins_one = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), begins_one));
}

std::string Fields::label(std::string_view name) const {
  return where_.empty() ? std::string(name) : where_ + "." + std::string(name);
}

const json::value* Fields::find(std::string_view name) const {
  const json::value* value = object_.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

bool Fields::has(std::string_view name) const { return object_.if_contains(name) != nullptr; }

Checked<std::optional<std::string>> Fields::text(std::string_view name, TextLimits limits) const {
  const json::value* value = find(name);
  if (value == nullptr) return std::optional<std::string>();
  const auto* held = value->if_string();
  if (held == nullptr)
    return fail_with(400, "'" + label(name) + "' is " + kind_of(*value) + ", not text.");
  std::string text(held->data(), held->size());
  const std::size_t length = characters_in(text);
  if (length < limits.length_min)
    return fail_with(400, "'" + label(name) + "' is shorter than " +
                              std::to_string(limits.length_min) + " characters.");
  if (length > limits.length_max)
    return fail_with(400, "'" + label(name) + "' is longer than " +
                              std::to_string(limits.length_max) + " characters.");
  return std::optional<std::string>(std::move(text));
}

Checked<std::optional<std::int64_t>> Fields::integer(std::string_view name, std::int64_t low,
                                                     std::int64_t high) const {
  const json::value* value = find(name);
  if (value == nullptr) return std::optional<std::int64_t>();
  const auto number = integer_in(*value);
  if (!number)
    return fail_with(400, "'" + label(name) + "' is not an integer of at most 18 digits.");
  if (*number < low || *number > high)
    return fail_with(400, "'" + label(name) + "' is not between " + std::to_string(low) + " and " +
                              std::to_string(high) + ".");
  return std::optional<std::int64_t>(number);
}

Checked<std::optional<bool>> Fields::boolean(std::string_view name) const {
  const json::value* value = find(name);
  if (value == nullptr) return std::optional<bool>();
  if (const auto* held = value->if_bool()) return std::optional<bool>(*held);
  std::string word;
  if (const auto* text = value->if_string()) word = lower({text->data(), text->size()});
  if (const auto* number = value->if_int64()) word = std::to_string(*number);
  for (const std::string_view yes : {"true", "1", "t", "y", "yes", "on"})
    if (word == yes) return std::optional<bool>(true);
  for (const std::string_view no : {"false", "0", "f", "n", "no", "off"})
    if (word == no) return std::optional<bool>(false);
  return fail_with(400, "'" + label(name) + "' is neither true nor false.");
}

Checked<const json::object*> Fields::object(std::string_view name) const {
  const json::value* value = find(name);
  if (value == nullptr) return nullptr;
  if (const auto* held = value->if_object()) return held;
  return fail_with(400, "'" + label(name) + "' is " + kind_of(*value) + ", not an object.");
}

Checked<std::vector<KeyValue>> Fields::pairs(std::string_view name, bool lenient) const {
  PASIG_TRY(const json::object* held, object(name));
  std::vector<KeyValue> pairs;
  if (held == nullptr) return pairs;
  for (const auto& [key, value] : *held) {
    KeyValue pair{std::string(key), {}};
    const std::string where = label(name) + "." + pair.key;
    if (pair.key.empty() || characters_in(pair.key) > 255)
      return fail_with(400, "A key of '" + label(name) +
                                "' is empty or longer than 255 "
                                "characters.");
    if (const auto* text = value.if_string()) pair.value.assign(text->data(), text->size());
    else if (const auto* yes = value.if_bool(); yes != nullptr && lenient)
      pair.value = *yes ? "True" : "False";
    else if (const auto* number = value.if_int64(); number != nullptr && lenient)
      pair.value = std::to_string(*number);
    else return fail_with(400, "'" + where + "' is " + kind_of(value) + ", not text.");
    if (characters_in(pair.value) > 1023)
      return fail_with(400, "'" + where + "' is longer than 1023 characters.");
    pairs.push_back(std::move(pair));
  }
  std::sort(pairs.begin(), pairs.end(),
            [](const KeyValue& one, const KeyValue& other) { return one.key < other.key; });
  return pairs;
}

Checked<void> Fields::only(const std::vector<std::string_view>& names) const {
  for (const auto& [key, value] : object_)
    if (std::find(names.begin(), names.end(), std::string_view(key.data(), key.size())) ==
        names.end())
      return fail_with(
          400, "'" + label(std::string_view(key.data(), key.size())) + "' is not known here.");
  return {};
}

Response json_response(int status, const json::object& body) {
  Response response{.status = status};
  response.body = json::serialize(body);
  return response;
}

Response empty_response(int status) {
  Response response{.status = status};
  response.content_type = "text/html; charset=UTF-8";
  return response;
}

json::value time_or_null(Time time) {
  if (!time.is_set()) return nullptr;
  return json::value(to_string(time));
}

}  // namespace pasig::http
