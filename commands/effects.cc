// Pausing work on storage, and letting it go on: of one share, of one controller, or of all.
// Nothing that runs is stopped; what waits is claimed by nobody meanwhile.
#include "commands/orders.h"

namespace pasig {
namespace {

struct Order {
  std::string to_do;    // "pause work on controller east"
  std::string subject;  // the stream that it is about
};

Order order(const std::string& verb, const std::optional<ShareId>& share,
            const std::string& controller) {
  if (share)
    return {verb + " work on the storage of share " + to_string(*share), stream_of(*share)};
  return {
      verb + (controller.empty() ? " all work on storage" : " work on controller " + controller),
      controller_stream(controller)};
}

Allowed names_one_thing(const std::optional<ShareId>& share, const std::string& controller) {
  if (!share || controller.empty()) return {};
  return refuse(Guard::invalid_input,
                "a share and a controller were named; one order is about one of them");
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const PauseEffects& command) {
  const Order asked = order("pause", command.share, command.controller);
  PASIG_CHECK(names_one_thing(command.share, command.controller));
  if (command.share) {
    PASIG_TRY(const Share* share, find_share(view, now.actor, *command.share));
    PASIG_CHECK(require_admin(now.actor, asked.to_do, asked.subject));
    PASIG_CHECK(order_has_why(asked.to_do, command.why));
    if (share->effects_paused) return Events{};
    return Events{ShareEffectsPaused{share->id, command.why}};
  }
  PASIG_CHECK(require_admin(now.actor, asked.to_do, asked.subject));
  PASIG_CHECK(order_has_why(asked.to_do, command.why));
  if (view.controller(command.controller).effects_paused) return Events{};
  return Events{EffectsPaused{command.controller, command.why}};
}

Decision decide(ReadView& view, const Surroundings& now, const ResumeEffects& command) {
  const Order asked = order("resume", command.share, command.controller);
  PASIG_CHECK(names_one_thing(command.share, command.controller));
  if (command.share) {
    PASIG_TRY(const Share* share, find_share(view, now.actor, *command.share));
    PASIG_CHECK(require_admin(now.actor, asked.to_do, asked.subject));
    if (!share->effects_paused) return Events{};
    return Events{ShareEffectsResumed{share->id}};
  }
  PASIG_CHECK(require_admin(now.actor, asked.to_do, asked.subject));
  if (!view.controller(command.controller).effects_paused) return Events{};
  return Events{EffectsResumed{command.controller}};
}

}  // namespace pasig
