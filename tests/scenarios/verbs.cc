#include "tests/scenarios/verbs.h"

#include <charconv>
#include <set>
#include <sstream>

namespace pasig::scenario {
namespace {

const Verbs& verbs() {
  static const Verbs k_all = [] {
    Verbs all;
    add_client_verbs(all);
    add_report_verbs(all);
    add_world_verbs(all);
    add_looking_verbs(all);
    add_size_and_access_verbs(all);
    add_care_verbs(all);
    add_order_verbs(all);
    add_snapshot_verbs(all);
    return all;
  }();
  return k_all;
}

std::string list_of_verbs() {
  std::string all;
  for (const auto& [name, verb] : verbs()) {
    all += "\n  " + name;
    if (!verb.usage.empty()) all += ' ' + verb.usage;
  }
  return all;
}

struct Usage {
  std::size_t least = 0;
  std::size_t most = 0;
  std::set<std::string> options;
};

Usage parse_usage(const std::string& text) {
  Usage usage;
  std::istringstream in(text);
  for (std::string word; in >> word;) {
    const std::size_t equals = word.find('=');
    if (word == "...") usage.most = SIZE_MAX;
    else if (equals != std::string::npos) usage.options.insert(word.substr(0, equals));
    else {
      if (!word.starts_with('[')) ++usage.least;
      ++usage.most;
    }
  }
  return usage;
}

Result<void> check_usage(const Statement& statement, const Verb& verb) {
  const Usage usage = parse_usage(verb.usage);
  const std::string cure = "usage: " + statement.verb + " " + verb.usage;
  // The words of a command within another one are that one's to check.
  if (usage.most == SIZE_MAX && statement.words.size() >= usage.least) return {};
  const std::size_t count = statement.arguments.size();
  if (count < usage.least || count > usage.most)
    return fail(ErrorCode::invalid, std::to_string(count) + " arguments", cure);
  for (const auto& [key, value] : statement.options)
    if (!usage.options.contains(key))
      return fail(ErrorCode::invalid, "there is no option " + key, cure);
  return {};
}

Result<void> act(Stage& stage, const Statement& statement) {
  const auto found = verbs().find(statement.verb);
  if (found == verbs().end())
    return fail(ErrorCode::invalid, "there is no such verb", "the verbs:" + list_of_verbs());
  PASIG_CHECK(check_usage(statement, found->second));
  if (!found->second.sets_stage) PASIG_CHECK(stage.start());
  return found->second.act(stage, statement);
}

}  // namespace

Result<void> play(Stage& stage, const Statement& statement) {
  const auto done = act(stage, statement);
  if (done) return {};
  return tl::unexpected(done.error().within("line " + std::to_string(statement.line) + ", \"" +
                                            statement.text() + "\""));
}

Result<std::uint64_t> number_option(const Statement& statement, const std::string& key,
                                    std::uint64_t otherwise) {
  const std::string text = statement.option(key);
  if (text.empty()) return otherwise;
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  if (const auto [stop, error] = std::from_chars(text.data(), end, number);
      error == std::errc() && stop == end)
    return number;
  return fail(ErrorCode::invalid, key + ": \"" + text + "\" is no number");
}

Result<std::int64_t> seconds_option(const Statement& statement, const std::string& key,
                                    std::int64_t otherwise) {
  const std::string text = statement.option(key);
  return text.empty() ? Result<std::int64_t>(otherwise) : parse_seconds(text);
}

}  // namespace pasig::scenario
