// The whole service of a scenario: nodes on one memory log, storage in memory, a clock that is
// moved by hand; and what it said so far, in the scenario's names. One thread.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "commands/plan_change.h"
#include "drivers/simulated/simulation.h"
#include "tests/log/scratch_directory.h"
#include "tests/scenarios/node.h"
#include "tests/scenarios/record_text.h"

namespace pasig::scenario {

class Stage {
 public:
  Stage();

  // ---- before the first command
  void add_controller(drivers::ControllerConfig controller);
  // Works for these controllers; for all when none is named. It starts at once.
  Result<void> add_node(const std::string& name, std::vector<std::string> controllers);
  // Makes what was not asked for: controllers a, b, c in zones za, zb, zc, and node n1.
  Result<void> start();

  // ---- time and work
  // Runs workers and timers until nothing is due. Error: there is no end to it.
  Result<void> settle();
  void advance(std::int64_t seconds) { clock_.advance_seconds(seconds); }
  Result<void> tick();
  void end(Node& node, const std::string& how);
  Result<void> recover(Node& node);

  // ---- commands
  // To the node of that name; to the first one that runs when it is empty.
  Result<void> submit(const std::string& node, Submission submission);
  // An id for a command of this text: the same at every run, another one for each repetition.
  std::string command_id(const std::string& text);

  // ---- what is so
  Result<Node*> node(const std::string& name);
  Result<const Node*> first_alive() const;
  [[nodiscard]] std::deque<Node>& nodes() { return nodes_; }
  [[nodiscard]] std::vector<std::string> controllers() const;
  [[nodiscard]] Time now() const { return clock_.now(); }
  [[nodiscard]] OvertakenLog& log() { return log_; }
  // What a decision is made with beside the state, and what storage shows: for plans.
  [[nodiscard]] Surroundings surroundings(const View& view, const Command& command) const;
  [[nodiscard]] std::vector<SideSeen> look_at_sides(const View& view, const Share& share) const;
  [[nodiscard]] const std::filesystem::path& scratch() const { return directory_.path(); }

  // ---- what is said
  void say(const std::string& line);
  // Tells the records that came since it was last asked for.
  void tell_records();
  [[nodiscard]] std::vector<std::string> take_said();
  // What workers noted for the operator's log, since it was last asked for.
  [[nodiscard]] std::vector<std::string> take_notes();

  Names names;
  Script script;
  const std::shared_ptr<drivers::simulated::Simulation> storage =
      std::make_shared<drivers::simulated::Simulation>();

 private:
  ScratchDirectory directory_;
  ManualClock clock_{k_start};
  OvertakenLog log_;
  std::unique_ptr<Observations> observations_;
  daemon::Configuration configuration_;
  std::unique_ptr<drivers::Driver> driver_;
  std::unique_ptr<ScriptedDriver> scripted_;
  std::unique_ptr<Surrounded> around_;
  std::deque<Node> nodes_;  // declared last: they use all of the above
  RecordText record_text_{names};
  Ordinal told_ = 0;
  std::vector<std::string> said_;
  std::vector<std::string> notes_;
  std::map<std::string, std::uint32_t> commands_;

  Result<void> make_surroundings();
  bool run_worker(Node& node);
};

}  // namespace pasig::scenario
