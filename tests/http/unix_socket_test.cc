// The server on a unix socket, where it knows who is there.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "tests/http/running_server.h"

namespace pasig::http {
namespace {

class HttpServerOnUnixSocket : public HttpServer {
 protected:
  HttpServerOnUnixSocket() {
    std::string pattern = (std::filesystem::temp_directory_path() / "pasig-http-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    address_ = directory_ + "/pasig.sock";
    options_.tcp.clear();
    options_.unix_socket = address_;
  }
  ~HttpServerOnUnixSocket() override {
    server_.reset();
    std::filesystem::remove_all(directory_);
  }
  std::string directory_;
};

TEST_F(HttpServerOnUnixSocket, KnowsWhoIsThere) {
  start();
  const std::string answer = exchange("GET /who HTTP/1.1\r\nHost: anything\r\n\r\n");
  EXPECT_TRUE(answer.ends_with("local:" + std::to_string(::getuid()))) << answer;
}

TEST_F(HttpServerOnUnixSocket, GivesThePathItsModeAndRemovesIt) {
  options_.unix_mode = 0600;
  start();
  struct stat found {};
  ASSERT_EQ(::stat(address_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
  server_->stop();
  EXPECT_NE(::stat(address_.c_str(), &found), 0);
}

TEST_F(HttpServerOnUnixSocket, IsNotTakenFromALivingServer) {
  start();
  const auto second = start_server(options_, router_, clock_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::conflict);
  EXPECT_EQ(status_in(exchange("GET /who HTTP/1.1\r\nHost: x\r\n\r\n")), 200);
}

TEST_F(HttpServerOnUnixSocket, IsTakenOverFromADeadServer) {
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un end{};
  end.sun_family = AF_UNIX;
  address_.copy(end.sun_path, sizeof end.sun_path - 1);
  ASSERT_EQ(::bind(descriptor, reinterpret_cast<sockaddr*>(&end), sizeof end), 0);
  ::close(descriptor);  // the path stays, as after kill -9
  start();
  EXPECT_EQ(status_in(exchange("GET /who HTTP/1.1\r\nHost: x\r\n\r\n")), 200);
}

TEST_F(HttpServerOnUnixSocket, DoesNotRemoveAFileThatIsNoSocket) {
  std::FILE* file = std::fopen(address_.c_str(), "w");
  ASSERT_NE(file, nullptr);
  std::fclose(file);
  const auto server = start_server(options_, router_, clock_);
  ASSERT_FALSE(server);
  EXPECT_NE(server.error().message.find("is no socket"), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(address_));
}

TEST_F(HttpServerOnUnixSocket, RefusesAPathThatIsTooLong) {
  options_.unix_socket = directory_ + "/" + std::string(120, 'x');
  const auto server = start_server(options_, router_, clock_);
  ASSERT_FALSE(server);
  EXPECT_NE(server.error().message.find("longer than"), std::string::npos);
}

}  // namespace
}  // namespace pasig::http
