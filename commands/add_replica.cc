// One more replica of a share: placed at once, made by a worker of the active replica's
// controller. When no pool passes, it exists in error without a host, as in Manila.
#include "commands/guards.h"
#include "commands/operations.h"
#include "commands/orders.h"
#include "commands/resize.h"
#include "commands/usage.h"

namespace pasig {
namespace {

Found<const Replica*> available_active(const Share& share) {
  const Replica* active = share.active();
  if (active != nullptr && active->status == ReplicaStatus::available) return active;
  const std::string how = active == nullptr ? "It has none"
                                            : "Replica " + to_string(active->id) + " is " +
                                                  std::string(word(active->status)) +
                                                  ": pasig why " + to_string(active->id);
  return refuse(Guard::no_active_replica,
                "Unable to perform a replication action: Share " + to_string(share.id) +
                    " does not have any active replica in available state. " + how,
                stream_of(share.id));
}

Allowed may_have_more(const Surroundings& now, const Share& share, const std::string& zone) {
  if (share.replication == ReplicationType::none)
    return refuse(Guard::share_not_replicated,
                  "Invalid share: Replication not supported for share " + to_string(share.id) +
                      ". Its type " + share.type_name + " has no replication_type",
                  stream_of(share.id));
  auto fits = zone_fits(now, zone, share.extra_specs,
                        "Share replica cannot be created since the share type " + share.type_name);
  if (!fits) fits.error().subject = stream_of(share.id);
  return fits;
}

Decision not_placed(const Share& share, ReplicaId replica, const Placement& placement) {
  const Failure failure{.code = FailureCode::no_valid_host,
                        .words = explain(placement),
                        .hint =
                            "remove this replica, make room or bring the pools back, and add "
                            "it again"};
  return Events{ReplicaPlacementFailed{share.id, replica, placement, failure}};
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const AddReplica& command) {
  PASIG_TRY(const Share* share, find_share(view, now.actor, command.share));
  PASIG_CHECK(may_have_more(now, *share, command.zone));
  PASIG_TRY(const Replica* active, available_active(*share));
  PASIG_CHECK(is_not_resized(*share, "add a replica"));
  PASIG_CHECK(take_for_replica(view, now, *share));
  Placement placement = place({.size_gb = share->size_gb,
                               .zone = command.zone,
                               .only_host = is_admin(now.actor) ? command.only_host : "",
                               .extra_specs = share->extra_specs,
                               .replication = share->replication,
                               .protocol = share->protocol,
                               .share = share},
                              open_pools(view, now));
  promise_space(view, placement.host, share->size_gb);
  const ReplicaId id{now.make_id(0)};
  view.expect_new(id);
  const bool placed = !placement.host.empty();
  if (!next(ReplicaState::none, placed ? StateInput::added_behind : StateInput::placement_failed))
    return refuse(Guard::replica_not_available,
                  "share " + to_string(share->id) + " takes no further replica",
                  stream_of(share->id));
  if (!placed) return not_placed(*share, id, placement);
  ReplicaAddStarted started{
      .share = share->id,
      .replica = id,
      .placement = std::move(placement),
      // Manila: clients of a readable share's secondaries may only read.
      .cast_rules_to_readonly = share->replication == ReplicationType::readable};
  return Events{std::move(started), request(view, now, 1,
                                            {.kind = OperationKind::add_replica,
                                             .share = share->id,
                                             .replica = id,
                                             .runs_on = active->controller})};
}

}  // namespace pasig
