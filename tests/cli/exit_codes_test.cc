// What `pasig` makes of servers that misbehave: a server that answers as it is told.
#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "cli/program.h"

namespace pasig::cli {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;

// Answers each connection with the next text, byte for byte, then closes it.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::vector<std::string> answers)
      : acceptor_(io_, Tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        thread_([this, texts = std::move(answers)] { run(texts); }) {}

  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }
  // All requests' heads, after the last answer was given.
  std::vector<std::string> requests() {
    if (thread_.joinable()) thread_.join();
    return requests_;
  }

 private:
  asio::io_context io_;
  Tcp::acceptor acceptor_;
  std::vector<std::string> requests_;
  std::jthread thread_;

  void run(const std::vector<std::string>& answers) {
    for (const std::string& answer : answers) {
      Tcp::socket socket(io_);
      acceptor_.accept(socket);
      asio::streambuf buffer;
      boost::system::error_code error;
      asio::read_until(socket, buffer, "\r\n\r\n", error);
      requests_.emplace_back(asio::buffers_begin(buffer.data()), asio::buffers_end(buffer.data()));
      asio::write(socket, asio::buffer(answer), error);
      socket.shutdown(Tcp::socket::shutdown_both, error);
    }
    acceptor_.close();
  }
};

std::string reply(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n\r\n" + body;
}

std::string error(const std::string& status, const std::string& code) {
  return reply(status, R"({"error":{"code":")" + code +
                           R"(","message":"because","hint":"do this","recorded":false}})");
}

struct Ran {
  Exit exit = Exit::done;
  std::string out;
  std::string err;
};

Ran pasig(std::vector<std::string> arguments) {
  std::ostringstream out;
  std::ostringstream err;
  const Interrupt interrupt;
  const Exit exit = run_program(
      arguments,
      {.out = out,
       .err = err,
       .terminal = {},
       .environment = [](const std::string&) { return std::nullopt; },
       .interrupt = interrupt,
       .rebuild = [](Output& output, const Interrupt&, const ReplayRebuild& verb) -> Answer<void> {
         output.note("rebuilding " + verb.data_directory);
         return {};
       }});
  return {exit, out.str(), err.str()};
}

Exit exit_for(const std::string& answer) {
  ScriptedServer server({answer});
  return pasig({"type", "list", "--url", server.url()}).exit;
}

TEST(ExitCodes, FollowTheStatusAndTheCode) {
  EXPECT_EQ(exit_for(reply("200 OK", R"({"types":[],"next_offset":null})")), Exit::done);
  EXPECT_EQ(exit_for(error("400 Bad Request", "bad_request")), Exit::usage);
  EXPECT_EQ(exit_for(error("400 Bad Request", "share_is_busy")), Exit::refused);
  EXPECT_EQ(exit_for(error("403 Forbidden", "needs_admin")), Exit::refused);
  EXPECT_EQ(exit_for(error("404 Not Found", "type_not_found")), Exit::not_found);
  EXPECT_EQ(exit_for(error("409 Conflict", "type_in_use")), Exit::refused);
  EXPECT_EQ(exit_for(error("413 Content Too Large", "over_quota")), Exit::refused);
  EXPECT_EQ(exit_for(error("500 Internal Server Error", "corrupt")), Exit::failed);
  EXPECT_EQ(exit_for(error("503 Service Unavailable", "unavailable")), Exit::unavailable);
  EXPECT_EQ(exit_for(error("507 Insufficient Storage", "exhausted")), Exit::unavailable);
  EXPECT_EQ(exit_for(error("504 Gateway Timeout", "unknown")), Exit::unknown);
}

TEST(ExitCodes, UnderstandManilasForms) {
  ScriptedServer server({reply("404 Not Found", R"({"itemNotFound":{"code":404,"message":"no"}})"),
                         reply("404 Not Found", R"({"message":"gone","title":"Not Found"})")});
  EXPECT_NE(pasig({"type", "list", "--url", server.url()}).err.find("no [itemNotFound]"),
            std::string::npos);
  EXPECT_NE(pasig({"type", "list", "--url", server.url()}).err.find("gone [Not Found]"),
            std::string::npos);
}

TEST(ExitCodes, AnAnswerThatIsNotPasigsSaysSo) {
  ScriptedServer server({reply("404 Not Found", "<html>nginx</html>")});
  const Ran ran = pasig({"type", "list", "--url", server.url()});
  EXPECT_EQ(ran.exit, Exit::not_found);
  EXPECT_NE(ran.err.find("is it pasigd that listens there?"), std::string::npos) << ran.err;
}

TEST(ExitCodes, ABodyThatIsNoJsonIsAFailure) {
  EXPECT_EQ(exit_for(reply("200 OK", "hello")), Exit::failed);
}

TEST(ExitCodes, NobodyListeningIsUnavailable) {
  std::string url;
  { url = ScriptedServer({}).url(); }
  const Ran ran = pasig({"type", "create", "gold", "--url", url});
  EXPECT_EQ(ran.exit, Exit::unavailable);
  EXPECT_NE(ran.err.find("is pasigd running"), std::string::npos) << ran.err;
}

TEST(ExitCodes, AConnectionCutDuringAReadIsUnavailable) {
  EXPECT_EQ(exit_for(""), Exit::unavailable);
  EXPECT_EQ(exit_for("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), Exit::unavailable);
}

TEST(ExitCodes, ALostAnswerIsAskedForAgainUnderTheSameId) {
  ScriptedServer server(
      {"", reply("202 Accepted", R"({"command_id":"x","type":{"name":"gold"}})")});
  EXPECT_EQ(pasig({"type", "create", "gold", "--url", server.url()}).exit, Exit::done);
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 2U);
  const auto key_of = [](const std::string& request) {
    const std::size_t at = request.find("Idempotency-Key: ");
    return request.substr(at, request.find("\r\n", at) - at);
  };
  EXPECT_EQ(key_of(requests[0]), key_of(requests[1]));
  EXPECT_GT(key_of(requests[0]).size(), 40U);
}

TEST(ExitCodes, AnOutcomeThatStaysUnknownIsSeven) {
  ScriptedServer server({"", "", "", "", ""});
  const Ran ran = pasig({"type", "create", "gold", "--command-id", "my-id", "--url", server.url()});
  EXPECT_EQ(ran.exit, Exit::unknown);
  EXPECT_NE(ran.err.find("pasig command show my-id"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("--command-id my-id"), std::string::npos) << ran.err;
}

TEST(ExitCodes, AReasonTravelsAsAHeader) {
  ScriptedServer server({reply("202 Accepted", R"({"command_id":"x"})")});
  EXPECT_EQ(pasig({"type", "create", "gold", "--reason", "für Ana", "--url", server.url()}).exit,
            Exit::done);
  EXPECT_NE(server.requests().front().find("X-Pasig-Reason: für Ana\r\n"), std::string::npos);
}

TEST(ExitCodes, AReasonOfTwoLinesIsRefusedBeforeAnythingIsSent) {
  const Ran ran = pasig(
      {"type", "create", "gold", "--reason", "a\r\nX-Evil: 1", "--url", "http://127.0.0.1:1"});
  EXPECT_EQ(ran.exit, Exit::usage);
}

TEST(ExitCodes, NamesAreEncodedInPaths) {
  ScriptedServer server({error("404 Not Found", "share_not_found")});
  pasig({"share", "show", "a/b c?", "--url", server.url()});
  EXPECT_EQ(server.requests().front().substr(0, 38), "GET /pasig/v1/shares/a%2Fb%20c%3F HTTP");
}

TEST(ExitCodes, VersionSucceedsWithoutAServer) {
  const Ran ran = pasig({"version", "--url", "http://127.0.0.1:1"});
  EXPECT_EQ(ran.exit, Exit::done);
  EXPECT_EQ(ran.out.rfind("pasig ", 0), 0U) << ran.out;
}

TEST(ExitCodes, RebuildNeedsNoServer) {
  const Ran ran = pasig({"replay", "rebuild", "--data", "/data"});
  EXPECT_EQ(ran.exit, Exit::done);
  EXPECT_EQ(ran.err, "rebuilding /data\n");
}

}  // namespace
}  // namespace pasig::cli
