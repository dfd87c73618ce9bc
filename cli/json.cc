#include "cli/json.h"

#include <boost/json.hpp>

namespace pasig::cli {
namespace json = boost::json;
namespace {

void write(const Json& value, std::size_t depth, std::string& out) {
  const std::string inner(2 * (depth + 1), ' ');
  const std::string outer(2 * depth, ' ');
  if (const json::object* object = value.if_object(); object != nullptr && !object->empty()) {
    out += "{\n";
    for (std::size_t i = 0; const auto& member : *object) {
      out += inner + json::serialize(json::string(member.key())) + ": ";
      write(member.value(), depth + 1, out);
      out += ++i < object->size() ? ",\n" : "\n";
    }
    out += outer + "}";
  } else if (const json::array* list = value.if_array(); list != nullptr && !list->empty()) {
    out += "[\n";
    for (std::size_t i = 0; const Json& element : *list) {
      out += inner;
      write(element, depth + 1, out);
      out += ++i < list->size() ? ",\n" : "\n";
    }
    out += outer + "]";
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

std::optional<Json> parse_json(std::string_view text) {
  json::error_code error;
  Json value = json::parse(text, error);
  if (error) return std::nullopt;
  return value;
}

const Json* find(const Json& value, std::string_view path) {
  const Json* at = &value;
  while (!path.empty()) {
    const std::size_t dot = path.find('.');
    const json::object* object = at->if_object();
    if (object == nullptr) return nullptr;
    at = object->if_contains(path.substr(0, dot));
    if (at == nullptr) return nullptr;
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  }
  return at;
}

std::string text_of(const Json& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_null()) return {};
  if (value.is_bool()) return value.get_bool() ? "yes" : "no";
  return json::serialize(value);
}

std::string text_at(const Json& value, std::string_view path) {
  const Json* at = find(value, path);
  return at == nullptr ? std::string() : text_of(*at);
}

std::optional<std::uint64_t> number_at(const Json& value, std::string_view path) {
  const Json* at = find(value, path);
  if (at == nullptr) return std::nullopt;
  json::error_code error;
  const auto number = at->to_number<std::uint64_t>(error);
  if (error) return std::nullopt;
  return number;
}

std::optional<double> real_at(const Json& value, std::string_view path) {
  const Json* at = find(value, path);
  if (at == nullptr) return std::nullopt;
  json::error_code error;
  const auto number = at->to_number<double>(error);
  if (error) return std::nullopt;
  return number;
}

bool flag_at(const Json& value, std::string_view path) {
  const Json* at = find(value, path);
  return at != nullptr && at->is_bool() && at->get_bool();
}

const json::array& list_at(const Json& value, std::string_view path) {
  static const json::array k_nothing;
  const Json* at = find(value, path);
  return at != nullptr && at->is_array() ? at->get_array() : k_nothing;
}

std::string pretty(const Json& value) {
  std::string out;
  write(value, 0, out);
  return out;
}

}  // namespace pasig::cli
