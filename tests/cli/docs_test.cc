// The pages for users name every verb and every route.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "cli/parser.h"
#include "http/pasig_v1_call.h"

namespace pasig {
namespace {

std::string page(const std::string& name) {
  const std::ifstream file(std::string(PASIG_SOURCE_DIR) + "/docs/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(CliPage, NamesEveryVerbWithAnExample) {
  const std::string text = page("cli.md");
  for (const std::string& verb : cli::all_verbs())
    EXPECT_NE(text.find("pasig " + verb), std::string::npos) << verb;
}

TEST(CliPage, ListsEveryExitCode) {
  const std::string text = page("cli.md");
  for (const cli::ExitMeaning& one : cli::exit_meanings())
    EXPECT_NE(text.find("| " + std::to_string(static_cast<int>(one.exit)) + " | " + one.text),
              std::string::npos)
        << one.text;
}

TEST(ApiPage, NamesEveryRoute) {
  const std::string text = page("api-v1.md");
  for (const auto& routes : {http::v1::reading_routes(), http::v1::acting_routes(),
                             http::v1::past_routes(), http::v1::replay_routes(),
                             http::v1::size_and_access_routes(), http::v1::care_routes(),
                             http::v1::controller_routes(), http::v1::order_routes()})
    for (const auto& route : routes) {
      const std::string wanted =
          "`" + std::string(route.method) + " " + std::string(route.pattern) + "`";
      EXPECT_NE(text.find(wanted), std::string::npos) << wanted;
    }
}

}  // namespace
}  // namespace pasig
