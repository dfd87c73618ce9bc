// Reading and showing JSON of the API: look-ups that never throw, and a text form for people.
// Any thread.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pasig::cli {

using Json = boost::json::value;

// Nothing when it is not one whole JSON document.
std::optional<Json> parse_json(std::string_view text);

// A member of an object, down a path of names with dots ("fence.state"); null when there is none.
const Json* find(const Json& value, std::string_view path);

// The member as text: strings as they are, numbers and booleans in words, else empty.
std::string text_at(const Json& value, std::string_view path);
std::string text_of(const Json& value);
std::optional<std::uint64_t> number_at(const Json& value, std::string_view path);
std::optional<double> real_at(const Json& value, std::string_view path);
bool flag_at(const Json& value, std::string_view path);
// The member's elements; empty when it is not a list.
const boost::json::array& list_at(const Json& value, std::string_view path);

// Two blanks of indent, one member a line, ending without a newline.
std::string pretty(const Json& value);

}  // namespace pasig::cli
