// The fixture of the contract suites: a share on a driver of either kind, and the calls on it.
#pragma once

#include <chrono>
#include <string>

#include "tests/drivers/worlds.h"

namespace pasig::drivers {

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

  World world;
  ShareOnDriver share{Replication::readable};
};

using Mode = ActiveChangeRequest::Mode;
using Worlds = ::testing::Types<DirectoryWorld, SimulatedWorld>;

}  // namespace pasig::drivers
