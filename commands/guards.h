// The guards that several decisions share: whether the thing is there, whether the actor may
// touch it, and what a machine's "no" means to a client. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "commands/decide.h"
#include "statemachine/machines.h"

namespace pasig {

template <class T>
using Found = tl::expected<T, Refusal>;
using Allowed = tl::expected<void, Refusal>;

struct ReplicaOfShare {
  const Share* share = nullptr;
  const Replica* replica = nullptr;
};

// Admins, and Pasig itself (workers and timers).
[[nodiscard]] bool is_admin(const Actor& actor);
[[nodiscard]] Allowed require_admin(const Actor& actor, const std::string& to_do,
                                    const std::string& subject);

// A share of another project is not found, as in Manila; a public one is seen, but not changed.
[[nodiscard]] Found<const Share*> find_share(ReadView& view, const Actor& actor, ShareId id);
// Manila: what a share without replication is made of, and a first replica that is not yet
// created, are no replicas.
[[nodiscard]] Found<ReplicaOfShare> find_replica(ReadView& view, const Actor& actor, ReplicaId id);

[[nodiscard]] Guard guard_of(MachineRefusal refusal);
// The refusal of a transition that the status machine does not have.
[[nodiscard]] Allowed may_become(const ReplicaOfShare& place, StatusInput input,
                                 const std::string& to_do);

struct SnapshotOfShare {
  const Share* share = nullptr;
  const Snapshot* snapshot = nullptr;
};
[[nodiscard]] Found<SnapshotOfShare> find_snapshot(ReadView& view, const Actor& actor,
                                                   SnapshotId id);

// The share as a whole can be worked on: available, with an active replica, and nothing as large
// is going on or left unfinished (extending_error and the like need a reset first).
[[nodiscard]] Allowed share_is_ready(const Share& share, const std::string& to_do);

// The first pending operation of the share that is of this kind (or of any), or null.
[[nodiscard]] const PendingOperation* pending(const Share& share,
                                              std::optional<OperationKind> kind = {});
// "operation 1234 (add_replica of replica 5678)".
[[nodiscard]] std::string in_words(const PendingOperation& operation);

// The zone exists, and the type allows it; an empty one is any.
[[nodiscard]] Allowed zone_fits(const Surroundings& now, const std::string& zone,
                                const std::vector<KeyValue>& extra_specs,
                                const std::string& refused_words);

// Characters, not bytes.
[[nodiscard]] std::size_t length(std::string_view text);
[[nodiscard]] Allowed text_fits(const std::string& what, std::string_view text,
                                std::size_t characters_max);

}  // namespace pasig
