#include "cli/argument_checks.h"

#include <algorithm>
#include <cctype>

namespace pasig::cli {
namespace {

constexpr const char* k_position = "POSITION";

std::string not_empty(const std::string& text) {
  return text.empty() ? "it is empty: give a name or an id" : "";
}

std::string is_position(const std::string& text) {
  const bool is_number =
      !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char character) {
        return std::isdigit(character) != 0;
      });
  return is_number ? "" : "'" + text + "' is not the number of a record, e.g. 12";
}

}  // namespace

void check_arguments(CLI::App& app) {
  for (CLI::Option* one : app.get_options()) {
    if (one->get_positional()) one->check(not_empty, "");
    if (one->get_type_name() == k_position || one->get_name(true) == k_position)
      one->check(is_position, "");
  }
  for (CLI::App* one : app.get_subcommands([](const CLI::App*) { return true; }))
    check_arguments(*one);
}

}  // namespace pasig::cli
