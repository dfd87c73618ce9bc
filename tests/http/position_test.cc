// A request that names a position is answered as of it or later: the server waits for it a moment
// (log-protocol 6). A real log, state and applier behind a real socket.
#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "http/manila.h"
#include "http/server.h"
#include "tests/http/client.h"
#include "tests/service/service_node.h"

namespace pasig::http {
namespace {

class RequestWithAPosition : public testing::Test {
 protected:
  RequestWithAPosition() {
    add_manila_routes(router_, context_);
    ServerOptions options;
    options.tcp = {{.address = "127.0.0.1", .port = 0}};
    server_ = std::move(start_server(std::move(options), router_, clock_)).value();
  }
  ~RequestWithAPosition() override { server_->stop(); }

  std::string ask(const std::string& position) {
    const RawClient client(server_->tcp_addresses().front());
    client.send("GET /v2/shares HTTP/1.1\r\nHost: localhost\r\nX-Pasig-Position: " + position +
                "\r\n\r\n");
    return client.read_answer();
  }
  Ordinal applied() const { return node_.applier().applied(); }

  MemoryLog log_;
  SystemClock clock_;
  ServiceNode node_{log_, clock_};
  std::unique_ptr<Observations> observations_ = std::move(open_observations("")).value();
  std::function<void(Ordinal, Duration)> on_wait_ = [](Ordinal, Duration) {};
  bool waits_in_full_ = true;
  int waits_ = 0;
  ServiceContext context_{.handler = node_.handler(),
                          .view = [this] { return node_.store().view(); },
                          .observations = *observations_,
                          .log = log_,
                          .clock = clock_,
                          .controllers = [] { return std::vector<ControllerState>(); },
                          .wait_applied =
                              [this](Ordinal ordinal, Duration timeout) {
                                ++waits_;
                                on_wait_(ordinal, timeout);
                                if (!waits_in_full_) timeout = Duration::zero();
                                return node_.applier().wait_beyond(ordinal, timeout, {});
                              }};
  Router router_;
  std::unique_ptr<Server> server_;
};

TEST_F(RequestWithAPosition, ThatIsNotAppliedYetWaitsForIt) {
  std::latch waiting(1);
  on_wait_ = [&](Ordinal, Duration) { waiting.count_down(); };
  const Ordinal next = applied();
  std::string answer;
  {
    std::jthread client([&] { answer = ask(std::to_string(next)); });
    waiting.wait();
    node_.make_type("gold");
  }
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200")) << answer;
  EXPECT_NE(answer.find("X-Pasig-Position: " + std::to_string(next) + "\r\n"), std::string::npos)
      << answer;
}

TEST_F(RequestWithAPosition, ThatIsAppliedDoesNotWait) {
  node_.make_type("gold");
  const std::string answer = ask(std::to_string(applied() - 1));
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200")) << answer;
  EXPECT_EQ(waits_, 0);
}

TEST_F(RequestWithAPosition, ThatDoesNotComeIsToldToTryAgainAfterASecond) {
  Duration waited{};
  on_wait_ = [&](Ordinal, Duration timeout) { waited = timeout; };
  waits_in_full_ = false;
  const std::string answer = ask(std::to_string(applied()));
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503")) << answer;
  EXPECT_NE(answer.find("Retry-After: 1\r\n"), std::string::npos) << answer;
  EXPECT_EQ(waits_, 1);
  EXPECT_EQ(waited, std::chrono::seconds(1));
}

TEST_F(RequestWithAPosition, ThatIsNoNumberIsRefused) {
  for (const char* position : {"", "-1", "7x", "99999999999999999999999"}) {
    const std::string answer = ask(position);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400")) << answer;
  }
  EXPECT_EQ(waits_, 0);
}

}  // namespace
}  // namespace pasig::http
