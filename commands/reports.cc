#include "commands/reports.h"

#include <algorithm>

#include "commands/snapshots.h"

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

// Storage may have gone through with it. A change is found there when it is asked for again.
std::string what_now(OperationKind kind) {
  std::string compared = "a status call compares storage with the log";
  if (kind != OperationKind::set_active_replica) return compared;
  return compared + "; if storage did change, the same set-active once more ends the change";
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
  if (reported.replica == nullptr && is_about_one_replica(report.kind))
    return tl::unexpected(Decision(contradicted(reported, report.words, "the replica is gone")));
  return reported;
}

Events contradicted(const Reported& reported, const std::string& words, const std::string& state) {
  const Operation& operation = *reported.operation;
  const Failure failure{.code = FailureCode::mismatch,
                        .words = "the report '" + words + "' no longer fits: " + state,
                        .hint = what_now(operation.kind)};
  // What still waits for the operation would wait for ever.
  Events events = undone(*reported.share, in_line(operation), failure);
  events.push_back(
      ReportContradictedState{reported.share->id, operation.replica, operation.id, words, state});
  events.push_back(OperationFailed{operation.id, reported.share->id, failure});
  return events;
}

Events failed(const Reported& reported, const Failure& failure) {
  Events events = undone(*reported.share, in_line(*reported.operation), failure);
  events.push_back(OperationFailed{reported.operation->id, reported.share->id, failure});
  return events;
}

Events drop_waiting(ReadView& view, const Reported& reported, const std::string& why) {
  const bool all = reported.operation->kind == OperationKind::delete_share;
  Events events;
  for (const PendingOperation& one : reported.share->operations) {
    if (one.id == reported.operation->id) continue;
    if (all || (is_about_one_replica(one.kind) && one.replica == reported.operation->replica))
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

Events kept_aside(const Share& share, const std::vector<AsideData>& aside) {
  Events events;
  for (const AsideData& one : aside) {
    const bool is_known =
        std::any_of(share.aside.begin(), share.aside.end(), [&](const AsideData& known) {
          return known.controller == one.controller && known.path == one.path;
        });
    if (is_known) continue;
    events.push_back(DivergedDataKeptAside{share.id, one.replica, one.controller, one.path,
                                           one.files, one.bytes, one.epoch});
  }
  return events;
}

}  // namespace pasig
