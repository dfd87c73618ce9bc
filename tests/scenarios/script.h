// What a scenario makes go wrong around the service's ports: between the log and a node that
// appends, and between a worker and its driver. What storage itself does wrong is the simulated
// driver's own script (drivers/simulated/simulation.h). One thread.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <type_traits>
#include <utility>

#include "drivers/driver.h"
#include "log/memory.h"

namespace pasig::scenario {

// Ends a node's process where it is thrown: through its worker, which then is gone.
struct ProcessEnded {
  std::string where;
};

struct Script {
  // By the port's names of calls ("add_replica"); each is used up by one call.
  std::set<std::string> ends_before;
  std::set<std::string> ends_after;
  std::map<std::string, std::function<void()>> during;      // before the call's effect
  std::map<std::string, std::function<void()>> afterwards;  // after it, before its answer is heard
  // Most files of the active were deleted: a sync to these refuses until an admin accepts it.
  std::set<ReplicaId> loses_most_files;
};

// The memory log; another node's command can come between a decision and its record.
class OvertakenLog final : public EventLog {
 public:
  std::function<void()> before_next_append;
  MemoryLog memory;

  Result<LogPosition> append(std::string frame) override {
    if (auto overtake = std::exchange(before_next_append, nullptr)) overtake();
    return memory.append(std::move(frame));
  }
  Result<std::vector<LogEntry>> read(std::uint64_t offset, std::size_t most) const override {
    return memory.read(offset, most);
  }
  Result<std::uint64_t> end() const override { return memory.end(); }
  bool wait_beyond(std::uint64_t offset, Duration timeout, std::stop_token stop) const override {
    return memory.wait_beyond(offset, timeout, std::move(stop));
  }
};

// A driver whose calls the script is asked about first and last.
class ScriptedDriver final : public drivers::Driver {
 public:
  ScriptedDriver(drivers::Driver& storage, Script& script) : storage_(storage), script_(script) {}

  drivers::Answer<drivers::Created> create_share(const drivers::ShareRef& share, ReplicaId replica,
                                                 const drivers::CallContext& call) override {
    return around("create_share", [&] { return storage_.create_share(share, replica, call); });
  }
  drivers::Answer<drivers::Removed> delete_share(const drivers::ShareRef& share, bool force,
                                                 const drivers::CallContext& call) override {
    return around("delete_share", [&] { return storage_.delete_share(share, force, call); });
  }
  drivers::Answer<drivers::Added> add_replica(const drivers::ShareRef& share, ReplicaId replica,
                                              const drivers::CallContext& call) override {
    return around("add_replica", [&] { return storage_.add_replica(share, replica, call); });
  }
  drivers::Answer<drivers::Removed> remove_replica(const drivers::ShareRef& share,
                                                   ReplicaId replica, bool force,
                                                   const drivers::CallContext& call) override {
    return around("remove_replica",
                  [&] { return storage_.remove_replica(share, replica, force, call); });
  }
  drivers::Answer<drivers::ActiveChange> set_active_replica(
      const drivers::ShareRef& share, const drivers::ActiveChangeRequest& request,
      const drivers::CallContext& call) override {
    return around("set_active_replica",
                  [&] { return storage_.set_active_replica(share, request, call); });
  }
  drivers::Answer<drivers::Health> update_replica_status(
      const drivers::ShareRef& share, ReplicaId replica,
      const drivers::CallContext& call) override {
    return around("update_replica_status",
                  [&] { return storage_.update_replica_status(share, replica, call); });
  }
  drivers::Answer<drivers::Copy> sync_replica(const drivers::ShareRef& share, ReplicaId replica,
                                              const drivers::CallContext& call) override {
    if (loses_most_files(share, replica))
      return tl::unexpected(drivers::CallFailure{
          .problem = drivers::Problem::mass_deletion,
          .words = "more than half of its files are gone from the active replica",
          .hint = "resync it if that is meant"});
    return around("sync_replica", [&] { return storage_.sync_replica(share, replica, call); });
  }
  drivers::Answer<drivers::Inspection> inspect(const drivers::ShareRef& share, ReplicaId replica,
                                               const drivers::CallContext& call) override {
    return around("inspect", [&] { return storage_.inspect(share, replica, call); });
  }
  drivers::Answer<drivers::Resized> extend(const drivers::ShareRef& share,
                                           std::uint64_t new_size_gb,
                                           const drivers::CallContext& call) override {
    return around("extend", [&] { return storage_.extend(share, new_size_gb, call); });
  }
  drivers::Answer<drivers::Resized> shrink(const drivers::ShareRef& share,
                                           std::uint64_t new_size_gb,
                                           const drivers::CallContext& call) override {
    return around("shrink", [&] { return storage_.shrink(share, new_size_gb, call); });
  }
  drivers::Answer<drivers::AccessApplied> update_access(const drivers::ShareRef& share,
                                                        const drivers::CallContext& call) override {
    return around("update_access", [&] { return storage_.update_access(share, call); });
  }
  drivers::Answer<drivers::Created> create_share_from_snapshot(
      const drivers::ShareRef& share, ReplicaId replica, const drivers::SnapshotSource& source,
      const drivers::CallContext& call) override {
    return around("create_share_from_snapshot", [&] {
      return storage_.create_share_from_snapshot(share, replica, source, call);
    });
  }
  drivers::Answer<drivers::SnapshotTaken> create_snapshot(
      const drivers::ShareRef& share, SnapshotId snapshot,
      const drivers::CallContext& call) override {
    return around("create_snapshot",
                  [&] { return storage_.create_snapshot(share, snapshot, call); });
  }
  drivers::Answer<drivers::SnapshotDeleted> delete_snapshot(
      const drivers::ShareRef& share, SnapshotId snapshot,
      const drivers::CallContext& call) override {
    return around("delete_snapshot",
                  [&] { return storage_.delete_snapshot(share, snapshot, call); });
  }
  drivers::Answer<drivers::Reverted> revert(const drivers::ShareRef& share, SnapshotId snapshot,
                                            const drivers::CallContext& call) override {
    return around("revert", [&] { return storage_.revert(share, snapshot, call); });
  }
  drivers::Answer<drivers::Managed> manage(const drivers::ShareRef& share, ReplicaId replica,
                                           const std::string& path,
                                           const drivers::CallContext& call) override {
    return around("manage", [&] { return storage_.manage(share, replica, path, call); });
  }
  drivers::Answer<drivers::Unmanaged> unmanage(const drivers::ShareRef& share, ReplicaId replica,
                                               const drivers::CallContext& call) override {
    return around("unmanage", [&] { return storage_.unmanage(share, replica, call); });
  }
  drivers::Answer<drivers::SnapshotTaken> manage_snapshot(
      const drivers::ShareRef& share, SnapshotId snapshot, const std::string& path,
      const drivers::CallContext& call) override {
    return around("manage_snapshot",
                  [&] { return storage_.manage_snapshot(share, snapshot, path, call); });
  }
  drivers::Answer<drivers::Unmanaged> unmanage_snapshot(const drivers::ShareRef& share,
                                                        SnapshotId snapshot,
                                                        const drivers::CallContext& call) override {
    return around("unmanage_snapshot",
                  [&] { return storage_.unmanage_snapshot(share, snapshot, call); });
  }
  drivers::Answer<drivers::Scrubbed> scrub_replica(const drivers::ShareRef& share,
                                                   ReplicaId replica,
                                                   const drivers::CallContext& call) override {
    return around("scrub_replica", [&] { return storage_.scrub_replica(share, replica, call); });
  }
  drivers::Answer<void> delete_aside(const drivers::ShareRef& share, const drivers::Aside& aside,
                                     const drivers::CallContext& call) override {
    return around("delete_aside", [&] { return storage_.delete_aside(share, aside, call); });
  }
  drivers::Answer<drivers::AsideRestored> restore_aside(const drivers::ShareRef& share,
                                                        const drivers::Aside& aside,
                                                        const std::string& to,
                                                        const drivers::CallContext& call) override {
    return around("restore_aside", [&] { return storage_.restore_aside(share, aside, to, call); });
  }
  drivers::Answer<std::vector<drivers::PoolStats>> stats(const std::string& controller) override {
    return storage_.stats(controller);
  }

 private:
  drivers::Driver& storage_;
  Script& script_;

  template <class Call>
  std::invoke_result_t<const Call&> around(const std::string& name, const Call& call) {
    if (script_.ends_before.erase(name) > 0) throw ProcessEnded{"before " + name};
    if (auto meanwhile = script_.during.extract(name)) meanwhile.mapped()();
    auto answer = call();
    if (auto next = script_.afterwards.extract(name)) next.mapped()();
    if (script_.ends_after.erase(name) > 0) throw ProcessEnded{"after " + name};
    return answer;
  }
  bool loses_most_files(const drivers::ShareRef& share, ReplicaId replica) {
    const drivers::ReplicaRef* target = share.find(replica);
    if (target != nullptr && target->accepts_mass_deletion) script_.loses_most_files.erase(replica);
    return script_.loses_most_files.contains(replica);
  }
};

}  // namespace pasig::scenario
