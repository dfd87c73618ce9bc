// The part of regular expressions that clients use to filter pools: plain characters, '.', and
// '*', '+', '?' behind one of them, backslash for the character itself, '^' and '$' at the ends.
// Linear in pattern × text, without recursion: std::regex can be made to overflow the stack.
// Plain values; any thread.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace pasig::http {

class TextPattern {
 public:
  // Nothing for what is not in this part: groups, classes, alternatives, counts.
  static std::optional<TextPattern> parse(std::string_view text);
  // Anchored at the start, as Manila's filters are: a prefix that fits is enough.
  [[nodiscard]] bool matches(std::string_view text) const;

 private:
  struct Step {
    char character = 0;
    bool any = false;       // '.'
    bool optional = false;  // '*' and '?'
    bool repeats = false;   // '*' and '+'
  };
  std::vector<Step> steps_;
  bool to_the_end_ = false;  // '$'
};

}  // namespace pasig::http
