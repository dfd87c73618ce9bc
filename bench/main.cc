// pasig_bench [--tiny] [--runs N] [NAME...]: exits with 0 when all goals are met, 1 when one is
// missed, 2 for a wrong argument. --tiny runs each once on little work, and looks at no goal:
// the form of the normal tests, so that the benchmarks cannot rot.
#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "bench/benches.h"

namespace {

using pasig::bench::Size;

struct Bench {
  std::string_view name;
  bool (*run)(const Size&);
};
constexpr Bench k_benches[] = {
    {"durable-commands-1", pasig::bench::durable_commands_1},
    {"durable-commands-16", pasig::bench::durable_commands_16},
    {"verdict", pasig::bench::verdict},
    {"fold", pasig::bench::fold},
    {"rebuild", pasig::bench::rebuild},
};
constexpr std::size_t k_tiny_divisor = 50;

int usage(std::string_view wrong) {
  std::fprintf(stderr, "pasig_bench: %.*s; usage: pasig_bench [--tiny] [--runs N] [NAME...]\n",
               static_cast<int>(wrong.size()), wrong.data());
  for (const Bench& bench : k_benches)
    std::fprintf(stderr, "  %.*s\n", static_cast<int>(bench.name.size()), bench.name.data());
  return 2;
}

bool is_known(std::string_view name) {
  for (const Bench& bench : k_benches)
    if (bench.name == name) return true;
  return false;
}

}  // namespace

int main(int count, char** words) {
  Size size;
  bool tiny = false;
  std::vector<std::string_view> chosen;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--tiny") {
      tiny = true;
    } else if (word == "--runs" && i + 1 < count) {
      const std::string_view number = words[++i];
      const auto read = std::from_chars(number.data(), number.data() + number.size(), size.runs);
      if (read.ec != std::errc() || size.runs < 1) return usage("--runs takes a number from 1 on");
    } else if (is_known(word)) {
      chosen.push_back(word);
    } else {
      return usage("no benchmark " + std::string(word));
    }
  }
  if (tiny) size = {.runs = 1, .divided_by = k_tiny_divisor};
  bool all_met = true;
  for (const Bench& bench : k_benches) {
    bool wanted = chosen.empty();
    for (const std::string_view name : chosen) wanted = wanted || name == bench.name;
    if (wanted) all_met = bench.run(size) && all_met;
  }
  return all_met || tiny ? 0 : 1;
}
