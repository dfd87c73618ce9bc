// Calls that a driver says it lacks. Asked with a call that was told to stop: a driver that has
// the call changes nothing.
#pragma once

#include <set>
#include <stop_token>
#include <string>

#include "drivers/driver.h"

namespace pasig::drivers {

inline std::set<std::string> lacking(Driver& driver) {
  std::set<std::string> names;
  const auto note = [&](const char* name, const auto& answer) {
    if (!answer && answer.error().problem == Problem::unsupported) names.insert(name);
  };
  std::stop_source stop;
  stop.request_stop();
  CallContext call;
  call.cancelled = stop.get_token();
  ShareRef share;
  share.replicas.emplace_back();
  const ReplicaId replica = share.replicas.front().id;
  const SnapshotId snapshot;
  note("create_share_from_snapshot",
       driver.create_share_from_snapshot(share, replica, {share, snapshot}, call));
  note("create_snapshot", driver.create_snapshot(share, snapshot, call));
  note("delete_snapshot", driver.delete_snapshot(share, snapshot, call));
  note("revert", driver.revert(share, snapshot, call));
  note("extend", driver.extend(share, 1, call));
  note("shrink", driver.shrink(share, 1, call));
  note("update_access", driver.update_access(share, call));
  note("manage", driver.manage(share, replica, "/", call));
  note("unmanage", driver.unmanage(share, replica, call));
  note("manage_snapshot", driver.manage_snapshot(share, snapshot, "/", call));
  note("unmanage_snapshot", driver.unmanage_snapshot(share, snapshot, call));
  note("scrub_replica", driver.scrub_replica(share, replica, call));
  note("delete_aside", driver.delete_aside(share, {}, call));
  note("restore_aside", driver.restore_aside(share, {}, "/", call));
  return names;
}

}  // namespace pasig::drivers
