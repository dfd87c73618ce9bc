#include "tests/scenarios/scenario_file.h"

#include <sstream>

namespace pasig::scenario {
namespace {

constexpr std::string_view k_rule = "----";

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

// The words of one line; ";" is a word of its own, "#" ends the line.
Result<std::vector<std::string>> words_of(std::string_view line, std::size_t number) {
  std::vector<std::string> words;
  std::string word;
  bool in_quotes = false;
  const auto end_word = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  for (const char c : line) {
    if (c == '"') in_quotes = !in_quotes;
    else if (in_quotes) word += c;
    else if (c == '#') break;
    else if (c == ' ' || c == '\t') end_word();
    else if (c == ';') {
      end_word();
      words.emplace_back(";");
    } else word += c;
  }
  if (in_quotes)
    return fail(ErrorCode::invalid, "line " + std::to_string(number) + ": a quote is not closed");
  end_word();
  return words;
}

Statement statement_of(std::size_t line, std::vector<std::string> words) {
  Statement statement{.line = line, .verb = words.front()};
  statement.words.assign(words.begin() + 1, words.end());
  for (const std::string& word : statement.words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) statement.arguments.push_back(word);
    else statement.options[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return statement;
}

}  // namespace

Statement Statement::inner(std::size_t skipped) const {
  if (words.size() <= skipped) return {.line = line};
  return statement_of(line, {words.begin() + static_cast<std::ptrdiff_t>(skipped), words.end()});
}

std::string Statement::text() const {
  std::string all = verb;
  for (const std::string& word : words) all += " " + word;
  return all;
}

Result<std::vector<Paragraph>> parse_scenario(std::string_view text) {
  std::vector<Paragraph> paragraphs;
  std::istringstream in{std::string(text)};
  bool is_open = false;
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (is_blank(line)) {
      is_open = false;
      continue;
    }
    if (!is_open) paragraphs.push_back({.line = number});
    is_open = true;
    Paragraph& now = paragraphs.back();
    if (line == k_rule && now.is_compared)
      return fail(ErrorCode::invalid,
                  "line " + std::to_string(number) + ": a second ---- in one paragraph",
                  "part paragraphs by an empty line");
    if (line == k_rule) now.is_compared = true;
    else if (!now.is_compared) now.input.push_back(line);
    else now.expected.push_back(line);
  }
  return paragraphs;
}

std::string written(const std::vector<Paragraph>& paragraphs) {
  std::string text;
  for (const Paragraph& one : paragraphs) {
    if (!text.empty()) text += '\n';
    for (const std::string& line : one.input) text += line + '\n';
    if (one.is_compared) text += std::string(k_rule) + '\n';
    for (const std::string& line : one.expected) text += line + '\n';
  }
  return text;
}

Result<std::vector<Statement>> statements_of(const Paragraph& paragraph) {
  std::vector<Statement> statements;
  for (std::size_t i = 0; i < paragraph.input.size(); ++i) {
    const std::size_t number = paragraph.line + i;
    PASIG_TRY(const std::vector<std::string> words, words_of(paragraph.input[i], number));
    std::vector<std::string> command;
    for (const std::string& word : words) {
      if (word != ";") {
        command.push_back(word);
        continue;
      }
      if (!command.empty()) statements.push_back(statement_of(number, std::move(command)));
      command.clear();
    }
    if (!command.empty()) statements.push_back(statement_of(number, std::move(command)));
  }
  return statements;
}

}  // namespace pasig::scenario
