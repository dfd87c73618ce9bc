#include "bench/measured.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace pasig::bench {
namespace {

constexpr double k_work_tolerance = 0.05;

double median(std::vector<double> all) {
  std::sort(all.begin(), all.end());
  const std::size_t half = all.size() / 2;
  return all.size() % 2 == 1 ? all[half] : (all[half - 1] + all[half]) / 2;
}

double rate(const Run& run) { return static_cast<double>(run.operations) / run.seconds; }

Run total(const std::vector<Run>& runs) {
  Run sum;
  for (const Run& one : runs) {
    sum.seconds += one.seconds;
    sum.operations += one.operations;
    sum.commits += one.commits;
    sum.flushes += one.flushes;
    sum.bytes += one.bytes;
  }
  return sum;
}

void print_side(const char* side, const std::vector<Run>& runs) {
  std::vector<double> rates;
  for (const Run& one : runs) rates.push_back(rate(one));
  const Run sum = total(runs);
  fmt::print("  {:6} {:>12.0f} /s   commits {:>8}  flushes {:>8}  bytes {:>12}\n", side,
             median(rates), sum.commits, sum.flushes, sum.bytes);
}

bool differ(std::uint64_t a, std::uint64_t b) {
  const auto left = static_cast<double>(a);
  const auto right = static_cast<double>(b);
  return std::abs(left - right) > k_work_tolerance * std::max(left, right);
}

}  // namespace

bool compare(const Comparison& comparison, int runs) {
  std::vector<Run> ours;
  std::vector<Run> limit;
  std::vector<double> ratios;
  for (int run = 0; run < runs; ++run) {
    if (run % 2 == 0) {
      ours.push_back(comparison.ours());
      limit.push_back(comparison.limit());
    } else {
      limit.push_back(comparison.limit());
      ours.push_back(comparison.ours());
    }
    ratios.push_back(rate(ours.back()) / rate(limit.back()));
  }
  const double ratio = median(ratios);
  const Run mine = total(ours);
  const Run theirs = total(limit);
  const bool other_work = comparison.same_commits && (differ(mine.commits, theirs.commits) ||
                                                      differ(mine.bytes, theirs.bytes));
  const bool met = ratio >= comparison.goal && !other_work;
  fmt::print("{}: {}\n", comparison.name, comparison.what);
  print_side("pasig", ours);
  print_side("limit", limit);
  fmt::print("  ratio  {:.2f} (goal >= {:.2f}, {} paired runs): {}\n", ratio, comparison.goal, runs,
             other_work ? "NOT COMPARABLE: the sides did different work"
             : met      ? "met"
                        : "MISSED");
  std::fflush(stdout);
  return met;
}

bool measure(const Cost& cost, int runs) {
  std::vector<double> nanoseconds;
  for (int run = 0; run < runs; ++run) nanoseconds.push_back(1e9 / rate(cost.ours()));
  const double typical = median(nanoseconds);
  const bool met = typical <= cost.goal_nanoseconds;
  fmt::print("{}: {}\n  {:.0f} ns each (goal <= {:.0f} ns, {} runs): {}\n", cost.name, cost.what,
             typical, cost.goal_nanoseconds, runs, met ? "met" : "MISSED");
  std::fflush(stdout);
  return met;
}

}  // namespace pasig::bench
