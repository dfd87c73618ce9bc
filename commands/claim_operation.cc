// Workers' leases. Of all claims of one attempt the first in the log wins; only the first
// operation in its share's line may run, so at most one changes a share's storage. A process
// that asks for the attempt after its own has given that one back.
#include "commands/orders.h"
#include "statemachine/kept_off.h"

namespace pasig {
namespace {

Refusal refused(Guard guard, OperationId id, const std::string& why) {
  return {guard, "operation " + to_string(id) + " cannot be claimed: " + why, stream_of(id)};
}

Allowed may_claim(const Operation& operation, const Share& share, const ClaimOperation& command) {
  if (!next(operation.status, OperationInput::claimed))
    return tl::unexpected(refused(Guard::operation_is_over, operation.id,
                                  "it is " + std::string(word(operation.status))));
  const PendingOperation* first = pending(share);
  if (first == nullptr || first->id != operation.id)
    return tl::unexpected(refused(Guard::not_first_in_line, operation.id,
                                  first == nullptr
                                      ? "it is not in the line of share " + to_string(share.id)
                                      : in_words(*first) + " of the same share comes before it"));
  if (command.attempt != operation.attempt + 1)
    return tl::unexpected(refused(
        Guard::operation_claimed, operation.id,
        "attempt " + std::to_string(command.attempt) + " was asked for, but the last one is " +
            std::to_string(operation.attempt) + ", by node " + operation.node));
  return {};
}

// Operators' orders. One that is to be abandoned is claimed all the same: its claimant only looks,
// and ends it as it is found.
Allowed may_begin(ReadView& view, const Operation& operation, const Share& share) {
  const OrdersInForce orders = orders_about(view, controllers_of(operation, share));
  if (operation.abandon_requested) return {};
  if (const std::string paused = pause_in_words(share, orders); !paused.empty())
    return tl::unexpected(refused(Guard::effects_paused, operation.id, paused));
  for (const ControllerOrders& one : orders.controllers)
    if (one.is_retired && needs_controller(operation, share, one.name))
      return tl::unexpected(refused(Guard::effects_paused, operation.id, retirement_in_words(one)));
  return {};
}

}  // namespace

Decision decide(ReadView& view, const Surroundings&, const ClaimOperation& command) {
  if (command.node.empty() || command.lease_seconds == 0)
    return refuse(Guard::invalid_input, "a claim names its node and a lease of at least a second");
  const Operation* operation = view.operation(command.operation);
  if (operation == nullptr)
    return refuse(Guard::operation_not_found,
                  "operation " + to_string(command.operation) + " could not be found");
  const Share* share = view.share(operation->share);
  if (share == nullptr)
    return tl::unexpected(refused(Guard::operation_is_over, operation->id,
                                  "share " + to_string(operation->share) + " is gone"));
  PASIG_CHECK(may_claim(*operation, *share, command));
  PASIG_CHECK(may_begin(view, *operation, *share));
  return Events{OperationStarted{.operation = operation->id,
                                 .share = share->id,
                                 .node = command.node,
                                 .process = command.process,
                                 .attempt = command.attempt,
                                 .lease_seconds = command.lease_seconds}};
}

// Touches the operation's stream alone, so that it voids nobody's decision on the share.
Decision decide(ReadView& view, const Surroundings&, const RenewLease& command) {
  const Operation* operation = view.operation(command.operation);
  if (operation == nullptr)
    return refuse(Guard::operation_not_found,
                  "operation " + to_string(command.operation) + " could not be found");
  if (!next(operation->status, OperationInput::renewed))
    return refuse(Guard::operation_is_over,
                  "the lease of operation " + to_string(operation->id) +
                      " cannot be renewed: it is " + std::string(word(operation->status)),
                  stream_of(operation->id));
  if (command.attempt != operation->attempt || command.lease_seconds == 0)
    return refuse(Guard::operation_claimed,
                  "the lease of attempt " + std::to_string(command.attempt) + " of operation " +
                      to_string(operation->id) + " cannot be renewed: attempt " +
                      std::to_string(operation->attempt) + " by node " + operation->node +
                      " holds it",
                  stream_of(operation->id));
  return Events{OperationLeaseRenewed{operation->id, command.attempt, command.lease_seconds}};
}

}  // namespace pasig
