#include "drivers/operation_runner.h"

#include <algorithm>

#include "drivers/operation_reports.h"
#include "drivers/worker_words.h"
#include "statemachine/orders.h"

namespace pasig::drivers {
namespace {

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

// It was begun, its end was never heard of, and storage shows that it did not come about.
CallFailure not_done_after_all(const Failure& heard) {
  return {.problem = Problem::expired,
          .controller = heard.controller,
          .words = "it was not done in time; the last answer was: " + heard.words,
          .hint = heard.hint};
}

}  // namespace

void OperationRunner::start() { renewals_.start(parts_.operations_at_once); }

void OperationRunner::stop() { renewals_.stop(); }

Submission OperationRunner::submission(const Operation& operation, const std::string& what,
                                       Command command) const {
  return {.command = std::move(command),
          .actor = {.kind = ActorKind::system, .name = "worker:" + parts_.node, .admin = true},
          .command_id = to_string(operation.id) + "/" + what,
          .cause = to_string(operation.id),
          .never_give_up = true};
}

// The id names the claimant: a claim that was refused takes nobody else's attempt away.
bool OperationRunner::claim(const Operation& operation, Monotonic before) {
  const ClaimOperation command{.operation = operation.id,
                               .node = parts_.node,
                               .process = parts_.process,
                               .lease_seconds = parts_.lease_seconds,
                               .attempt = operation.attempt + 1};
  const auto outcome =
      parts_.handler.submit(submission(operation,
                                       std::to_string(command.attempt) + "/claim/" + parts_.node +
                                           "/" + std::to_string(parts_.process),
                                       command));
  if (!outcome || outcome->refusal || outcome->repeated) return false;
  // A claim that was seen accepted only after a third of its lease is not used: others may be
  // counting its end already (log-protocol 9). It is taken back by a new attempt.
  return parts_.clock.monotonic() - before < std::chrono::seconds(parts_.lease_seconds) / 3;
}

CallContext OperationRunner::context_of(const Operation& claimed, std::stop_token cancelled) const {
  CallContext context{.operation = claimed.id,
                      .attempt = claimed.attempt,
                      .token = {parts_.store.view()->head().incarnation, claimed.token_version},
                      .cancelled = std::move(cancelled)};
  const auto view = parts_.store.view();
  const auto share = view->share(claimed.share);
  const Time deadline =
      share ? limits_of(claimed,
                        resumed_at(*share, orders_about(*view, may_have_held(claimed, *share))))
                  .deadline
            : claimed.deadline;
  const std::int64_t left = deadline.micros_since(parts_.clock.now());
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
  if (claimed->abandon_requested) {
    settle_abandoned(*claimed, stop);
    return true;
  }
  const Running running{.attempt = claimed->attempt, .renewed = before, .tried = before};
  {
    const std::scoped_lock lock(mutex_);
    running_[operation.id] = running;
  }
  const auto forget = [&] {
    const std::scoped_lock lock(mutex_);
    running_.erase(operation.id);
  };
  std::optional<Command> outcome;
  try {
    // The process stops: the call is asked to stop too, and is taken up again by the next start.
    const std::stop_callback when_stopping(stop, [&] {
      running.end.request_stop();
      running.cancel.request_stop();
    });
    outcome = call_until_known(*claimed, running);
  } catch (...) {
    forget();
    throw;
  }
  forget();
  parts_.observations.forget(operation.id);
  const Failure* failure = outcome ? failure_in(*outcome) : nullptr;
  const bool is_done = outcome && failure == nullptr;
  if (!is_done && !running.end.stop_requested() && is_given_up(claimed->id)) {
    settle_abandoned(*claimed, stop);
    return true;
  }
  if (!outcome) return true;
  if (failure != nullptr && failure->code == FailureCode::cancelled) {
    if (running.end.stop_requested()) return true;  // nothing was done; the next attempt goes on
    outcome = ReportOperationCancelled{claimed->id, claimed->attempt, failure->words};
  }
  report(*claimed, *outcome, stop);
  return true;
}

// An unknown outcome is never a failure: the call is delivered again, since drivers read how far
// they got from storage. When there is no time left for that, or when what followed an unknown
// outcome was a failure, what storage shows decides.
std::optional<Command> OperationRunner::call_until_known(const Operation& operation,
                                                         const Running& running) {
  CallContext context = context_of(operation, running.cancel.get_token());
  // An attempt before this one may have passed the point of no return.
  const bool may_be_open =
      operation.attempt > 1 && operation.kind == OperationKind::set_active_replica;
  std::optional<KeptOff> kept_off;
  bool was_unknown = false;
  bool is_done_on_storage = false;
  for (Duration pause = k_retry_pause;; pause = std::min<Duration>(2 * pause, k_retry_pause_max)) {
    auto view = parts_.store.view();
    const auto share = view->share(operation.share);
    if (!share)
      return report_failed(operation,
                           {.words = "the share is gone", .hint = "nothing is left to do"});
    if (!kept_off) kept_off.emplace(*view, operation, *share);
    view.reset();  // not held during a call, which may take hours
    Called called = call(operation, *share, *kept_off, context);
    const Failure* failure = failure_in(called.report);
    was_unknown = was_unknown || called.unknown;
    if (failure == nullptr || !(was_unknown || may_be_open)) return std::move(called.report);
    if (running.end.stop_requested() || is_given_up(operation.id)) return std::nullopt;
    const bool may_try_again =
        parts_.clock.monotonic() < context.deadline && !context.cancelled.stop_requested();
    if (!called.unknown || !may_try_again) {
      context.cancelled = running.end.get_token();
      const Finding found =
          was_unknown ? look_until_known(operation, context) : find_out(operation, context);
      if (running.end.stop_requested()) return std::nullopt;
      if (found != Finding::done)
        return called.unknown ? report_failed(operation, not_done_after_all(*failure))
                              : std::move(called.report);
      is_done_on_storage = true;
    }
    parts_.note("operation " + to_string(operation.id) + " is delivered again: " + failure->words);
    parts_.pause(pause, running.end.get_token());
    // It is only to be finished, and its report to be heard.
    if (is_done_on_storage) context.deadline = parts_.clock.monotonic() + k_last_word;
  }
}

// Past its time nothing new is begun: storage is only looked at, for as long as it takes.
OperationRunner::Finding OperationRunner::look_until_known(const Operation& operation,
                                                           const CallContext& context) {
  for (Duration pause = k_retry_pause; !context.cancelled.stop_requested();
       pause = std::min<Duration>(2 * pause, k_retry_pause_max)) {
    const Finding found = find_out(operation, context);
    if (found != Finding::unknown) return found;
    parts_.note("operation " + to_string(operation.id) +
                ": its outcome is unknown, and storage does not answer; it is looked at again");
    parts_.pause(pause, context.cancelled);
  }
  return Finding::unknown;
}

// What a snapshot or a revert came to, by a look at the active replica. Whether a share went back
// cannot be seen on it, and going back again does no harm: it is delivered until it is heard of.
OperationRunner::Finding OperationRunner::find_out(Driver& driver, const ShareRef& share,
                                                   const Operation& operation,
                                                   const CallContext& context) {
  const ReplicaRef* active = share.active();
  if (active == nullptr) return Finding::not_done;
  const auto seen = driver.update_replica_status(share, active->id, context);
  if (!seen) return Finding::unknown;
  if (operation.kind == OperationKind::revert_share) return Finding::done;
  if (!seen->snapshots) return Finding::unknown;
  const bool is_there = std::find(seen->snapshots->begin(), seen->snapshots->end(),
                                  operation.snapshot) != seen->snapshots->end();
  const bool is_wanted = operation.kind != OperationKind::delete_snapshot;
  return is_there == is_wanted ? Finding::done : Finding::not_done;
}

OperationRunner::Finding OperationRunner::find_out(const Operation& operation,
                                                   CallContext context) {
  // Storage that is looked at does not show sizes and rules. They are asked for again by people or
  // by the next status call, and to have them twice does no harm.
  if (operation.kind == OperationKind::extend_share ||
      operation.kind == OperationKind::shrink_share ||
      operation.kind == OperationKind::update_access)
    return Finding::not_done;
  // What a look does not show: a call that is asked for again reads there how far it got.
  const bool is_hidden = operation.kind == OperationKind::unmanage_snapshot ||
                         operation.kind == OperationKind::delete_aside ||
                         operation.kind == OperationKind::restore_aside;
  if (is_hidden) return Finding::not_done;
  const auto share = parts_.store.view()->share(operation.share);
  if (!share) return Finding::not_done;
  Driver& driver = *parts_.controllers.at(operation.runs_on).driver;
  const ShareRef ref = share_ref(*share);
  context.deadline = parts_.clock.monotonic() + k_last_word;
  if (!operation.snapshot.is_nil()) return find_out(driver, ref, operation, context);
  const bool is_removal = operation.kind == OperationKind::delete_share ||
                          operation.kind == OperationKind::remove_replica ||
                          operation.kind == OperationKind::unmanage_share;
  for (const ReplicaRef& one : ref.replicas) {
    if (operation.kind != OperationKind::delete_share && one.id != operation.replica) continue;
    const auto seen = driver.inspect(ref, one.id, context);
    if (!seen) return Finding::unknown;
    bool is_so = seen->present;
    if (is_removal) is_so = !seen->present;
    if (operation.kind == OperationKind::manage_share)
      is_so = seen->present && seen->role == Role::active;
    if (operation.kind == OperationKind::set_active_replica)
      is_so = seen->present && seen->role == Role::active && seen->epoch > share->epoch;
    if (!is_so) return Finding::not_done;
  }
  return Finding::done;
}

OperationRunner::Called OperationRunner::call(const Operation& operation, const Share& share,
                                              const KeptOff& kept_off, const CallContext& context) {
  Driver& driver = *parts_.controllers.at(operation.runs_on).driver;
  const ShareRef ref = kept_off.without_them(share_ref(share));
  const auto is_unknown = [](const auto& answer) { return !answer && answer.error().unknown; };
  switch (operation.kind) {
    case OperationKind::create_share: {
      const auto answer = create_share(driver, share, operation, context);
      return {report_created(operation, answer), is_unknown(answer)};
    }
    case OperationKind::delete_share: {
      const auto answer = driver.delete_share(ref, operation.force, context);
      return {report_deleted(operation, answer), is_unknown(answer)};
    }
    case OperationKind::add_replica: {
      const auto answer = driver.add_replica(ref, operation.replica, context);
      return {report_added(operation, answer), is_unknown(answer)};
    }
    case OperationKind::remove_replica: {
      const auto answer = driver.remove_replica(ref, operation.replica, operation.force, context);
      return {report_removed(operation, answer), is_unknown(answer)};
    }
    case OperationKind::set_active_replica: {
      const auto answer =
          kept_off.told(driver.set_active_replica(ref, change_request(operation), context));
      return {report_changed(operation, answer), is_unknown(answer)};
    }
    case OperationKind::create_snapshot: {
      const auto answer = driver.create_snapshot(ref, operation.snapshot, context);
      return {report_snapshot_taken(operation, answer), is_unknown(answer)};
    }
    case OperationKind::delete_snapshot: {
      const auto answer = kept_off.told(driver.delete_snapshot(ref, operation.snapshot, context));
      return {report_snapshot_deleted(operation, answer), is_unknown(answer)};
    }
    case OperationKind::revert_share: {
      const auto answer = kept_off.told(driver.revert(ref, operation.snapshot, context));
      return {report_reverted(operation, answer), is_unknown(answer)};
    } break;
    case OperationKind::extend_share: {
      const auto answer = kept_off.told(driver.extend(ref, operation.size_gb, context));
      return {report_resized(operation, ref, answer), is_unknown(answer)};
    }
    case OperationKind::shrink_share: {
      const auto answer = kept_off.told(driver.shrink(ref, operation.size_gb, context));
      return {report_resized(operation, ref, answer), is_unknown(answer)};
    }
    case OperationKind::update_access: {
      const auto answer = kept_off.told(driver.update_access(ref, context));
      return {report_access(operation, ref, answer), is_unknown(answer)};
    }
    case OperationKind::manage_share:
    case OperationKind::unmanage_share:
    case OperationKind::manage_snapshot:
    case OperationKind::unmanage_snapshot:
      return call_adoption(driver, operation, share, context);
    case OperationKind::delete_aside:
    case OperationKind::restore_aside:
      return call_asides(driver, operation, share, context);
  }
  return {ReportOperationCancelled{operation.id, operation.attempt, "its kind is not known"}};
}

void OperationRunner::report(const Operation& operation, const Command& command,
                             std::stop_token stop) {
  // A call that was not waited for may still come to report.
  const bool gives_up = std::holds_alternative<ReportOperationAbandoned>(command);
  const std::string id = std::to_string(operation.attempt) + (gives_up ? "/abandoned" : "/report");
  const Submission whole = submission(operation, id, command);
  const Submission few_words = submission(operation, id + "-shortened", shortened(command));
  const Submission* one = &whole;
  for (;;) {
    const auto outcome = parts_.handler.submit(*one);
    if (outcome) return;
    parts_.note("reporting operation " + to_string(operation.id) + ": " + outcome.error().text());
    if (outcome.error().code == ErrorCode::invalid) {  // no record holds it
      // Not lost: the claim is made again after a while, and the next attempt reads from storage
      // that it was done.
      if (one == &few_words) return;
      one = &few_words;
      continue;
    }
    if (stop.stop_requested()) return;
    parts_.pause(k_retry_pause, stop);
  }
}

void OperationRunner::tend() {
  struct Due {
    OperationId id;
    Running running;
  };
  std::vector<Due> all;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [id, one] : running_) all.push_back({id, one});
  }
  if (all.empty()) return;
  const auto view = parts_.store.view();
  const Monotonic now = parts_.clock.monotonic();
  const auto lease = std::chrono::seconds(parts_.lease_seconds);
  for (Due& due : all) {
    const auto operation = view->operation(due.id);
    // Taken over, or ended by someone else; or others may take it over from now on.
    const bool is_ours =
        operation && !operation->is_over() && operation->attempt == due.running.attempt;
    if (!is_ours || now - due.running.renewed >= lease) {
      due.running.end.request_stop();
      due.running.cancel.request_stop();
      continue;
    }
    if (operation->cancel_requested || operation->abandon_requested)
      due.running.cancel.request_stop();
    if (now - due.running.renewed > lease / 3 && now - due.running.tried > lease / 30)
      renewals_.add(to_string(due.id), [this, id = due.id, attempt = due.running.attempt](
                                           const std::stop_token&) { renew(id, attempt); });
  }
}

// Only what was accepted counts, from before it was appended: others count from when they see it.
void OperationRunner::renew(OperationId id, std::uint32_t attempt) {
  const Monotonic before = parts_.clock.monotonic();
  const auto outcome = parts_.handler.submit(
      {.command = RenewLease{id, attempt, parts_.lease_seconds},
       .actor = {.kind = ActorKind::system, .name = "worker:" + parts_.node, .admin = true},
       .cause = to_string(id)});
  const std::scoped_lock lock(mutex_);
  const auto at = running_.find(id);
  if (at == running_.end() || at->second.attempt != attempt) return;
  at->second.tried = parts_.clock.monotonic();
  if (outcome && !outcome->refusal) at->second.renewed = before;
}

}  // namespace pasig::drivers
