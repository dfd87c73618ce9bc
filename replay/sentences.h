// What each kind of event says to people, in clauses: a sentence is all of them in one line, an
// account (why.cc) gives each a line of its own. Made of the event alone. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "events/event.h"

namespace pasig::replay {

// The first clause stands alone. With a replica that is asked about, that one is "this replica";
// its id stays where it is part of a path, a command or somebody's words.
std::vector<std::string> clauses_of(const Event& event, std::optional<ReplicaId> asked_about = {});

}  // namespace pasig::replay
