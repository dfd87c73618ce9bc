#include "http/python_literal.h"

#include <string>

namespace pasig::http {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool take(char wanted) {
    skip_blanks();
    if (text_.empty() || text_.front() != wanted) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool at_end() {
    skip_blanks();
    return text_.empty();
  }
  std::optional<std::string> text() {
    skip_blanks();
    if (text_.size() > 1 && text_.front() == 'u') text_.remove_prefix(1);  // Python 2's u'…'
    if (text_.empty() || (text_.front() != '\'' && text_.front() != '"')) return std::nullopt;
    const char quote = text_.front();
    text_.remove_prefix(1);
    std::string out;
    while (!text_.empty()) {
      const char c = text_.front();
      text_.remove_prefix(1);
      if (c == quote) return out;
      if (c == '\\') {
        if (text_.empty()) return std::nullopt;
        out.push_back(unescaped(text_.front()));
        text_.remove_prefix(1);
      } else {
        out.push_back(c);
      }
    }
    return std::nullopt;
  }

 private:
  static char unescaped(char c) { return c == 'n' ? '\n' : c == 't' ? '\t' : c; }
  void skip_blanks() {
    while (!text_.empty() && (text_.front() == ' ' || text_.front() == '\t'))
      text_.remove_prefix(1);
  }

  std::string_view text_;
};

}  // namespace

std::optional<std::vector<KeyValue>> parse_python_dict(std::string_view text) {
  Reader reader(text);
  std::vector<KeyValue> pairs;
  if (!reader.take('{')) return std::nullopt;
  while (!reader.take('}')) {
    if (!pairs.empty() && !reader.take(',')) return std::nullopt;
    const auto key = reader.text();
    if (!key || !reader.take(':')) return std::nullopt;
    const auto value = reader.text();
    if (!value) return std::nullopt;
    pairs.push_back({*key, *value});
  }
  if (!reader.at_end()) return std::nullopt;
  return pairs;
}

}  // namespace pasig::http
