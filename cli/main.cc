// The `pasig` command: program.cc with the real terminal, environment and signals.
#include <clocale>
#include <csignal>
#include <iostream>
#include <string>
#include <vector>

#include "cli/program.h"
#include "cli/rebuild.h"

int main(int argc, char** argv) {
  // For the widths of characters only. C.UTF-8 where the caller's locale is not installed.
  if (std::setlocale(LC_CTYPE, "") == nullptr || MB_CUR_MAX == 1)
    std::setlocale(LC_CTYPE, "C.UTF-8");
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went away is an error of writing
  pasig::cli::Interrupt interrupt;
  interrupt.catch_signals();
  const auto environment = pasig::cli::process_environment();
  const auto exit = pasig::cli::run_program(std::vector<std::string>(argv + 1, argv + argc),
                                            {.out = std::cout,
                                             .err = std::cerr,
                                             .terminal = pasig::cli::find_terminal(environment),
                                             .environment = environment,
                                             .interrupt = interrupt,
                                             .rebuild = pasig::cli::rebuild});
  return static_cast<int>(exit);
}
