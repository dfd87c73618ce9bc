// Durable commands through the whole path (decide, append, apply, answer), against the same
// bytes appended to LMDB with the same number of clients.
#include <chrono>
#include <thread>

#include "bench/bed.h"
#include "bench/benches.h"
#include "bench/limits/raw_lmdb.h"

namespace pasig::bench {
namespace {

struct Both {
  Scratch scratch;
  std::vector<std::string> frames;  // of the last run of ours: what the limit appends
  int runs = 0;
};

Run run_commands(Both& both, std::size_t count, unsigned clients) {
  const std::string name = std::to_string(both.runs++);
  const std::string log_directory = both.scratch.below("log-" + name);
  Run run{.operations = count};
  std::uint64_t commits = 0;
  {
    Bed bed(log_directory, both.scratch.below("state-" + name));
    bed.make_shares(clients);
    const std::uint64_t offset = *bed.log().end();
    commits = offset;  // so far one client waited for each record: one commit each
    const std::uint64_t flushes = flushes_so_far();
    const auto began = std::chrono::steady_clock::now();
    std::vector<std::jthread> threads;
    for (unsigned client = 0; client < clients; ++client)
      threads.emplace_back([&, client] {
        for (std::size_t turn = 0; turn < count / clients; ++turn)
          bed.submit(toggle(bed.replicas()[client], turn));
      });
    threads.clear();
    run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    run.flushes = flushes_so_far() - flushes;
    both.frames = frames_of(bed.log(), offset);
    for (const std::string& frame : both.frames) run.bytes += frame.size();
  }
  run.operations = count / clients * clients;
  run.commits = commits_of(log_directory) - commits - 1;  // one commit made the databases
  return run;
}

Run run_limit(Both& both, std::size_t count, unsigned clients) {
  if (both.frames.empty()) (void)run_commands(both, count, clients);
  return raw_group_commit(both.scratch.below("raw-" + std::to_string(both.runs++)), both.frames,
                          clients);
}

bool compare_commands(const Size& size, unsigned clients, double goal) {
  Both both;
  const std::size_t count = size.scaled(clients == 1 ? 300 : 1600);
  return compare({.name = "durable-commands-" + std::to_string(clients),
                  .what = std::to_string(clients) +
                          " clients change a share each, against LMDB group commit of the same "
                          "bytes",
                  .goal = goal,
                  .same_commits = clients == 1,
                  .ours = [&] { return run_commands(both, count, clients); },
                  .limit = [&] { return run_limit(both, count, clients); }},
                 size.runs);
}

}  // namespace

bool durable_commands_1(const Size& size) { return compare_commands(size, 1, 0.90); }
bool durable_commands_16(const Size& size) { return compare_commands(size, 16, 0.85); }

}  // namespace pasig::bench
