// A share and its first replica, placed at once; a worker of the chosen controller makes it.
#include "commands/guards.h"
#include "commands/operations.h"
#include "commands/orders.h"
#include "commands/share_input.h"
#include "commands/usage.h"

namespace pasig {
namespace {

constexpr std::size_t k_metadata_key_characters_max = 255;
constexpr std::size_t k_metadata_value_characters_max = 1023;
// Sizes are counted in signed 64-bit counters; no real share comes near (an exbibyte).
constexpr std::uint64_t k_size_gb_max = std::uint64_t{1} << 30;

Allowed input_fits(const CreateShare& command) {
  if (command.size_gb == 0 || command.size_gb > k_size_gb_max)
    return refuse(Guard::invalid_input, "Share 'size' must be an integer from 1 to " +
                                            std::to_string(k_size_gb_max) + " GiB, not " +
                                            std::to_string(command.size_gb));
  PASIG_CHECK(protocol_fits(command.protocol));
  PASIG_CHECK(words_fit(command.name, command.description));
  for (const KeyValue& one : command.metadata) {
    if (one.key.empty()) return refuse(Guard::invalid_input, "a metadata key is empty");
    PASIG_CHECK(
        text_fits("metadata key '" + one.key + "'", one.key, k_metadata_key_characters_max));
    PASIG_CHECK(text_fits("metadata " + one.key, one.value, k_metadata_value_characters_max));
  }
  return {};
}

ShareCreated created_by(const Surroundings& now, const CreateShare& command,
                        const ShareType& type) {
  return {.share = ShareId{now.make_id(0)},
          .name = command.name,
          .description = command.description,
          .project = now.actor.project,
          .user = now.actor.name,
          .protocol = stored_protocol(command.protocol),
          .size_gb = command.size_gb,
          .zone_asked = command.zone,
          .is_public = command.is_public,
          .metadata = command.metadata,
          .type = type.id,
          .type_name = type.name,
          .extra_specs = type.extra_specs,
          .replication = type.replication,
          .rpo_seconds = type.rpo_seconds,
          .sync_interval_seconds = type.sync_interval_seconds,
          .replica = ReplicaId{now.make_id(1)}};
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const CreateShare& command) {
  PASIG_CHECK(input_fits(command));
  PASIG_TRY(const ShareType* type, find_type(view, now.actor, command.type));
  PASIG_CHECK(zone_fits(now, command.zone, type->extra_specs,
                        "Share cannot be created since the share type " + type->name));
  ShareCreated created = created_by(now, command, *type);
  PASIG_CHECK(take_for_share(view, now, created));
  // Manila: only_host is honoured for admins and silently ignored for others.
  created.placement = place({.size_gb = command.size_gb,
                             .zone = command.zone,
                             .only_host = is_admin(now.actor) ? command.only_host : "",
                             .extra_specs = type->extra_specs,
                             .replication = type->replication,
                             .protocol = created.protocol},
                            open_pools(view, now));
  if (created.placement.host.empty())
    return refuse(Guard::no_valid_host, "No valid host was found. A share of type " + type->name +
                                            " with " + std::to_string(command.size_gb) +
                                            " GiB: " + explain(created.placement));
  promise_space(view, created.placement.host, created.size_gb);
  view.expect_new(stream_of(created.share));
  view.expect_new(created.replica);
  const auto operation = request(view, now, 2,
                                 {.kind = OperationKind::create_share,
                                  .share = created.share,
                                  .replica = created.replica,
                                  .runs_on = created.placement.controller});
  return Events{std::move(created), operation};
}

}  // namespace pasig
