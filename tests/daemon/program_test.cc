// The program pasigd as its operator meets it: flags, exit codes, one line on stderr; and a node
// that is started, refused a second time, and started again.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "daemon/node.h"
#include "log/memory.h"
#include "log/open.h"
#include "service/command_handler.h"
#include "tests/log/scratch_directory.h"

namespace pasig::daemon {
namespace {

struct Ran {
  int exit = -1;
  std::string text;  // stdout and stderr
};

Ran pasigd(const std::string& arguments, const std::string& environment = "") {
  const std::string command = environment + " '" PASIG_PASIGD "' " + arguments + " 2>&1";
  Ran ran;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return ran;
  std::array<char, 4096> buffer{};
  while (const std::size_t size = fread(buffer.data(), 1, buffer.size(), pipe))
    ran.text.append(buffer.data(), size);
  const int status = pclose(pipe);
  ran.exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

class Pasigd : public testing::Test {
 protected:
  std::string configured(const std::string& text) {
    std::ofstream(path()) << text;
    return "--config '" + path() + "' ";
  }
  std::string path() const { return (scratch_.path() / "pasig.toml").string(); }
  Configuration configuration() const {
    Configuration c;
    c.node_name = "n1";
    c.data_directory = (scratch_.path() / "data").string();
    c.socket = (scratch_.path() / "pasig.sock").string();
    c.listen = {};
    c.controllers = {{.name = "alpha", .zone = "a", .driver = "simulated"}};
    return c;
  }
  static std::unique_ptr<Node> started(const Configuration& c) {
    auto node = start_node(c, [](const Error& error) { ADD_FAILURE() << error.text(); });
    EXPECT_TRUE(node) << node.error().text();
    return node ? *std::move(node) : nullptr;
  }
  ScratchDirectory scratch_;
};

TEST_F(Pasigd, ChecksAGoodConfigurationAndStartsNothing) {
  const Ran ran = pasigd(configured("[node]\nname = \"n1\"\ndata_directory = \"" +
                                    (scratch_.path() / "data").string() + "\"\n") +
                         "--check-config");
  EXPECT_EQ(ran.exit, 0) << ran.text;
  EXPECT_NE(ran.text.find(path() + ": good"), std::string::npos) << ran.text;
  EXPECT_FALSE(std::filesystem::exists(scratch_.path() / "data"));
}

TEST_F(Pasigd, RefusesAWrongConfigurationInOneLine) {
  for (const char* check : {"--check-config", ""}) {
    const Ran ran = pasigd(configured("[api]\nworkers = 0\n") + check);
    EXPECT_EQ(ran.exit, 2);
    EXPECT_TRUE(ran.text.starts_with("pasigd: " + path() + ":2: api.workers is 0")) << ran.text;
    EXPECT_EQ(ran.text.find('\n'), ran.text.size() - 1) << ran.text;
  }
}

TEST_F(Pasigd, RefusesAWrongVariable) {
  const Ran ran = pasigd("--check-config", "PASIG_API_LISTEN=0.0.0.0:8786");
  EXPECT_EQ(ran.exit, 2);
  EXPECT_NE(ran.text.find("PASIG_API_LISTEN: api.listen has"), std::string::npos) << ran.text;
  EXPECT_NE(ran.text.find("no authentication"), std::string::npos) << ran.text;
}

TEST_F(Pasigd, PrintsThePageOfItsConfiguration) {
  const Ran ran = pasigd("--config-reference");
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(ran.text, configuration_page());
}

TEST_F(Pasigd, TellsItsVersionAndFormats) {
  const Ran ran = pasigd("--version");
  EXPECT_EQ(ran.exit, 0);
  EXPECT_NE(ran.text.find("log format 1, fold "), std::string::npos) << ran.text;
}

TEST_F(Pasigd, RefusesAnUnknownFlag) { EXPECT_EQ(pasigd("--confg x").exit, 2); }

// ---- a node -------------------------------------------------------------------------------
TEST_F(Pasigd, OfTheSameDataDirectoryIsRefused) {
  const auto first = started(configuration());
  Configuration second = configuration();
  second.socket += "2";
  const auto refused = start_node(second, [](const Error&) {});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find(second.data_directory), std::string::npos)
      << refused.error().text();
  EXPECT_NE(refused.error().message.find(std::to_string(getpid())), std::string::npos)
      << refused.error().text();
}

TEST_F(Pasigd, ListensNowhereButOnLoopback) {
  Configuration open = configuration();
  open.listen = {"0.0.0.0:0"};  // as if the file's check had let it pass
  const auto refused = start_node(open, [](const Error&) {});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("no authentication"), std::string::npos);
}

TEST_F(Pasigd, StartsAgainWhereItStopped) {
  started(configuration())->stop();
  const auto again = started(configuration());
  EXPECT_NE(again->addresses().find(configuration().socket), std::string::npos);
}

// The log was put back from somewhere else: what was folded from the old one does not count.
TEST_F(Pasigd, FoldsAnotherLogFromZero) {
  started(configuration())->stop();
  const std::filesystem::path data = configuration().data_directory;
  std::filesystem::remove_all(data / "log");
  {
    const auto other = std::move(open_log({.directory = data / "log"})).value();
    ASSERT_TRUE(create_log_if_empty(*other, SystemClock(), "other", 5000));
  }
  started(configuration())->stop();
  std::string because;
  const auto store = std::move(open_store((data / "state").string(), {}, &because)).value();
  EXPECT_EQ(because, "");
  EXPECT_EQ(store->view()->head().window, 5000U);
}

}  // namespace
}  // namespace pasig::daemon
