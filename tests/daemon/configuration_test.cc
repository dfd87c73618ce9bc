// Every kind of wrong value is one line with the file, the line and the cure.
#include "daemon/configuration.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/log/scratch_directory.h"

namespace pasig::daemon {
namespace {

using Environment = std::map<std::string, std::string>;

class ConfigurationFile : public testing::Test {
 protected:
  Result<Configuration> read(const std::string& text, const Environment& environment = {}) {
    std::ofstream(path()) << text;
    return read_configuration(path(), environment);
  }
  std::string path() const { return (scratch_.path() / "pasig.toml").string(); }

  // The error names this line of the file and says this, on one line and with a cure.
  void expect_wrong(const std::string& text, int line, const std::string& message,
                    const std::string& cure) {
    const auto found = read(text);
    ASSERT_FALSE(found) << text;
    EXPECT_EQ(found.error().code, ErrorCode::invalid);
    const std::string place = path() + ":" + std::to_string(line) + ": ";
    EXPECT_TRUE(found.error().message.starts_with(place)) << found.error().message;
    EXPECT_NE(found.error().message.find(message), std::string::npos) << found.error().message;
    EXPECT_NE(found.error().hint.find(cure), std::string::npos) << found.error().hint;
    EXPECT_EQ(found.error().text().find('\n'), std::string::npos) << found.error().text();
  }

  ScratchDirectory scratch_;
};

std::string controller(const std::string& name, const std::string& more = "") {
  return "[[controller]]\nname = \"" + name + "\"\nzone = \"a\"\ndriver = \"simulated\"\n" + more;
}

// ---- what is right ------------------------------------------------------------------------
TEST_F(ConfigurationFile, IsNotNeeded) {
  const auto defaults = read_configuration("", {});
  ASSERT_TRUE(defaults) << defaults.error().text();
  EXPECT_EQ(defaults->listen, (std::vector<std::string>{"127.0.0.1:8786"}));
  EXPECT_NE(defaults->node_name, "");  // the host's
}

TEST_F(ConfigurationFile, SetsEveryKindOfKey) {
  const auto found =
      read("[node]\nname = \"n-1\"\n[api]\nlisten = [\"127.0.0.2:1\", \"[::1]:2\"]\nworkers = 3\n" +
           controller("alpha", "root = \"/srv\"\nfence = false\nreserved_percentage = 5\n"));
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(found->node_name, "n-1");
  EXPECT_EQ(found->listen, (std::vector<std::string>{"127.0.0.2:1", "[::1]:2"}));
  EXPECT_EQ(found->api_workers, 3);
  ASSERT_EQ(found->controllers.size(), 1U);
  EXPECT_EQ(found->controllers[0].zone, "a");
  EXPECT_EQ(found->controllers[0].options,
            (std::map<std::string, std::string>{
                {"root", "/srv"}, {"fence", "false"}, {"reserved_percentage", "5"}}));
}

TEST_F(ConfigurationFile, TakesEveryKeyAtItsDefault) {
  const Configuration defaults;
  for (const ConfigurationKey& key : configuration_keys()) {
    const std::size_t dot = key.path.find('.');
    std::string text = "[" + key.path.substr(0, dot) + "]\n" + key.path.substr(dot + 1) + " = ";
    if (const auto* number = std::get_if<std::int64_t Configuration::*>(&key.field))
      text += std::to_string(defaults.**number);
    else if (const auto* word = std::get_if<std::string Configuration::*>(&key.field))
      text += '"' + defaults.**word + '"';
    else text += "[]";
    const auto found = read(text);
    EXPECT_TRUE(found) << key.path << ": " << found.error().text();
  }
}

// ---- what is wrong ------------------------------------------------------------------------
TEST_F(ConfigurationFile, ThatIsNotThereIsNamed) {
  const auto found = read_configuration("/no/such/file.toml", {});
  ASSERT_FALSE(found);
  EXPECT_TRUE(found.error().message.starts_with("/no/such/file.toml: ")) << found.error().text();
  EXPECT_NE(found.error().hint, "");
}

TEST_F(ConfigurationFile, ThatIsNoTomlIsRefused) {
  expect_wrong("[node]\nname = \n", 2, "", "docs/configuration.md");
  expect_wrong("[node\n", 1, "", "docs/configuration.md");
  expect_wrong("[node]\nname = \"a\"\nname = \"b\"\n", 3, "name", "docs/configuration.md");
}

TEST_F(ConfigurationFile, WithAnUnknownKeyIsRefused) {
  expect_wrong("[node]\n\nnmae = \"a\"\n", 3, "node.nmae is no key", "docs/configuration.md");
  expect_wrong("[api.tls]\ncertificate = \"a\"\n", 1, "api.tls is no key", "docs/configuration.md");
}

TEST_F(ConfigurationFile, WithAnUnknownSectionIsRefused) {
  expect_wrong("[nodes]\nname = \"a\"\n", 1, "[nodes] is no section", "docs/configuration.md");
  expect_wrong("[node]\n[nodes]\n", 2, "[nodes] is no section", "docs/configuration.md");
}

TEST_F(ConfigurationFile, WithAKeyOutsideOfASectionIsRefused) {
  expect_wrong("name = \"a\"\n", 1, "name stands outside of any section", "below [node]");
}

TEST_F(ConfigurationFile, WithAnotherTypeIsRefused) {
  expect_wrong("[api]\nworkers = \"many\"\n", 2, "api.workers is no whole number", "1 to 256");
  expect_wrong("[api]\nworkers = 1.5\n", 2, "api.workers is no whole number", "1 to 256");
  expect_wrong("[node]\nname = 7\n", 2, "node.name is no text", "in quotes");
  expect_wrong("[api]\nlisten = \"127.0.0.1:1\"\n", 2, "api.listen is no list", "[\"");
  expect_wrong("[api]\nlisten = [1]\n", 2, "api.listen holds what is no text", "in quotes");
}

TEST_F(ConfigurationFile, WithANumberOutOfRangeIsRefused) {
  expect_wrong("[api]\nworkers = 0\n", 2, "api.workers is 0", "from 1 to 256");
  expect_wrong("[api]\nworkers = 257\n", 2, "api.workers is 257", "from 1 to 256");
  expect_wrong("[quotas]\nshares = -2\n", 2, "quotas.shares is -2", "from -1");
}

TEST_F(ConfigurationFile, WithAnUnknownWordIsRefused) {
  expect_wrong("[log]\nengine = \"kafka\"\n", 2, "log.engine is \"kafka\"", "embedded, memory");
  expect_wrong("[logging]\nlevel = \"loud\"\n", 2, "logging.level is \"loud\"", "debug, info");
}

TEST_F(ConfigurationFile, WithABadNameIsRefused) {
  expect_wrong("[node]\nname = \"a b\"\n", 2, "node.name is \"a b\"", "letters, digits");
  expect_wrong("[node]\nname = \"" + std::string(65, 'n') + "\"\n", 2, "node.name", "at most 64");
}

TEST_F(ConfigurationFile, WithABadPathIsRefused) {
  expect_wrong("[node]\ndata_directory = \"data\"\n", 2, "node.data_directory is \"data\"",
               "begins with /");
  expect_wrong("[node]\ndata_directory = \"\"\n", 2, "node.data_directory", "begins with /");
  expect_wrong("[api]\nsocket = \"pasig.sock\"\n", 2, "api.socket", "begins with /");
  expect_wrong("[api]\nsocket = \"/" + std::string(200, 's') + "\"\n", 2,
               "api.socket has 201 bytes", "at most 107");
}

TEST_F(ConfigurationFile, WithABadModeIsRefused) {
  for (const char* mode : {"", "rw", "66", "0888", "06600", "1777"})
    expect_wrong("[api]\nsocket_mode = \"" + std::string(mode) + "\"\n", 2, "api.socket_mode",
                 "like 0660");
}

TEST_F(ConfigurationFile, WithAnAddressThatIsNoneIsRefused) {
  for (const char* address : {"", "8786", "127.0.0.1", "localhost:8786",
                              "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:80 "})
    expect_wrong("[api]\nlisten = [\"" + std::string(address) + "\"]\n", 2, "api.listen has",
                 "127.0.0.1:8786");
}

TEST_F(ConfigurationFile, WithAnAddressThatOthersReachIsRefused) {
  for (const char* address : {"0.0.0.0:8786", "192.0.2.1:1", "[::]:8786", "[2001:db8::1]:1"})
    expect_wrong("[api]\nlisten = [\"127.0.0.1:1\", \"" + std::string(address) + "\"]\n", 2,
                 "there is no authentication", "listen on 127.0.0.1");
}

TEST_F(ConfigurationFile, WithNothingToListenOnIsRefused) {
  expect_wrong("[api]\nsocket = \"\"\nlisten = []\n", 3, "both empty", "at least one");
}

TEST_F(ConfigurationFile, WithALeaseBeyondTheDeadlineIsRefused) {
  expect_wrong("[timings]\nlease_seconds = 600\noperation_deadline_seconds = 60\n", 2,
               "is longer than", "lease shorter");
}

TEST_F(ConfigurationFile, WithABadControllerIsRefused) {
  expect_wrong(controller("a b"), 1, "controller.name is \"a b\"", "letters, digits");
  expect_wrong("[[controller]]\nzone = \"a\"\n", 1, "controller.name is \"\"", "letters, digits");
  expect_wrong("[[controller]]\nname = \"a\"\ndriver = \"directory\"\n", 1,
               "zone of controller a is \"\"", "letters, digits");
  expect_wrong("[[controller]]\nname = \"a\"\nzone = \"z\"\ndriver = \"nfs\"\n", 1,
               "driver of controller a is \"nfs\"", "directory or simulated");
  expect_wrong(controller("a", "root = [\"/srv\"]\n"), 5, "controller.root is no text",
               "give one value");
  expect_wrong("[controller]\nname = \"a\"\n", 1, "controller is no list", "[[controller]]");
}

TEST_F(ConfigurationFile, WithTwoControllersOfOneNameIsRefused) {
  expect_wrong(controller("alpha") + controller("beta") + controller("alpha"), 9,
               "controller alpha is there twice", "its own name");
}

// ---- the environment ------------------------------------------------------------------------
TEST_F(ConfigurationFile, IsOverriddenByTheEnvironment) {
  const auto found =
      read("[api]\nworkers = 3\nlisten = [\"127.0.0.1:1\"]\n[node]\nname = \"file\"\n",
           {{"PASIG_API_WORKERS", "5"},
            {"PASIG_API_LISTEN", "127.0.0.1:2,[::1]:3"},
            {"PASIG_NODE_NAME", "environment"}});
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(found->api_workers, 5);
  EXPECT_EQ(found->listen, (std::vector<std::string>{"127.0.0.1:2", "[::1]:3"}));
  EXPECT_EQ(found->node_name, "environment");
}

TEST_F(ConfigurationFile, CanHaveAListEmptiedByTheEnvironment) {
  const auto found = read("", {{"PASIG_API_LISTEN", ""}});
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_TRUE(found->listen.empty());
}

TEST_F(ConfigurationFile, LeavesOtherVariablesAlone) {
  EXPECT_TRUE(read("", {{"PASIG_QUICKSTART", "x"}, {"PATH", "/bin"}}));
}

TEST_F(ConfigurationFile, NamesTheVariableThatIsWrong) {
  const std::vector<std::array<std::string, 3>> wrong = {
      {"PASIG_API_WORKERS", "many", "give a whole number"},
      {"PASIG_API_WORKERS", "", "give a whole number"},
      {"PASIG_API_WORKERS", "0", "from 1 to 256"},
      {"PASIG_LOG_ENGINE", "kafka", "embedded, memory"},
      {"PASIG_API_LISTEN", "0.0.0.0:1", "127.0.0.1"},
      {"PASIG_NODE_DATA_DIRECTORY", "data", "begins with /"}};
  for (const auto& [variable, value, cure] : wrong) {
    const auto found = read("", {{variable, value}});
    ASSERT_FALSE(found) << variable;
    EXPECT_TRUE(found.error().message.starts_with(variable + ": ")) << found.error().text();
    EXPECT_NE(found.error().hint.find(cure), std::string::npos) << found.error().text();
  }
}

// ---- the page -----------------------------------------------------------------------------
TEST(ConfigurationPage, IsWhatTheCodeSays) {
  const std::ifstream file(std::string(PASIG_SOURCE_DIR) + "/docs/configuration.md");
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), configuration_page())
      << "write it again: pasigd --config-reference > docs/configuration.md";
}

}  // namespace
}  // namespace pasig::daemon
