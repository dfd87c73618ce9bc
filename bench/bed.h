// What the benchmarks of the service run on: an embedded log, a state, an applier and a handler
// in a directory of their own, and shares with one active replica each.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "service/command_handler.h"

namespace pasig::bench {

// A directory below the one the benchmark was started in (a real disk, not memory), removed at
// the end.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  // Makes it.
  [[nodiscard]] std::string below(const std::string& name) const;

 private:
  std::filesystem::path path_;
};

class Bed {
 public:
  Bed(const std::string& log_directory, const std::string& state_directory);
  ~Bed();
  Bed(const Bed&) = delete;
  Bed& operator=(const Bed&) = delete;

  // Shares with their active replica, ready.
  void make_shares(std::size_t count);
  [[nodiscard]] const std::vector<ReplicaId>& replicas() const { return replicas_; }
  // Ends the benchmark with the error if it is one.
  std::vector<Event> submit(Command command);
  [[nodiscard]] const LogReader& log() const { return *log_; }

 private:
  SystemClock clock_;
  std::unique_ptr<EventLog> log_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Applier> applier_;
  std::unique_ptr<Handler> handler_;
  std::vector<ReplicaId> replicas_;
};

// The cheapest command that changes a share: toggles the status of a replica.
Command toggle(ReplicaId replica, std::size_t turn);

// All frames of a log from `offset` on.
std::vector<std::string> frames_of(const LogReader& log, std::uint64_t offset);

// Ends the program with this text.
[[noreturn]] void give_up(const std::string& text);

}  // namespace pasig::bench
