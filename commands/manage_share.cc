// An existing tree is to become a share. Its size is known only when the driver has taken it in;
// until then the share has none, and takes none of the project's quota.
#include <algorithm>

#include "commands/guards.h"
#include "commands/operations.h"
#include "commands/orders.h"
#include "commands/paths.h"
#include "commands/share_input.h"
#include "commands/usage.h"

namespace pasig {
namespace {

Refusal unfit(const std::string& host, const std::string& why) {
  return {Guard::host_unfit, "the tree cannot become a share on " + host + ": " + why, {}};
}

Found<PoolReport> pool_of(const std::vector<PoolReport>& pools, const std::string& host) {
  if (host.find('#') == std::string::npos)
    return tl::unexpected(unfit(host,
                                "the name of a pool is missing: node@controller#pool. See which "
                                "there are: pasig pool list"));
  const auto at = std::find_if(pools.begin(), pools.end(),
                               [&](const PoolReport& one) { return one.host == host; });
  if (at == pools.end())
    return refuse(Guard::host_not_found, "Service " + host +
                                             " could not be found. See which pools there are: "
                                             "pasig pool list");
  return *at;
}

// The pool that was named, judged like any other; but for its room, which the tree takes already.
Found<Placement> place_there(const std::vector<PoolReport>& pools, const ManageShare& command,
                             const ShareType& type, const std::string& protocol) {
  PASIG_TRY(PoolReport pool, pool_of(pools, command.host));
  pool.free_bytes = pool.total_bytes;
  pool.reserved_percent = 0;
  pool.provisioned_gb = 0;
  Placement placement = place({.only_host = command.host,
                               .extra_specs = type.extra_specs,
                               .replication = type.replication,
                               .protocol = protocol},
                              {pool});
  if (placement.host.empty()) return tl::unexpected(unfit(command.host, explain(placement)));
  return placement;
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const ManageShare& command) {
  PASIG_CHECK(require_admin(now.actor, "manage an existing tree", {}));
  PASIG_CHECK(protocol_fits(command.protocol));
  PASIG_CHECK(words_fit(command.name, command.description));
  PASIG_TRY(const std::string path, absolute_path("the tree's path", command.path));
  PASIG_TRY(const ShareType* type, find_type(view, now.actor, command.type));
  ShareCreated created{.share = ShareId{now.make_id(0)},
                       .name = command.name,
                       .description = command.description,
                       .project = now.actor.project,
                       .user = now.actor.name,
                       .protocol = stored_protocol(command.protocol),
                       .is_public = command.is_public,
                       .type = type->id,
                       .type_name = type->name,
                       .extra_specs = type->extra_specs,
                       .replication = type->replication,
                       .rpo_seconds = type->rpo_seconds,
                       .sync_interval_seconds = type->sync_interval_seconds,
                       .replica = ReplicaId{now.make_id(1)},
                       .managed_path = path};
  PASIG_TRY(created.placement,
            place_there(open_pools(view, now), command, *type, created.protocol));
  PASIG_CHECK(take_managed_path(view, created.placement.controller, path));
  PASIG_CHECK(take_for_share(view, now, created));
  view.expect_new(stream_of(created.share));
  view.expect_new(created.replica);
  const auto operation = request(view, now, 2,
                                 {.kind = OperationKind::manage_share,
                                  .share = created.share,
                                  .replica = created.replica,
                                  .runs_on = created.placement.controller,
                                  .path = path});
  return Events{std::move(created), operation};
}

}  // namespace pasig
