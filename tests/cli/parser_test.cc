// From the words of a command line to an Invocation.
#include "cli/parser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <sstream>

namespace pasig::cli {
namespace {

template <class T>
T parsed(const std::vector<std::string>& arguments) {
  const auto found = parse_arguments(arguments);
  EXPECT_TRUE(found) << found.error().text;
  const T* verb = found ? std::get_if<T>(&found->verb) : nullptr;
  EXPECT_NE(verb, nullptr);
  return verb == nullptr ? T{} : *verb;
}

std::string usage_error(const std::vector<std::string>& arguments) {
  const auto found = parse_arguments(arguments);
  if (found || !found.error().is_usage_error) return "(none)";
  return found.error().text;
}

TEST(Parser, ReadsATypeWithAllItsOptions) {
  const auto verb = parsed<TypeCreate>({"type", "create", "gold", "--replication", "readable",
                                        "--rpo", "600", "--sync-interval", "2", "--spec", "k=v",
                                        "--spec", "a=b", "--private", "--reason", "why not"});
  EXPECT_EQ(verb.name, "gold");
  EXPECT_EQ(verb.replication, "readable");
  EXPECT_EQ(verb.rpo_seconds, 600U);
  EXPECT_EQ(verb.sync_interval_seconds, 2U);
  EXPECT_EQ(verb.specs, (std::vector<std::string>{"k=v", "a=b"}));
  EXPECT_TRUE(verb.is_private);
  EXPECT_EQ(verb.acting.reason, "why not");
}

TEST(Parser, PromoteIsSetActive) {
  const auto verb = parsed<ReplicaSetActive>({"replica", "promote", "docs@b", "--mode", "forced",
                                              "--accept-older", "--wait", "--timeout", "9"});
  EXPECT_EQ(verb.replica, "docs@b");
  EXPECT_EQ(verb.mode, "forced");
  EXPECT_TRUE(verb.accept_older);
  EXPECT_TRUE(verb.acting.wait);
  EXPECT_EQ(verb.acting.timeout_seconds, 9U);
}

TEST(Parser, TakesGlobalOptionsBeforeAndAfterTheVerb) {
  for (const auto& arguments : {std::vector<std::string>{"-o", "json", "share", "list"},
                                std::vector<std::string>{"share", "list", "-o", "json"}}) {
    const auto found = parse_arguments(arguments);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->format, Format::json);
  }
}

TEST(Parser, LeavesOptionsThatWereNotGivenOpen) {
  const auto verb = parsed<ReplicaSetActive>({"replica", "set-active", "x"});
  EXPECT_EQ(verb.mode, "auto");
  EXPECT_EQ(verb.quiesce_wait_seconds, std::nullopt);
  EXPECT_EQ(parsed<LogShow>({"log", "show"}).limit, std::nullopt);
}

TEST(Parser, NamesWhatIsMissingOrWrong) {
  EXPECT_NE(usage_error({}).find("subcommand is required"), std::string::npos);
  EXPECT_NE(usage_error({"share"}).find("subcommand is required"), std::string::npos);
  EXPECT_NE(usage_error({"share", "show"}).find("SHARE"), std::string::npos);
  EXPECT_NE(usage_error({"share", "create"}).find("NAME"), std::string::npos);
  EXPECT_NE(usage_error({"share", "list", "--limit", "0"}).find("--limit"), std::string::npos);
  EXPECT_NE(usage_error({"share", "list", "--limit", "abc"}).find("--limit"), std::string::npos);
  EXPECT_NE(usage_error({"share", "list", "-o", "xml"}).find("--output"), std::string::npos);
  EXPECT_NE(usage_error({"replica", "promote", "x", "--mode", "now"}).find("--mode"),
            std::string::npos);
  EXPECT_NE(usage_error({"log", "show", "3", "--limit", "2"}).find("excludes"), std::string::npos);
  EXPECT_EQ(
      usage_error({"share", "lst"}),
      "'lst' is no verb of pasig share; there are create, list, show, delete, extend, shrink, "
      "reset-status, revert");
  EXPECT_EQ(usage_error({"replica", "aside", "lst"}),
            "'lst' is no verb of pasig replica aside; there are list, delete, restore-to");
  const std::string both = usage_error({"pause", "--all", "--share", "docs", "--reason", "x"});
  EXPECT_EQ(both.find("is no verb"), std::string::npos) << both;
  EXPECT_EQ(usage_error({"-o", "json", "shares"}).rfind("'shares' is no verb of pasig; ", 0), 0U);
  EXPECT_NE(usage_error({"share", "list", "--frobnicate"}), "(none)");
}

TEST(Parser, ATimeoutNeedsAWait) {
  EXPECT_NE(usage_error({"share", "delete", "x", "--timeout", "5"}).find("--wait"),
            std::string::npos);
}

TEST(Parser, KnowsTheFormatEvenOfALineThatMakesNoSense) {
  const auto found = parse_arguments({"nonsense", "-o", "json"});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().format, Format::json);
}

TEST(Parser, HelpListsTheExitCodes) {
  const auto found = parse_arguments({"--help"});
  ASSERT_FALSE(found);
  EXPECT_FALSE(found.error().is_usage_error);
  for (const ExitMeaning& one : exit_meanings())
    EXPECT_NE(found.error().text.find(one.text), std::string::npos);
}

TEST(Parser, HelpOfAVerbShowsItsOptions) {
  const auto found = parse_arguments({"replica", "set-active", "--help"});
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().text.find("--quiesce-wait"), std::string::npos) << found.error().text;
  EXPECT_NE(found.error().text.find("Usage: pasig replica set-active"), std::string::npos);
}

TEST(Parser, EveryVerbExplainsItself) {
  for (const std::string& verb : all_verbs()) {
    EXPECT_NE(verb.back(), ' ') << verb;
    std::istringstream text(verb);
    std::vector<std::string> words{std::istream_iterator<std::string>(text), {}};
    words.emplace_back("--help");
    const auto found = parse_arguments(words);
    ASSERT_FALSE(found) << verb;
    EXPECT_FALSE(found.error().is_usage_error) << verb << ": " << found.error().text;
    const std::string group = verb.substr(0, verb.rfind(' ') + 1);  // the verb may be an alias
    EXPECT_NE(found.error().text.find("Usage: pasig " + group), std::string::npos)
        << verb << ": " << found.error().text;
  }
}

}  // namespace
}  // namespace pasig::cli
