// What keeps replicas true without being asked: syncs (own interval per share), status calls and
// capacity reports. Looking and copying are no logged operations; only what changes state
// becomes an event, by ReportSync, ReportStatus and ReportScrub.
//
// A look costs what changed and what is due: shares that no record touched are met again when
// their time comes, and all of them every few minutes.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>

#include "drivers/task_pool.h"
#include "drivers/worker.h"

namespace pasig::drivers {

// look_around() is called by one thread; tasks run on the pools.
class Upkeep {
 public:
  explicit Upkeep(const WorkerParts& parts)
      : parts_(parts), syncs_(parts.note), looks_(parts.note), scrubs_(parts.note) {}

  void start();
  void stop();
  // Starts whatever is due now.
  void look_around();
  // Runs one queued task on the calling thread, without start(). False: nothing is queued.
  bool run_next() { return looks_.run_next({}) || syncs_.run_next({}) || scrubs_.run_next({}); }
  // The share's data is about to be moved by an operation: syncs and scrubs of it give way.
  void give_way(ShareId share);
  // Reports capacities of all controllers now; blocks.
  void report_pools();

 private:
  // When something was last tried, and on what state: a change of that state makes it due at once.
  struct Last {
    Monotonic at;
    std::string state;
  };
  struct OfReplica {
    std::optional<Last> status;
    std::optional<Last> sync;
    std::optional<Last> scrub;
  };
  struct OfShare {
    Monotonic next = Monotonic::max();
    std::map<ReplicaId, OfReplica> replicas;
  };
  // What a call is made with: the share as one view had it. The view itself is not kept, because
  // a call may take hours and a view keeps the state's old pages.
  struct Target {
    Share share;
    FencingToken token;
    Driver* driver = nullptr;
    bool is_paused = false;  // storage may only be looked at
    std::vector<ControllerOrders> orders;
  };
  const WorkerParts& parts_;
  TaskPool syncs_;
  TaskPool looks_;
  TaskPool scrubs_;
  // Of look_around's thread.
  std::optional<Last> pools_;
  std::map<ShareId, OfShare> shares_;
  std::set<std::pair<Monotonic, ShareId>> due_;  // each of shares_ that has a time
  Ordinal seen_ = 0;                             // records whose changes were looked at
  std::vector<ControllerOrders> orders_;         // as of the last look
  Monotonic next_full_look_;
  std::mutex mutex_;
  using Running = std::map<ShareId, std::map<ReplicaId, std::stop_source>>;
  Running running_syncs_;
  Running running_scrubs_;
  std::set<ReplicaId> scrubs_that_gave_way_;
  std::map<std::string, std::string> told_;     // what went wrong last, and is so still
  std::map<ReplicaId, std::string> put_right_;  // by the last status call
  // How a replica was when rules that it had failed to take were told to it again.
  std::map<ReplicaId, std::string> told_again_;

  static bool is_due(std::optional<Last>& last, Last now, std::uint32_t interval_seconds,
                     Monotonic& next);
  void look_at_all();
  void look_at_changed(const SharesChanged& changed);
  void look_at(const StateReader& state, const Share& share);
  void look_at(const Share& share, const Replica& replica, OfShare& known);
  void forget(ShareId share);
  // Reads the operators' orders again. True: they changed, so that any share may have become due.
  bool read_orders();
  void set_next(ShareId id, OfShare& known, Monotonic next);

  // Starts it when it is due; otherwise, when it will be.
  void look_at_scrub(const Share& share, const Replica& replica, OfReplica& last, Monotonic& next);
  void scrub(ShareId share_id, ReplicaId replica_id, std::stop_token stop);
  void report_scrub(const Target& target, ReplicaId replica_id, Time began_at,
                    const Answer<Scrubbed>& answer);
  void sync(ShareId share_id, ReplicaId replica_id, std::stop_token stop);
  void report_sync(const Target& target, ReplicaId replica_id, const Answer<Copy>& answer);
  void check(ShareId share_id, ReplicaId replica_id, std::stop_token stop);
  // Instead of a status call while effects are paused: writes nothing, reports nothing.
  void look_only(const Target& target, ReplicaId replica_id, const std::stop_token& stop);
  std::vector<Debris> clean_debris(const Target& target, const std::stop_token& stop);
  void report_pools(const WorkedController& controller);
  void request_access_update(const Target& target);
  bool is_worth_telling(const Target& target, ReplicaId replica_id, bool answers);
  // Whether the answer may have changed what of the access rules holds on this replica.
  bool may_hold_otherwise(const Target& target, ReplicaId replica_id, const Health& health);
  // Without an id the command gets one of its own.
  void submit(Command command, std::string id = {});
  // For the operator's log: once for each change of the words; empty: it is well.
  void tell(const std::string& about, const std::string& words);
  Driver* driver_of(const Share& share) const;
  // Nothing: it is gone, another node's, or an operation is at work on it.
  std::optional<Target> target_of(ShareId share_id, ReplicaId replica_id) const;
};

}  // namespace pasig::drivers
