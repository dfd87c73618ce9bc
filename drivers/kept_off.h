// The replicas that an operation over all of a share's replicas leaves alone, because operators
// paused or retired their controllers. A driver is handed them as out of reach; what it says of
// them is told in the orders' words, and what follows is what follows for a replica that is away.
#pragma once

#include <map>
#include <string>

#include "drivers/driver.h"
#include "statemachine/state.h"
#include "statemachine/state_reader.h"

namespace pasig::drivers {

class KeptOff {
 public:
  // As of now: an order that is given while the call runs does not stop it.
  KeptOff(const StateReader& state, const Operation& operation, const Share& share);

  // The share as the driver is handed it.
  [[nodiscard]] ShareRef without_them(ShareRef share) const;

  // The answer as if the controllers had said so themselves.
  template <class T>
  [[nodiscard]] Answer<T> told(Answer<T> answer) const {
    if (!answer) {
      tell(answer.error());
      return answer;
    }
    if constexpr (requires { answer->replicas; })
      for (auto& one : answer->replicas)
        if (one.failure) tell(*one.failure);
    if constexpr (requires { answer->demoted_exports; })
      if (!answer->fence.enforced && !old_side_.empty()) answer->fence.words = old_side_;
    return answer;
  }

 private:
  std::map<std::string, std::string> why_;  // by controller, in the words of the order
  std::string old_side_;                    // why the active replica is one of them

  void tell(CallFailure& failure) const;
};

}  // namespace pasig::drivers
