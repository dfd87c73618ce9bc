// A worker stopped as it was asked to, before anything lasting was changed.
#include "commands/reports.h"
#include "commands/snapshots.h"

namespace pasig {

Decision decide(ReadView& view, const Surroundings& now, const ReportOperationCancelled& command) {
  const Operation* operation = view.operation(command.operation);
  PASIG_FIT(reported,
            fit(view, {command.operation, command.attempt,
                       operation == nullptr ? OperationKind::create_share : operation->kind,
                       "operation cancelled"}));
  if (!next(reported.operation->status, OperationInput::cancelled))
    return contradicted(reported, "operation cancelled",
                        "it is " + std::string(word(reported.operation->status)));
  const PendingOperation line = in_line(*reported.operation);
  Events events =
      undone(*reported.share, line, {.code = FailureCode::cancelled, .words = command.why});
  events.push_back(OperationCancelled{reported.operation->id, reported.share->id, command.why});
  append(events, taken_up_again(view, now, *reported.share, line, reported.share->active()));
  return events;
}

}  // namespace pasig
