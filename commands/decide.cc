#include "commands/decide.h"

#include <variant>

#include "commands/usage.h"

namespace pasig {

Decision decide(ReadView& view, const Surroundings& now, const Command& command) {
  Decision decision =
      std::visit([&](const auto& held) { return decide(view, now, held); }, command);
  if (decision) give_back_after_resize(view, *decision);
  return decision;
}

}  // namespace pasig
