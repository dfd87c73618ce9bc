// Takes replicas down: fences' flags and mounts are undone first, so that nothing is left that
// rm could not remove. What a replica alone has, because its clients wrote after another one
// became active, is kept aside first. Data kept aside is moved, without flags, to
// <root>/aside-kept/<share>/<replica> and named among what remains: only an operator deletes it
// (kept_data.h). May be repeated after a crash at any point. One thread per replica.
#pragma once

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

// A replica whose controller does not answer: a failure, or, forced, something that remains.
Answer<Removed> remove_replica(const Call& call, const ReplicaRef& replica, bool force);
Answer<Removed> remove_share(const Call& call, bool force);

// All of a replica that the caller holds, when its live tree has been moved away.
Answer<void> remove_without_live(const ReplicaPlace& place);

}  // namespace pasig::drivers::directory
