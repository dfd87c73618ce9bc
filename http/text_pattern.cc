#include "http/text_pattern.h"

namespace pasig::http {

std::optional<TextPattern> TextPattern::parse(std::string_view text) {
  TextPattern pattern;
  if (text.starts_with('^')) text.remove_prefix(1);
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '$' && text.empty()) {
      pattern.to_the_end_ = true;
      break;
    }
    Step step{.character = c, .any = c == '.'};
    if (c == '\\') {
      if (text.empty()) return std::nullopt;
      const char escaped = text.front();
      const bool is_class = (escaped >= 'a' && escaped <= 'z') ||
                            (escaped >= 'A' && escaped <= 'Z') ||
                            (escaped >= '0' && escaped <= '9');
      if (is_class) return std::nullopt;
      step.character = escaped;
      text.remove_prefix(1);
    } else if (std::string_view("*+?()[]{}|^$").find(c) != std::string_view::npos) {
      return std::nullopt;
    }
    if (!text.empty() && std::string_view("*+?").find(text.front()) != std::string_view::npos) {
      step.optional = text.front() != '+';
      step.repeats = text.front() != '?';
      text.remove_prefix(1);
      if (text.starts_with('?') || text.starts_with('+')) text.remove_prefix(1);  // lazy: the same
    }
    pattern.steps_.push_back(step);
  }
  return pattern;
}

bool TextPattern::matches(std::string_view text) const {
  const std::size_t end = steps_.size();
  std::vector<char> at(end + 1, 0);  // at[i]: the first i steps are done
  at[0] = 1;
  const auto skip_optional = [&](std::vector<char>& states) {
    for (std::size_t i = 0; i < end; ++i)
      if (states[i] != 0 && steps_[i].optional) states[i + 1] = 1;
  };
  skip_optional(at);
  for (const char c : text) {
    if (at[end] != 0 && !to_the_end_) return true;
    std::vector<char> next(end + 1, 0);
    for (std::size_t i = 0; i < end; ++i) {
      if (at[i] == 0 || !(steps_[i].any || steps_[i].character == c)) continue;
      next[i + 1] = 1;
      if (steps_[i].repeats) next[i] = 1;
    }
    skip_optional(next);
    at = std::move(next);
  }
  return at[end] != 0;
}

}  // namespace pasig::http
