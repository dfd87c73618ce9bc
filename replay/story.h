// A replica's life, read from its share's stream and folded step by step, so that each fact is
// known together with what it changed. What changed is never guessed: it is what the fold did.
// One thread; the facts live as long as the story.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "events/record.h"
#include "log/log_reader.h"
#include "projections/store.h"

namespace pasig::replay {

struct Standing {  // a replica's two states; nothing: it did not exist (yet, or any more)
  ReplicaStatus status = ReplicaStatus::creating;
  ReplicaState state = ReplicaState::none;
  bool operator==(const Standing&) const = default;
};

struct Fact {  // one event about the replica
  Ordinal ordinal = 0;
  std::shared_ptr<const Record> record;  // that it was in
  std::size_t index = 0;                 // in record->events
  std::optional<Standing> before;
  std::optional<Standing> after;

  [[nodiscard]] const Event& event() const { return record->events[index]; }
  [[nodiscard]] bool changed_status() const {
    return before.has_value() != after.has_value() ||
           (before && after && before->status != after->status);
  }
  [[nodiscard]] bool changed_state() const {
    return before.has_value() != after.has_value() ||
           (before && after && before->state != after->state);
  }
};

struct Story {
  ReplicaId replica;
  ShareId share;
  std::vector<Fact> facts;         // oldest first
  std::optional<Share> share_now;  // as of the view; none: deleted
  std::string share_name;
  std::vector<ControllerOrders> orders;  // of operators, in force as of the view

  [[nodiscard]] const Replica* replica_now() const {
    return share_now ? share_now->find(replica) : nullptr;
  }
};

// not_found: the log never knew this replica.
Result<Story> read_story(const View& view, const LogReader& log, ReplicaId replica);

// The facts that explain the present: the last change of each of the two states, the change
// that led into it, and so on back to a settled state; everything noteworthy since; and how
// the replica came to be. Indices into story.facts, oldest first.
std::vector<std::size_t> causes(const Story& story);

}  // namespace pasig::replay
