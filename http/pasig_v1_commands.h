// What all POST and DELETE routes share: a command each, answered with what became of it, never
// waiting for the work that it asks for. Plain functions; any thread.
#pragma once

#include <boost/json/value.hpp>
#include <string>

#include "http/pasig_v1_call.h"

namespace pasig::http::v1 {

// Submits it and waits. A refusal or an error is the other answer, in this API's form.
[[nodiscard]] Checked<CommandOutcome> submit(const Call& call, Command command);

template <class E>
const E* find_event(const CommandOutcome& outcome) {
  for (const Event& event : outcome.events)
    if (const E* found = std::get_if<E>(&event)) return found;
  return nullptr;
}

// The 202. The object is shown as it is now; when it is gone, as it was before (`before`).
[[nodiscard]] Response accepted(const CommandOutcome& outcome, const std::string& member,
                                boost::json::value object);
// A view from after the command, for the same caller.
[[nodiscard]] Call after(const Call& call);
[[nodiscard]] boost::json::value share_now(const Call& call, ShareId id, boost::json::value before);
[[nodiscard]] boost::json::value replica_now(const Call& call, ReplicaId id,
                                             boost::json::value before);
[[nodiscard]] boost::json::value snapshot_now(const Call& call, SnapshotId id,
                                              boost::json::value before);

}  // namespace pasig::http::v1
