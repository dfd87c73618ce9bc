// A call in a process of its own that dies at one of its durable steps: whatever it does to
// storage ends in a flush, and the one it is told to does not come back.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace pasig::drivers {

// Flushes until this process dies; 0: it does not. The program that uses it answers fsync itself
// (killed_process.cc).
extern int flushes_to_live;

// True: it died. False: it came to its end before.
inline bool dies_at_flush(int number, const std::function<void()>& act) {
  const pid_t child = ::fork();
  if (child == 0) {
    flushes_to_live = number;
    act();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status);
}

}  // namespace pasig::drivers
