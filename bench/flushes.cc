// Counts flush calls: these definitions stand before the C library's for every library of the
// process, LMDB's too.
#include <dlfcn.h>
#include <sys/types.h>

#include <atomic>

#include "bench/measured.h"

namespace {

std::atomic<std::uint64_t> flushes{0};

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" int fdatasync(int descriptor) {
  static const auto real = next<int (*)(int)>("fdatasync");
  ++flushes;
  return real(descriptor);
}
extern "C" int fsync(int descriptor) {
  static const auto real = next<int (*)(int)>("fsync");
  ++flushes;
  return real(descriptor);
}
extern "C" int msync(void* address, size_t length, int flags) {
  static const auto real = next<int (*)(void*, size_t, int)>("msync");
  ++flushes;
  return real(address, length, flags);
}

namespace pasig::bench {

std::uint64_t flushes_so_far() { return flushes; }

}  // namespace pasig::bench
