// docs/states.md, made from the machines' tables.
#include <map>
#include <utility>

#include "statemachine/machine_table.h"
#include "statemachine/machines.h"

namespace pasig {
namespace {

constexpr std::string_view k_reset = "reset_";

bool is_reset(const MachineTable::Term& input) { return input.word.starts_with(k_reset); }

// One arrow per pair of states with all its inputs. Admins' resets would hide the rest: they
// go from every state to every state, and stand in the matrix.
std::string diagram(const MachineTable& table) {
  std::string text = "```mermaid\nstateDiagram-v2\n";
  for (const std::size_t start : table.starts)
    text += "  [*] --> " + table.states[start].word + "\n";
  std::map<std::pair<std::size_t, std::size_t>, std::string> labels;
  for (const MachineTable::Arrow& arrow : table.arrows) {
    const MachineTable::Term& input = table.inputs[arrow.input];
    if (is_reset(input)) continue;
    std::string& label = labels[{arrow.from, arrow.to}];
    label += (label.empty() ? "" : ", ") + input.word;
  }
  for (const auto& [ends, label] : labels)
    text += "  " + table.states[ends.first].word + " --> " + table.states[ends.second].word +
            " : " + label + "\n";
  return text + "```\n";
}

std::string terms(std::string_view heading, const std::vector<MachineTable::Term>& terms) {
  std::string text = "| " + std::string(heading) + " | meaning |\n|---|---|\n";
  for (const MachineTable::Term& term : terms)
    text += "| `" + term.word + "` | " + term.meaning + " |\n";
  return text;
}

// Inputs down, states across.
std::string matrix(const MachineTable& table) {
  std::vector cells(table.inputs.size(), std::vector<std::string>(table.states.size()));
  for (const MachineTable::Arrow& arrow : table.arrows)
    cells[arrow.input][arrow.from] =
        arrow.from == arrow.to ? "stays" : "→ **" + table.states[arrow.to].word + "**";
  for (const MachineTable::Refusal& refusal : table.refusals)
    cells[refusal.input][refusal.from] = "no: " + refusal.why;
  std::string text = "| in state |";
  std::string rule = "|---|";
  for (const MachineTable::Term& state : table.states) {
    text += " `" + state.word + "` |";
    rule += "---|";
  }
  text += "\n" + rule + "\n";
  for (std::size_t input = 0; input < cells.size(); ++input) {
    text += "| `" + table.inputs[input].word + "` |";
    for (const std::string& cell : cells[input]) text += " " + cell + " |";
    text += "\n";
  }
  return text;
}

std::string section(const MachineTable& table) {
  return "## " + table.title + "\n\n" + table.about + "\n\n" + diagram(table) + "\n" +
         terms("state", table.states) + "\n" + terms("input", table.inputs) + "\n" + matrix(table);
}

}  // namespace

std::string_view word(MachineRefusal refusal) {
  switch (refusal) {
    case MachineRefusal::busy:
      return "busy";
    case MachineRefusal::not_available:
      return "not_available";
    case MachineRefusal::not_in_sync:
      return "not_in_sync";
    case MachineRefusal::already_active:
      return "already_active";
    case MachineRefusal::is_active:
      return "is_active";
    case MachineRefusal::unexpected:
      return "unexpected";
    case MachineRefusal::gone:
      return "gone";
  }
  return "";
}

std::string states_page() {
  const std::vector<MachineTable::Term> refusals = {
      {std::string(word(MachineRefusal::busy)),
       "something else is being done with it: try again when that is over"},
      {std::string(word(MachineRefusal::not_available)),
       "its state forbids it, and no waiting helps: repair or reset it first"},
      {std::string(word(MachineRefusal::not_in_sync)), "its data may be older than allowed"},
      {std::string(word(MachineRefusal::already_active)), "it is the active replica already"},
      {std::string(word(MachineRefusal::is_active)), "the active replica cannot do that"},
      {std::string(word(MachineRefusal::unexpected)), "a report that does not fit the state"},
      {std::string(word(MachineRefusal::gone)), "it was removed, or it is over"}};
  return "# State machines\n\n"
         "Generated from the tables in `statemachine/*_machine.cc`, never edited by hand; "
         "`tests/statemachine/states_page_test.cc` compares the two and says how to write it "
         "anew.\n\n"
         "Every pair of a state and an input is decided on purpose. In the matrices an arrow "
         "names the next state, *stays* means that the input is taken and the state remains, and "
         "*no* names the refusal. Diagrams leave out the refusals and the resets by admins.\n\n" +
         terms("refusal", refusals) + "\n" + section(replica_status_table()) + "\n" +
         section(replica_state_table()) + "\n" + section(operation_table()) + "\n" +
         section(access_table()) + "\n" + section(snapshot_table());
}

}  // namespace pasig
