// What shares use: the counters of quotas (by the owner's project), of space promised on each
// pool, and of the shares of each type. Everything taken is given back on every path, so that
// the counters of a project without shares are zero.
#pragma once

#include <string>
#include <vector>

#include "commands/guards.h"

namespace pasig {

// Takes of the project's quota what a new share of this type and size uses; refuses over_quota.
// Asked before a pool is looked for: who is over his quota is told so, not that no pool has room.
[[nodiscard]] Allowed take_for_share(ReadView& view, const Surroundings& now,
                                     const ShareCreated& created);
[[nodiscard]] Allowed take_for_replica(ReadView& view, const Surroundings& now, const Share& share);
[[nodiscard]] Allowed take_for_snapshot(ReadView& view, const Surroundings& now,
                                        const Share& share);
// All that one decision ends: a counter moves once in each.
void give_back_snapshots(ReadView& view, const Share& share,
                         const std::vector<const Snapshot*>& snapshots);
// The space is promised by the pool's counter; an empty host was never placed, and promises none.
void promise_space(ReadView& view, const std::string& host, std::uint64_t size_gb);

// An adopted share takes room that is taken already: beyond the quotas too, as in Manila.
void take_size_of_managed(ReadView& view, const Share& share, std::uint64_t size_gb);
// A tree becomes one share's only; refuses path_in_use. Given back with the share.
[[nodiscard]] Allowed take_managed_path(ReadView& view, const std::string& controller,
                                        const std::string& path);

void give_back_share(ReadView& view, const Share& share);
void give_back_replica(ReadView& view, const Share& share, const Replica& replica);
// What each of its replicas is to use beyond what it does; refuses over_quota.
[[nodiscard]] Allowed take_for_growth(ReadView& view, const Surroundings& now, const Share& share,
                                      std::uint64_t more_gb);
// Whatever ends a change of size gives back what is no longer used: of an extension that did not
// come about, of a shrink that did. Called once for all events of a decision.
void give_back_after_resize(ReadView& view, const Events& events);
// The promise of its space moves with a replica that is placed anew.
void move_promise(ReadView& view, std::uint64_t size_gb, const std::string& from,
                  const std::string& to);

// "type-shares-<id>": how many shares have this type.
[[nodiscard]] std::string type_counter(ShareTypeId type);

}  // namespace pasig
