// The pages for users name every verb and every route.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
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

TEST(ApiPage, NamesNoRouteThatIsNotServed) {
  const std::string text = page("api-v1.md");
  std::set<std::string> served;
  for (const auto& route : http::v1::all_routes())
    served.insert(std::string(route.method) + " " + std::string(route.pattern));
  std::size_t named = 0;
  for (const std::string method : {"GET", "POST", "PUT", "PATCH", "DELETE"})
    for (std::size_t at = text.find("`" + method + " /"); at != std::string::npos;
         at = text.find("`" + method + " /", at + 1)) {
      const std::string route = text.substr(at + 1, text.find('`', at + 1) - at - 1);
      EXPECT_TRUE(served.contains(route)) << route;
      ++named;
    }
  EXPECT_GE(named, served.size());
}

TEST(ApiPage, NamesEveryRoute) {
  const std::string text = page("api-v1.md");
  for (const auto& route : http::v1::all_routes()) {
    const std::string wanted =
        "`" + std::string(route.method) + " " + std::string(route.pattern) + "`";
    EXPECT_NE(text.find(wanted), std::string::npos) << wanted;
  }
}

}  // namespace
}  // namespace pasig
