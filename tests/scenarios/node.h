// One node's process: its state, applier, command handler, worker and timers, as pasigd wires
// them, without its threads but the applier's. The log, the observations and storage outlive it.
// One thread calls.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "daemon/configuration.h"
#include "drivers/worker.h"
#include "projections/observations.h"
#include "service/applier.h"
#include "service/command_handler.h"
#include "service/timers.h"
#include "tests/scenarios/script.h"

namespace pasig::scenario {

// What nodes share, and what comes from outside.
struct Surrounded {
  OvertakenLog& log;
  Observations& observations;
  const Clock& clock;
  drivers::Driver& driver;
  const daemon::Configuration& configuration;  // the same on every node, but for its name
  std::function<void(Duration)> pause;
  std::function<void(const std::string&)> note;
};

class Node {
 public:
  Node(std::string name, std::vector<std::string> controllers, std::filesystem::path directory)
      : name_(std::move(name)),
        controllers_(std::move(controllers)),
        directory_(std::move(directory)) {}
  ~Node() { end(); }
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // A new process. How many records were folded, from zero: what it kept is thrown away.
  Ordinal start(const Surrounded& around);
  // kill -9.
  void end();

  bool worker_is_paused = false;
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool is_alive() const { return store_ != nullptr; }
  [[nodiscard]] const Store& store() const { return *store_; }
  [[nodiscard]] Handler& handler() { return *handler_; }
  [[nodiscard]] drivers::Worker& worker() { return *worker_; }
  [[nodiscard]] Timers& timers() { return *timers_; }
  // Applies all that is in the log; why it could not, or nothing.
  [[nodiscard]] Result<void> catch_up() const;

 private:
  const std::string name_;
  const std::vector<std::string> controllers_;
  const std::filesystem::path directory_;
  std::uint64_t process_ = 0;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Applier> applier_;
  std::unique_ptr<Handler> handler_;
  std::unique_ptr<drivers::Worker> worker_;
  std::unique_ptr<Timers> timers_;

  void make_handler(const Surrounded& around);
  void make_worker(const Surrounded& around);
};

}  // namespace pasig::scenario
