#include "commands/decide.h"

#include <variant>

namespace pasig {

Decision decide(ReadView& view, const Surroundings& now, const Command& command) {
  return std::visit([&](const auto& held) { return decide(view, now, held); }, command);
}

}  // namespace pasig
