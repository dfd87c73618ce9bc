// Plays every text below this folder against the whole service, and compares what it said. With
// PASIG_REWRITE=1 the expected texts are written anew: the difference is reviewed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/scenarios/invariants.h"
#include "tests/scenarios/verbs.h"

namespace pasig::scenario {
namespace {

namespace fs = std::filesystem;

const fs::path k_folder = fs::path(PASIG_SOURCE_DIR) / "tests" / "scenarios";

std::vector<fs::path> scenario_files() {
  std::vector<fs::path> files;
  for (const auto& one : fs::directory_iterator(k_folder))
    if (one.path().extension() == ".txt" && one.path().filename() != "CMakeLists.txt")
      files.push_back(one.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::string name_of_file(const fs::path& file) {
  std::string name;
  bool starts_word = true;
  for (const char c : file.stem().string()) {
    if (c != '_') name += starts_word ? static_cast<char>(std::toupper(c)) : c;
    starts_word = c == '_';
  }
  return name;
}

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

// Plays one paragraph; what it said. A setting of the stage has to go well.
Result<std::vector<std::string>> said_by(Stage& stage, const Paragraph& paragraph) {
  PASIG_TRY(const std::vector<Statement> statements, statements_of(paragraph));
  for (const Statement& one : statements) {
    PASIG_CHECK(play(stage, one));
    const auto sound = check_invariants(stage);
    if (!sound)
      return tl::unexpected(sound.error().within("after line " + std::to_string(one.line) + ", \"" +
                                                 one.text() + "\""));
  }
  std::vector<std::string> said = stage.take_said();
  for (const std::string& line : said)
    if (!paragraph.is_compared && (line.starts_with("refused") || line.starts_with("error") ||
                                   line.find(" CommandRejected ") != std::string::npos))
      return fail(ErrorCode::invalid,
                  "setting the stage, at line " + std::to_string(paragraph.line) + ": " + line,
                  "add ---- if that is meant");
  return said;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

class Scenario : public testing::TestWithParam<fs::path> {
 protected:
  Stage stage_;

  // Plays all; the same paragraphs with what was said.
  Result<std::vector<Paragraph>> play_all(std::vector<Paragraph> paragraphs) {
    for (Paragraph& one : paragraphs) {
      PASIG_TRY(std::vector<std::string> said, said_by(stage_, one));
      if (one.is_compared) one.expected = std::move(said);
    }
    return paragraphs;
  }
};

TEST_P(Scenario, SaysWhatIsExpected) {
  const std::string text = text_of(GetParam());
  ASSERT_TRUE(text.starts_with("# ")) << "the first line says what regression it guards";
  const auto paragraphs = parse_scenario(text);
  ASSERT_TRUE(paragraphs) << paragraphs.error().text();
  const auto played = play_all(*paragraphs);
  ASSERT_TRUE(played) << GetParam().filename() << ": " << played.error().text() << "\n"
                      << joined(stage_.take_said());
  if (std::getenv("PASIG_REWRITE") != nullptr) {
    if (written(*played) != text) std::ofstream(GetParam()) << written(*played);
  } else {
    for (std::size_t i = 0; i < played->size(); ++i)
      EXPECT_EQ(joined((*paragraphs)[i].expected), joined((*played)[i].expected))
          << GetParam().filename() << ":" << (*paragraphs)[i].line;
  }
  const auto lives = check_liveness(stage_);
  EXPECT_TRUE(lives) << GetParam().filename() << ", after its end: " << lives.error().text();
}

INSTANTIATE_TEST_SUITE_P(Texts, Scenario, testing::ValuesIn(scenario_files()),
                         [](const auto& file) { return name_of_file(file.param); });

TEST(ScenarioVerbs, AnUnknownOneIsAnErrorThatListsThem) {
  Stage stage;
  const auto done = play(stage, {.line = 3, .verb = "frobnicate"});
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("line 3"), std::string::npos);
  EXPECT_NE(done.error().hint.find("set-active"), std::string::npos);
}

TEST(ScenarioVerbs, AnUnknownOptionIsAnErrorThatTellsTheUsage) {
  Stage stage;
  const auto done = play(stage, {.line = 1, .verb = "tick", .options = {{"fast", "yes"}}});
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("fast"), std::string::npos);
}

TEST(ScenarioText, IsWrittenAsItWasRead) {
  const std::string text = "# why\ntick ; settle # now\n----\n1 x\n\nadvance 5s\n";
  const auto paragraphs = parse_scenario(text);
  ASSERT_TRUE(paragraphs);
  EXPECT_EQ(written(*paragraphs), text);
  EXPECT_EQ(statements_of(paragraphs->front())->size(), 2U);
}

}  // namespace
}  // namespace pasig::scenario
