// Processes named so that a later one with the same number is never taken for them: by number,
// start time and boot. For finding, and ending, an rsync whose pasigd is gone. Any thread.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "drivers/directory/replica_store.h"

namespace pasig::drivers::directory {

ProcessMark mark_of(pid_t pid);  // pid 0 when there is no such process
ProcessMark this_process();
bool is_alive(const ProcessMark& mark);

// Members of the group that `leader` led, begun no earlier than it, that have this file open.
std::vector<ProcessMark> group_holding(const ProcessMark& leader, const std::string& file);

// Processes begun no earlier than `runner` through whose descriptor this file is locked: what a
// process inherited counts, one that waits for the lock does not, nor does this program itself.
std::vector<ProcessMark> heirs_of_lock(const ProcessMark& runner, const std::string& file);

// Sends the signal to each that is still the one it was.
void signal_all(const std::vector<ProcessMark>& processes, int signal);

}  // namespace pasig::drivers::directory
