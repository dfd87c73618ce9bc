// One sync of one secondary. Most say nothing new: a record is written only when the replica's
// state changes.
#include "commands/operations.h"
#include "commands/resize.h"
#include "commands/snapshots.h"
#include "commands/sync_state.h"

namespace pasig {
namespace {

Refusal about_nothing(const ReportSync& command) {
  return {Guard::report_does_not_fit,
          "a sync of replica " + to_string(command.replica) + " of share " +
              to_string(command.share) + " was reported, but it is no secondary replica",
          stream_of(command.share)};
}

std::string age_in_words(const Surroundings& now, const Share& share, Time data_as_of) {
  if (!data_as_of.is_set()) return "the moment of its copy is not known";
  const std::int64_t seconds = now.now.micros_since(data_as_of) / 1'000'000;
  return "its copy is " + std::to_string(seconds) + " s old, the RPO is " +
         std::to_string(share.rpo_seconds) + " s";
}

// Nothing while it is so already, and while it has to settle.
Events came_in_sync(const Surroundings& now, const ReplicaOfShare& place,
                    const ReportSync& command) {
  const auto& [share, replica] = place;
  // A copy of what is damaged here may share it: until all was read and is right, it is not sound.
  if (replica->damaged > 0 && replica->state == ReplicaState::out_of_sync) return {};
  if (replica->damaged > 0 && replica->state == ReplicaState::error)
    return fell_out_of_sync(now, place,
                            {.share = share->id,
                             .replica = replica->id,
                             .reason = OutOfSyncReason::damaged,
                             .words = "it had damaged files before it failed",
                             .data_as_of = command.data_as_of});
  const bool is_older = command.generation < replica->generation;
  // In sync already; but a resync that an admin asked for is over with a sync that began after it,
  // and what it allowed is no longer allowed.
  const bool ends_resync =
      replica->accepts_mass_deletion && command.data_as_of >= replica->updated_at;
  const bool says_nothing_new = replica->state == ReplicaState::in_sync && !ends_resync;
  if (says_nothing_new || is_older || has_to_settle(now, *replica)) return {};
  return {ReplicaCameInSync{share->id, replica->id, command.generation, command.data_as_of,
                            command.consistency}};
}

Decision of_secondary(ReadView& view, const Surroundings& now, const ReportSync& command) {
  const Share* share = view.share(command.share);
  const Replica* replica = share == nullptr ? nullptr : share->find(command.replica);
  if (replica == nullptr) return tl::unexpected(about_nothing(command));
  // Begun before a change of the active replica: the next one, soon, is of the new epoch.
  if (command.epoch != share->epoch || replica->state == ReplicaState::active) return Events{};
  // What is being made, removed, changed or repaired is told by that.
  if (replica->status != ReplicaStatus::available) return Events{};

  const ReplicaOfShare place{share, replica};
  ReplicaFellOutOfSync fact{.share = share->id, .replica = replica->id};
  if (command.wrong) {
    fact.reason = *command.wrong;
    fact.words = command.words;
    return fell_out_of_sync(now, place, fact);
  }
  // What came to it, was lost or is gone, whatever its state is.
  Events events;
  if (command.snapshots)
    events =
        copies_seen(view, *share, {replica->id, *command.snapshots, command.snapshots_missing});
  const auto missing =
      missing_snapshots(events.empty() ? *share : after(*share, events, now), replica->id);
  if (!is_fresh(now, *share, command.data_as_of)) {
    fact.reason = OutOfSyncReason::behind;
    fact.words = age_in_words(now, *share, command.data_as_of);
    fact.data_as_of = command.data_as_of;
    append(events, fell_out_of_sync(now, place, fact));
  } else if (!next(replica->state, StateInput::confirmed)) {
    return tl::unexpected(about_nothing(command));
  } else if (!missing.empty()) {
    fact.reason = OutOfSyncReason::snapshot_missing;
    fact.words = missing_in_words(missing);
    append(events, fell_out_of_sync(now, place, fact));
  } else {
    append(events, came_in_sync(now, place, command));
  }
  add_out_of_step(events, *share, now);
  return events;
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const ReportSync& command) {
  PASIG_TRY(Events events, of_secondary(view, now, command));
  const Share* share = view.share(command.share);
  if (command.source_bytes && command.epoch == share->epoch)
    append(events, size_seen(*share, *command.source_bytes));
  return events;
}

}  // namespace pasig
