// What one run of a benchmark did, on either side of a comparison. Work is compared as well as
// time: a side that committed or wrote less would win by doing less.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace pasig::bench {

struct Run {
  double seconds = 0;
  std::uint64_t operations = 0;
  std::uint64_t commits = 0;  // of the log's (or the limit's) LMDB environment
  std::uint64_t flushes = 0;  // fdatasync, fsync and msync calls of the process
  std::uint64_t bytes = 0;    // payload handed to the store
};

// Flush calls of this process so far; counted by functions of the same names in flushes.cc.
std::uint64_t flushes_so_far();

struct Comparison {
  std::string name;
  std::string what;           // one line for people
  double goal = 0;            // least ratio of throughputs, ours to the limit's
  bool same_commits = false;  // commits and bytes may differ by 5 % at most
  std::function<Run()> ours;
  std::function<Run()> limit;
};

// A figure without a limit program: most nanoseconds per operation.
struct Cost {
  std::string name;
  std::string what;
  double goal_nanoseconds = 0;
  std::function<Run()> ours;
};

// Runs both sides in turn `runs` times, prints the medians and whether the goal is met.
// False: missed, or the two sides did not do the same work.
bool compare(const Comparison& comparison, int runs);
bool measure(const Cost& cost, int runs);

}  // namespace pasig::bench
