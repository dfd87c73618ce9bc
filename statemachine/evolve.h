// The fold: facts into state. Pure and total over accepted records: it never asks a state
// machine and never refuses; it asserts only what guards the promises (one active replica in
// readable and dr shares, never none once the first exists).
#pragma once

#include <map>
#include <optional>
#include <string>

#include "events/record.h"
#include "statemachine/state.h"

namespace pasig {

// Part of every state digest; raise it when the fold or the state's layout changes.
constexpr std::uint32_t k_fold_version = 1;

// The objects that a record touches (or all of them, in tests and replay).
struct World {
  std::map<ShareId, Share> shares;
  std::map<OperationId, Operation> operations;
  std::map<ShareTypeId, ShareType> types;
  std::map<std::string, ShareTypeId> type_names;
  std::map<std::string, ControllerOrders> controllers;  // by name; the empty one: all
  bool operator==(const World&) const = default;
};

// What the fold may know of the record around the event.
struct Recorded {
  Ordinal ordinal = 0;
  Time time;
  std::string command_id;
  // The share stream's version just before this record: the fencing token of a claim in it.
  std::uint64_t share_version = 0;
  std::string actor;  // the name of who caused it
};

// An event about an object that the world lacks changes nothing. Objects that a record makes
// come before what refers to them: ActiveReplicaChangeStarted, ReplicaRemovalStarted and
// ShareDeletionStarted before the OperationRequested that takes its parameters from them.
void evolve(World& world, const Event& event, const Recorded& recorded);
// The same on a copy, before the event is written: says which promise it would break instead of
// asserting that it breaks none.
[[nodiscard]] std::optional<std::string> try_evolve(World& world, const Event& event,
                                                    const Recorded& recorded);

// Which promise about active replicas the share breaks, in words; nothing for a sound share.
// evolve asserts that there is none after every event.
[[nodiscard]] std::optional<std::string> broken_promise(const Share& share);

}  // namespace pasig
