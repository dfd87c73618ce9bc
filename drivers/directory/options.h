// The options of one directory controller, read from its configuration. An option that this
// driver does not know is an error, never ignored.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "drivers/driver.h"

namespace pasig::drivers::directory {

enum class FenceKind { immutable, mount, mode };

std::string word(FenceKind kind);
std::optional<FenceKind> parse_fence_kind(const std::string& text);

struct Options {
  std::string controller;
  std::string zone;
  std::string root;  // absolute
  std::string replication_domain = "directory";
  std::uint32_t reserved_percentage = 0;  // of the file system, kept free
  std::string rsync = "rsync";            // the program: a name on PATH, or a path
  std::optional<FenceKind> fence;         // none: the strongest that is probed
  bool create = false;                    // make the root and its marker when it is not there
  std::string expect_uuid;                // of the root's marker; empty: learnt at first use
  std::uint32_t share_mode = 0777;        // of a new share's top directory
};

Result<Options> read_options(const ControllerConfig& config);

}  // namespace pasig::drivers::directory
