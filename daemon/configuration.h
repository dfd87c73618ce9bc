// pasigd's configuration: one TOML file, overridden key by key from the environment
// (PASIG_<SECTION>_<KEY>, e.g. PASIG_API_LISTEN). Every key is described once, in
// configuration_keys.cc; the file's checks, the overrides and docs/configuration.md come from
// there. A wrong key, type or range is one line with file, line and cure.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "drivers/driver.h"

namespace pasig::daemon {

struct Configuration {
  std::string node_name;  // default: the host's name
  std::string data_directory = "/var/lib/pasig";
  std::string log_engine = "embedded";
  std::int64_t log_map_gib = 64;
  std::int64_t log_window = 1'000'000;
  std::string state_durability = "fast";
  std::string socket = "/run/pasig/pasig.sock";
  std::string socket_mode = "0660";
  std::vector<std::string> listen = {"127.0.0.1:8786"};
  std::vector<std::string> host_names;
  std::string anonymous_role = "admin";
  std::string default_share_type;
  std::int64_t api_workers = 16;
  std::int64_t connections_max = 1024;
  std::int64_t quota_shares = 50;
  std::int64_t quota_gigabytes = 1000;
  std::int64_t quota_share_replicas = 100;
  std::int64_t quota_replica_gigabytes = 1000;
  std::int64_t quota_snapshots = 50;
  std::int64_t quota_snapshot_gigabytes = 1000;
  std::int64_t claim_timeout_seconds = 60;
  std::int64_t operation_deadline_seconds = 6 * 3600;
  std::int64_t quiesce_wait_seconds = 30;
  std::int64_t status_interval_seconds = 300;
  std::int64_t stats_interval_seconds = 60;
  std::int64_t rpo_seconds = 600;
  std::int64_t sync_interval_seconds = 60;
  std::int64_t snapshot_copy_seconds = 3600;
  std::int64_t lease_seconds = 300;
  std::int64_t scrub_interval_seconds = 24 * 3600;
  std::int64_t operations_at_once = 8;
  std::int64_t syncs_at_once = 4;
  std::string log_level = "info";
  std::string log_format = "text";
  std::vector<drivers::ControllerConfig> controllers;
};

struct Objection {
  std::string why;
  std::string cure;
};

// One key: where it stands, what it means, how it is read.
struct ConfigurationKey {
  std::string path;  // section.key
  std::variant<std::int64_t Configuration::*, std::string Configuration::*,
               std::vector<std::string> Configuration::*>
      field;
  std::string meaning;
  std::int64_t least = 0;  // of numbers
  std::int64_t most = 0;
  std::vector<std::string> words = {};  // of texts that are one of a few
  // What is wrong with a text, or with one of a list; none when it is fine. Looks at nothing but
  // it.
  std::optional<Objection> (*objection)(const std::string& text) = nullptr;
};
const std::vector<ConfigurationKey>& configuration_keys();

// One of api.listen: host:port, an IP address in brackets if it has colons.
struct ListenAddress {
  std::string address;
  std::uint16_t port = 0;
};
std::optional<ListenAddress> parse_listen_address(const std::string& text);

// Reads the file, then the environment (name → value; "PASIG_" names that are no key are left
// alone), then checks the whole. `path` may be empty: defaults and the environment only.
Result<Configuration> read_configuration(const std::string& path,
                                         const std::map<std::string, std::string>& environment);

// Of nodes, controllers and zones: letters, digits, '-', '_' and '.', at most 64.
bool is_name(const std::string& text);
constexpr const char* k_name_cure = "give letters, digits, '-', '_' and '.' only, at most 64";

// docs/configuration.md.
std::string configuration_page();

}  // namespace pasig::daemon
