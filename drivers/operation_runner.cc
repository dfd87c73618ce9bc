#include "drivers/operation_runner.h"

#include <condition_variable>

#include "drivers/worker_words.h"

namespace pasig::drivers {
namespace {

constexpr auto k_retry_pause = std::chrono::seconds(1);

// Waits, unless it is asked to stop.
void pause(std::stop_token stop, Duration duration) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  (void)never.wait_for(lock, stop, duration, [] { return false; });
}

template <class Report>
Report failed_report(const Operation& operation, const CallFailure& failure) {
  Report report;
  report.operation = operation.id;
  report.attempt = operation.attempt;
  report.failure = failure_of(failure);
  return report;
}

template <class Report>
Report done_report(const Operation& operation) {
  Report report;
  report.operation = operation.id;
  report.attempt = operation.attempt;
  return report;
}

Command report_created(const Operation& operation, const Answer<Created>& answer) {
  if (!answer) return failed_report<ReportShareCreated>(operation, answer.error());
  auto report = done_report<ReportShareCreated>(operation);
  report.exports = answer->exports;
  return report;
}

Command report_added(const Operation& operation, const Answer<Added>& answer) {
  if (!answer) return failed_report<ReportReplicaAdded>(operation, answer.error());
  auto report = done_report<ReportReplicaAdded>(operation);
  report.exports = answer->exports;
  if (answer->copy) {
    report.verified = true;
    report.generation = answer->copy->generation;
    report.data_as_of = answer->copy->data_as_of;
    report.consistency = consistency_of(answer->copy->consistency);
  }
  return report;
}

template <class Report>
Command report_removed(const Operation& operation, const Answer<Removed>& answer) {
  if (!answer) return failed_report<Report>(operation, answer.error());
  auto report = done_report<Report>(operation);
  for (const Remains& one : answer->remains) report.debris.push_back(debris_of(one));
  return report;
}

Command report_changed(const Operation& operation, const Answer<ActiveChange>& answer) {
  if (!answer) return failed_report<ReportActiveReplicaChanged>(operation, answer.error());
  auto report = done_report<ReportActiveReplicaChanged>(operation);
  report.effective_mode = answer->forced ? ChangeMode::forced : ChangeMode::planned;
  report.epoch = answer->epoch;
  report.generation = answer->base.generation;
  report.data_as_of = answer->base.data_as_of;
  report.consistency = consistency_of(answer->base.consistency);
  report.fence = fence_of(answer->fence);
  report.exports = answer->exports;
  report.demoted_exports = answer->demoted_exports;
  report.diverged = answer->diverged;
  for (const Aside& one : answer->aside) report.aside.push_back(aside_of(one));
  return report;
}

ActiveChangeRequest change_request(const Operation& operation) {
  ActiveChangeRequest request{.replica = operation.replica,
                              .quiesce_wait_seconds = operation.quiesce_wait_seconds,
                              .accept_older = operation.accept_older};
  switch (operation.mode) {
    case ChangeMode::auto_:
      request.mode = ActiveChangeRequest::Mode::automatic;
      break;
    case ChangeMode::planned:
      request.mode = ActiveChangeRequest::Mode::planned;
      break;
    case ChangeMode::forced:
      request.mode = ActiveChangeRequest::Mode::forced;
      break;
  }
  return request;
}

const std::optional<Failure>* failure_in(const Command& command) {
  return std::visit(
      [](const auto& one) -> const std::optional<Failure>* {
        if constexpr (requires { one.failure; }) return &one.failure;
        return nullptr;
      },
      command);
}

}  // namespace

Submission OperationRunner::submission(const Operation& operation, std::uint32_t attempt,
                                       const char* what, Command command) const {
  return {.command = std::move(command),
          .actor = {.kind = ActorKind::system, .name = "worker:" + parts_.node, .admin = true},
          .command_id = to_string(operation.id) + "/" + std::to_string(attempt) + "/" + what,
          .cause = to_string(operation.id),
          .never_give_up = true};
}

bool OperationRunner::claim(const Operation& operation, Monotonic before) {
  const ClaimOperation command{.operation = operation.id,
                               .node = parts_.node,
                               .process = parts_.process,
                               .lease_seconds = parts_.lease_seconds,
                               .attempt = operation.attempt + 1};
  const auto outcome =
      parts_.handler.submit(submission(operation, command.attempt, "claim", command));
  if (!outcome || outcome->refusal || outcome->repeated) return false;
  // A claim that was seen accepted only after a third of its lease is not used: others may be
  // counting its end already (log-protocol 9). It is taken back by a new attempt.
  return parts_.clock.monotonic() - before < std::chrono::seconds(parts_.lease_seconds) / 3;
}

CallContext OperationRunner::context_of(const Operation& claimed, const std::stop_source& cancel) {
  const auto view = parts_.store.view();
  CallContext context{.operation = claimed.id,
                      .attempt = claimed.attempt,
                      .token = {view->head().incarnation, claimed.token_version},
                      .cancelled = cancel.get_token()};
  const std::int64_t left = claimed.deadline.micros_since(parts_.clock.now());
  context.deadline =
      parts_.clock.monotonic() + std::chrono::microseconds(std::max<std::int64_t>(left, 0));
  context.progress = [this, id = claimed.id](const Progress& progress) {
    parts_.observations.put(OperationProgress{id, progress.step, progress.bytes_done,
                                              progress.bytes_total, parts_.clock.now()});
  };
  return context;
}

bool OperationRunner::run(const Operation& operation, std::stop_token stop) {
  const Monotonic before = parts_.clock.monotonic();
  if (!claim(operation, before)) return false;
  const auto claimed = parts_.store.view()->operation(operation.id);
  if (!claimed || claimed->process != parts_.process || claimed->is_over()) return false;
  std::stop_source cancel;
  {
    const std::scoped_lock lock(mutex_);
    running_[operation.id] = {claimed->attempt, before, cancel};
  }
  // The process stops: the call is asked to stop too, and is taken up again by the next start.
  const std::stop_callback when_stopping(stop, [&] { cancel.request_stop(); });
  const CallContext context = context_of(*claimed, cancel);
  Command outcome = call_until_known(*claimed, context, stop);
  {
    const std::scoped_lock lock(mutex_);
    running_.erase(operation.id);
  }
  parts_.observations.forget(operation.id);
  const auto* failure = failure_in(outcome);
  const bool was_stopped =
      failure != nullptr && failure->has_value() && (*failure)->code == FailureCode::cancelled;
  if (was_stopped && stop.stop_requested())
    return true;  // nothing was done; the next start goes on
  if (was_stopped)
    outcome = ReportOperationCancelled{claimed->id, claimed->attempt, (*failure)->words};
  report(*claimed, std::move(outcome), stop);
  return true;
}

// An unknown outcome is never a failure: look, then deliver the call again. Drivers read how far
// they got from storage.
Command OperationRunner::call_until_known(const Operation& operation, const CallContext& context,
                                          std::stop_token stop) {
  for (;;) {
    const auto share = parts_.store.view()->share(operation.share);
    if (!share)
      return failed_report<ReportShareDeleted>(
          operation, {.words = "the share is gone", .hint = "nothing is left to do"});
    Called called = call(operation, *share, context);
    if (!called.unknown || stop.stop_requested() || parts_.clock.monotonic() > context.deadline)
      return std::move(called.report);
    parts_.note("operation " + to_string(operation.id) +
                ": its outcome is unknown; the call is delivered again");
    pause(stop, k_retry_pause);
  }
}

OperationRunner::Called OperationRunner::call(const Operation& operation, const Share& share,
                                              const CallContext& context) {
  Driver& driver = *parts_.controllers.at(operation.runs_on).driver;
  const ShareRef ref = share_ref(share);
  const auto is_unknown = [](const auto& answer) { return !answer && answer.error().unknown; };
  switch (operation.kind) {
    case OperationKind::create_share: {
      const auto answer = driver.create_share(ref, operation.replica, context);
      return {report_created(operation, answer), is_unknown(answer)};
    }
    case OperationKind::delete_share: {
      const auto answer = driver.delete_share(ref, operation.force, context);
      return {report_removed<ReportShareDeleted>(operation, answer), is_unknown(answer)};
    }
    case OperationKind::add_replica: {
      const auto answer = driver.add_replica(ref, operation.replica, context);
      return {report_added(operation, answer), is_unknown(answer)};
    }
    case OperationKind::remove_replica: {
      const auto answer = driver.remove_replica(ref, operation.replica, operation.force, context);
      return {report_removed<ReportReplicaRemoved>(operation, answer), is_unknown(answer)};
    }
    case OperationKind::set_active_replica: {
      const auto answer = driver.set_active_replica(ref, change_request(operation), context);
      return {report_changed(operation, answer), is_unknown(answer)};
    }
  }
  return {ReportOperationCancelled{operation.id, operation.attempt, "its kind is not known"}};
}

void OperationRunner::report(const Operation& operation, Command command, std::stop_token stop) {
  const Submission one = submission(operation, operation.attempt, "report", std::move(command));
  for (;;) {
    const auto outcome = parts_.handler.submit(one);
    if (outcome) return;
    parts_.note("reporting operation " + to_string(operation.id) + ": " + outcome.error().text());
    // Not lost: the claim ends, and the next attempt reads from storage that it was done.
    if (stop.stop_requested() || outcome.error().code == ErrorCode::invalid) return;
    pause(stop, k_retry_pause);
  }
}

void OperationRunner::tend() {
  struct Due {
    OperationId id;
    std::uint32_t attempt;
    std::stop_source cancel;
    bool renew;
  };
  std::vector<Due> all;
  {
    const std::scoped_lock lock(mutex_);
    const Monotonic now = parts_.clock.monotonic();
    for (auto& [id, one] : running_) {
      const bool renew = now - one.renewed > std::chrono::seconds(parts_.lease_seconds) / 3;
      if (renew) one.renewed = now;
      all.push_back({id, one.attempt, one.cancel, renew});
    }
  }
  if (all.empty()) return;
  const auto view = parts_.store.view();
  for (Due& due : all) {
    const auto operation = view->operation(due.id);
    // Taken over, ended by someone else, or asked to stop: the call has to end.
    if (!operation || operation->is_over() || operation->attempt != due.attempt ||
        operation->cancel_requested)
      due.cancel.request_stop();
    else if (due.renew)
      (void)parts_.handler.submit(
          {.command = RenewLease{due.id, due.attempt, parts_.lease_seconds},
           .actor = {.kind = ActorKind::system, .name = "worker:" + parts_.node, .admin = true},
           .cause = to_string(due.id)});
  }
}

}  // namespace pasig::drivers
