// Temporary: commands that nobody decides yet.
#include "commands/decide.h"

namespace pasig {

Decision decide(ReadView&, const Surroundings&, const CreateSnapshot&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const DeleteSnapshot&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const ResetSnapshotStatus&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const RevertShare&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
<<<<<<< HEAD
Decision decide(ReadView&, const Surroundings&, const ManageShare&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const UnmanageShare&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const ManageSnapshot&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const UnmanageSnapshot&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const VerifyReplica&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const DeleteAside&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const RestoreAside&) {
=======
Decision decide(ReadView&, const Surroundings&, const ExtendShare&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const ShrinkShare&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const ResetShareTask&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const GrantAccess&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const RevokeAccess&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const ChangeAccessLevel&) {
>>>>>>> 29c869f (commands, drivers: adoption, scrubs and data kept aside, from the command to the report)
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const PauseEffects&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const ResumeEffects&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const AbandonOperation&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const DrainController&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const RetireController&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const SuspendReplication&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const ResumeReplication&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const CleanDebris&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const ForgetDebris&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const ReportSnapshotDeleted&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const ReportShareReverted&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
<<<<<<< HEAD
Decision decide(ReadView&, const Surroundings&, const ReportShareManaged&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const ReportShareUnmanaged&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const ReportAsideDeleted&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const ReportAsideRestored&) {
=======
Decision decide(ReadView&, const Surroundings&, const ReportShareResized&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const ReportAccessUpdated&) {
>>>>>>> 29c869f (commands, drivers: adoption, scrubs and data kept aside, from the command to the report)
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const ReportOperationAbandoned&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
<<<<<<< HEAD
Decision decide(ReadView&, const Surroundings&, const ReportScrub&) {
=======
Decision decide(ReadView&, const Surroundings&, const RequestAccessUpdate&) {
>>>>>>> 29c869f (commands, drivers: adoption, scrubs and data kept aside, from the command to the report)
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const ExpireSnapshotCopy&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const LoseReplicas&) {
  return refuse(Guard::invalid_input, "not decided yet");
}

}  // namespace pasig
