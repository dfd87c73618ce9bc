// One scrub of one replica. A clean one that nobody asked for says nothing: a record is written
// for what was asked, and for what changes what is known of the replica.
#include <algorithm>

#include "commands/sync_state.h"

namespace pasig {
namespace {

// What a scrub found, beside what the log knows of damage there.
struct Finding {
  bool is_asked_for = false;
  std::uint64_t unrepaired = 0;
};

Finding finding_of(const Replica& replica, const ReportScrub& command) {
  // Asked for while it ran: what it had read by then was not read since.
  return {.is_asked_for = replica.verify_requested_at.is_set() &&
                          command.began_at >= replica.verify_requested_at,
          .unrepaired = command.damaged - std::min(command.damaged, command.repaired)};
}

Events clean(const ReplicaOfShare& place, const ReportScrub& command, const Finding& found) {
  if (!found.is_asked_for && place.replica->damaged == 0) return {};
  return {ReplicaVerified{place.share->id, place.replica->id, command.files, command.bytes}};
}

std::string in_words(std::uint64_t unrepaired) {
  return std::to_string(unrepaired) + (unrepaired == 1 ? " file is" : " files are") +
         " damaged, and no good copy could be fetched from the active replica";
}

Events damaged(const Surroundings& now, const ReplicaOfShare& place, const ReportScrub& command,
               const Finding& found) {
  const auto& [share, replica] = place;
  // A good copy that cannot be reached for a moment is one still: it is no news when it comes back.
  const bool is_same = command.repaired == 0 && found.unrepaired == replica->damaged;
  std::vector<ReplicaId> good = is_same ? replica->good_copies : std::vector<ReplicaId>{};
  for (const ReplicaId one : command.good_copies)
    if (std::find(good.begin(), good.end(), one) == good.end()) good.push_back(one);
  Events events;
  if (!is_same || good != replica->good_copies || found.is_asked_for)
    events.push_back(ReplicaDamageFound{share->id, replica->id, command.damaged, command.repaired,
                                        command.examples, good});
  // What is damaged on the active one is what its users have: it stays what it is.
  if (found.unrepaired == 0 || replica->state == ReplicaState::active) return events;
  for (Event& event : fell_out_of_sync(now, place,
                                       {.share = share->id,
                                       .replica = replica->id,
                                       .reason = OutOfSyncReason::damaged,
                                       .words = in_words(found.unrepaired),
                                       .data_as_of = replica->data_as_of}))
    events.push_back(std::move(event));
  return events;
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const ReportScrub& command) {
  const Share* share = view.share(command.share);
  const Replica* replica = share == nullptr ? nullptr : share->find(command.replica);
  if (replica == nullptr)
    return refuse(Guard::report_does_not_fit,
                  "a scrub of replica " + to_string(command.replica) + " of share " +
                      to_string(command.share) + " was reported, but there is no such replica",
                  stream_of(command.share));
  // Begun before a change of the active replica: what is good and what is repaired changed sides.
  if (command.epoch != share->epoch) return Events{};
  const ReplicaOfShare place{share, replica};
  const Finding found = finding_of(*replica, command);
  return command.damaged == 0 ? clean(place, command, found) : damaged(now, place, command, found);
}

}  // namespace pasig
