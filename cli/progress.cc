#include "cli/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pasig::cli {
namespace {

constexpr std::size_t k_bar_columns = 24;

std::string bar(std::uint64_t done, std::uint64_t total) {
  const double share =
      total == 0 ? 1.0 : std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const auto filled = static_cast<std::size_t>(share * k_bar_columns);
  return fmt::format("[{}{}] {:3.0f}%", std::string(filled, '#'),
                     std::string(k_bar_columns - filled, '.'), share * 100.0);
}

}  // namespace

std::string bytes_text(std::uint64_t bytes) {
  static constexpr std::array k_units{"KiB", "MiB", "GiB", "TiB", "PiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes) / 1024.0;
  std::size_t unit = 0;
  while (value >= 1023.95 && unit + 1 < k_units.size()) {
    value /= 1024.0;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, k_units[unit]);
}

std::string progress_line(const Step& step, std::size_t width) {
  const auto amount = [&](std::uint64_t value) {
    return step.bytes ? bytes_text(value) : std::to_string(value);
  };
  std::string line = printable(step.words);
  if (step.total) line += "  " + bar(step.done, *step.total);
  if (step.total) line += fmt::format("  {} of {}", amount(step.done), amount(*step.total));
  else if (step.done != 0) line += "  " + amount(step.done);
  return fitted(line, width);
}

void Progress::show(const Step& step) {
  if (!terminal_.shows_progress) return;
  // One column is left free: a line that is full would wrap.
  err_ << "\r\x1b[K" << progress_line(step, std::max<std::size_t>(terminal_.progress_width, 2) - 1)
       << std::flush;
  drawn_ = true;
}

void Progress::clear() {
  if (drawn_) err_ << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

}  // namespace pasig::cli
