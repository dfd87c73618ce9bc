// What keeps replicas true without being asked: syncs (own interval per share), status calls and
// capacity reports. Looking and copying are no logged operations; only what changes state
// becomes an event, by ReportSync and ReportStatus.
#pragma once

#include <map>
#include <mutex>
#include <stop_token>
#include <string>

#include "drivers/task_pool.h"
#include "drivers/worker.h"

namespace pasig::drivers {

// look_around() is called by one thread; tasks run on the pools.
class Upkeep {
 public:
  explicit Upkeep(const WorkerParts& parts) : parts_(parts) {}

  void start();
  void stop();
  // Starts whatever is due now.
  void look_around();
  // The share's data is about to be moved by an operation: a running sync gives way.
  void give_way(ShareId share);
  // Reports capacities of all controllers now; blocks.
  void report_pools();

 private:
  // When something was last tried, and on what state: a change of that state makes it due at once.
  struct Last {
    Monotonic at;
    std::string state;
  };
  const WorkerParts& parts_;
  TaskPool syncs_;
  TaskPool looks_;
  std::map<std::string, Last> last_;  // of look_around's thread
  std::mutex mutex_;
  std::map<ShareId, std::map<ReplicaId, std::stop_source>> running_syncs_;

  bool is_due(const std::string& name, const std::string& state, std::uint32_t interval_seconds);
  void look_at(const Share& share);
  void sync(ShareId share_id, ReplicaId replica_id, std::stop_token stop);
  void check(ShareId share_id, ReplicaId replica_id, std::stop_token stop);
  void submit(Command command);
  Driver* driver_of(const Share& share) const;
};

}  // namespace pasig::drivers
