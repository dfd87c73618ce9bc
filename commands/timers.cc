// What any node's clock may submit: an operation that nobody claimed is offered elsewhere, one
// past its deadline is ended, a replica that nobody confirms is in sync no more. A timer that
// is late, early or another node's second one says nothing.
#include <algorithm>

#include "commands/operations.h"
#include "commands/orders.h"
#include "commands/snapshots.h"
#include "commands/sync_state.h"

namespace pasig {
namespace {

Refusal not_found(OperationId id) {
  return {Guard::operation_not_found, "operation " + to_string(id) + " could not be found", {}};
}

TimeLimits limits_now(ReadView& view, const Operation& operation, const Share& share) {
  return limits_of(operation,
                   resumed_at(share, orders_about(view, may_have_held(operation, share))));
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const RerouteOperation& command) {
  const Operation* operation = view.operation(command.operation);
  if (operation == nullptr) return tl::unexpected(not_found(command.operation));
  if (!next(operation->status, OperationInput::rerouted)) return Events{};
  const Share* share = view.share(operation->share);  // its line changes with it
  if (share == nullptr) return Events{};
  const OrdersInForce orders = orders_about(view, controllers_of(*operation, *share));
  if (!pause_in_words(*share, orders).empty()) return Events{};
  if (now.now <= limits_now(view, *operation, *share).claim_by) return Events{};
  return Events{
      OperationRerouted{.operation = operation->id,
                        .share = operation->share,
                        .from = operation->runs_on,
                        .to = command.to,
                        .why = command.why,
                        .claim_by = now.now.plus_seconds(now.timings.claim_timeout_seconds)}};
}

Decision decide(ReadView& view, const Surroundings& now, const ExpireOperation& command) {
  const Operation* operation = view.operation(command.operation);
  if (operation == nullptr) return tl::unexpected(not_found(command.operation));
  if (!next(operation->status, OperationInput::failed)) return Events{};
  const Share* share = view.share(operation->share);
  if (share == nullptr) return Events{};
  const OrdersInForce orders = orders_about(view, controllers_of(*operation, *share));
  const Time deadline = limits_now(view, *operation, *share).deadline;
  if (now.now <= deadline) return Events{};
  const bool waits = operation->status == OperationStatus::requested;
  if (waits && !pause_in_words(*share, orders).empty()) return Events{};
  const std::string why = "its deadline " + to_string(deadline) + " passed";
  if (operation->status == OperationStatus::running)
    return stop(view, *share, in_line(*operation), why);
  const Failure failure{.code = FailureCode::expired,
                        .controller = operation->runs_on,
                        .words = "no worker claimed it: " + why,
                        .hint = "see that a worker runs that reaches the controller, then repeat"};
  Events events = not_done(*share, in_line(*operation), failure);
  events.push_back(OperationFailed{operation->id, share->id, failure});
  append(events, taken_up_again(view, now, *share, in_line(*operation), share->active()));
  return events;
}

Decision decide(ReadView& view, const Surroundings& now, const ExpireConfirmation& command) {
  const Share* share = view.share(command.share);
  const Replica* replica = share == nullptr ? nullptr : share->find(command.replica);
  if (replica == nullptr || replica->state != ReplicaState::in_sync) return Events{};
  // The log may know of a later copy than the node whose clock it is.
  const Time last = std::max(command.last_confirmed, replica->data_as_of);
  const std::int64_t patience =
      std::int64_t{share->rpo_seconds} + now.timings.status_interval_seconds;
  if (now.now <= last.plus_seconds(patience)) return Events{};
  return fell_out_of_sync(now, {share, replica},
                          {.share = share->id,
                           .replica = replica->id,
                           .reason = OutOfSyncReason::unverified,
                           .words = "nothing confirmed it since " +
                                    (last.is_set() ? to_string(last) : std::string("it was added")),
                           .data_as_of = replica->data_as_of});
}

}  // namespace pasig
