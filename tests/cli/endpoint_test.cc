// Where pasigd is looked for.
#include "cli/endpoint.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "cli/client.h"

namespace pasig::cli {
namespace {

Environment environment_of(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto at = variables.find(name);
    return at == variables.end() ? std::nullopt : std::optional(at->second);
  };
}

std::string read(const std::string& url) {
  const auto found = parse_url(url);
  return found ? to_string(*found) : found.error().message;
}

TEST(Url, HasTheDefaultPort) { EXPECT_EQ(read("http://localhost/"), "http://localhost:8786"); }

TEST(Url, TakesAnAddressInBrackets) { EXPECT_EQ(read("http://[::1]:99"), "http://[::1]:99"); }

TEST(Url, IsRefusedWhenItIsMoreThanHostAndPort) {
  for (const std::string url : {"https://x", "x:1", "http://", "http://x:0", "http://x:99999",
                                "http://x:1a", "http://x/v2", "http://u@x", "http://[::1", ""})
    EXPECT_FALSE(parse_url(url)) << url;
}

TEST(Endpoint, AnOptionWinsOverTheEnvironment) {
  const auto environment = environment_of({{"PASIG_SOCKET", "/env"}});
  EXPECT_EQ(choose_endpoint({.url = {}, .socket = "/option"}, environment)->socket, "/option");
  EXPECT_EQ(choose_endpoint({.url = "http://h:1", .socket = {}}, environment)->host, "h");
  EXPECT_EQ(choose_endpoint({}, environment)->socket, "/env");
}

TEST(Endpoint, TwoAtOnceAreRefused) {
  EXPECT_EQ(choose_endpoint({.url = "http://h", .socket = "/s"}, environment_of({})).error().exit,
            Exit::usage);
  EXPECT_EQ(choose_endpoint({}, environment_of({{"PASIG_SOCKET", "/s"}, {"PASIG_URL", "http://h"}}))
                .error()
                .exit,
            Exit::usage);
}

TEST(Endpoint, NamesAllPlacesWhenThereIsNone) {
  if (std::filesystem::exists(k_system_socket) || std::filesystem::exists(k_quickstart_socket))
    GTEST_SKIP() << "a pasigd runs here";
  const auto found = choose_endpoint({}, environment_of({}));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().exit, Exit::unavailable);
  EXPECT_NE(found.error().message.find(k_system_socket), std::string::npos);
  EXPECT_NE(found.error().message.find(k_quickstart_socket), std::string::npos);
}

TEST(Client, RefusesASocketPathThatTheSystemCannotHold) {
  const Interrupt interrupt;
  const Client client({.socket = std::string(200, 'x'), .host = {}, .port = 0}, interrupt);
  EXPECT_EQ(client.send({.target = "/"}).error().exit, Exit::usage);
}

TEST(Client, AnInterruptEndsARequestThatIsUnderWay) {
  Interrupt interrupt;
  interrupt.raise();
  // An address that never answers a connection attempt would wait for the time-out.
  const Client client({.socket = {}, .host = "192.0.2.1", .port = 9}, interrupt);
  const auto reply = client.send({.target = "/"});
  ASSERT_FALSE(reply);
  EXPECT_TRUE(reply.error().exit == Exit::wait_ended || reply.error().exit == Exit::unavailable);
}

TEST(Encoded, KeepsOnlyUnreservedCharacters) {
  EXPECT_EQ(encoded("aZ9-._~ /ä"), "aZ9-._~%20%2F%C3%A4");
}

TEST(InterruptFlag, EndsAPauseAtOnce) {
  Interrupt interrupt;
  EXPECT_TRUE(interrupt.pause(std::chrono::milliseconds(0)));
  interrupt.raise();
  EXPECT_FALSE(interrupt.pause(std::chrono::hours(1)));
}

}  // namespace
}  // namespace pasig::cli
