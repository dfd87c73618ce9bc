// What a machine's table says, as text: states_page.cc makes docs/states.md of it. Inside
// statemachine/ only; the machines' own .cc files fill it from their rows.
#pragma once

#include <string>
#include <vector>

namespace pasig {

struct MachineTable {
  struct Term {
    std::string word;
    std::string meaning;
  };
  struct Arrow {
    std::size_t from = 0;  // index of states
    std::size_t input = 0;
    std::size_t to = 0;
  };
  struct Refusal {
    std::size_t from = 0;
    std::size_t input = 0;
    std::string why;
  };
  std::string title;
  std::string about;
  std::vector<std::size_t> starts;  // states in which one begins
  std::vector<Term> states;
  std::vector<Term> inputs;
  std::vector<Arrow> arrows;  // in the order of the rows
  std::vector<Refusal> refusals;
};

MachineTable replica_status_table();
MachineTable replica_state_table();
MachineTable operation_table();
MachineTable access_table();
MachineTable snapshot_table();

}  // namespace pasig
