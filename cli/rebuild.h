// pasig replay rebuild: makes the projections anew from the embedded log of a stopped pasigd.
// The log is locked as long as it takes, so that no pasigd can start meanwhile; the old
// projections stay in place until the new ones are whole.
#pragma once

#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/verbs.h"

namespace pasig::cli {

Answer<void> rebuild(Output& output, const Interrupt& interrupt, const ReplayRebuild& verb);

}  // namespace pasig::cli
