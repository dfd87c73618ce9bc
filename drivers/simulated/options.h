// The options of one simulated controller. An unknown one is an error.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "drivers/driver.h"

namespace pasig::drivers::simulated {

struct Options {
  std::string controller;
  std::string zone;
  std::vector<std::string> pools;    // at least one; the controller's own name unless given
  std::uint64_t capacity_gb = 1000;  // of each pool
  std::string replication_domain = "simulated";
  std::uint32_t latency_ms = 0;  // of every call
  bool adopt = true;
};

Result<Options> read_options(const ControllerConfig& config);

}  // namespace pasig::drivers::simulated
