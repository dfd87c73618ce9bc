// The benchmarks, by the names that ./dev bench takes. Each prints its figures; false: its goal
// was missed.
#pragma once

#include <algorithm>
#include <cstddef>

namespace pasig::bench {

struct Size {
  int runs = 15;
  std::size_t divided_by = 1;
  [[nodiscard]] std::size_t scaled(std::size_t full) const {
    return std::max<std::size_t>(full / divided_by, 64);
  }
};

bool durable_commands_1(const Size& size);
bool durable_commands_16(const Size& size);
bool verdict(const Size& size);
bool fold(const Size& size);
bool rebuild(const Size& size);

}  // namespace pasig::bench
