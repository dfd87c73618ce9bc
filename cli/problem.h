// How a run of `pasig` ends, and what it tells when it does not end well. The numbers are
// promised to scripts (docs/cli.md): never change the meaning of one. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "base/result.h"

namespace pasig::cli {

enum class Exit : int {
  done = 0,
  failed = 1,  // the operation failed, a check did not hold, or an answer made no sense
  usage = 2,   // the command line or a value in it is wrong
  not_found = 3,
  refused = 4,      // a guard, a right or a name that means several things says no
  unavailable = 5,  // pasigd cannot be reached or cannot act now: nothing was changed
  wait_ended = 6,   // time-out or Ctrl-C while waiting: the work goes on
  unknown = 7,      // it may or may not have happened: look before trying again
};

struct ExitMeaning {
  Exit exit;
  const char* text;
};
// In order, for `pasig --help` and docs/cli.md.
const std::vector<ExitMeaning>& exit_meanings();

struct Problem {
  Exit exit = Exit::failed;
  std::string code;     // one word: the guard's, the server's, or ours (usage, unreachable, …)
  std::string message;  // what, to which id, why
  std::string hint;     // what to do next; may be empty
  std::optional<std::uint64_t> ordinal;  // of the recorded refusal
  std::vector<std::string> ids;          // what an ambiguous name may mean
};

template <class T>
using Answer = tl::expected<T, Problem>;

inline tl::unexpected<Problem> problem(Exit exit, std::string code, std::string message,
                                       std::string hint = {}) {
  return tl::unexpected<Problem>(
      Problem{exit, std::move(code), std::move(message), std::move(hint), {}, {}});
}

// What an answer of pasigd that is not 2xx means: its body, or its status when the body is not
// Pasig's. `doing` says what was asked, for answers that do not explain themselves.
Problem problem_of(unsigned status, const std::string& body, const std::string& doing);

}  // namespace pasig::cli
