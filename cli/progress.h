// One line on standard error that is drawn again as work goes on: a bar where the total is
// known, a count where it is not. Writes nothing when standard error is no terminal. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

#include "cli/terminal.h"

namespace pasig::cli {

struct Step {
  std::string words;  // what is being done
  std::uint64_t done = 0;
  std::optional<std::uint64_t> total;  // of the same unit
  bool bytes = false;                  // else a plain count
};
// The line without control sequences, at most `width` columns.
std::string progress_line(const Step& step, std::size_t width);

class Progress {
 public:
  Progress(std::ostream& err, const Terminal& terminal) : err_(err), terminal_(terminal) {}
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(const Step& step);
  void clear();

 private:
  std::ostream& err_;
  Terminal terminal_;
  bool drawn_ = false;
};

// 1.5 GiB; exact below 1 KiB.
std::string bytes_text(std::uint64_t bytes);

}  // namespace pasig::cli
