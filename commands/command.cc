#include "commands/command.h"

#include <array>

#include "events/aggregate_codec.h"

namespace pasig {
namespace {

constexpr std::array<std::string_view, std::variant_size_v<Wish>> k_names = {
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
    "ExpireConfirmation",
    "CreateSnapshot",
    "DeleteSnapshot",
    "ResetSnapshotStatus",
    "RevertShare",
    "ExtendShare",
    "ShrinkShare",
    "ResetShareTask",
    "GrantAccess",
    "RevokeAccess",
    "ChangeAccessLevel",
    "ChangeAccessMetadata",
    "ManageShare",
    "UnmanageShare",
    "ManageSnapshot",
    "UnmanageSnapshot",
    "VerifyReplica",
    "DeleteAside",
    "RestoreAside",
    "PauseEffects",
    "ResumeEffects",
    "AbandonOperation",
    "DrainController",
    "RetireController",
    "SuspendReplication",
    "ResumeReplication",
    "CleanDebris",
    "ForgetDebris",
    "ReportSnapshotTaken",
    "ReportSnapshotDeleted",
    "ReportSnapshotUnmanaged",
    "ReportShareReverted",
    "ReportShareResized",
    "ReportAccessUpdated",
    "ReportShareManaged",
    "ReportShareUnmanaged",
    "ReportAsideDeleted",
    "ReportAsideRestored",
    "ReportOperationAbandoned",
    "ReportScrub",
    "RequestAccessUpdate",
    "ExpireSnapshotCopy",
    "LoseReplicas"};

}  // namespace

std::string_view name_of(const Command& command) { return k_names.at(command.index()); }

// Equal values give equal bytes, and fields that are added later and left empty change none.
Digest content_hash(const Command& command) {
  Sha256 hash;
  hash.add_text(name_of(command));
  std::visit([&](const auto& held) { hash.add_text(codec::to_bytes(held)); }, command);
  return hash.finish();
}

Command::Command() = default;
template <class Kind>
requires(!std::is_base_of_v<Wish, Kind>) Command::Command(Kind command)
    : Wish(std::in_place_type<Kind>, std::move(command)) {}
Command::Command(const Command& other) = default;
Command::Command(Command&& other) noexcept = default;
Command& Command::operator=(const Command& other) = default;
Command& Command::operator=(Command&& other) noexcept = default;
Command::~Command() = default;

// One line for each kind; a missing one does not link.
template Command::Command(CreateShareType);
template Command::Command(DeleteShareType);
template Command::Command(CreateShare);
template Command::Command(DeleteShare);
template Command::Command(AddReplica);
template Command::Command(RemoveReplica);
template Command::Command(SetActiveReplica);
template Command::Command(ResyncReplica);
template Command::Command(ResetReplicaStatus);
template Command::Command(ResetReplicaState);
template Command::Command(CancelOperation);
template Command::Command(ClaimOperation);
template Command::Command(RenewLease);
template Command::Command(ReportShareCreated);
template Command::Command(ReportShareDeleted);
template Command::Command(ReportReplicaAdded);
template Command::Command(ReportReplicaRemoved);
template Command::Command(ReportActiveReplicaChanged);
template Command::Command(ReportOperationCancelled);
template Command::Command(ReportSync);
template Command::Command(ReportStatus);
template Command::Command(RerouteOperation);
template Command::Command(ExpireOperation);
template Command::Command(ExpireConfirmation);
template Command::Command(CreateSnapshot);
template Command::Command(DeleteSnapshot);
template Command::Command(ResetSnapshotStatus);
template Command::Command(RevertShare);
template Command::Command(ExtendShare);
template Command::Command(ShrinkShare);
template Command::Command(ResetShareTask);
template Command::Command(GrantAccess);
template Command::Command(RevokeAccess);
template Command::Command(ChangeAccessLevel);
template Command::Command(ChangeAccessMetadata);
template Command::Command(ManageShare);
template Command::Command(UnmanageShare);
template Command::Command(ManageSnapshot);
template Command::Command(UnmanageSnapshot);
template Command::Command(VerifyReplica);
template Command::Command(DeleteAside);
template Command::Command(RestoreAside);
template Command::Command(PauseEffects);
template Command::Command(ResumeEffects);
template Command::Command(AbandonOperation);
template Command::Command(DrainController);
template Command::Command(RetireController);
template Command::Command(SuspendReplication);
template Command::Command(ResumeReplication);
template Command::Command(CleanDebris);
template Command::Command(ForgetDebris);
template Command::Command(ReportSnapshotTaken);
template Command::Command(ReportSnapshotDeleted);
template Command::Command(ReportSnapshotUnmanaged);
template Command::Command(ReportShareReverted);
template Command::Command(ReportShareResized);
template Command::Command(ReportAccessUpdated);
template Command::Command(ReportShareManaged);
template Command::Command(ReportShareUnmanaged);
template Command::Command(ReportAsideDeleted);
template Command::Command(ReportAsideRestored);
template Command::Command(ReportOperationAbandoned);
template Command::Command(ReportScrub);
template Command::Command(RequestAccessUpdate);
template Command::Command(ExpireSnapshotCopy);
template Command::Command(LoseReplicas);

}  // namespace pasig
