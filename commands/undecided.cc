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
Decision decide(ReadView&, const Surroundings&, const ReportOperationAbandoned&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const ExpireSnapshotCopy&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const LoseReplicas&) {
  return refuse(Guard::invalid_input, "not decided yet");
}

}  // namespace pasig
