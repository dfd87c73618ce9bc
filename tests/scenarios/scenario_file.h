// A scenario's text: paragraphs of command lines, most of them with the expected output below a
// line "----". A paragraph without that line sets the stage: its output is not compared.
//
//   # One idea, and the regression it guards.
//   create-type readable ; create-share s1 r1 ; settle
//
//   add-replica s1 r2
//   ----
//   6 share-s1@3 ReplicaAddStarted replica=r2 placement=n1@b#b
//
// An empty line ends a paragraph. "#" begins a comment above the "----", not below. Comments and
// command lines are kept when the expected output is written anew. Plain values and functions.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pasig::scenario {

struct Paragraph {
  std::size_t line = 0;            // of its first line, from 1
  std::vector<std::string> input;  // as written, comments included
  bool is_compared = false;
  std::vector<std::string> expected;
};

[[nodiscard]] Result<std::vector<Paragraph>> parse_scenario(std::string_view text);
[[nodiscard]] std::string written(const std::vector<Paragraph>& paragraphs);

// One command: a verb, its arguments, and its options (key=value). Quotes keep spaces together.
struct Statement {
  std::size_t line = 0;
  std::string verb;
  std::vector<std::string> words;  // all after the verb, as written
  std::vector<std::string> arguments;
  std::map<std::string, std::string> options;

  // Empty when it was not given.
  [[nodiscard]] std::string option(const std::string& key) const {
    const auto at = options.find(key);
    return at == options.end() ? std::string() : at->second;
  }
  // What stands behind the first `skipped` words, as a command of its own.
  [[nodiscard]] Statement inner(std::size_t skipped) const;
  [[nodiscard]] std::string text() const;
};

// The commands of a paragraph in order; several on a line are parted by ";".
[[nodiscard]] Result<std::vector<Statement>> statements_of(const Paragraph& paragraph);

}  // namespace pasig::scenario
