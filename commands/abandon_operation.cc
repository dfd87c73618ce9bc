// An operation that an admin gives up. Nobody works on it: it ends at once. Somebody does: its call
// is asked to stop, storage is looked at, and it ends as it is found: what is done there is
// completed in the usual way, and what is not done, or what nobody could look at, ends here.
#include "commands/orders.h"
#include "commands/reports.h"
#include "commands/snapshots.h"

namespace pasig {
namespace {

std::string in_words(const Operation& operation) {
  return "operation " + to_string(operation.id) + " (" + std::string(word(operation.kind)) + ")";
}

Failure abandoned(const Operation& operation, const std::string& why, const std::string& found) {
  return {.code = FailureCode::abandoned,
          .controller = operation.runs_on,
          .words = "given up: " + why + "; " + found,
          .hint = "look at what it was about (pasig history " + to_string(operation.share) +
                  "), then ask for it again"};
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const AbandonOperation& command) {
  const Operation* operation = view.operation(command.operation);
  if (operation == nullptr)
    return refuse(Guard::operation_not_found,
                  "operation " + to_string(command.operation) +
                      " could not be found. See which there are: pasig operation list");
  const std::string to_do = "abandon " + in_words(*operation);
  PASIG_TRY(const Share* share, find_share(view, now.actor, operation->share));
  PASIG_CHECK(require_admin(now.actor, to_do, stream_of(operation->id)));
  const auto after = next(operation->status, OperationInput::abandon_requested);
  if (!after)
    return refuse(Guard::operation_is_over,
                  in_words(*operation) + " is " + std::string(word(operation->status)) +
                      ": there is nothing left to abandon",
                  stream_of(operation->id));
  PASIG_CHECK(order_has_why(to_do, command.why));
  if (operation->abandon_requested) return Events{};
  if (*after == OperationStatus::running)
    return Events{OperationAbandonRequested{operation->id, share->id, command.why}};
  const Failure failure =
      abandoned(*operation, command.why, "no worker had claimed it, so nothing was done");
  Events events = not_done(*share, in_line(*operation), failure);
  events.push_back(OperationFailed{operation->id, share->id, failure});
  append(events, taken_up_again(view, now, *share, in_line(*operation), share->active()));
  return events;
}

Decision decide(ReadView& view, const Surroundings& now, const ReportOperationAbandoned& command) {
  const std::string words = "operation abandoned";
  const Operation* operation = view.operation(command.operation);
  PASIG_FIT(
      reported,
      fit(view, {command.operation, command.attempt,
                 operation == nullptr ? OperationKind::create_share : operation->kind, words}));
  if (!reported.operation->abandon_requested ||
      !next(reported.operation->status, OperationInput::failed))
    return refuse(Guard::report_does_not_fit,
                  in_words(*reported.operation) +
                      " was reported as abandoned, but nobody asked "
                      "for that",
                  stream_of(command.operation));
  Events events = failed(
      reported, abandoned(*reported.operation, reported.operation->abandon_why, command.found));
  append(events, taken_up_again(view, now, *reported.share, in_line(*reported.operation),
                                reported.share->active()));
  return events;
}

}  // namespace pasig
