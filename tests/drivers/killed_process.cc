#include "tests/drivers/killed_process.h"

#include <signal.h>
#include <sys/syscall.h>

namespace pasig::drivers {
int flushes_to_live = 0;
}  // namespace pasig::drivers

extern "C" int fsync(int file) {
  using pasig::drivers::flushes_to_live;
  if (flushes_to_live > 0 && --flushes_to_live == 0) ::kill(::getpid(), SIGKILL);
  return static_cast<int>(::syscall(SYS_fsync, file));
}
