// For the crash tests: embedded_writer DIRECTORY THREADS. Appends from so many threads for ever
// and writes `offset frame` to its output after each acknowledgement; is killed in the middle.
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "log/embedded.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  auto log = pasig::open_embedded_log({.directory = argv[1]});
  if (!log) {
    std::fprintf(stderr, "%s\n", log.error().text().c_str());
    return 1;
  }
  std::vector<std::jthread> threads;
  for (int t = 0; t < std::stoi(argv[2]); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0;; ++i) {
        const std::string frame = std::to_string(t) + "/" + std::to_string(i);
        const auto position = (*log)->append(frame);
        if (!position) return;
        std::printf("%llu %s\n", static_cast<unsigned long long>(position->offset), frame.c_str());
        std::fflush(stdout);
      }
    });
  }
}
