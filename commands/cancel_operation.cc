// An operation that nobody has started ends at once, and what it announced is undone; a running
// one is asked to stop, and its worker reports what became of it.
#include "commands/guards.h"
#include "commands/operations.h"
#include "commands/snapshots.h"

namespace pasig {
namespace {

Decision is_over(const Operation& operation) {
  return refuse(Guard::operation_is_over,
                "operation " + to_string(operation.id) + " (" + std::string(word(operation.kind)) +
                    ") is " + std::string(word(operation.status)) +
                    ": there is nothing left to cancel",
                stream_of(operation.id));
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const CancelOperation& command) {
  const Operation* operation = view.operation(command.operation);
  if (operation == nullptr)
    return refuse(Guard::operation_not_found,
                  "operation " + to_string(command.operation) +
                      " could not be found. See which there are: pasig operation list");
  if (!next(operation->status, OperationInput::cancel_requested)) return is_over(*operation);
  PASIG_TRY(const Share* share, find_share(view, now.actor, operation->share));
  const std::string why = "cancelled by " + now.actor.name;
  const PendingOperation line = in_line(*operation);
  Events events;
  const bool ends_now = next(operation->status, OperationInput::cancelled) &&
                        operation->status == OperationStatus::requested;
  if (ends_now) events = not_done(*share, line, {.code = FailureCode::cancelled, .words = why});
  append(events, stop(view, *share, line, why));
  if (ends_now) append(events, taken_up_again(view, now, *share, line, share->active()));
  return events;
}

}  // namespace pasig
