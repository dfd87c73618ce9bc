// Operations that an admin gave up: storage is looked at, for a limited time, and they end as they
// are found.
#include <algorithm>

#include "drivers/operation_reports.h"
#include "drivers/operation_runner.h"

namespace pasig::drivers {
namespace {

// How long the call is given to stop, and how long storage is asked for what it shows.
constexpr auto k_call_patience = std::chrono::seconds(10);
constexpr auto k_look_patience = std::chrono::seconds(60);

// Whether looking at storage tells if such an operation was done there.
bool is_shown_by_storage(OperationKind kind) {
  switch (kind) {
    case OperationKind::create_share:
    case OperationKind::delete_share:
    case OperationKind::add_replica:
    case OperationKind::remove_replica:
    case OperationKind::set_active_replica:
    case OperationKind::manage_share:
    case OperationKind::unmanage_share:
      return true;
    case OperationKind::create_snapshot:
    case OperationKind::delete_snapshot:
    case OperationKind::revert_share:
    case OperationKind::extend_share:
    case OperationKind::shrink_share:
    case OperationKind::update_access:
    case OperationKind::manage_snapshot:
    case OperationKind::unmanage_snapshot:
    case OperationKind::delete_aside:
    case OperationKind::restore_aside:
      return false;
  }
  return false;
}

}  // namespace

bool OperationRunner::is_given_up(OperationId id) const {
  const auto operation = parts_.store.view()->operation(id);
  return operation && operation->abandon_requested;
}

OperationRunner::Finding OperationRunner::look_for_a_while(const Operation& operation,
                                                           const CallContext& context) {
  const Monotonic end = parts_.clock.monotonic() + k_look_patience;
  for (Duration pause = k_retry_pause;; pause = std::min<Duration>(2 * pause, k_retry_pause_max)) {
    const Finding found = find_out(operation, context);
    if (found != Finding::unknown || context.cancelled.stop_requested()) return found;
    if (parts_.clock.monotonic() >= end) return found;
    parts_.pause(pause, context.cancelled);
  }
}

// What is done on storage is completed: the call, delivered again, reads there how far it got. That
// is so while effects are paused too, since nothing new is begun by it.
Command OperationRunner::outcome_of_abandoned(const Operation& operation,
                                              const CallContext& context) {
  ReportOperationAbandoned report{operation.id, operation.attempt, {}};
  if (!is_shown_by_storage(operation.kind)) {
    report.found =
        "looking at storage does not tell how far it got: ask for it again, which does "
        "no harm";
    return report;
  }
  switch (look_for_a_while(operation, context)) {
    case Finding::not_done:
      report.found = "storage shows that it was not done";
      return report;
    case Finding::unknown:
      report.found =
          "nobody could look at storage: whether it was done there is not known, the "
          "next status call tells";
      return report;
    case Finding::done:
      break;
  }
  auto view = parts_.store.view();
  const auto share = view->share(operation.share);
  if (!share) {
    report.found = "the share is gone";
    return report;
  }
  const KeptOff kept_off(*view, operation, *share);
  view.reset();  // not held during a call
  Called called = call(operation, *share, kept_off, context);
  const Failure* failure = failure_in(called.report);
  if (failure == nullptr) return std::move(called.report);
  report.found = "storage shows that it was done, but it could not be finished there (" +
                 failure->words + "): the next status call tells what is so";
  return report;
}

void OperationRunner::wait_for_call(OperationId id, const std::stop_token& stop) {
  const Monotonic end = parts_.clock.monotonic() + k_call_patience;
  const auto runs = [&] {
    const std::scoped_lock lock(mutex_);
    return running_.contains(id);
  };
  while (runs() && !stop.stop_requested() && parts_.clock.monotonic() < end)
    parts_.pause(k_retry_pause, stop);
}

void OperationRunner::settle_abandoned(const Operation& operation, const std::stop_token& stop) {
  wait_for_call(operation.id, stop);
  const auto is_ours = [&] {
    const auto now = parts_.store.view()->operation(operation.id);
    return now && !now->is_over() && now->attempt == operation.attempt && !stop.stop_requested();
  };
  if (!is_ours()) return;
  CallContext context = context_of(operation, stop);
  context.deadline = parts_.clock.monotonic() + k_look_patience + k_last_word;
  const Command outcome = outcome_of_abandoned(operation, context);
  if (!is_ours()) return;
  parts_.note("operation " + to_string(operation.id) + " is to be abandoned, and was looked at");
  report(operation, outcome, stop);
}

}  // namespace pasig::drivers
