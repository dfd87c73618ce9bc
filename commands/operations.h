// Operations inside decisions: how one is asked for, and what it means for a share that one
// ends without being done. Pure.
#pragma once

#include <string>

#include "commands/guards.h"

namespace pasig {

struct Work {
  OperationKind kind = OperationKind::create_share;
  ShareId share;
  ReplicaId replica;
  std::string runs_on;  // the controller whose worker is to do it
  SnapshotId snapshot;  // by its kind; else nil, empty
  std::string path;
  std::string to;
};
// The n-th id that the command makes becomes the operation's.
[[nodiscard]] OperationRequested request(ReadView& view, const Surroundings& now, std::uint32_t n,
                                         const Work& work);

// The fact that undoes what the operation's start announced, e.g. ReplicaAddFailed; nothing
// when the objects are no longer in the state that it left them in (an admin reset them), or
// when another operation of the share's line does the same thing anew.
[[nodiscard]] Events not_done(const Share& share, const PendingOperation& operation,
                              const Failure& failure);

// Ends a pending operation for the sake of another one: one that nobody has started is
// cancelled, a running one is asked to stop, once. What its start announced is not undone here.
[[nodiscard]] Events stop(ReadView& view, const Share& share, const PendingOperation& operation,
                          const std::string& why);

// The same for a share that goes at once: nobody could report of what runs, so it ends here, lost.
[[nodiscard]] Events end_with_share(ReadView& view, const Share& share,
                                    const PendingOperation& operation, const std::string& why);

// Others name the replica whose controller does them, but are about the share or a snapshot.
[[nodiscard]] bool is_about_one_replica(OperationKind kind);

void append(Events& events, Events more);

// How a pending operation is named in its share's line.
[[nodiscard]] PendingOperation in_line(const Operation& operation);

}  // namespace pasig
