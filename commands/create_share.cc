// A share and its first replica, placed at once; a worker of the chosen controller makes it.
#include <algorithm>
#include <cctype>
#include <limits>

#include "commands/guards.h"
#include "commands/operations.h"
#include "commands/usage.h"

namespace pasig {
namespace {

constexpr std::size_t k_text_characters_max = 255;
constexpr std::size_t k_metadata_value_characters_max = 1023;
// Sizes are counted in signed 64-bit counters; no real share comes near (an exbibyte).
constexpr std::uint64_t k_size_gb_max = std::uint64_t{1} << 30;

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

// Manila's enabled_share_protocols, at its default. No driver exports anything on a network yet:
// the protocol says what the share is meant for.
bool is_enabled(const std::string& protocol) {
  const std::string wanted = upper(protocol);
  return wanted == "NFS" || wanted == "CIFS";
}

Allowed input_fits(const CreateShare& command) {
  if (command.size_gb == 0 || command.size_gb > k_size_gb_max)
    return refuse(Guard::invalid_input, "Share 'size' must be an integer from 1 to " +
                                            std::to_string(k_size_gb_max) + " GiB, not " +
                                            std::to_string(command.size_gb));
  if (!is_enabled(command.protocol))
    return refuse(Guard::invalid_input,
                  "Invalid share protocol provided: '" + command.protocol +
                      "'. It is either disabled or unsupported. Available protocols: NFS, CIFS");
  PASIG_CHECK(text_fits("the name of a share", command.name, k_text_characters_max));
  PASIG_CHECK(text_fits("the description of a share", command.description, k_text_characters_max));
  for (const KeyValue& one : command.metadata) {
    if (one.key.empty()) return refuse(Guard::invalid_input, "a metadata key is empty");
    PASIG_CHECK(text_fits("metadata key '" + one.key + "'", one.key, k_text_characters_max));
    PASIG_CHECK(text_fits("metadata " + one.key, one.value, k_metadata_value_characters_max));
  }
  return {};
}

Found<const ShareType*> type_for(ReadView& view, const Surroundings& now, ShareTypeId id) {
  const ShareType* type = view.share_type(id);
  if (type != nullptr && (type->is_public || is_admin(now.actor))) return type;
  return refuse(Guard::type_not_found, "Share type " + to_string(id) +
                                           " could not be found. See which there are: "
                                           "pasig type list");
}

ShareCreated created_by(const Surroundings& now, const CreateShare& command,
                        const ShareType& type) {
  return {.share = ShareId{now.make_id(0)},
          .name = command.name,
          .description = command.description,
          .project = now.actor.project,
          .user = now.actor.name,
          .protocol = upper(command.protocol),
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
  PASIG_TRY(const ShareType* type, type_for(view, now, command.type));
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
                            now.pools);
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
