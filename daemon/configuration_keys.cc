#include "daemon/configuration.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace pasig::daemon {
namespace {

constexpr std::int64_t k_day = 24 * 3600;
constexpr std::int64_t k_many = 1'000'000'000;
using C = Configuration;

std::string shown(const Configuration& defaults, const ConfigurationKey& key) {
  struct Show {
    const Configuration& defaults;
    std::string operator()(std::int64_t C::*field) const { return std::to_string(defaults.*field); }
    std::string operator()(std::string C::*field) const { return '"' + defaults.*field + '"'; }
    std::string operator()(std::vector<std::string> C::*field) const {
      std::string text = "[";
      for (const std::string& one : defaults.*field)
        text += (text.size() > 1 ? ", \"" : "\"") + one + '"';
      return text + "]";
    }
  };
  return std::visit(Show{defaults}, key.field);
}

std::string allowed(const ConfigurationKey& key) {
  if (std::holds_alternative<std::int64_t C::*>(key.field))
    return std::to_string(key.least) + " to " + std::to_string(key.most);
  std::string text;
  for (const std::string& one : key.words) text += (text.empty() ? "" : ", ") + one;
  if (!text.empty()) return text;
  return std::holds_alternative<std::string C::*>(key.field) ? "text" : "list of texts";
}

// ---- what texts have to be
std::optional<Objection> node_name(const std::string& text) {
  if (text.empty() || is_name(text)) return std::nullopt;
  return Objection{"is \"" + text + "\"", k_name_cure};
}

std::optional<Objection> absolute_path(const std::string& text) {
  if (text.starts_with('/')) return std::nullopt;
  return Objection{"is \"" + text + "\"", "give a path that begins with /"};
}

std::optional<Objection> socket_path(const std::string& text) {
  if (text.empty()) return std::nullopt;
  if (text.size() >= sizeof(sockaddr_un::sun_path))
    return Objection{
        "has " + std::to_string(text.size()) + " bytes",
        "give a path of at most " + std::to_string(sizeof(sockaddr_un::sun_path) - 1) + " bytes"};
  return absolute_path(text);
}

std::optional<Objection> octal_mode(const std::string& text) {
  const bool octal = text.find_first_not_of("01234567") == std::string::npos;
  if (octal && (text.size() == 3 || (text.size() == 4 && text[0] == '0'))) return std::nullopt;
  return Objection{"is \"" + text + "\"", "give a mode like 0660"};
}

std::optional<Objection> loopback_address(const std::string& text) {
  const auto parsed = parse_listen_address(text);
  in_addr four{};
  in6_addr six{};
  const bool is_four = parsed && inet_pton(AF_INET, parsed->address.c_str(), &four) == 1;
  const bool is_six = parsed && inet_pton(AF_INET6, parsed->address.c_str(), &six) == 1;
  if (!is_four && !is_six)
    return Objection{"has \"" + text + "\"", "write an IP address and a port: 127.0.0.1:8786"};
  if (is_four ? (ntohl(four.s_addr) >> 24) == 127 : IN6_IS_ADDR_LOOPBACK(&six) != 0)
    return std::nullopt;
  return Objection{"has \"" + text +
                       "\", which other machines can reach, and there is no "
                       "authentication",
                   "listen on 127.0.0.1 or ::1; others reach it through a proxy that "
                   "authenticates, or through ssh"};
}

// ---- the node: what it is called, where it keeps things, who may speak to it
std::vector<ConfigurationKey> keys_of_the_node() {
  return {
      {"node.name",
       &C::node_name,
       "This node's name in the log and in host names (node@controller#pool). Empty: the host's "
       "name.",
       0,
       0,
       {},
       node_name},
      {"node.data_directory",
       &C::data_directory,
       "Where log, state and observations lie. One pasigd at a time; a local file system.",
       0,
       0,
       {},
       absolute_path},
      {"log.engine",
       &C::log_engine,
       "embedded: LMDB in the data directory. memory: for trying things out; gone at the stop.",
       0,
       0,
       {"embedded", "memory"}},
      {"log.map_gib", &C::log_map_gib,
       "The most that the embedded log may grow to, in GiB of address space.", 1, 16'384},
      {"log.window", &C::log_window,
       "W: for how many records command ids are remembered. Counts only when the log is made.",
       1'000, k_many},
      {"state.durability",
       &C::state_durability,
       "fast: rebuilt from the log after a crash of the machine. integrity: every commit is "
       "flushed.",
       0,
       0,
       {"fast", "integrity"}},
      {"api.socket",
       &C::socket,
       "The unix socket (the default of the pasig command). Empty: none.",
       0,
       0,
       {},
       socket_path},
      {"api.socket_mode",
       &C::socket_mode,
       "Its mode, octal: who may open it may do everything.",
       0,
       0,
       {},
       octal_mode},
      {"api.listen",
       &C::listen,
       "TCP addresses, host:port. Only loopback ones: there is no authentication.",
       0,
       0,
       {},
       loopback_address},
      {"api.host_names", &C::host_names,
       "Names that a Host header may carry, beside localhost and loopback addresses."},
      {"api.anonymous_role",
       &C::anonymous_role,
       "What callers on loopback TCP may do.",
       0,
       0,
       {"admin", "member"}},
      {"api.default_share_type", &C::default_share_type,
       "The share type of requests that name none. Empty: they are refused."},
      {"api.workers", &C::api_workers, "Threads that answer requests.", 1, 256},
      {"api.connections_max", &C::connections_max, "Open connections.", 4, 65'536},
  };
}

// ---- the work: how much of it, and how long it may take
std::vector<ConfigurationKey> keys_of_the_work() {
  return {
      {"quotas.shares", &C::quota_shares, "Shares of one project; -1: unlimited.", -1, k_many},
      {"quotas.gigabytes", &C::quota_gigabytes, "GiB of shares of one project; -1: unlimited.", -1,
       k_many},
      {"quotas.share_replicas", &C::quota_share_replicas, "Replicas of one project; -1: unlimited.",
       -1, k_many},
      {"quotas.replica_gigabytes", &C::quota_replica_gigabytes,
       "GiB of replicas of one project; -1: unlimited.", -1, k_many},
      {"quotas.snapshots", &C::quota_snapshots, "Snapshots of one project; -1: unlimited.", -1,
       k_many},
      {"quotas.snapshot_gigabytes", &C::quota_snapshot_gigabytes,
       "GiB of snapshots of one project; -1: unlimited.", -1, k_many},
      {"timings.claim_timeout_seconds", &C::claim_timeout_seconds,
       "How long an operation waits for its worker before it goes to another.", 1, k_day},
      {"timings.operation_deadline_seconds", &C::operation_deadline_seconds,
       "After this an operation is ended.", 10, 30 * k_day},
      {"timings.quiesce_wait_seconds", &C::quiesce_wait_seconds,
       "set-active, mode auto: how long an old side that does not answer is waited for before the "
       "change is forced. What is copied behind the fence is not limited by it.",
       1, k_day},
      {"timings.status_interval_seconds", &C::status_interval_seconds,
       "Between two status calls of a replica.", 1, k_day},
      {"timings.stats_interval_seconds", &C::stats_interval_seconds,
       "Between two capacity reports of a controller.", 1, k_day},
      {"timings.rpo_seconds", &C::rpo_seconds,
       "RPO of share types that do not say (extra spec pasig:rpo_seconds).", 1, 30 * k_day},
      {"timings.sync_interval_seconds", &C::sync_interval_seconds,
       "Sync interval of share types that do not say (pasig:sync_interval_seconds).", 1, k_day},
      {"timings.snapshot_copy_seconds", &C::snapshot_copy_seconds,
       "How long a snapshot's copy may take to reach a replica that was in sync when it was taken; "
       "after that the replica is out of sync, and the snapshot does not wait for it any more.",
       1, 30 * k_day},
      {"timings.lease_seconds", &C::lease_seconds,
       "How long a claim on an operation holds without renewal.", 10, k_day},
      {"timings.scrub_interval_seconds", &C::scrub_interval_seconds,
       "Between two scrubs of a replica: all its content is read and compared with its manifests.",
       60, 365 * k_day},
      {"worker.operations_at_once", &C::operations_at_once,
       "Operations that this node works on at once.", 1, 256},
      {"worker.syncs_at_once", &C::syncs_at_once, "Syncs that this node runs at once.", 1, 256},
      {"logging.level",
       &C::log_level,
       "What pasigd tells on stderr.",
       0,
       0,
       {"debug", "info", "warning", "error"}},
      {"logging.format",
       &C::log_format,
       "text, or one JSON object a line.",
       0,
       0,
       {"text", "json"}},
  };
}

}  // namespace

const std::vector<ConfigurationKey>& configuration_keys() {
  static const std::vector<ConfigurationKey> keys = [] {
    std::vector<ConfigurationKey> all = keys_of_the_node();
    for (ConfigurationKey& key : keys_of_the_work()) all.push_back(std::move(key));
    return all;
  }();
  return keys;
}

std::string configuration_page() {
  const Configuration defaults;
  std::string text =
      "# Configuration\n\nGenerated by `pasigd --config-reference`; a test compares them.\n\n"
      "One TOML file, `pasigd --config FILE`. `pasigd --check-config --config FILE` checks it and\n"
      "starts nothing. Each key can be overridden from the environment: `PASIG_API_SOCKET` is\n"
      "`socket` in `[api]`; lists are separated by commas.\n\n"
      "| key | default | values | meaning |\n|---|---|---|---|\n";
  for (const ConfigurationKey& key : configuration_keys())
    text += "| `" + key.path + "` | `" + shown(defaults, key) + "` | " + allowed(key) + " | " +
            key.meaning + " |\n";
  text +=
      "\n## Controllers\n\nEach `[[controller]]` is one storage back end:\n\n"
      "| key | meaning |\n|---|---|\n"
      "| `name` | letters, digits, `-`, `_`, `.`; unique |\n"
      "| `zone` | its availability zone |\n"
      "| `driver` | `directory` or `simulated` |\n"
      "| others | the driver's own: see the drivers' pages below `drivers/` |\n"
      "\n## Exit codes of pasigd\n\n"
      "0: stopped by a signal. 1: it could not start, or met what only a restart helps against; "
      "standard\nerror says which. 2: the command line or the configuration is wrong.\n";
  return text;
}

}  // namespace pasig::daemon
