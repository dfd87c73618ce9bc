// docs/states.md is what the machines' tables say. To write it anew after a changed table:
//   PASIG_REWRITE=1 ctest --test-dir build/dev -R '^statemachine_test$'
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "statemachine/machines.h"

namespace pasig {
namespace {

const std::string k_path = PASIG_SOURCE_DIR "/docs/states.md";

std::string read_page() {
  std::ifstream file(k_path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(StatesPage, IsTheCommittedDocument) {
  if (std::getenv("PASIG_REWRITE") != nullptr) std::ofstream(k_path) << states_page();
  EXPECT_EQ(read_page(), states_page())
      << k_path << " differs from the tables. If the change is meant, write it anew:\n"
      << "  PASIG_REWRITE=1 ctest --test-dir build/dev -R '^statemachine_test$'";
}

TEST(StatesPage, HasADiagramAndAFullMatrixForEachMachine) {
  const std::string page = states_page();
  std::size_t diagrams = 0;
  for (auto at = page.find("```mermaid\nstateDiagram-v2"); at != std::string::npos;
       at = page.find("```mermaid\nstateDiagram-v2", at + 1))
    ++diagrams;
  EXPECT_EQ(diagrams, 5U);
  EXPECT_EQ(page.find("|  |"), std::string::npos) << "a pair is left empty";
}

TEST(StatesPage, LeavesResetsByAdminsOutOfTheDiagrams) {
  const std::string page = states_page();
  EXPECT_EQ(page.find(": reset_"), std::string::npos);
  EXPECT_EQ(page.find(", reset_"), std::string::npos);
  EXPECT_NE(page.find("| `reset_available` |"), std::string::npos);
}

}  // namespace
}  // namespace pasig
