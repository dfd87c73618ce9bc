// Admins set what the log says of a snapshot by hand; storage is not touched. The next look at
// each replica says what is really there.
#include "commands/snapshots.h"

namespace pasig {
namespace {

std::optional<SnapshotInput> input_for(SnapshotStatus to) {
  switch (to) {
    case SnapshotStatus::creating:
      return SnapshotInput::reset_creating;
    case SnapshotStatus::available:
      return SnapshotInput::reset_available;
    case SnapshotStatus::error:
      return SnapshotInput::reset_error;
    case SnapshotStatus::error_deleting:
      return SnapshotInput::reset_error_deleting;
    // What is to be deleted is deleted in earnest, by every look at a replica.
    case SnapshotStatus::deleting:
    case SnapshotStatus::restoring:
    case SnapshotStatus::unmanaging:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const ResetSnapshotStatus& command) {
  const auto input = input_for(command.status);
  if (!input)
    return refuse(Guard::invalid_input,
                  "Invalid state. Valid states: available, creating, error, error_deleting. A "
                  "snapshot that is to go is deleted: pasig snapshot delete");
  PASIG_TRY(const SnapshotOfShare place, find_snapshot(view, now.actor, command.snapshot));
  const auto& [share, snapshot] = place;
  const std::string subject = stream_of(share->id);
  PASIG_CHECK(require_admin(now.actor, "reset the status of " + in_words(place), subject));
  const SnapshotStatus from = status_of(*snapshot);
  if (!next(from, *input))
    return refuse(Guard::snapshot_is_busy,
                  in_words(place) + " cannot be reset from " + std::string(word(from)) + " to " +
                      std::string(word(command.status)),
                  subject);
  const bool needs_content =
      command.status == SnapshotStatus::available || command.status == SnapshotStatus::creating;
  if (needs_content && snapshot->digest.empty())
    return refuse(Guard::snapshot_not_available,
                  in_words(place) + " was never taken, so there is nothing that could be " +
                      std::string(word(command.status)) + "; delete it and take another one",
                  subject);
  return Events{SnapshotStatusReset{snapshot->id, share->id, from, command.status}};
}

}  // namespace pasig
