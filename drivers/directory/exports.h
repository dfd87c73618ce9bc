// The name that clients use, <replica>/export: a link to the live tree or to a frozen one, or
// nothing. Clients may make a directory or a file of that name while it is absent. That is theirs:
// it goes aside, durably and before the link takes its place, and is noted in found_aside. The
// caller holds the replica. One thread per replica.
#pragma once

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

// Takes out of the way what is no link.
Answer<void> clear_export(HeldReplica& held, const Clock& clock);
Answer<void> point_export(HeldReplica& held, const std::string& target, const Clock& clock);
Answer<void> remove_export(HeldReplica& held, const Clock& clock);

// What clients of a tree find while it is behind a fence. A frozen tree leaves them no moment to
// make the name themselves.
enum class BehindFence { nothing, frozen };
Answer<void> close_export(HeldReplica& held, BehindFence shown, const Clock& clock);

}  // namespace pasig::drivers::directory
