#include "cli/interrupt.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/assert.h"

namespace pasig::cli {
namespace {

std::atomic<Interrupt*> g_catcher = nullptr;

extern "C" void on_signal(int) {
  if (Interrupt* catcher = g_catcher.load(); catcher != nullptr) catcher->raise();
}

}  // namespace

Interrupt::Interrupt() {
  int ends[2] = {-1, -1};
  PASIG_ASSERT(::pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0, "a pipe for signals");
  read_end_ = ends[0];
  write_end_ = ends[1];
}

Interrupt::~Interrupt() {
  Interrupt* self = this;
  g_catcher.compare_exchange_strong(self, nullptr);
  ::close(read_end_);
  ::close(write_end_);
}

void Interrupt::catch_signals() {
  g_catcher.store(this);
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

void Interrupt::raise() noexcept {
  raised_.store(true);
  const char byte = 1;
  // A full pipe is fine: what matters is that it is readable.
  [[maybe_unused]] const auto written = ::write(write_end_, &byte, 1);
}

bool Interrupt::pause(std::chrono::milliseconds how_long) const {
  if (raised()) return false;
  pollfd one{.fd = read_end_, .events = POLLIN, .revents = 0};
  ::poll(&one, 1, static_cast<int>(how_long.count()));
  return !raised();
}

}  // namespace pasig::cli
