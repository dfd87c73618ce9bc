// Everything that can be asked of Pasig, as plain values. Imperative verb + noun. Commands from
// clients are in client_commands.h, those of workers and timers in worker_commands.h.
#pragma once

#include <string_view>
#include <type_traits>
#include <variant>

#include "base/digest.h"
#include "commands/client_commands.h"
#include "commands/worker_commands.h"

namespace pasig {

using Wish = std::variant<
    CreateShareType, DeleteShareType, CreateShare, DeleteShare, AddReplica, RemoveReplica,
    SetActiveReplica, ResyncReplica, ResetReplicaStatus, ResetReplicaState, CancelOperation,
    ClaimOperation, RenewLease, ReportShareCreated, ReportShareDeleted, ReportReplicaAdded,
    ReportReplicaRemoved, ReportActiveReplicaChanged, ReportOperationCancelled, ReportSync,
    ReportStatus, RerouteOperation, ExpireOperation, ExpireConfirmation, CreateSnapshot,
    DeleteSnapshot, ResetSnapshotStatus, RevertShare, ExtendShare, ShrinkShare, ResetShareTask,
    GrantAccess, RevokeAccess, ChangeAccessLevel, ChangeAccessMetadata, ManageShare, UnmanageShare,
    ManageSnapshot, UnmanageSnapshot, VerifyReplica, DeleteAside, RestoreAside, PauseEffects,
    ResumeEffects, AbandonOperation, DrainController, RetireController, SuspendReplication,
    ResumeReplication, CleanDebris, ForgetDebris, ReportSnapshotTaken, ReportSnapshotDeleted,
    ReportSnapshotUnmanaged, ReportShareReverted, ReportShareResized, ReportAccessUpdated,
    ReportShareManaged, ReportShareUnmanaged, ReportAsideDeleted, ReportAsideRestored,
    ReportOperationAbandoned, ReportScrub, RequestAccessUpdate, ExpireSnapshotCopy, LoseReplicas>;

// One command. What all kinds are needed for is in command.cc, once (as in events/event.h).
class Command : public Wish {
 public:
  Command();
  template <class Kind>
  requires(!std::is_base_of_v<Wish, Kind>)
      Command(Kind command);  // NOLINT(google-explicit-constructor): a kind of command is a command
  Command(const Command& other);
  Command(Command&& other) noexcept;
  Command& operator=(const Command& other);
  Command& operator=(Command&& other) noexcept;
  ~Command();
};

// The command's name, e.g. AddReplica.
std::string_view name_of(const Command& command);
// Over the name and all fields: same id with another hash is refused (log-protocol 3).
Digest content_hash(const Command& command);

}  // namespace pasig
