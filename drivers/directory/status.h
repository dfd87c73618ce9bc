// The status call of one replica: is it there and its own, does its storage read and write, is
// it in line with the log. Fences what is pending before anything else, keeps diverged data
// aside, finishes or takes back what a crash left half done. One thread per replica.
#pragma once

#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

Answer<Health> update_status(const Call& call, const ReplicaRef& replica);

Role role_of(StoredRole role);

}  // namespace pasig::drivers::directory
