#include "commands/reports.h"

namespace pasig {
namespace {

std::string state_of(const Operation& operation) {
  std::string text =
      "operation " + to_string(operation.id) + " is " + std::string(word(operation.status));
  if (operation.status == OperationStatus::running)
    text += " in attempt " + std::to_string(operation.attempt) + " by node " + operation.node;
  return text;
}

Decision fits_nothing(const Report& report) {
  return refuse(Guard::report_does_not_fit,
                "the report '" + report.words + "' of attempt " + std::to_string(report.attempt) +
                    " of operation " + to_string(report.operation) +
                    " is about nothing that exists",
                stream_of(report.operation));
}

}  // namespace

tl::expected<Reported, Decision> fit(ReadView& view, const Report& report) {
  const Operation* operation = view.operation(report.operation);
  if (operation == nullptr || operation->kind != report.kind)
    return tl::unexpected(fits_nothing(report));
  const Share* share = view.share(operation->share);
  if (share == nullptr) return tl::unexpected(fits_nothing(report));
  const Reported reported{operation, share, share->find(operation->replica)};
  if (!next(operation->status, OperationInput::done) || operation->attempt != report.attempt)
    return tl::unexpected(Decision(Events{ReportContradictedState{
        .share = share->id,
        .replica = operation->replica,
        .operation = operation->id,
        .report = report.words + " (attempt " + std::to_string(report.attempt) + ")",
        .state = state_of(*operation)}}));
  if (reported.replica == nullptr && report.kind != OperationKind::delete_share)
    return tl::unexpected(Decision(contradicted(reported, report.words, "the replica is gone")));
  return reported;
}

Events contradicted(const Reported& reported, const std::string& words, const std::string& state) {
  const Operation& operation = *reported.operation;
  return {
      ReportContradictedState{reported.share->id, operation.replica, operation.id, words, state},
      OperationFailed{operation.id,
                      reported.share->id,
                      {.code = FailureCode::mismatch,
                       .words = "the report '" + words + "' no longer fits: " + state,
                       .hint = "a status call compares storage with the log"}}};
}

Events failed(const Reported& reported, const Failure& failure) {
  Events events = not_done(*reported.share, in_line(*reported.operation), failure);
  events.push_back(OperationFailed{reported.operation->id, reported.share->id, failure});
  return events;
}

Events drop_waiting(ReadView& view, const Reported& reported, const std::string& why) {
  const bool all = reported.operation->kind == OperationKind::delete_share;
  Events events;
  for (const PendingOperation& one : reported.share->operations) {
    if (one.id == reported.operation->id) continue;
    // The deletion of the share names one of its replicas, but is not about that one alone.
    const bool is_of_share = one.kind == OperationKind::delete_share;
    if (all || (!is_of_share && one.replica == reported.operation->replica))
      append(events, stop(view, *reported.share, one, why));
  }
  return events;
}

Events debris_left(ShareId share, const std::vector<Debris>& debris) {
  Events events;
  for (const Debris& one : debris)
    events.push_back(RelationDebrisLeft{share, one.replica, one.controller, one.bytes, one.words});
  return events;
}

}  // namespace pasig
