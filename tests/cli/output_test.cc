// Tables, sheets, text that is safe to show, and the progress line.
#include "cli/output.h"

#include <gtest/gtest.h>

#include <sstream>

#include "cli/progress.h"
#include "cli/sheets.h"

namespace pasig::cli {
namespace {

Table two_columns() {
  Table table({{.title = "NAME", .shrinks = true}, {.title = "SIZE", .right = true}});
  table.add({"a rather long name of a share", "1"});
  table.add({"b", "1000"});
  return table;
}

TEST(TableText, AlignsColumns) {
  EXPECT_EQ(two_columns().text(0, false),
            "NAME                           SIZE\n"
            "a rather long name of a share     1\n"
            "b                              1000\n");
}

TEST(TableText, CutsShrinkingColumnsToTheTerminal) {
  EXPECT_EQ(two_columns().text(18, false),
            "NAME          SIZE\n"
            "a rather lo…     1\n"
            "b             1000\n");
}

TEST(TableText, NeverCutsOtherColumns) {
  Table table({{.title = "ID"}});
  table.add({"0123456789"});
  EXPECT_EQ(table.text(4, false), "ID\n0123456789\n");
}

TEST(TableText, ShowsAnEmptyCellAsADash) {
  Table table({{.title = "A"}, {.title = "B"}});
  table.add({"", "x"});
  EXPECT_EQ(table.text(0, false), "A  B\n-  x\n");
}

TEST(TableText, PaintsStatesOnlyWithColours) {
  Table table({{.title = "STATE", .painted = true}});
  table.add({"error"});
  EXPECT_EQ(table.text(0, false), "STATE\nerror\n");
  EXPECT_EQ(table.text(0, true), "\x1b[1mSTATE\x1b[0m\n\x1b[31merror\x1b[0m\n");
}

TEST(SheetText, LeavesEmptyValuesOutAndStacksLists) {
  Sheet sheet;
  sheet.add("name", "docs");
  sheet.add("note", "");
  sheet.add_list("exports", {"/a", "/b"});
  EXPECT_EQ(sheet.text(false), "name     docs\nexports  /a\n         /b\n");
}

TEST(Printable, EscapesWhatWouldMoveTheTerminal) {
  EXPECT_EQ(printable("a\x1b[2Jb\n\t\x7f"), "a\\x1b[2Jb\\x0a\\x09\\x7f");
}

TEST(Printable, EscapesDirectionOverridesAndControlsBeyondAscii) {
  EXPECT_EQ(printable("\xe2\x80\xae"), "\\xe2\\x80\\xae");
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b");
}

TEST(Printable, EscapesBytesThatAreNotUtfEight) {
  EXPECT_EQ(printable("\xff"
                      "a\xc0\x80"),
            "\\xffa\\xc0\\x80");
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");
}

TEST(Printable, KeepsOtherText) { EXPECT_EQ(printable("Größe 大"), "Größe 大"); }

TEST(Fitted, EndsWithAnEllipsisWhereItCuts) {
  EXPECT_EQ(fitted("abcdef", 6), "abcdef");
  EXPECT_EQ(fitted("abcdef", 4), "abc…");
  EXPECT_EQ(fitted("äöü", 2), "ä…");
  EXPECT_EQ(fitted("abc", 0), "");
}

TEST(TerminalFound, ObeysNoColorAndCliColorForce) {
  const auto with = [](std::map<std::string, std::string> variables) {
    return find_terminal([variables](const std::string& name) -> std::optional<std::string> {
      const auto at = variables.find(name);
      return at == variables.end() ? std::nullopt : std::optional(at->second);
    });
  };
  EXPECT_TRUE(with({{"CLICOLOR_FORCE", "1"}, {"TERM", "xterm"}}).colour);
  EXPECT_FALSE(with({{"CLICOLOR_FORCE", "0"}, {"NO_COLOR", "1"}, {"TERM", "xterm"}}).colour);
  EXPECT_FALSE(with({{"TERM", "dumb"}}).shows_progress);
}

TEST(ProgressLine, DrawsABarWhereTheTotalIsKnown) {
  EXPECT_EQ(progress_line({.words = "copying", .done = 512, .total = 1024, .bytes = true}, 80),
            "copying  [############............]  50%  512 B of 1.0 KiB");
}

TEST(ProgressLine, CountsWhereItIsNot) {
  EXPECT_EQ(progress_line({.words = "copying", .done = 7, .total = {}, .bytes = false}, 80),
            "copying  7");
}

TEST(ProgressLine, ATotalOfZeroIsDone) {
  EXPECT_EQ(progress_line({.words = "x", .done = 0, .total = 0, .bytes = false}, 80),
            "x  [########################] 100%  0 of 0");
}

TEST(ProgressShown, WritesNothingWithoutATerminal) {
  std::ostringstream err;
  Progress(err, Terminal{}).show({.words = "copying"});
  EXPECT_EQ(err.str(), "");
}

TEST(ProgressShown, IsWipedAwayAtTheEnd) {
  std::ostringstream err;
  Progress(err, Terminal{.shows_progress = true}).show({.words = "copying"});
  EXPECT_EQ(err.str(), "\r\x1b[Kcopying\r\x1b[K");
}

TEST(BytesText, ChangesUnitsBeforeARoundedThousand) {
  EXPECT_EQ(bytes_text(1023), "1023 B");
  EXPECT_EQ(bytes_text(1536), "1.5 KiB");
  EXPECT_EQ(bytes_text((1ULL << 20) - 1), "1.0 MiB");
}

TEST(SpanText, UsesTwoUnits) {
  EXPECT_EQ(span_text(2.25), "2.2 s");
  EXPECT_EQ(span_text(41), "41 s");
  EXPECT_EQ(span_text(182), "3 min 2 s");
  EXPECT_EQ(span_text(7500), "2 h 5 min");
  EXPECT_EQ(span_text(273600), "3 d 4 h");
}

TEST(JsonText, IsIndented) {
  EXPECT_EQ(pretty(*parse_json(R"({"a":[1,{"b":null}],"c":{},"d":"x\"y"})")),
            "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  ],\n  \"c\": {},\n"
            "  \"d\": \"x\\\"y\"\n}");
}

TEST(JsonLookup, GivesNothingForWhatIsNotThere) {
  const Json value = *parse_json(R"({"a":{"b":7},"c":"x"})");
  EXPECT_EQ(number_at(value, "a.b"), 7U);
  EXPECT_EQ(number_at(value, "c.b"), std::nullopt);
  EXPECT_EQ(number_at(value, "c"), std::nullopt);
  EXPECT_EQ(text_at(value, "a.z"), "");
  EXPECT_TRUE(list_at(value, "a").empty());
  EXPECT_EQ(parse_json("{\"a\":1} x"), std::nullopt);
}

TEST(OutputProblem, IsOneLineThenTheHintAndTheIds) {
  std::ostringstream out;
  std::ostringstream err;
  Output output({out, err}, {}, Format::table);
  output.problem({.exit = Exit::refused,
                  .code = "x",
                  .message = "no\nway",
                  .hint = "go",
                  .ordinal = 5,
                  .ids = {"1", "2"}});
  EXPECT_EQ(err.str(),
            "pasig: no\\x0away [x]\n  1\n  2\nhint: go\n"
            "recorded at position 5: `pasig log show 5`\n");
  EXPECT_EQ(out.str(), "");
}

TEST(OutputText, KeepsLinesAndEscapesTheRest) {
  std::ostringstream out;
  std::ostringstream err;
  Output output({out, err}, {}, Format::table);
  output.text(Json(),
              "a\nb\x1b"
              "c\n");
  EXPECT_EQ(out.str(), "a\nb\\x1bc\n");
}

}  // namespace
}  // namespace pasig::cli
