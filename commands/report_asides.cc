// What became of deleting data that was kept aside, and of copying it out.
#include <algorithm>

#include "commands/reports.h"

namespace pasig {
namespace {

// Where it lay, as the share has it; as the operation was asked, when it is listed no more.
std::string controller_of(const Share& share, const Operation& operation) {
  for (const AsideData& one : share.aside)
    if (one.replica == operation.replica && one.path == operation.path) return one.controller;
  return operation.runs_on;
}

Events not_done(const Reported& reported, const Failure& failure) {
  const auto& [operation, share, replica] = reported;
  return {AsideActionFailed{share->id, operation->replica, controller_of(*share, *operation),
                            operation->path, failure},
          OperationFailed{operation->id, share->id, failure}};
}

}  // namespace

Decision decide(ReadView& view, const Surroundings&, const ReportAsideDeleted& command) {
  const std::string words = command.failure ? "kept data not deleted" : "kept data deleted";
  PASIG_FIT(reported,
            fit(view, {command.operation, command.attempt, OperationKind::delete_aside, words}));
  const auto& [operation, share, replica] = reported;
  if (command.failure) return not_done(reported, *command.failure);
  return Events{AsideDataDeleted{share->id, operation->replica, controller_of(*share, *operation),
                                 operation->path},
                OperationCompleted{operation->id, share->id}};
}

Decision decide(ReadView& view, const Surroundings&, const ReportAsideRestored& command) {
  const std::string words = command.failure ? "kept data not restored" : "kept data restored";
  PASIG_FIT(reported,
            fit(view, {command.operation, command.attempt, OperationKind::restore_aside, words}));
  const auto& [operation, share, replica] = reported;
  if (command.failure) return not_done(reported, *command.failure);
  return Events{AsideDataRestored{.share = share->id,
                                  .replica = operation->replica,
                                  .controller = controller_of(*share, *operation),
                                  .path = operation->path,
                                  .to = operation->to,
                                  .files = command.files,
                                  .bytes = command.bytes},
                OperationCompleted{operation->id, share->id}};
}

}  // namespace pasig
