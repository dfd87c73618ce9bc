// Ctrl-C and SIGTERM as something to ask for, and a pause that they end at once.
#pragma once

#include <atomic>
#include <chrono>

namespace pasig::cli {

// One per process catches the signals; others (tests) are raised by hand. raise() from any
// thread and from a signal handler; the rest from one thread.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  // From now on SIGINT and SIGTERM raise this one, once; a second signal ends the process.
  void catch_signals();
  void raise() noexcept;
  [[nodiscard]] bool raised() const noexcept { return raised_.load(); }
  // False when it was ended by an interrupt.
  bool pause(std::chrono::milliseconds how_long) const;

 private:
  std::atomic<bool> raised_ = false;
  int read_end_ = -1;
  int write_end_ = -1;
};

}  // namespace pasig::cli
