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
Decision decide(ReadView&, const Surroundings&, const ReportSnapshotDeleted&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const ReportShareReverted&) {
  return refuse(Guard::invalid_input, "not decided yet");
}
Decision decide(ReadView&, const Surroundings&, const ExpireSnapshotCopy&) {
  return refuse(Guard::invalid_input, "not decided yet");
}

}  // namespace pasig
