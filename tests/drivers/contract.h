// The fixture of the contract suites: a share on a driver of either kind, and the calls on it.
#pragma once

#include <algorithm>
#include <chrono>
#include <set>
#include <string>

#include "tests/drivers/worlds.h"

namespace pasig::drivers {

using Snapshots = std::set<SnapshotId>;

template <class World>
class DriverContract : public ::testing::Test {
 protected:
  void create() {
    share.add("alpha");
    const auto created = driver().create_share(share.ref(), share.id(0), share.next_call());
    ASSERT_TRUE(created) << words_of(created);
    share.record_provisioned();
  }
  void add(const std::string& controller) {
    share.add(controller);
    const std::size_t n = share.ref().replicas.size() - 1;
    const auto added = driver().add_replica(share.ref(), share.id(n), share.next_call());
    ASSERT_TRUE(added) << words_of(added);
    share.record_added(n);
  }
  void create_with_replica() {
    create();
    add("beta");
  }
  bool write(std::size_t n) { return world.write(share.ref().replicas.at(n), share.ref()); }
  Answer<Copy> sync(std::size_t n) {
    return driver().sync_replica(share.ref(), share.id(n), share.next_call());
  }
  Answer<Health> status(std::size_t n) {
    return driver().update_replica_status(share.ref(), share.id(n), share.next_call());
  }
  ActiveChangeRequest to(std::size_t n, ActiveChangeRequest::Mode mode) {
    return {.replica = share.id(n), .mode = mode, .quiesce_wait_seconds = 0};
  }
  Answer<ActiveChange> change(std::size_t n, ActiveChangeRequest::Mode mode) {
    return driver().set_active_replica(share.ref(), to(n, mode), share.next_call());
  }
  Driver& driver() { return world.driver(); }
  std::size_t files_on(std::size_t n) {
    return world.files_on(share.ref().replicas.at(n), share.ref());
  }
  // While its controller is away.
  template <class Act>
  auto without(const std::string& controller, const Act& act) {
    world.set_reachable(controller, false);
    auto answer = act();
    world.set_reachable(controller, true);
    return answer;
  }
  // A call that was asked to stop, or came too late, before it began.
  CallContext stopped_call() {
    CallContext call = share.next_call();
    std::stop_source stop;
    stop.request_stop();
    call.cancelled = stop.get_token();
    return call;
  }
  CallContext late_call() {
    CallContext call = share.next_call();
    call.deadline = std::chrono::steady_clock::now();
    return call;
  }
  // A snapshot as the log has it once it is taken.
  SnapshotId take_snapshot() {
    const SnapshotId id{random_uuid()};
    const auto taken = driver().create_snapshot(share.ref(), id, share.next_call());
    EXPECT_TRUE(taken) << words_of(taken);
    share.record_snapshot(id, taken ? taken->digest : std::string());
    return id;
  }
  std::set<SnapshotId> snapshots_on(std::size_t n) {
    const auto health = status(n);
    EXPECT_TRUE(health && health->snapshots) << words_of(health);
    if (!health || !health->snapshots) return {};
    return {health->snapshots->begin(), health->snapshots->end()};
  }
  // What became of the call on the n-th replica; a replica without an answer is a failure too.
  std::optional<Problem> problem_on(std::size_t n, const std::vector<ReplicaAnswer>& answers) {
    for (const ReplicaAnswer& one : answers)
      if (one.replica == share.id(n))
        return one.failure ? std::optional(one.failure->problem) : std::nullopt;
    ADD_FAILURE() << "no answer for replica " << n;
    return Problem::failed;
  }

  World world;
  ShareOnDriver share{Replication::readable};
};

using Mode = ActiveChangeRequest::Mode;
using Worlds = ::testing::Types<DirectoryWorld, SimulatedWorld>;

}  // namespace pasig::drivers
