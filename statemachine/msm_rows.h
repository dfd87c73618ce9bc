// The words in which the machines' tables are written, and Boost.MSM behind them. Included by
// the machines' .cc files only: nobody else pays for MSM's headers.
//
// A table is a struct with State, Input, k_states, k_inputs, Rows (what happens) and Refusals
// (what does not, and why). It compiles only when every (state, input) pair is in exactly one
// of the two, once. States and inputs are our enumerations; MSM's own numbers stay in here.
#pragma once

#include <boost/mp11.hpp>
#include <boost/mpl/push_back.hpp>
#include <boost/mpl/vector.hpp>
#include <boost/msm/back/state_machine.hpp>
#include <boost/msm/front/functor_row.hpp>
#include <boost/msm/front/state_machine_def.hpp>

#include <array>
#include <cstddef>
#include <utility>

#include "base/assert.h"
#include "statemachine/machine_table.h"
#include "statemachine/machines.h"

namespace pasig::rows {

namespace mp = boost::mp11;
namespace msm = boost::msm;

template <auto State>
struct In : msm::front::state<> {
  static constexpr auto k_code = State;
};
template <auto Input>
struct On {
  static constexpr auto k_code = Input;
};

template <auto From, auto Input, auto To>
using Row = msm::front::Row<In<From>, On<Input>, In<To>>;

template <auto From, auto Input, MachineRefusal Why>
struct Refuse {
  using Source = In<From>;
  using Evt = On<Input>;
  static constexpr MachineRefusal k_why = Why;
};
// From this state, all of these inputs are refused for this reason.
template <MachineRefusal Why, auto From, auto... Inputs>
using refuse = mp::mp_list<Refuse<From, Inputs, Why>...>;

// ---- every pair, exactly once ----------------------------------------------------------------
template <class Entry>
using Pair = mp::mp_list<typename Entry::Source, typename Entry::Evt>;

template <class Enum, std::size_t Count, template <auto> class Of, class Indices>
struct Enumerated;
template <class Enum, std::size_t Count, template <auto> class Of, std::size_t... I>
struct Enumerated<Enum, Count, Of, std::index_sequence<I...>> {
  using type = mp::mp_list<Of<static_cast<Enum>(I)>...>;
};
template <class Enum, std::size_t Count, template <auto> class Of>
using every = typename Enumerated<Enum, Count, Of, std::make_index_sequence<Count>>::type;

// The lists are template arguments so that the compiler's message names the pairs in them.
template <class Pairs>
constexpr bool no_pair_is_undecided() {
  static_assert(mp::mp_empty<Pairs>::value, "pairs without a row and without a refusal");
  return true;
}
template <class Pairs>
constexpr bool no_pair_is_decided_twice() {
  static_assert(mp::mp_empty<Pairs>::value, "pairs with a row and a refusal");
  return true;
}
template <class Table>
constexpr bool is_complete() {
  using AllPairs = mp::mp_product<mp::mp_list, every<typename Table::State, Table::k_states, In>,
                                  every<typename Table::Input, Table::k_inputs, On>>;
  using Taken = mp::mp_transform<Pair, typename Table::Rows>;
  using Refused = mp::mp_transform<Pair, typename Table::Refusals>;
  static_assert(mp::mp_is_set<Taken>::value, "a pair has two rows");
  static_assert(mp::mp_is_set<Refused>::value, "a pair is refused twice");
  return no_pair_is_undecided<mp::mp_set_difference<AllPairs, Taken, Refused>>() &&
         no_pair_is_decided_twice<mp::mp_set_intersection<Taken, Refused>>();
}

// ---- the machine -----------------------------------------------------------------------------
template <class Rows, class Entry>
using pushed_back = typename boost::mpl::push_back<Rows, Entry>::type;

template <class Table>
struct Definition : msm::front::state_machine_def<Definition<Table>> {
  using initial_state = In<static_cast<typename Table::State>(0)>;
  using transition_table = mp::mp_fold<typename Table::Rows, boost::mpl::vector0<>, pushed_back>;
  using no_message_queue = int;     // nothing is queued: no allocation in a machine
  using no_exception_thrown = int;  // nothing throws: no try around every input

  // MSM's own asserts; here a missing row is an answer, given by the refusals.
  template <class Fsm, class Event>
  void no_transition(const Event&, Fsm&, int) {}
};

// Puts a fresh machine into a state, as an archive that MSM reads itself back from.
struct Loader {
  int id;

  void operator&(int (&states)[1]) const { states[0] = id; }
  void operator&(bool& flag) const { flag = false; }
  template <class T>
  void operator&(T&) const {}
};

template <class Table>
struct Machine {
  using State = typename Table::State;
  using Input = typename Table::Input;
  using Fsm = msm::back::state_machine<Definition<Table>>;

  template <std::size_t Code>
  static constexpr int k_id =
      msm::back::get_state_id<typename Fsm::stt, In<static_cast<State>(Code)>>::type::value;

  static constexpr auto k_id_of_state = []<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<int, Table::k_states>{k_id<I>...};
  }
  (std::make_index_sequence<Table::k_states>());

  static State state_of(int id) {
    for (std::size_t code = 0; code < Table::k_states; ++code)
      if (k_id_of_state[code] == id) return static_cast<State>(code);
    PASIG_ASSERT(false, "a machine is in a state that its table lacks");
    return State{};
  }

  static MachineRefusal why_not(State from, Input input) {
    MachineRefusal why = MachineRefusal::unexpected;
    mp::mp_for_each<typename Table::Refusals>([&](auto entry) {
      using Entry = decltype(entry);
      if (Entry::Source::k_code == from && Entry::Evt::k_code == input) why = Entry::k_why;
    });
    return why;
  }

  static Next<State> next(State from, Input input) {
    static_assert(is_complete<Table>());
    PASIG_ASSERT(static_cast<std::size_t>(from) < Table::k_states, "a state of another build");
    Fsm fsm;
    Loader loader{k_id_of_state[static_cast<std::size_t>(from)]};
    fsm.serialize(loader, 0U);
    bool handled = false;
    mp::mp_with_index<Table::k_inputs>(static_cast<std::size_t>(input), [&](auto index) {
      handled = fsm.process_event(On<static_cast<Input>(index())>{}) == msm::back::HANDLED_TRUE;
    });
    if (!handled) return tl::unexpected<MachineRefusal>(why_not(from, input));
    return state_of(fsm.current_state()[0]);
  }

  // The rows and refusals, as indices and words.
  static void describe(MachineTable& table) {
    mp::mp_for_each<mp::mp_transform<mp::mp_identity, typename Table::Rows>>([&](auto entry) {
      using Entry = typename decltype(entry)::type;
      table.arrows.push_back({static_cast<std::size_t>(Entry::Source::k_code),
                              static_cast<std::size_t>(Entry::Evt::k_code),
                              static_cast<std::size_t>(Entry::Target::k_code)});
    });
    mp::mp_for_each<typename Table::Refusals>([&](auto entry) {
      using Entry = decltype(entry);
      table.refusals.push_back({static_cast<std::size_t>(Entry::Source::k_code),
                                static_cast<std::size_t>(Entry::Evt::k_code),
                                std::string(word(Entry::k_why))});
    });
  }
};

// "word" and meaning of each value of an enumeration, in its order.
template <class Enum, std::size_t Count>
std::vector<MachineTable::Term> terms(const std::array<const char*, Count>& meanings) {
  std::vector<MachineTable::Term> made;
  for (std::size_t i = 0; i < Count; ++i)
    made.push_back({std::string(word(static_cast<Enum>(i))), meanings[i]});
  return made;
}

}  // namespace pasig::rows
