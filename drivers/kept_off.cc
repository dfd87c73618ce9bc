#include "drivers/kept_off.h"

#include "statemachine/kept_off.h"

namespace pasig::drivers {
namespace {

// No configured controller has such a name, so that no driver finds one.
std::string unreachable_name(const std::string& controller) { return "kept off " + controller; }

// It acts on every replica that it can reach.
bool is_over_all(OperationKind kind) {
  return kind == OperationKind::delete_snapshot || kind == OperationKind::revert_share ||
         kind == OperationKind::extend_share || kind == OperationKind::shrink_share ||
         kind == OperationKind::update_access || kind == OperationKind::set_active_replica;
}

}  // namespace

KeptOff::KeptOff(const StateReader& state, const Operation& operation, const Share& share) {
  if (!is_over_all(operation.kind)) return;
  for (const Replica& one : share.replicas) {
    if (one.controller.empty() || needs_controller(operation, share, one.controller)) continue;
    const auto orders = state.controller(one.controller);
    const std::string words = orders ? kept_off_in_words(*orders) : std::string();
    if (words.empty()) continue;
    why_[one.controller] = words;
    if (share.active() == &one) old_side_ = words;
  }
}

ShareRef KeptOff::without_them(ShareRef share) const {
  for (ReplicaRef& one : share.replicas)
    if (why_.contains(one.controller)) one.controller = unreachable_name(one.controller);
  return share;
}

void KeptOff::tell(CallFailure& failure) const {
  for (const auto& [controller, words] : why_) {
    if (failure.controller != unreachable_name(controller)) continue;
    failure = {.problem = Problem::unreachable,
               .unknown = failure.unknown,
               .controller = controller,
               .words = words,
               .hint = "its replica follows when that order is taken back"};
    return;
  }
}

}  // namespace pasig::drivers
