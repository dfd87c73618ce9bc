// pasigd: reads the configuration, starts the node, waits for a signal.
#include <pthread.h>
#include <signal.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <iostream>

#include "base/version.h"
#include "daemon/configuration.h"
#include "daemon/json_lines.h"
#include "daemon/node.h"
#include "drivers/directory/options.h"
#include "drivers/simulated/options.h"
#include "events/record.h"
#include "statemachine/evolve.h"

extern char** environ;

namespace {

using pasig::daemon::Configuration;

// docs/configuration.md names them too.
constexpr int k_exit_failed = 1;         // it could not start, or only a restart helps
constexpr int k_exit_configuration = 2;  // the configuration is wrong

std::map<std::string, std::string> environment() {
  std::map<std::string, std::string> all;
  for (char** one = environ; *one != nullptr; ++one) {
    const std::string text(*one);
    const std::size_t equals = text.find('=');
    if (equals != std::string::npos) all[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return all;
}

void set_up_logging(const Configuration& configuration) {
  auto logger = spdlog::stderr_logger_mt("pasigd");
  if (configuration.log_format == "json") logger->set_formatter(pasig::daemon::json_lines());
  else logger->set_pattern("%Y-%m-%dT%H:%M:%S.%fZ %l %v", spdlog::pattern_time_type::utc);
  logger->set_level(spdlog::level::from_str(configuration.log_level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

// The drivers' own options, which the configuration carries without knowing them.
pasig::Result<void> check_options(const Configuration& configuration) {
  for (const auto& controller : configuration.controllers)
    if (controller.driver == "directory")
      PASIG_CHECK(pasig::drivers::directory::read_options(controller));
    else PASIG_CHECK(pasig::drivers::simulated::read_options(controller));
  return {};
}

std::string version_text() {
  return "pasigd " + std::string(pasig::build_version()) + " (commit " +
         std::string(pasig::build_commit()) + ", log format " +
         std::to_string(pasig::k_log_format) + ", fold " + std::to_string(pasig::k_fold_version) +
         ")";
}

sigset_t ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

int run(const Configuration& configuration) {
  signal(SIGPIPE, SIG_IGN);
  const sigset_t signals = ending_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread: they inherit it
  std::atomic<bool> failed = false;
  const auto fatal = [&failed](const pasig::Error& error) {
    spdlog::critical("{}; stopping, a restart reads from disk what was written", error.text());
    failed = true;
    kill(getpid(), SIGTERM);
  };
  auto node = pasig::daemon::start_node(configuration, fatal);
  if (!node) {
    std::cerr << "pasigd: " << node.error().text() << "\n";
    return k_exit_failed;
  }
  spdlog::info("{} serves {} from {}", version_text(), (*node)->addresses(),
               configuration.data_directory);
  int signal_number = 0;
  sigwait(&signals, &signal_number);
  spdlog::info("stopping: signal {}", signal_number);
  (*node)->stop();
  spdlog::info("stopped");
  return failed ? k_exit_failed : 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Pasig's daemon: the control plane for replicated file shares");
  std::string path;
  bool check_only = false;
  bool reference = false;
  app.add_option("--config", path, "the TOML file (docs/configuration.md)");
  app.add_flag("--check-config", check_only, "check the configuration and start nothing");
  app.add_flag("--config-reference", reference, "print docs/configuration.md");
  app.set_version_flag("--version", version_text());
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? 0 : k_exit_configuration;
  }
  if (reference) {
    std::cout << pasig::daemon::configuration_page();
    return 0;
  }
  const auto configuration = pasig::daemon::read_configuration(path, environment());
  if (!configuration) {
    std::cerr << "pasigd: " << configuration.error().text() << "\n";
    return k_exit_configuration;
  }
  if (const auto options = check_options(*configuration); !options) {
    std::cerr << "pasigd: " << options.error().text() << "\n";
    return k_exit_configuration;
  }
  if (check_only) {
    std::cout << (path.empty() ? "the defaults" : path) << ": good, "
              << configuration->controllers.size() << " controllers\n";
    return 0;
  }
  set_up_logging(*configuration);
  return run(*configuration);
}
