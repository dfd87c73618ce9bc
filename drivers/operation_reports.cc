#include "drivers/operation_reports.h"

#include <variant>

#include "drivers/worker_words.h"

namespace pasig::drivers {
namespace {

constexpr std::size_t k_words_max = 1000;
constexpr std::size_t k_listed_max = 100;
constexpr std::size_t k_rule_words_max = 60;  // there may be a thousand of them

template <class Report>
Report report_of(const Operation& operation) {
  Report report;
  report.operation = operation.id;
  report.attempt = operation.attempt;
  return report;
}

template <class Report>
Report failed_report(const Operation& operation, const CallFailure& failure) {
  auto report = report_of<Report>(operation);
  report.failure = failure_of(failure);
  return report;
}

template <class Report>
Command gone_report(const Operation& operation, const Answer<Removed>& answer) {
  if (!answer) return failed_report<Report>(operation, answer.error());
  auto report = report_of<Report>(operation);
  for (const Remains& one : answer->remains) report.debris.push_back(debris_of(one));
  return report;
}

std::vector<ReplicaOutcome> outcomes_of(const std::vector<ReplicaAnswer>& answers) {
  std::vector<ReplicaOutcome> outcomes;
  for (const ReplicaAnswer& one : answers) {
    ReplicaOutcome outcome{.replica = one.replica, .done = !one.failure};
    if (one.failure) outcome.failure = failure_of(*one.failure);
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

// Not inside of a character of UTF-8.
void cut(std::string& words) {
  if (words.size() <= k_words_max) return;
  std::size_t end = k_words_max;
  while (end > 0 && (static_cast<unsigned char>(words[end]) & 0xC0U) == 0x80U) --end;
  words.resize(end);
  words += " ...";
}

template <class T>
void cut(std::vector<T>& list) {
  if (list.size() > k_listed_max) list.resize(k_listed_max);
}

template <class Report>
void shorten(Report& report) {
  if constexpr (requires { report.failure; })
    if (report.failure) {
      cut(report.failure->words);
      cut(report.failure->hint);
    }
  if constexpr (requires { report.debris; }) {
    cut(report.debris);
    for (Debris& one : report.debris) cut(one.words);
  }
  if constexpr (requires { report.outcomes; })
    for (ReplicaOutcome& one : report.outcomes) {
      cut(one.failure.words);
      cut(one.failure.hint);
    }
  if constexpr (requires { report.exports; }) cut(report.exports);
  if constexpr (requires { report.demoted_exports; }) cut(report.demoted_exports);
  if constexpr (requires { report.fence; }) cut(report.fence.words);
  if constexpr (requires { report.aside; }) report.aside.clear();
  if constexpr (requires { report.outcomes; })
    for (ReplicaOutcome& one : report.outcomes) {
      cut(one.failure.words);
      cut(one.failure.hint);
    }
  if constexpr (std::is_same_v<Report, ReportAccessUpdated>)
    for (auto& one : report.replicas) {
      if (one.failure) cut(one.failure->words);
      for (pasig::AccessOutcome& rule : one.rules)
        if (rule.words.size() > k_rule_words_max) rule.words = "not enforced";
    }
}

const CallFailure k_not_answered = {
    .problem = Problem::failed,
    .words = "storage said nothing about it",
    .hint = "see the driver's own log; the same command once more asks again"};

pasig::AccessOutcome outcome_of(const ReplicaAccess& told, const AccessRule& rule) {
  for (const AccessOutcome& one : told.rules) {
    if (one.rule != rule.id) continue;
    if (const auto level = parse_word<AccessLevel>(one.level))
      return {.rule = rule.id, .state = AccessState::active, .level = *level};
    return {.rule = rule.id,
            .state = AccessState::error,
            .words = one.words.empty() ? "storage does not enforce it" : one.words};
  }
  return {.rule = rule.id, .state = AccessState::error, .words = k_not_answered.words};
}

}  // namespace

Command report_resized(const Operation& operation, const ShareRef& called_with,
                       const Answer<Resized>& answer) {
  if (!answer) return failed_report<ReportShareResized>(operation, answer.error());
  auto report = report_of<ReportShareResized>(operation);
  for (const ReplicaRef& asked : called_with.replicas) {
    ReplicaOutcome outcome{.replica = asked.id, .failure = failure_of(k_not_answered)};
    for (const ReplicaAnswer& one : answer->replicas) {
      if (one.replica != asked.id) continue;
      outcome.done = !one.failure;
      outcome.failure = one.failure ? failure_of(*one.failure) : Failure{};
    }
    report.outcomes.push_back(std::move(outcome));
  }
  return report;
}

Command report_access(const Operation& operation, const ShareRef& called_with,
                      const Answer<AccessApplied>& answer) {
  if (!answer) return failed_report<ReportAccessUpdated>(operation, answer.error());
  auto report = report_of<ReportAccessUpdated>(operation);
  for (const ReplicaRef& asked : called_with.replicas) {
    ReportAccessUpdated::OfReplica of{.replica = asked.id, .failure = failure_of(k_not_answered)};
    for (const ReplicaAccess& told : answer->replicas) {
      if (told.replica != asked.id) continue;
      of.failure.reset();
      if (told.failure) {
        of.failure = failure_of(*told.failure);
        continue;
      }
      for (const AccessRule& rule : called_with.access) of.rules.push_back(outcome_of(told, rule));
    }
    report.replicas.push_back(std::move(of));
  }
  return report;
}

Command report_created(const Operation& operation, const Answer<Created>& answer) {
  if (!answer) return failed_report<ReportShareCreated>(operation, answer.error());
  auto report = report_of<ReportShareCreated>(operation);
  report.exports = answer->exports;
  return report;
}

Command report_deleted(const Operation& operation, const Answer<Removed>& answer) {
  return gone_report<ReportShareDeleted>(operation, answer);
}

Command report_added(const Operation& operation, const Answer<Added>& answer) {
  if (!answer) return failed_report<ReportReplicaAdded>(operation, answer.error());
  auto report = report_of<ReportReplicaAdded>(operation);
  report.exports = answer->exports;
  if (answer->copy) {
    report.verified = true;
    report.generation = answer->copy->generation;
    report.data_as_of = answer->copy->data_as_of;
    report.consistency = consistency_of(answer->copy->consistency);
    report.snapshots = answer->copy->snapshots;
  }
  return report;
}

Command report_removed(const Operation& operation, const Answer<Removed>& answer) {
  return gone_report<ReportReplicaRemoved>(operation, answer);
}

Command report_changed(const Operation& operation, const Answer<ActiveChange>& answer) {
  if (!answer) return failed_report<ReportActiveReplicaChanged>(operation, answer.error());
  auto report = report_of<ReportActiveReplicaChanged>(operation);
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

Command report_snapshot_taken(const Operation& operation,
                              const Answer<drivers::SnapshotTaken>& answer) {
  if (!answer) return failed_report<ReportSnapshotTaken>(operation, answer.error());
  auto report = report_of<ReportSnapshotTaken>(operation);
  report.digest = answer->digest;
  report.files = answer->files;
  report.bytes = answer->bytes;
  report.taken_at = answer->taken_at;
  report.consistency = consistency_of(answer->consistency);
  return report;
}

Command report_snapshot_unmanaged(const Operation& operation, const Answer<Unmanaged>& answer) {
  if (!answer) return failed_report<ReportSnapshotUnmanaged>(operation, answer.error());
  auto report = report_of<ReportSnapshotUnmanaged>(operation);
  report.path = answer->path;
  return report;
}

Command report_managed(const Operation& operation, const Answer<Managed>& answer) {
  if (!answer) return failed_report<ReportShareManaged>(operation, answer.error());
  auto report = report_of<ReportShareManaged>(operation);
  report.exports = answer->exports;
  report.used_bytes = answer->used_bytes;
  return report;
}

Command report_unmanaged(const Operation& operation, const Answer<Unmanaged>& answer) {
  if (!answer) return failed_report<ReportShareUnmanaged>(operation, answer.error());
  auto report = report_of<ReportShareUnmanaged>(operation);
  report.path = answer->path;
  return report;
}

Command report_aside_deleted(const Operation& operation, const Answer<void>& answer) {
  if (!answer) return failed_report<ReportAsideDeleted>(operation, answer.error());
  return report_of<ReportAsideDeleted>(operation);
}

Command report_aside_restored(const Operation& operation, const Answer<AsideRestored>& answer) {
  if (!answer) return failed_report<ReportAsideRestored>(operation, answer.error());
  auto report = report_of<ReportAsideRestored>(operation);
  report.files = answer->files;
  report.bytes = answer->bytes;
  return report;
}

Command report_snapshot_deleted(const Operation& operation, const Answer<SnapshotDeleted>& answer) {
  if (!answer) return failed_report<ReportSnapshotDeleted>(operation, answer.error());
  auto report = report_of<ReportSnapshotDeleted>(operation);
  report.outcomes = outcomes_of(answer->replicas);
  return report;
}

Command report_reverted(const Operation& operation, const Answer<Reverted>& answer) {
  if (!answer) return failed_report<ReportShareReverted>(operation, answer.error());
  auto report = report_of<ReportShareReverted>(operation);
  report.generation = answer->base.generation;
  report.data_as_of = answer->base.data_as_of;
  report.outcomes = outcomes_of(answer->replicas);
  return report;
}

Command report_failed(const Operation& operation, const CallFailure& failure) {
  switch (operation.kind) {
    case OperationKind::create_share:
      return failed_report<ReportShareCreated>(operation, failure);
    case OperationKind::delete_share:
      return failed_report<ReportShareDeleted>(operation, failure);
    case OperationKind::add_replica:
      return failed_report<ReportReplicaAdded>(operation, failure);
    case OperationKind::remove_replica:
      return failed_report<ReportReplicaRemoved>(operation, failure);
    case OperationKind::set_active_replica:
      return failed_report<ReportActiveReplicaChanged>(operation, failure);
    case OperationKind::create_snapshot:
      return failed_report<ReportSnapshotTaken>(operation, failure);
    case OperationKind::manage_snapshot:
      return failed_report<ReportSnapshotTaken>(operation, failure);
    case OperationKind::unmanage_snapshot:
      return failed_report<ReportSnapshotUnmanaged>(operation, failure);
    case OperationKind::delete_snapshot:
      return failed_report<ReportSnapshotDeleted>(operation, failure);
    case OperationKind::revert_share:
      return failed_report<ReportShareReverted>(operation, failure);
      break;
    case OperationKind::extend_share:
    case OperationKind::shrink_share:
      return failed_report<ReportShareResized>(operation, failure);
    case OperationKind::update_access:
      return failed_report<ReportAccessUpdated>(operation, failure);
    case OperationKind::manage_share:
      return failed_report<ReportShareManaged>(operation, failure);
    case OperationKind::unmanage_share:
      return failed_report<ReportShareUnmanaged>(operation, failure);
    case OperationKind::delete_aside:
      return failed_report<ReportAsideDeleted>(operation, failure);
    case OperationKind::restore_aside:
      return failed_report<ReportAsideRestored>(operation, failure);
  }
  return ReportOperationCancelled{operation.id, operation.attempt, "its kind is not known"};
}

const Failure* failure_in(const Command& report) {
  return std::visit(
      [](const auto& one) -> const Failure* {
        if constexpr (requires {
                        one.operation;
                        one.failure;
                      })
          return one.failure ? &*one.failure : nullptr;
        return nullptr;
      },
      report);
}

Command shortened(Command report) {
  const auto shorten_one = [](auto& one) {
    if constexpr (requires {
                    one.operation;
                    one.attempt;
                  })
      shorten(one);
  };
  std::visit(shorten_one, report);
  return report;
}

}  // namespace pasig::drivers
