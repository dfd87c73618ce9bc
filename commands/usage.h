// What shares use: the counters of quotas (by the owner's project), of space promised on each
// pool, and of the shares of each type. Everything taken is given back on every path, so that
// the counters of a project without shares are zero.
#pragma once

#include <string>

#include "commands/guards.h"

namespace pasig {

// Takes what a new share of this type and size uses; refuses over_quota.
[[nodiscard]] Allowed take_for_share(ReadView& view, const Surroundings& now,
                                     const ShareCreated& created);
// Takes what one more replica uses (host may be empty: never placed); refuses over_quota.
[[nodiscard]] Allowed take_for_replica(ReadView& view, const Surroundings& now, const Share& share,
                                       const std::string& host);

void give_back_share(ReadView& view, const Share& share);
void give_back_replica(ReadView& view, const Share& share, const Replica& replica);
// The promise of its space moves with a replica that is placed anew.
void move_promise(ReadView& view, std::uint64_t size_gb, const std::string& from,
                  const std::string& to);

// "type-shares-<id>": how many shares have this type.
[[nodiscard]] std::string type_counter(ShareTypeId type);

}  // namespace pasig
