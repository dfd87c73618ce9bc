// One run of `pasig`, from its arguments to its exit code. Everything that it touches outside is
// handed in, so that tests run it within their own process.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/verbs.h"

namespace pasig::cli {

struct Surrounding {
  std::ostream& out;
  std::ostream& err;
  Terminal terminal;
  Environment environment;
  const Interrupt& interrupt;
  // The offline verb, which works on files instead of a running pasigd.
  std::function<Answer<void>(Output&, const Interrupt&, const ReplayRebuild&)> rebuild;
};

// Arguments without the program's name.
Exit run_program(const std::vector<std::string>& arguments, const Surrounding& surrounding);

}  // namespace pasig::cli
