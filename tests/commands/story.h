// Given, when, then for decisions: a world that follows what was decided, and everything
// around it. Every decision is held to what a record needs: no event touches a stream that the
// view did not note, and deciding again gives the same.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "commands/decide.h"
#include "statemachine/world_reader.h"

namespace pasig {

class Story {
 public:
  // Pools a, b, c, each with a controller and a zone (z-a, …) of its own.
  Story();

  Surroundings now;
  FoldedWorld folded;

  // ---- when ----
  Decision ask(const Command& command);                       // decides only
  Events take(const Command& command);                        // decides, and folds what was decided
  [[nodiscard]] std::string refused(const Command& command);  // the guard's word, or "accepted"
  [[nodiscard]] std::string refusal(const Command& command);  // its message
  void fold(const Events& events, const std::vector<CounterMove>& moves = {});
  void later(std::int64_t seconds) { now.now = now.now.plus_seconds(seconds); }
  void as_member(const std::string& project = "project-1");
  void as_admin(const std::string& project = "project-1");
  void as_worker();

  // ---- given, by commands ----
  ShareTypeId make_type(const std::string& replication, std::vector<KeyValue> more = {});
  ShareId request_share(ShareTypeId type, std::uint64_t size_gb = 1);
  ShareId make_share(const std::string& replication);  // provisioned
  ReplicaId request_replica(ShareId share, const std::string& zone = {});
  ReplicaId make_replica(ShareId share, const std::string& zone = {});  // added, in sync
  OperationId start_first(ShareId share);                               // claims the first in line
  void finish_first(ShareId share);  // reports it done; claims it first, if need be

  // ---- then ----
  [[nodiscard]] const Share& share(ShareId id) const { return folded.world.shares.at(id); }
  [[nodiscard]] const Replica& replica(ReplicaId id) const;
  [[nodiscard]] const Operation& operation(OperationId id) const {
    return folded.world.operations.at(id);
  }
  [[nodiscard]] OperationId first_in_line(ShareId id) const {
    return share(id).operations.at(0).id;
  }
  [[nodiscard]] std::int64_t counter(const std::string& name) const;

 private:
  int commands_ = 0;
};

// A report that the operation is done, of the right kind.
[[nodiscard]] Command done(const Story& story, OperationId operation);

template <class E>
const E* find(const Events& events) {
  for (const Event& event : events)
    if (const E* held = std::get_if<E>(&event)) return held;
  return nullptr;
}

// "ReplicaAdded OperationCompleted".
[[nodiscard]] std::string names(const Events& events);

}  // namespace pasig
