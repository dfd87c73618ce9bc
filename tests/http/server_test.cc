// The server on real sockets: connections, deadlines, limits, listening and stopping.
#include <atomic>
#include <latch>
#include <thread>
#include <vector>

#include "tests/http/running_server.h"

namespace pasig::http {
namespace {

TEST_F(HttpServer, KeepsAConnectionForSeveralRequests) {
  start();
  const RawClient client(address_);
  for (int i = 0; i < 3; ++i) {
    client.send(request_text("POST /echo HTTP/1.1", "hello"));
    EXPECT_TRUE(client.read_answer().ends_with("\r\n\r\nhello"));
  }
}

TEST_F(HttpServer, AnswersPipelinedRequestsInOrder) {
  start();
  const RawClient client(address_);
  client.send(request_text("POST /echo HTTP/1.1", "one") +
              request_text("POST /echo HTTP/1.1", "two"));
  EXPECT_TRUE(client.read_answer().ends_with("one"));
  EXPECT_TRUE(client.read_answer().ends_with("two"));
}

TEST_F(HttpServer, ClosesWhenAskedAndInHttp10) {
  start();
  const RawClient asked(address_);
  asked.send("GET /who HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_NE(asked.read_to_end().find("Connection: close"), std::string::npos);
  const RawClient older(address_);
  older.send("GET /who HTTP/1.0\r\n\r\n");
  EXPECT_EQ(status_in(older.read_to_end()), 200);
}

TEST_F(HttpServer, HeadHasTheLengthAndNoBody) {
  start();
  const std::string answer = exchange(request_text("HEAD /who HTTP/1.1"));
  EXPECT_EQ(status_in(answer), 200);
  EXPECT_NE(answer.find("Content-Length: 18\r\n"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(HttpServer, OptionsNamesTheMethods) {
  start();
  const std::string answer = exchange(request_text("OPTIONS /v2/shares HTTP/1.1"));
  EXPECT_EQ(status_in(answer), 204);
  EXPECT_NE(answer.find("Allow: GET, HEAD, POST, OPTIONS"), std::string::npos) << answer;
}

TEST_F(HttpServer, ReadsChunkedBodies) {
  start();
  const std::string answer = exchange(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_TRUE(answer.ends_with("abcde")) << answer;
}

TEST_F(HttpServer, TakesABodyOfExactlyTheLimit) {
  start();
  EXPECT_EQ(status_in(exchange(request_text("POST /echo HTTP/1.1", std::string(64 * 1024, 'x')))),
            200);
}

TEST_F(HttpServer, SaysContinueBeforeItReadsTheBody) {
  start();
  const RawClient client(address_);
  client.send(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(status_in(client.read_answer()), 100);
  client.send("hi");
  EXPECT_TRUE(client.read_answer().ends_with("hi"));
}

TEST_F(HttpServer, RefusesATooLongBodyBeforeItIsSent) {
  start();
  const RawClient client(address_);
  client.send(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(status_in(client.read_answer()), 413);
}

TEST_F(HttpServer, TellsASlowHeaderThatItsTimeIsUp) {
  options_.message_timeout_ms = 200;
  start();
  const RawClient client(address_);
  client.send("GET /who HTTP/1.1\r\nHo");
  EXPECT_EQ(status_in(client.read_to_end()), 408);
}

TEST_F(HttpServer, TellsASlowBodyThatItsTimeIsUp) {
  options_.message_timeout_ms = 200;
  start();
  const RawClient client(address_);
  client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(status_in(client.read_to_end()), 408);
}

TEST_F(HttpServer, ClosesAnIdleConnectionWithoutAWord) {
  options_.idle_timeout_ms = 100;
  start();
  const RawClient client(address_);
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(HttpServer, DropsLineEndsFromHeadersItGivesBack) {
  start();
  const std::string answer = exchange(request_text("GET /split?h=a%0d%0aSet-Cookie:x HTTP/1.1"));
  EXPECT_NE(answer.find("X-Back: aSet-Cookie:x\r\n"), std::string::npos) << answer;
}

TEST_F(HttpServer, LimitsConnectionsOfOnePeer) {
  options_.connections_per_peer_max = 2;
  start();
  const RawClient one(address_);
  const RawClient two(address_);
  one.send(request_text("GET /who HTTP/1.1"));
  two.send(request_text("GET /who HTTP/1.1"));
  EXPECT_EQ(status_in(one.read_answer()), 200);
  EXPECT_EQ(status_in(two.read_answer()), 200);
  const RawClient third(address_);
  EXPECT_EQ(status_in(third.read_to_end()), 503);
}

TEST_F(HttpServer, LimitsConnectionsAltogether) {
  options_.connections_max = 1;
  start();
  const RawClient one(address_);
  one.send(request_text("GET /who HTTP/1.1"));
  EXPECT_EQ(status_in(one.read_answer()), 200);
  const RawClient second(address_);
  EXPECT_EQ(status_in(second.read_to_end()), 503);
}

TEST_F(HttpServer, ServesManyClientsAtOnce) {
  start();
  std::atomic<int> good{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 16; ++i)
    clients.emplace_back([&] {
      const RawClient client(address_);
      for (int k = 0; k < 20; ++k) {
        client.send(request_text("POST /echo HTTP/1.1", "x" + std::to_string(k)));
        if (client.read_answer().ends_with("x" + std::to_string(k))) ++good;
      }
    });
  for (auto& client : clients) client.join();
  EXPECT_EQ(good, 320);
}

TEST_F(HttpServer, AnswersOthersWhileAHandlerBlocks) {
  std::latch entered(1);
  std::latch may_go(1);
  router_.add("GET", "/block", [&](const Request&) {
    entered.count_down();
    may_go.wait();
    return Response{.body = "done"};
  });
  options_.workers = 2;
  start();
  const RawClient slow(address_);
  slow.send(request_text("GET /block HTTP/1.1"));
  entered.wait();
  EXPECT_EQ(status_in(exchange(request_text("GET /who HTTP/1.1"))), 200);
  may_go.count_down();
  EXPECT_TRUE(slow.read_answer().ends_with("done"));
}

TEST_F(HttpServer, AnswersWhatIsUnderWayWhenItStops) {
  std::latch entered(1);
  std::latch may_go(1);
  router_.add("GET", "/block", [&](const Request&) {
    entered.count_down();
    may_go.wait();
    return Response{.body = "done"};
  });
  start();
  const RawClient idle(address_);
  idle.send(request_text("GET /who HTTP/1.1"));
  EXPECT_EQ(status_in(idle.read_answer()), 200);
  const RawClient slow(address_);
  slow.send(request_text("GET /block HTTP/1.1"));
  entered.wait();
  std::thread stopper([&] { server_->stop(); });
  EXPECT_EQ(idle.read_to_end(), "");  // closed at once
  EXPECT_FALSE(RawClient(address_).is_connected());
  may_go.count_down();
  const std::string answer = slow.read_to_end();
  EXPECT_TRUE(answer.ends_with("done")) << answer;
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  stopper.join();
}

TEST_F(HttpServer, ClosesWhatDoesNotEndWithinTheDrainTime) {
  options_.drain_timeout_ms = 100;
  start();
  const RawClient half(address_);
  half.send(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(status_in(half.read_answer()), 100);
  server_->stop();
  EXPECT_EQ(half.read_to_end(), "");
}

TEST_F(HttpServer, RefusesToListenBeyondLoopback) {
  for (const char* address : {"0.0.0.0", "::", "192.0.2.1"}) {
    options_.tcp = {{.address = address, .port = 0}};
    const auto server = start_server(options_, router_, clock_);
    ASSERT_FALSE(server) << address;
    EXPECT_EQ(server.error().code, ErrorCode::invalid);
    EXPECT_NE(server.error().message.find("no authentication"), std::string::npos);
    EXPECT_NE(server.error().hint, "");
  }
}

TEST_F(HttpServer, RefusesAnAddressThatIsNone) {
  options_.tcp = {{.address = "localhost", .port = 0}};
  EXPECT_FALSE(start_server(options_, router_, clock_));
  options_.tcp.clear();
  EXPECT_FALSE(start_server(options_, router_, clock_));
}

TEST_F(HttpServer, NamesABusyPortAndTheCure) {
  start();
  const auto port = static_cast<std::uint16_t>(std::stoi(address_.substr(address_.find(':') + 1)));
  options_.tcp = {{.address = "127.0.0.1", .port = port}};
  const auto second = start_server(options_, router_, clock_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::conflict);
  EXPECT_NE(second.error().message.find(address_), std::string::npos) << second.error().text();
  EXPECT_NE(second.error().hint.find(std::to_string(port)), std::string::npos);
}

TEST_F(HttpServer, AnswersForNamesThatAreConfigured) {
  options_.host_names = {"Storage.Example"};
  start();
  EXPECT_EQ(status_in(exchange("GET /who HTTP/1.1\r\nHost: storage.example:8786\r\n\r\n")), 200);
  EXPECT_EQ(status_in(exchange("GET /who HTTP/1.1\r\nHost: [::1]:8786\r\n\r\n")), 200);
  EXPECT_EQ(status_in(exchange("GET /who HTTP/1.1\r\nHost: 127.0.0.1:8786\r\n\r\n")), 200);
}

}  // namespace
}  // namespace pasig::http
