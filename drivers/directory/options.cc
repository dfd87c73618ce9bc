#include "drivers/directory/options.h"

#include <charconv>

namespace pasig::drivers::directory {
namespace {

tl::unexpected<Error> wrong(const ControllerConfig& config, const std::string& key,
                            const std::string& why) {
  return fail(ErrorCode::invalid, "controller " + config.name + ", option " + key + ": " + why,
              "options of the directory driver: root, replication_domain, reserved_percentage, "
              "rsync, fence, create, expect_uuid, share_mode");
}

std::optional<std::uint32_t> number(const std::string& text, int base) {
  std::uint32_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || error != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::string without_trailing_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

// Empty when the option was understood, else why not.
std::string take(Options& options, const std::string& key, const std::string& value) {
  if (key == "root") {
    if (value.empty() || value.front() != '/') return "\"" + value + "\" is no absolute path";
    options.root = without_trailing_slashes(value);
  } else if (key == "replication_domain") {
    options.replication_domain = value;
  } else if (key == "reserved_percentage") {
    const auto percentage = number(value, 10);
    if (!percentage || *percentage > 99) return "\"" + value + "\" is no number from 0 to 99";
    options.reserved_percentage = *percentage;
  } else if (key == "rsync") {
    if (value.empty()) return "names no program";
    options.rsync = value;
  } else if (key == "fence") {
    options.fence = parse_fence_kind(value);
    if (!options.fence && value != "auto")
      return "\"" + value + "\" is none of auto, immutable, mount, mode";
  } else if (key == "create") {
    if (value != "true" && value != "false") return "\"" + value + "\" is neither true nor false";
    options.create = value == "true";
  } else if (key == "expect_uuid") {
    if (!parse_uuid(value)) return "\"" + value + "\" is no UUID";
    options.expect_uuid = value;
  } else if (key == "share_mode") {
    const auto mode = number(value, 8);
    if (!mode || *mode > 07777) return "\"" + value + "\" is no octal mode such as 0770";
    options.share_mode = *mode;
  } else {
    return "is not known";
  }
  return {};
}

}  // namespace

std::string word(FenceKind kind) {
  switch (kind) {
    case FenceKind::immutable:
      return "immutable";
    case FenceKind::mount:
      return "mount";
    case FenceKind::mode:
      return "mode";
  }
  return {};
}

std::optional<FenceKind> parse_fence_kind(const std::string& text) {
  for (const FenceKind kind : {FenceKind::immutable, FenceKind::mount, FenceKind::mode})
    if (word(kind) == text) return kind;
  return std::nullopt;
}

Result<Options> read_options(const ControllerConfig& config) {
  Options options;
  options.controller = config.name;
  options.zone = config.zone;
  for (const auto& [key, value] : config.options)
    if (const std::string why = take(options, key, value); !why.empty())
      return wrong(config, key, why);
  if (options.root.empty()) return wrong(config, "root", "is missing");
  return options;
}

}  // namespace pasig::drivers::directory
