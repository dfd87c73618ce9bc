#include "cli/rebuild.h"

#include <boost/json.hpp>
#include <filesystem>

#include "cli/progress.h"
#include "log/open.h"
#include "replay/history.h"

namespace pasig::cli {
namespace fs = std::filesystem;
namespace {

Problem problem_of(const Error& error) {
  Problem found{.code = {}, .message = error.message, .hint = error.hint};
  switch (error.code) {
    case ErrorCode::invalid:
      found.exit = Exit::usage;
      found.code = "invalid";
      break;
    case ErrorCode::not_found:
      found.exit = Exit::not_found;
      found.code = "not_found";
      break;
    case ErrorCode::conflict:
      found.exit = Exit::refused;
      found.code = "conflict";
      break;
    case ErrorCode::forbidden:
      found.exit = Exit::refused;
      found.code = "forbidden";
      break;
    case ErrorCode::unavailable:
      found.exit = Exit::unavailable;
      found.code = "unavailable";
      break;
    case ErrorCode::exhausted:
      found.exit = Exit::unavailable;
      found.code = "exhausted";
      break;
    case ErrorCode::corrupt:
      found.exit = Exit::failed;
      found.code = "corrupt";
      break;
    case ErrorCode::unknown:
      found.exit = Exit::unknown;
      found.code = "unknown";
      break;
    case ErrorCode::unsupported:
      found.exit = Exit::failed;
      found.code = "unsupported";
      break;
  }
  return found;
}

}  // namespace

Answer<void> rebuild(Output& output, const Interrupt& interrupt, const ReplayRebuild& verb) {
  const fs::path data(verb.data_directory);
  const fs::path state = data / "state";
  std::error_code error;
  if (!fs::is_directory(data / "log", error))
    return problem(Exit::not_found, "not_found",
                   "rebuilding: " + (data / "log").string() + " is no directory",
                   "--data is the directory that pasigd's configuration names; rebuild works on "
                   "the embedded log only");
  auto log = open_log({.directory = data / "log"});
  if (!log) {
    Problem found = problem_of(log.error().within("rebuilding"));
    if (log.error().code == ErrorCode::conflict) found.hint = "stop pasigd first: it uses this log";
    return tl::unexpected(std::move(found));
  }
  Progress progress(output.err(), output.terminal());
  const auto head = replay::rebuild(**log, state.string(), [&](auto done, auto total) {
    progress.show({.words = "folding the log", .done = done, .total = total});
    return !interrupt.raised();
  });
  progress.clear();
  if (!head && interrupt.raised())
    return problem(Exit::wait_ended, "interrupted",
                   "rebuilding: interrupted; the projections are as they were");
  if (!head) return tl::unexpected(problem_of(head.error().within("rebuilding")));
  const Json answer = {{"records", head->next_ordinal},
                       {"verdict_digest", head->verdict_digest.hex()},
                       {"state_digest", head->state_digest.hex()}};
  Sheet sheet;
  sheet.add("rebuilt", state.string(), Paint::good);
  sheet.add("records", std::to_string(head->next_ordinal));
  sheet.add("verdict digest", head->verdict_digest.hex());
  sheet.add("state digest", head->state_digest.hex());
  output.sheet(answer, sheet);
  return {};
}

}  // namespace pasig::cli
