#include "drivers/directory/directory_driver.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>

#include "drivers/directory/active_change.h"
#include "drivers/directory/adoption.h"
#include "drivers/directory/demotion.h"
#include "drivers/directory/door.h"
#include "drivers/directory/files.h"
#include "drivers/directory/kept_data.h"
#include "drivers/directory/provisioning.h"
#include "drivers/directory/removal.h"
#include "drivers/directory/resize.h"
#include "drivers/directory/revert.h"
#include "drivers/directory/scrub.h"
#include "drivers/directory/snapshot_adoption.h"
#include "drivers/directory/snapshots.h"
#include "drivers/directory/status.h"
#include "drivers/directory/sync.h"

namespace pasig::drivers {
namespace directory {
namespace {

class DirectoryDriver final : public Driver {
 public:
  DirectoryDriver(Roots roots, const Clock& clock) : roots_(std::move(roots)), clock_(clock) {}

  Answer<Created> create_share(const ShareRef& share, ReplicaId replica,
                               const CallContext& context) override {
    return on<Created>(share, replica, context, directory::create_share);
  }
  Answer<Removed> delete_share(const ShareRef& share, bool force,
                               const CallContext& context) override {
    return remove_share(call(share, context), force);
  }
  Answer<Added> add_replica(const ShareRef& share, ReplicaId replica,
                            const CallContext& context) override {
    return on<Added>(share, replica, context, directory::add_replica);
  }
  Answer<Removed> remove_replica(const ShareRef& share, ReplicaId replica, bool force,
                                 const CallContext& context) override {
    return on<Removed>(share, replica, context, [force](const Call& c, const ReplicaRef& r) {
      return directory::remove_replica(c, r, force);
    });
  }
  Answer<ActiveChange> set_active_replica(const ShareRef& share, const ActiveChangeRequest& request,
                                          const CallContext& context) override {
    return change_active(call(share, context), request);
  }
  Answer<Health> update_replica_status(const ShareRef& share, ReplicaId replica,
                                       const CallContext& context) override {
    return on<Health>(share, replica, context, update_status);
  }
  Answer<Copy> sync_replica(const ShareRef& share, ReplicaId replica,
                            const CallContext& context) override {
    return on<Copy>(share, replica, context, sync);
  }
  Answer<Managed> manage(const ShareRef& share, ReplicaId replica, const std::string& path,
                         const CallContext& context) override {
    return on<Managed>(share, replica, context, [&path](const Call& c, const ReplicaRef& r) {
      return directory::manage(c, r, path);
    });
  }
  Answer<Unmanaged> unmanage(const ShareRef& share, ReplicaId replica,
                             const CallContext& context) override {
    return on<Unmanaged>(share, replica, context, directory::unmanage);
  }
  Answer<Scrubbed> scrub_replica(const ShareRef& share, ReplicaId replica,
                                 const CallContext& context) override {
    return on<Scrubbed>(share, replica, context, scrub);
  }
  Answer<void> delete_aside(const ShareRef& share, const Aside& aside,
                            const CallContext& context) override {
    return directory::delete_aside(call(share, context), aside);
  }
  Answer<AsideRestored> restore_aside(const ShareRef& share, const Aside& aside,
                                      const std::string& to, const CallContext& context) override {
    return directory::restore_aside(call(share, context), aside, to);
  }
  Answer<Inspection> inspect(const ShareRef& share, ReplicaId replica,
                             const CallContext& context) override {
    return on<Inspection>(share, replica, context, look_inside);
  }
  Answer<Resized> extend(const ShareRef& share, std::uint64_t new_size_gb,
                         const CallContext& context) override {
    return directory::extend(call(share, context), new_size_gb);
  }
  Answer<Resized> shrink(const ShareRef& share, std::uint64_t new_size_gb,
                         const CallContext& context) override {
    return directory::shrink(call(share, context), new_size_gb);
  }
  Answer<AccessApplied> update_access(const ShareRef& share, const CallContext& context) override {
    return apply_access(call(share, context));
  }
  Answer<std::vector<PoolStats>> stats(const std::string& controller) override;
  Answer<Created> create_share_from_snapshot(const ShareRef& share, ReplicaId replica,
                                             const SnapshotSource& source,
                                             const CallContext& context) override {
    return on<Created>(share, replica, context, [&source](const Call& c, const ReplicaRef& r) {
      return create_from_snapshot(c, r, source);
    });
  }
  Answer<SnapshotTaken> create_snapshot(const ShareRef& share, SnapshotId snapshot,
                                        const CallContext& context) override {
    return directory::create_snapshot(call(share, context), snapshot);
  }
  Answer<SnapshotDeleted> delete_snapshot(const ShareRef& share, SnapshotId snapshot,
                                          const CallContext& context) override {
    return directory::delete_snapshot(call(share, context), snapshot);
  }
  Answer<Reverted> revert(const ShareRef& share, SnapshotId snapshot,
                          const CallContext& context) override {
    return directory::revert(call(share, context), snapshot);
  }
  Answer<SnapshotTaken> manage_snapshot(const ShareRef& share, SnapshotId snapshot,
                                        const std::string& path,
                                        const CallContext& context) override {
    return directory::manage_snapshot(call(share, context), snapshot, path);
  }
  Answer<Unmanaged> unmanage_snapshot(const ShareRef& share, SnapshotId snapshot,
                                      const CallContext& context) override {
    return directory::unmanage_snapshot(call(share, context), snapshot);
  }

 private:
  [[nodiscard]] Call call(const ShareRef& share, const CallContext& context) const {
    return {roots_, clock_, share, context, {clock_, context.deadline, context.cancelled}};
  }

  template <class T, class Act>
  Answer<T> on(const ShareRef& share, ReplicaId replica, const CallContext& context,
               const Act& act) const {
    const ReplicaRef* found = share.find(replica);
    if (found == nullptr)
      return tl::unexpected(CallFailure{
          .problem = Problem::failed,
          .unknown = false,
          .controller = {},
          .words = "replica " + to_string(replica) + " is not one of share " + to_string(share.id),
          .hint = {}});
    return act(call(share, context), *found);
  }

  static Answer<Inspection> look_inside(const Call& call, const ReplicaRef& replica) {
    PASIG_TRY(const Side side, look_at(call, replica));
    PASIG_TRY(const auto record, peek(side));
    Inspection found;
    if (!record) return found;
    found.present = record->role != StoredRole::deleting && record->role != StoredRole::none;
    found.role = role_of(record->role);
    found.epoch = record->epoch;
    found.highest_token = record->highest_token;
    PASIG_TRY(const auto latest, latest_generation(side.place));
    if (latest) found.latest = latest->copy();
    return found;
  }

  const Roots roots_;
  const Clock& clock_;
};

Answer<std::vector<PoolStats>> DirectoryDriver::stats(const std::string& controller) {
  const auto found = roots_.find(controller);
  if (found == roots_.end())
    return tl::unexpected(CallFailure{.problem = Problem::unreachable,
                                      .unknown = false,
                                      .controller = controller,
                                      .words = "no such directory controller here",
                                      .hint = {}});
  const Options& options = found->second->options();
  PASIG_TRY(const FoundRoot root,
            found->second->look({clock_, Monotonic::max(), std::stop_token()}));
  struct statvfs system {};
  if (::statvfs(options.root.c_str(), &system) != 0)
    return tl::unexpected(system_failure(errno, "asking for the room on", options.root));
  const Abilities& can = root.abilities;
  PoolStats pool;
  pool.pool = controller;
  pool.file_system = std::to_string(system.f_fsid);
  pool.total_bytes = static_cast<std::uint64_t>(system.f_blocks) * system.f_frsize;
  pool.free_bytes = static_cast<std::uint64_t>(system.f_bavail) * system.f_frsize;
  pool.replication_domain = options.replication_domain;
  pool.replication = {Replication::none, Replication::readable, Replication::dr};
  pool.capabilities = {{"reserved_percentage", std::to_string(options.reserved_percentage)},
                       {"fence", word(can.fence)},
                       {"fence_binds", can.fence_words()},
                       {"frozen", can.immutable ? "immutable" : "without write bits"},
                       {"reflink", can.clones ? "true" : "false"},
                       {"ownership", can.owners ? "real" : "emulated"},
                       {"size", can.limits ? "enforced" : "observed"},
                       {"access", can.access_lists ? "user" : "none"},
                       {"snapshot_support", "true"},
                       {"create_share_from_snapshot_support", "true"},
                       {"revert_to_snapshot_support", "true"},
                       {"thin_provisioning", "true"},
                       {"root_uuid", root.uuid}};
  return std::vector<PoolStats>{std::move(pool)};
}

}  // namespace
}  // namespace directory

Result<std::unique_ptr<Driver>> make_directory_driver(
    const std::vector<ControllerConfig>& controllers, const Clock& clock) {
  directory::Roots roots;
  for (const ControllerConfig& controller : controllers) {
    PASIG_TRY(directory::Options options, directory::read_options(controller));
    for (const auto& [name, other] : roots)
      if (name == controller.name || other->options().root == options.root)
        return fail(ErrorCode::invalid,
                    "controllers " + name + " and " + controller.name +
                        " have the same name or the same root " + options.root,
                    "each controller needs a root of its own");
    auto root = std::make_unique<directory::ControllerRoot>(std::move(options));
    PASIG_CHECK(root->set_up());
    roots.emplace(controller.name, std::move(root));
  }
  return std::unique_ptr<Driver>(
      std::make_unique<directory::DirectoryDriver>(std::move(roots), clock));
}

}  // namespace pasig::drivers
