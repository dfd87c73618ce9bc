#include "commands/command.h"

#include <array>

#include "events/aggregate_codec.h"

namespace pasig {
namespace {

constexpr std::array<std::string_view, std::variant_size_v<Command>> k_names = {
    "CreateShareType",
    "DeleteShareType",
    "CreateShare",
    "DeleteShare",
    "AddReplica",
    "RemoveReplica",
    "SetActiveReplica",
    "ResyncReplica",
    "ResetReplicaStatus",
    "ResetReplicaState",
    "CancelOperation",
    "ClaimOperation",
    "RenewLease",
    "ReportShareCreated",
    "ReportShareDeleted",
    "ReportReplicaAdded",
    "ReportReplicaRemoved",
    "ReportActiveReplicaChanged",
    "ReportOperationCancelled",
    "ReportSync",
    "ReportStatus",
    "RerouteOperation",
    "ExpireOperation",
    "ExpireConfirmation"};

}  // namespace

std::string_view name_of(const Command& command) { return k_names.at(command.index()); }

// Equal values give equal bytes, and fields that are added later and left empty change none.
Digest content_hash(const Command& command) {
  Sha256 hash;
  hash.add_text(name_of(command));
  std::visit([&](const auto& held) { hash.add_text(codec::to_bytes(held)); }, command);
  return hash.finish();
}

}  // namespace pasig
