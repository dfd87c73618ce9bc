// What became of making and of deleting a share.

#include "commands/orders.h"
#include "commands/reports.h"
#include "commands/snapshots.h"
#include "commands/usage.h"

namespace pasig {
namespace {

std::string in_words(ReplicaStatus status) { return "its status is " + std::string(word(status)); }

// The pool had no space: another one is tried, in a new operation, a few times.
Decision reschedule(ReadView& view, const Surroundings& now, const Reported& reported,
                    const Failure& failure) {
  const auto& [operation, share, replica] = reported;
  std::vector<std::string> tried = share->tried_hosts;
  tried.push_back(replica->host);
  const PlacementRequest wanted{.size_gb = share->size_gb,
                                .zone = share->zone_asked,
                                .extra_specs = share->extra_specs,
                                .replication = share->replication,
                                .protocol = share->protocol,
                                .excluded_hosts = tried};
  const std::vector<PoolReport> pools = open_pools(view, now);
  const Share* source = share->source_snapshot.is_nil() ? nullptr : view.share(share->source_share);
  const Placement placement = source == nullptr
                                  ? place(wanted, pools)
                                  : place_near(wanted, pools, *source, share->source_snapshot);
  if (placement.host.empty()) {
    Failure all = failure;
    all.words += "; " + explain(placement);
    all.hint = "make room, then delete this share and create it again";
    return failed(reported, all);
  }
  move_promise(view, share->size_gb, replica->host, placement.host);
  return Events{ShareRescheduled{share->id, replica->id, replica->host, placement, failure.words},
                OperationFailed{operation->id, share->id, failure},
                request(view, now, 0,
                        {.kind = OperationKind::create_share,
                         .share = share->id,
                         .replica = replica->id,
                         .runs_on = placement.controller})};
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const ReportShareCreated& command) {
  const std::string words = command.failure ? "share not created" : "share created";
  PASIG_FIT(reported,
            fit(view, {command.operation, command.attempt, OperationKind::create_share, words}));
  const auto& [operation, share, replica] = reported;
  const bool fits = next(replica->status, StatusInput::added) &&
                    next(replica->state, StateInput::first_provisioned);
  if (!fits) return contradicted(reported, words, in_words(replica->status));
  if (!command.failure)
    return Events{ShareProvisioned{share->id, replica->id, 1, command.exports},
                  OperationCompleted{operation->id, share->id}};
  if (command.failure->code == FailureCode::no_space && !operation->cancel_requested &&
      share->placement_attempts < now.placement_attempts_max)
    return reschedule(view, now, reported, *command.failure);
  return failed(reported, *command.failure);
}

Decision decide(ReadView& view, const Surroundings&, const ReportShareDeleted& command) {
  const std::string words = command.failure ? "share not deleted" : "share deleted";
  PASIG_FIT(reported,
            fit(view, {command.operation, command.attempt, OperationKind::delete_share, words}));
  const auto& [operation, share, replica] = reported;
  for (const Replica& one : share->replicas)
    if (!next(one.status, StatusInput::removed))
      return contradicted(reported, words,
                          "replica " + to_string(one.id) + ": " + in_words(one.status));
  if (command.failure) return failed(reported, *command.failure);
  Events events = debris_left(share->id, command.debris);
  append(events, drop_waiting(view, reported, "the share is deleted"));
  events.push_back(OperationCompleted{operation->id, share->id});
  events.push_back(ShareDeleted{share->id});
  give_back_share(view, *share);
  return events;
}

}  // namespace pasig
