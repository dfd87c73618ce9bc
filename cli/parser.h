// The command line: what is typed into an Invocation, and the help texts. The verbs and options
// are declared in parser.cc and nowhere else.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "cli/verbs.h"

namespace pasig::cli {

// What to print instead of running a verb: help or the version (done), or what is wrong (usage).
struct ParserText {
  bool is_usage_error = false;
  std::string text;
  Format format = Format::table;  // as far as it was understood
};

// Without the program's name.
tl::expected<Invocation, ParserText> parse_arguments(const std::vector<std::string>& arguments);

// "share create", "why", … with aliases ("replica promote"): for the test of docs/cli.md.
std::vector<std::string> all_verbs();

}  // namespace pasig::cli
