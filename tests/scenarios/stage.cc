#include "tests/scenarios/stage.h"

#include "base/assert.h"
#include "daemon/change_plans.h"
#include "daemon/surroundings.h"
#include "drivers/simulated/simulated_driver.h"

namespace pasig::scenario {
namespace {

// More rounds than any chain of consequences at one moment has.
constexpr int k_rounds_max = 100;

}  // namespace

Stage::Stage() {
  auto observations = open_observations({});
  PASIG_ASSERT(observations.has_value(), "observations are kept in memory");
  observations_ = *std::move(observations);
}

void Stage::add_controller(drivers::ControllerConfig controller) {
  // Storage outlives the processes here: what is not there is gone.
  controller.options["adopt"] = "false";
  configuration_.controllers.push_back(std::move(controller));
}

Result<void> Stage::add_node(const std::string& name, std::vector<std::string> controllers) {
  for (const Node& one : nodes_)
    if (one.name() == name) return fail(ErrorCode::invalid, "node " + name + " is there already");
  PASIG_CHECK(make_surroundings());
  if (controllers.empty())
    for (const auto& one : configuration_.controllers) controllers.push_back(one.name);
  Node& node = nodes_.emplace_back(name, std::move(controllers), scratch() / name);
  (void)node.start(*around_);
  return settle();
}

Result<void> Stage::start() { return nodes_.empty() ? add_node("n1", {}) : Result<void>(); }

Result<void> Stage::make_surroundings() {
  if (around_ != nullptr) return {};
  if (configuration_.controllers.empty())
    for (const std::string name : {"a", "b", "c"}) add_controller({name, "z" + name, "simulated"});
  PASIG_TRY(driver_, drivers::make_simulated_driver(configuration_.controllers, clock_, storage));
  scripted_ = std::make_unique<ScriptedDriver>(*driver_, script);
  PASIG_CHECK(create_log_if_empty(log_, clock_, "n1", k_default_window));
  around_ = std::make_unique<Surrounded>(
      Surrounded{.log = log_,
                 .observations = *observations_,
                 .clock = clock_,
                 .driver = *scripted_,
                 .configuration = configuration_,
                 .pause =
                     [this](Duration duration) {
                       advance(std::chrono::duration_cast<std::chrono::seconds>(duration).count());
                     },
                 .note = [this](const std::string& words) { notes_.push_back(words); }});
  return {};
}

bool Stage::run_worker(Node& node) {
  bool ran = false;
  try {
    node.worker().look();
    while (node.worker().run_next()) ran = true;
  } catch (const ProcessEnded& ended) {
    end(node, ended.where);
    return true;
  }
  return ran;
}

Result<void> Stage::settle() {
  for (int round = 0; round < k_rounds_max; ++round) {
    PASIG_TRY(const std::uint64_t before, log_.end());
    bool ran = false;
    for (Node& one : nodes_) {
      if (!one.is_alive()) continue;
      PASIG_CHECK(one.catch_up());
      if (!one.worker_is_paused) ran = run_worker(one) || ran;
    }
    PASIG_CHECK(tick());
    PASIG_TRY(const std::uint64_t after, log_.end());
    if (!ran && after == before) return {};
  }
  return fail(ErrorCode::unavailable, "there is always something due: it does not settle");
}

Result<void> Stage::tick() {
  for (Node& one : nodes_) {
    if (!one.is_alive()) continue;
    PASIG_CHECK(one.catch_up());
    one.timers().tick();
  }
  return {};
}

void Stage::end(Node& node, const std::string& how) {
  tell_records();
  node.end();
  say(node.name() + " ended" + (how.empty() ? "" : " " + how));
}

Result<void> Stage::recover(Node& node) {
  if (node.is_alive()) return fail(ErrorCode::invalid, "node " + node.name() + " runs");
  const Ordinal records = node.start(*around_);
  say(node.name() + " started: " + std::to_string(records) + " records applied");
  return {};
}

Result<void> Stage::submit(const std::string& node_name, Submission submission) {
  PASIG_TRY(Node * chosen, node(node_name));
  const std::string id = submission.command_id;
  const auto outcome = chosen->handler().submit(std::move(submission));
  tell_records();
  if (!outcome) {
    say("error: " + outcome.error().text());
    return {};
  }
  const bool is_new = outcome->written && !outcome->repeated;
  if (outcome->repeated) say("already settled by record " + std::to_string(outcome->ordinal));
  if (outcome->refusal && !is_new)
    say("refused: " + std::string(word(outcome->refusal->guard)) + ": " +
        outcome->refusal->message);
  if (!outcome->written && !outcome->refusal) say("nothing to do");
  return {};
}

std::string Stage::command_id(const std::string& text) {
  const std::uint32_t n = ++commands_[text];
  return n == 1 ? text : text + " #" + std::to_string(n);
}

Result<Node*> Stage::node(const std::string& name) {
  for (Node& one : nodes_)
    if (one.name() == name || (name.empty() && one.is_alive())) return &one;
  return fail(ErrorCode::invalid, name.empty() ? "no node runs" : "there is no node " + name);
}

Result<const Node*> Stage::first_alive() const {
  for (const Node& one : nodes_)
    if (one.is_alive()) return &one;
  return fail(ErrorCode::invalid, "no node runs", "recover one first");
}

std::vector<std::string> Stage::controllers() const {
  std::vector<std::string> names_of_all;
  for (const auto& one : configuration_.controllers) names_of_all.push_back(one.name);
  return names_of_all;
}

Surroundings Stage::surroundings(const View& view, const Command& command) const {
  return daemon::surroundings_of(configuration_, *observations_, view, command, clock_.now());
}

std::vector<SideSeen> Stage::look_at_sides(const View& view, const Share& share) const {
  return daemon::look_at_sides(
      view, share, [this](const std::string&) { return driver_.get(); }, clock_);
}

void Stage::say(const std::string& line) {
  tell_records();
  std::string text = names.told(line);
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t stop = std::min(text.find('\n', begin), text.size());
    if (stop > begin) said_.push_back(text.substr(begin, stop - begin));
    begin = stop + 1;
  }
}

void Stage::tell_records() {
  const auto alive = first_alive();
  if (!alive || !(*alive)->catch_up()) return;
  const auto view = (*alive)->store().view();
  for (; told_ < view->head().next_ordinal; ++told_) {
    const auto entry = replay::record_at(*view, log_, told_);
    PASIG_ASSERT(entry.has_value(), entry ? "" : entry.error().message);
    for (std::string& line : record_text_.lines_of(*entry)) said_.push_back(std::move(line));
  }
}

std::vector<std::string> Stage::take_notes() { return std::exchange(notes_, {}); }

std::vector<std::string> Stage::take_said() {
  tell_records();
  return std::exchange(said_, {});
}

}  // namespace pasig::scenario
