// Checks that hold for the arguments of every verb alike.
#pragma once

#include <CLI/CLI.hpp>

namespace pasig::cli {

// A name that is empty (a script's variable that was never set) asks for nothing, and a position
// is a number: both are told before anything is sent.
void check_arguments(CLI::App& app);

}  // namespace pasig::cli
