#include "tests/http/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace pasig::http {
namespace {

int connect_to(const std::string& address) {
  if (address.find('/') != std::string::npos) {
    sockaddr_un end{};
    end.sun_family = AF_UNIX;
    std::strncpy(end.sun_path, address.c_str(), sizeof end.sun_path - 1);
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(descriptor, reinterpret_cast<sockaddr*>(&end), sizeof end) == 0)
      return descriptor;
    ::close(descriptor);
    return -1;
  }
  const std::size_t colon = address.rfind(':');
  sockaddr_in end{};
  end.sin_family = AF_INET;
  end.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
  ::inet_pton(AF_INET, address.substr(0, colon).c_str(), &end.sin_addr);
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(descriptor, reinterpret_cast<sockaddr*>(&end), sizeof end) == 0) return descriptor;
  ::close(descriptor);
  return -1;
}

}  // namespace

RawClient::RawClient(const std::string& address) : descriptor_(connect_to(address)) {}
RawClient::~RawClient() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void RawClient::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // the server has closed: what it answered says why
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void RawClient::finish_sending() const { ::shutdown(descriptor_, SHUT_WR); }

bool RawClient::wait_readable(std::chrono::steady_clock::time_point until) const {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      until - std::chrono::steady_clock::now());
  pollfd one{.fd = descriptor_, .events = POLLIN, .revents = 0};
  return ::poll(&one, 1, std::max(0, static_cast<int>(left.count()))) > 0;
}

std::string RawClient::read_to_end(std::chrono::milliseconds most) const {
  const auto until = std::chrono::steady_clock::now() + most;
  std::string answer;
  std::array<char, 4096> bytes{};
  while (wait_readable(until)) {
    const ssize_t count = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
    if (count <= 0) return answer;
    answer.append(bytes.data(), static_cast<std::size_t>(count));
  }
  return answer + "(not closed)";
}

std::string RawClient::read_answer() const {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  std::string answer;
  char byte = 0;
  while (!answer.ends_with("\r\n\r\n")) {
    if (!wait_readable(until) || ::recv(descriptor_, &byte, 1, 0) != 1) return answer;
    answer.push_back(byte);
  }
  const std::size_t at = answer.find("Content-Length: ");
  std::size_t left = at == std::string::npos ? 0 : std::stoul(answer.substr(at + 16));
  while (left-- > 0 && wait_readable(until) && ::recv(descriptor_, &byte, 1, 0) == 1)
    answer.push_back(byte);
  return answer;
}

int status_in(const std::string& answer) {
  if (!answer.starts_with("HTTP/1.1 ") || answer.size() < 12) return 0;
  return std::stoi(answer.substr(9, 3));
}

}  // namespace pasig::http
