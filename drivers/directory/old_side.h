// The active side that a change takes its role from: reached, fenced, demoted, or given up when
// it is silent. What a failure there means depends on the mode: a planned change ends with it, a
// forced one goes on with the fence pending, an automatic one goes on when the quiesce wait is
// over and the side is really out of service; its lock being held is no silence. Undoing leaves
// it as it was. One thread.
#pragma once

#include <optional>

#include "drivers/directory/exports.h"
#include "drivers/directory/held_replica.h"

namespace pasig::drivers::directory {

class OldSide {
 public:
  // No replica: the share has no other active one.
  OldSide(const Call& call, const ActiveChangeRequest& request, const ReplicaRef* replica);

  [[nodiscard]] const ReplicaRef* replica() const { return replica_; }
  [[nodiscard]] bool is_held() const { return held_.has_value(); }
  [[nodiscard]] HeldReplica& held() { return *held_; }
  [[nodiscard]] const std::optional<CallFailure>& silence() const { return silence_; }
  // As far as this call knows of it.
  [[nodiscard]] FenceReport fence() const;

  // Held afterwards, or silent where the mode goes on without.
  Answer<void> reach();
  // Past the point of no return: held when it answers soon.
  void reach_soon(const Call& finishing);

  // Whether this failure of handing over means that the side is out of service.
  [[nodiscard]] bool is_silence(const CallFailure& failure) const;
  [[nodiscard]] bool is_waited_for() const;  // the quiesce wait is not over
  void give_up(CallFailure why);

  Answer<void> raise_fence();
  Answer<void> raise_fence_if_it_can();
  // From here on the new side may be open, so nobody lifts the fence unasked.
  Answer<void> note_commitment(bool is_forced);
  // The change has come about; what cannot be done now is done by the side's status call.
  void demote(const Call& finishing, const HeldReplica& new_side);
  // Nothing changed: the side is opened again before the failure is told.
  CallFailure undo(CallFailure failure);

  // By its record: the new side may have been opened by an earlier delivery.
  [[nodiscard]] bool is_being_committed() const;

 private:
  [[nodiscard]] bool stops(const CallFailure& failure) const;
  [[nodiscard]] CallFailure ahead_of_log() const;
  [[nodiscard]] BehindFence behind_fence() const;
  Answer<void> demote_held(const Call& finishing, const HeldReplica& new_side);
  bool hold_fenced(CallFailure& failure);

  const Call& call_;
  const ActiveChangeRequest& request_;
  const ReplicaRef* replica_;
  const Monotonic ask_until_;
  std::optional<HeldReplica> held_;
  std::optional<CallFailure> silence_;  // why it is not held
  FenceReport fence_;
};

}  // namespace pasig::drivers::directory
