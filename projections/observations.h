// Observations: what workers last saw of replicas, pools and running calls. No events: newer
// ones replace older ones, and losing them costs one round of status calls. Kept in memory and
// written through to an LMDB environment of their own, so that a restart knows the last lag.
// All calls from any thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "events/event.h"

namespace pasig {

struct ReplicaObservation {
  ReplicaId replica;
  Time observed_at;        // last status call or sync that reached it
  bool reachable = false;  // at the last try
  std::string words;       // of the last failure; empty when well
  // The newest complete, verified copy on it (for the active: its newest frozen generation).
  std::uint64_t generation = 0;
  Time data_as_of;
  Time confirmed_at;  // when a verified copy was last confirmed
  Consistency consistency = Consistency::unknown;
  std::uint64_t used_bytes = 0;
  std::uint64_t files = 0;
  std::uint64_t skipped = 0;  // devices and sockets that are not copied
  // Its whole content was last read through, and how that ended; empty: it was read.
  Time scrubbed_at;
  std::string scrub_words;
};

struct PoolObservation {
  std::string host;  // node@controller#pool
  std::string controller;
  std::string pool;
  std::string zone;
  std::string driver;
  std::string file_system;
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;
  std::string replication_domain;
  std::vector<ReplicationType> replication_types;
  std::map<std::string, std::string> capabilities;
  Time reported_at;
  bool up = false;
  std::string words;  // why it is down
};

struct OperationProgress {
  OperationId operation;
  std::string step;
  std::uint64_t bytes_done = 0;
  std::optional<std::uint64_t> bytes_total;
  Time at;
};

// A scrub that is reading; gone when it is over.
struct ScrubProgress {
  ReplicaId replica;
  std::string step;
  std::uint64_t bytes_done = 0;
  std::optional<std::uint64_t> bytes_total;
  Time at;
};

class Observations {
 public:
  virtual ~Observations() = default;
  virtual void put(const ReplicaObservation& one) = 0;
  virtual void put(const PoolObservation& one) = 0;
  virtual void put(const OperationProgress& one) = 0;
  virtual void put(const ScrubProgress& one) = 0;
  virtual void forget_scrub(ReplicaId replica) = 0;
  virtual void forget(ReplicaId replica) = 0;
  virtual void forget(OperationId operation) = 0;
  virtual void forget_pool(const std::string& host) = 0;
  // Pools of any other controller are not this configuration's any more.
  virtual void forget_pools_except_of(const std::set<std::string>& controllers) = 0;
  [[nodiscard]] virtual std::optional<ReplicaObservation> replica(ReplicaId id) const = 0;
  [[nodiscard]] virtual std::vector<ReplicaId> replicas() const = 0;     // that it knows of
  [[nodiscard]] virtual std::vector<PoolObservation> pools() const = 0;  // by host
  [[nodiscard]] virtual std::optional<OperationProgress> progress(OperationId id) const = 0;
  [[nodiscard]] virtual std::optional<ScrubProgress> scrub(ReplicaId id) const = 0;
};

// An empty directory name keeps them in memory only. What cannot be trusted, because the machine
// stopped uncleanly or another build wrote it in another layout, is forgotten. An empty boot id is
// read from the kernel.
Result<std::unique_ptr<Observations>> open_observations(const std::string& directory,
                                                        const std::string& boot_id = {});

}  // namespace pasig
