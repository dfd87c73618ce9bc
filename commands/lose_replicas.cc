// A retired controller takes its replicas with it: they count as lost, the active one included,
// which keeps its role (never none active) until an admin makes another one active. Work on the
// controller is given up; what can be done by another controller is offered there.
#include "commands/lose_replicas.h"

#include "commands/operations.h"
#include "commands/orders.h"
#include "commands/snapshots.h"
#include "commands/sync_state.h"

namespace pasig {
namespace {

bool is_lost(const Replica& replica) {
  return replica.status == ReplicaStatus::error &&
         replica.note.starts_with(word(FailureCode::lost));
}

Failure lost(const ControllerOrders& orders, const std::string& hint) {
  return {.code = FailureCode::lost,
          .controller = orders.name,
          .words = retirement_in_words(orders) + "; what is on it may remain there",
          .hint = hint};
}

Failure lost_replica(const ControllerOrders& orders, const Replica& replica) {
  const std::string id = to_string(replica.id);
  return lost(orders, replica.state == ReplicaState::active
                          ? "make another replica active: pasig replica set-active REPLICA --mode "
                            "forced"
                          : "remove it (pasig replica remove " + id +
                                ") and add another one; if the controller is back after all: pasig "
                                "controller reinstate " +
                                orders.name);
}

Events lose(const Surroundings& now, const ReplicaOfShare& place, const ControllerOrders& orders) {
  const auto& [share, replica] = place;
  if (is_lost(*replica)) return {};
  if (next(replica->status, StatusInput::failed) && next(replica->state, StateInput::failed))
    return {ReplicaFailed{share->id, replica->id, lost_replica(orders, *replica)}};
  if (replica->state != ReplicaState::in_sync) return {};
  // Something is being done with it that tells its own end; its data does not count any more.
  return fell_out_of_sync(now, place,
                          {.share = share->id,
                           .replica = replica->id,
                           .reason = OutOfSyncReason::controller_retired,
                           .words = retirement_in_words(orders),
                           .data_as_of = replica->data_as_of});
}

// Where else the operation can run: with another controller of the share, for work that is not
// about the retired one's own replica.
std::string other_place(ReadView& view, const Share& share, const Operation& operation,
                        const std::string& retired) {
  const Replica* own = share.find(operation.replica);
  const bool is_about_retired = own != nullptr && own->controller == retired;
  if (is_about_retired) return {};
  std::string paused;  // it would wait there, but not be lost
  for (const Replica& one : share.replicas) {
    if (one.controller.empty() || one.controller == retired) continue;
    const ControllerOrders& orders = view.controller(one.controller);
    if (orders.is_retired) continue;
    if (!orders.effects_paused) return one.controller;
    if (paused.empty()) paused = one.controller;
  }
  return paused;
}

Events strand(ReadView& view, const Surroundings& now, const Share& share,
              const Operation& operation, const ControllerOrders& orders) {
  const std::string why = retirement_in_words(orders);
  if (operation.status == OperationStatus::running) {
    if (operation.abandon_requested || !next(operation.status, OperationInput::abandon_requested))
      return {};
    return {OperationAbandonRequested{operation.id, share.id, why}};
  }
  if (const std::string to = other_place(view, share, operation, orders.name); !to.empty())
    return {OperationRerouted{.operation = operation.id,
                              .share = share.id,
                              .from = operation.runs_on,
                              .to = to,
                              .why = why,
                              .claim_by = now.now.plus_seconds(now.timings.claim_timeout_seconds)}};
  if (!next(operation.status, OperationInput::failed)) return {};
  const Failure failure = lost(orders, "ask for it on another controller");
  Events events = undone(share, in_line(operation), failure);
  events.push_back(OperationFailed{operation.id, share.id, failure});
  return events;
}

// What waited for a change of the active replica that ended with its controller.
Events taken_up_after(ReadView& view, const Surroundings& now, const Share& share,
                      const Events& ended) {
  const PendingOperation* change = pending(share, OperationKind::set_active_replica);
  if (change == nullptr) return {};
  Share then = share;
  for (const Event& event : ended)
    if (const auto* failed = std::get_if<OperationFailed>(&event))
      std::erase_if(then.operations,
                    [&](const PendingOperation& one) { return one.id == failed->operation; });
  if (pending(then, OperationKind::set_active_replica) != nullptr) return {};
  return taken_up_again(view, now, then, *change, then.active());
}

}  // namespace

bool has_replicas_to_lose(const Share& share, const std::string& controller) {
  for (const Replica& one : share.replicas) {
    if (one.controller != controller || is_lost(one)) continue;
    const bool can_fail =
        next(one.status, StatusInput::failed) && next(one.state, StateInput::failed);
    if (can_fail || one.state == ReplicaState::in_sync) return true;
  }
  return false;
}

bool is_stranded(const Share& share, const Operation& operation, const std::string& controller) {
  if (operation.is_over() || operation.abandon_requested) return false;
  const Replica* own = share.find(operation.replica);
  return operation.runs_on == controller || (own != nullptr && own->controller == controller);
}

Decision decide(ReadView& view, const Surroundings& now, const LoseReplicas& command) {
  const Share* share = view.share(command.share);
  const ControllerOrders& orders = view.controller(command.controller);
  if (share == nullptr || !orders.is_retired) return Events{};
  Events events;
  for (const PendingOperation& one : share->operations) {
    const Operation* operation = view.operation(one.id);
    if (operation != nullptr && is_stranded(*share, *operation, command.controller))
      append(events, strand(view, now, *share, *operation, orders));
  }
  append(events, taken_up_after(view, now, *share, events));
  for (const Replica& one : share->replicas)
    if (one.controller == command.controller) append(events, lose(now, {share, &one}, orders));
  return events;
}

}  // namespace pasig
