// What a command would do: asked for, and told. One thread.
#pragma once

#include "cli/acting.h"

namespace pasig::cli {

// The plan of a deed, which is not done. A problem (refused) when it would not go through.
Answer<void> show_plan(Session& session, Deed deed, const Acting& acting);

}  // namespace pasig::cli
