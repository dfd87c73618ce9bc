// A client of a share: a process of its own, as another user, that holds one file open and
// does what it is told. Says what every attempt gave: 0, or errno's value.
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

namespace pasig::drivers {

class Client {
 public:
  // Opens (and makes) the file for writing, as uid and gid 65534.
  explicit Client(const std::string& path) {
    std::array<int, 2> orders{};
    std::array<int, 2> answers{};
    if (::pipe(orders.data()) != 0 || ::pipe(answers.data()) != 0) return;
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(orders[1]);
      ::close(answers[0]);
      obey(path, orders[0], answers[1]);
    }
    ::close(orders[0]);
    ::close(answers[1]);
    orders_ = orders[1];
    answers_ = answers[0];
    opened_ = read_answer();
  }
  ~Client() { close(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  [[nodiscard]] int opened() const { return opened_; }
  int write_by_descriptor() const { return order('w'); }
  int write_by_new_open() const { return order('o'); }
  void close() {
    if (pid_ <= 0) return;
    ::close(orders_);
    ::close(answers_);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  [[noreturn]] static void obey(const std::string& path, int orders, int answers) {
    constexpr uid_t k_nobody = 65534;
    if (::setgid(k_nobody) != 0 || ::setuid(k_nobody) != 0) ::_exit(1);
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    answer(answers, file >= 0 ? 0 : errno);
    char word = 0;
    while (::read(orders, &word, 1) == 1) {
      const int target = word == 'w' ? file : ::open(path.c_str(), O_WRONLY | O_APPEND);
      const int error = target < 0 ? errno : ::write(target, "late\n", 5) == 5 ? 0 : errno;
      if (word != 'w' && target >= 0) ::close(target);
      answer(answers, error);
    }
    ::_exit(0);
  }
  static void answer(int to, int error) {
    if (::write(to, &error, sizeof(error)) != sizeof(error)) ::_exit(1);
  }
  int order(char word) const { return ::write(orders_, &word, 1) == 1 ? read_answer() : -1; }
  int read_answer() const {
    int error = -1;
    return ::read(answers_, &error, sizeof(error)) == sizeof(error) ? error : -1;
  }

  pid_t pid_ = -1;
  int orders_ = -1;
  int answers_ = -1;
  int opened_ = -1;
};

}  // namespace pasig::drivers
