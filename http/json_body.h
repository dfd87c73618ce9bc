// Bodies of requests: parsed strictly, and read field by field with an answer for everything
// that does not fit. Bad input is 400 with a text that names the field; never a crash, never 500.
// Plain functions and values; any thread.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/router.h"

namespace pasig::http {

// The body as one JSON object. 400 for: no JSON content type, no or bad JSON, no object, a key
// twice, more than 16 levels deep, bad UTF-8, a NUL in a text.
[[nodiscard]] Checked<boost::json::object> parse_body(const Request& request);

struct TextLimits {
  std::size_t length_min = 0;  // characters, not bytes
  std::size_t length_max = 255;
};
[[nodiscard]] std::size_t characters_in(std::string_view utf8);

// Reads the fields of one object. `where` is put in front of the field's name in messages
// ("share" gives "share.size"). A field that is absent or null gives nothing.
class Fields {
 public:
  Fields(const boost::json::object& object, std::string where)
      : object_(object), where_(std::move(where)) {}

  [[nodiscard]] bool has(std::string_view name) const;
  [[nodiscard]] Checked<std::optional<std::string>> text(std::string_view name,
                                                         TextLimits limits = {}) const;
  // A JSON integer within the bounds; Manila's clients also send integers as text.
  [[nodiscard]] Checked<std::optional<std::int64_t>> integer(std::string_view name,
                                                             std::int64_t low,
                                                             std::int64_t high) const;
  // true and false, and the words that Manila takes for them (strict_word: "true", "1", …).
  [[nodiscard]] Checked<std::optional<bool>> boolean(std::string_view name) const;
  [[nodiscard]] Checked<const boost::json::object*> object(std::string_view name) const;
  // An object of texts, sorted by key; numbers and booleans are refused unless `lenient`, which
  // turns booleans into True and False (Manila's extra specs).
  [[nodiscard]] Checked<std::vector<KeyValue>> pairs(std::string_view name, bool lenient) const;
  // 400 naming the first key that is not in the list.
  [[nodiscard]] Checked<void> only(const std::vector<std::string_view>& names) const;

  [[nodiscard]] std::string label(std::string_view name) const;

 private:
  [[nodiscard]] const boost::json::value* find(std::string_view name) const;

  const boost::json::object& object_;
  std::string where_;
};

[[nodiscard]] Response json_response(int status, const boost::json::object& body);
// Manila's 202 without data: zero bytes, and the content type that it gives them.
[[nodiscard]] Response empty_response(int status);
// A time as Manila shows it; null when it was never set.
[[nodiscard]] boost::json::value time_or_null(Time time);

}  // namespace pasig::http
