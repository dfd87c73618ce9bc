// A share and its first replica, placed at once; a worker of the chosen controller makes it.
#include "commands/guards.h"
#include "commands/operations.h"
#include "commands/orders.h"
#include "commands/share_input.h"
#include "commands/snapshots.h"
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

// Manila: the size may be larger than the snapshot's, the type is the source share's.
Found<SnapshotOfShare> source_for(ReadView& view, const Surroundings& now,
                                  const CreateShare& command) {
  SnapshotOfShare source;
  if (command.source_snapshot.is_nil()) return source;
  PASIG_TRY(source, find_snapshot(view, now.actor, command.source_snapshot));
  const Share& share = *source.share;
  const Snapshot& snapshot = *source.snapshot;
  PASIG_CHECK(
      is_supported(share, "create_share_from_snapshot_support", "create a share of a snapshot"));
  if (const SnapshotStatus status = status_of(snapshot); status != SnapshotStatus::available)
    return refuse(Guard::snapshot_not_available,
                  "Invalid snapshot: source snapshot must be in available state, but " +
                      in_words(source) + " is " + std::string(word(status)),
                  stream_of(share.id));
  if (command.size_gb < snapshot.size_gb)
    return refuse(Guard::invalid_input, "Share size '" + std::to_string(command.size_gb) +
                                            "' must be equal or greater than snapshot size '" +
                                            std::to_string(snapshot.size_gb) + "'");
  if (command.type != share.type)
    return refuse(Guard::invalid_input, "Invalid share type specified: a share of " +
                                            in_words(source) + " has that share's type, " +
                                            share.type_name);
  return source;
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const CreateShare& command) {
  PASIG_CHECK(input_fits(command));
  PASIG_TRY(const ShareType* type, find_type(view, now.actor, command.type));
  PASIG_CHECK(zone_fits(now, command.zone, type->extra_specs,
                        "Share cannot be created since the share type " + type->name));
  PASIG_TRY(const SnapshotOfShare source, source_for(view, now, command));
  ShareCreated created = created_by(now, command, *type);
  if (source.share != nullptr) {
    created.source_snapshot = source.snapshot->id;
    created.source_share = source.share->id;
  }
  PASIG_CHECK(take_for_share(view, now, created));
  // Manila: only_host is honoured for admins and silently ignored for others.
  const PlacementRequest wanted{.size_gb = command.size_gb,
                                .zone = command.zone,
                                .only_host = is_admin(now.actor) ? command.only_host : "",
                                .extra_specs = type->extra_specs,
                                .replication = type->replication,
                                .protocol = created.protocol};
  const std::vector<PoolReport> pools = open_pools(view, now);
  created.placement = source.share == nullptr
                          ? place(wanted, pools)
                          : place_near(wanted, pools, *source.share, source.snapshot->id);
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
