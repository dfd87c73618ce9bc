// A snapshot: taken once, on the active replica, and copied to the others. As a whole it is
// available when the replicas that are in sync now hold it too.
#include "commands/snapshots.h"
#include "commands/usage.h"

namespace pasig {
namespace {

constexpr std::size_t k_text_characters_max = 255;
constexpr std::size_t k_metadata_value_characters_max = 1023;

Allowed input_fits(const CreateSnapshot& command) {
  PASIG_CHECK(text_fits("the name of a snapshot", command.name, k_text_characters_max));
  PASIG_CHECK(
      text_fits("the description of a snapshot", command.description, k_text_characters_max));
  for (const KeyValue& one : command.metadata) {
    if (one.key.empty()) return refuse(Guard::invalid_input, "a metadata key is empty");
    PASIG_CHECK(text_fits("metadata key '" + one.key + "'", one.key, k_text_characters_max));
    PASIG_CHECK(text_fits("metadata " + one.key, one.value, k_metadata_value_characters_max));
  }
  return {};
}

std::vector<ReplicaId> waited_for(const Share& share, const Replica& taker) {
  std::vector<ReplicaId> required = {taker.id};
  for (const Replica& one : share.replicas)
    if (one.state == ReplicaState::in_sync) required.push_back(one.id);
  return required;
}

}  // namespace

Decision decide(ReadView& view, const Surroundings& now, const CreateSnapshot& command) {
  PASIG_CHECK(input_fits(command));
  PASIG_TRY(const Share* share, find_share(view, now.actor, command.share));
  PASIG_CHECK(is_supported(*share, "snapshot_support", "take a snapshot"));
  PASIG_CHECK(share_is_ready(*share, "take a snapshot"));
  PASIG_CHECK(take_for_snapshot(view, now, *share));
  const Replica* taker = snapshot_taker(*share);
  const SnapshotId id{now.make_id(0)};
  view.expect_new(id);
  return Events{
      SnapshotCreationStarted{.snapshot = id,
                              .share = share->id,
                              .name = command.name,
                              .description = command.description,
                              .user = now.actor.name,
                              .metadata = command.metadata,
                              .size_gb = share->size_gb,
                              .required = waited_for(*share, *taker),
                              .copy_by = now.now.plus_seconds(now.timings.snapshot_copy_seconds)},
      request(view, now, 1,
              {.kind = OperationKind::create_snapshot,
               .share = share->id,
               .replica = taker->id,
               .runs_on = taker->controller,
               .snapshot = id})};
}

}  // namespace pasig
