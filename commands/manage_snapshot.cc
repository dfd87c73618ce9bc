// An existing tree is to become a snapshot of a share. Only while the share has no other replicas
// (Manila): there is nobody that the tree would have to be copied to.
#include <algorithm>

#include "commands/guards.h"
#include "commands/operations.h"
#include "commands/paths.h"
#include "commands/usage.h"

namespace pasig {
namespace {

constexpr std::size_t k_text_characters_max = 255;

Allowed has_no_other_replicas(const Share& share) {
  if (share.replicas.size() <= 1) return {};
  return refuse(Guard::share_has_replicas,
                "Invalid share: Share " + to_string(share.id) +
                    " has replicas. Snapshots of this share cannot currently be managed until "
                    "all replicas are removed.",
                stream_of(share.id));
}

Allowed is_free(const Share& share, const std::string& path) {
  const auto holder = std::find_if(share.snapshots.begin(), share.snapshots.end(),
                                   [&](const Snapshot& one) { return one.managed_path == path; });
  if (holder == share.snapshots.end()) return {};
  return refuse(Guard::path_in_use,
                "the tree at " + path + " is snapshot " + to_string(holder->id) + " of share " +
                    to_string(share.id) + " already",
                stream_of(share.id));
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const ManageSnapshot& command) {
  PASIG_TRY(const Share* share, find_share(view, now.actor, command.share));
  PASIG_CHECK(require_admin(
      now.actor, "manage an existing tree as a snapshot of share " + to_string(share->id),
      stream_of(share->id)));
  PASIG_CHECK(text_fits("the name of a snapshot", command.name, k_text_characters_max));
  PASIG_CHECK(
      text_fits("the description of a snapshot", command.description, k_text_characters_max));
  PASIG_TRY(const std::string path, absolute_path("the snapshot's path", command.path));
  PASIG_CHECK(has_no_other_replicas(*share));
  PASIG_CHECK(is_free(*share, path));
  PASIG_CHECK(share_is_ready(*share, "manage a snapshot"));
  PASIG_CHECK(take_for_snapshot(view, now, *share));
  const Replica* active = share->active();
  const SnapshotId id{now.make_id(0)};
  view.expect_new(id);
  SnapshotCreationStarted started{
      .snapshot = id,
      .share = share->id,
      .name = command.name,
      .description = command.description,
      .user = now.actor.name,
      .size_gb = share->size_gb,
      .required = {active->id},
      .copy_by = now.now.plus_seconds(now.timings.operation_deadline_seconds),
      .managed_path = path};
  return Events{std::move(started), request(view, now, 1,
                                            {.kind = OperationKind::manage_snapshot,
                                             .share = share->id,
                                             .replica = active->id,
                                             .runs_on = active->controller,
                                             .snapshot = id,
                                             .path = path})};
}

}  // namespace pasig
