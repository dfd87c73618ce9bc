#include "drivers/directory/old_side.h"

#include <chrono>

#include "drivers/directory/demotion.h"
#include "drivers/directory/door.h"
#include "drivers/directory/files.h"

namespace pasig::drivers::directory {
namespace {

using Mode = ActiveChangeRequest::Mode;
constexpr std::chrono::milliseconds k_ask_again{200};
constexpr std::chrono::seconds k_one_answer{2};  // a side that is up is heard without any wait
constexpr std::chrono::seconds k_soon{5};

CallFailure as_silence(CallFailure failure) {
  if (failure.problem == Problem::expired) failure.problem = Problem::unreachable;
  return failure;
}

}  // namespace

OldSide::OldSide(const Call& call, const ActiveChangeRequest& request, const ReplicaRef* replica)
    : call_(call),
      request_(request),
      replica_(replica),
      ask_until_(call.clock.monotonic() + std::chrono::seconds(request.quiesce_wait_seconds)) {}

FenceReport OldSide::fence() const {
  if (fence_.enforced || !fence_.words.empty()) return fence_;
  return {.enforced = false,
          .kind = {},
          .words = silence_ ? silence_->words : "the share has no active replica"};
}

// Whatever the mode. A newer operation, or one that storage knows and the log does not yet, is
// not overtaken.
bool OldSide::stops(const CallFailure& failure) const {
  return failure.problem == Problem::stale_token || failure.problem == Problem::cancelled;
}

bool OldSide::is_silence(const CallFailure& failure) const {
  const bool is_of_this_side = replica_ != nullptr && failure.controller == replica_->controller;
  if (is_of_this_side)
    return failure.problem == Problem::unreachable || failure.problem == Problem::no_space ||
           failure.problem == Problem::failed;
  if (replica_ == nullptr || stops(failure)) return false;
  // The other end of a copy that broke off tells of it, too.
  const auto now = look_at(call_, *replica_);
  return !now && now.error().problem == Problem::unreachable;
}

bool OldSide::is_waited_for() const { return call_.clock.monotonic() + k_ask_again < ask_until_; }

void OldSide::give_up(CallFailure why) {
  silence_ = as_silence(std::move(why));
  held_.reset();
}

CallFailure OldSide::ahead_of_log() const {
  return {.problem = Problem::stale_token,
          .unknown = false,
          .controller = replica_->controller,
          .words = "the old active replica is in epoch " + std::to_string(held_->record.epoch) +
                   " on storage, the log in " + std::to_string(call_.share.epoch),
          .hint = "another change is being finished"};
}

Answer<void> OldSide::reach() {
  if (replica_ == nullptr) return {};
  const bool is_planned = request_.mode == Mode::planned;
  bool is_busy = false;
  while (true) {
    const Call asking = is_planned || is_busy ? call_ : call_.until(ask_until_ + k_one_answer);
    auto held = hold(asking, *replica_);
    if (held) {
      held_.emplace(std::move(*held));
      if (held_->record.epoch > call_.share.epoch) return tl::unexpected(ahead_of_log());
      return {};
    }
    CallFailure failure = as_silence(std::move(held).error());
    if (failure.controller.empty()) failure.controller = replica_->controller;
    if (is_planned || stops(failure)) return tl::unexpected(std::move(failure));
    is_busy = failure.problem == Problem::busy;
    if (auto in_time = call_.patience.check("waiting for the old active replica"); !in_time) {
      const bool is_late = in_time.error().problem == Problem::expired;
      return is_busy && is_late ? tl::unexpected(std::move(failure)) : std::move(in_time);
    }
    if (request_.mode == Mode::automatic) {
      if (!is_busy && !is_silence(failure)) return tl::unexpected(std::move(failure));
      // Somebody of Pasig's works there: that is waited for until the deadline.
      if (is_busy || is_waited_for()) {
        asking.patience.pause(k_ask_again);
        continue;
      }
    }
    give_up(std::move(failure));
    return {};
  }
}

void OldSide::reach_soon(const Call& finishing) {
  if (replica_ == nullptr || held_ || silence_) return;
  auto held = hold(finishing.until(finishing.clock.monotonic() + k_soon), *replica_);
  if (held) held_.emplace(std::move(*held));
  else give_up(std::move(held).error());
}

BehindFence OldSide::behind_fence() const {
  return call_.share.replication == Replication::readable ? BehindFence::frozen
                                                          : BehindFence::nothing;
}

Answer<void> OldSide::raise_fence() {
  PASIG_TRY(fence_, fence_durably(*held_, request_.replica, behind_fence(), call_.patience));
  return {};
}

Answer<void> OldSide::raise_fence_if_it_can() {
  if (!held_ || fence_.enforced) return {};
  auto raised = raise_fence();
  if (raised) return {};
  CallFailure failure = at(held_->place(), std::move(raised).error());
  if (stops(failure) || failure.problem == Problem::expired)
    return tl::unexpected(std::move(failure));
  give_up(std::move(failure));
  return {};
}

Answer<void> OldSide::note_commitment(bool is_forced) {
  if (!held_) return {};
  held_->record.fence.committing = true;
  auto saved = held_->save();
  if (saved) return {};
  CallFailure failure = at(held_->place(), std::move(saved).error());
  if (!is_forced) return tl::unexpected(std::move(failure));
  give_up(std::move(failure));
  return {};
}

void OldSide::demote(const Call& finishing, const HeldReplica& new_side) {
  if (!held_) return;
  if (auto demoted = demote_held(finishing, new_side); !demoted && !fence_.enforced)
    fence_ = {.enforced = false, .kind = {}, .words = demoted.error().words};
}

Answer<void> OldSide::demote_held(const Call& finishing, const HeldReplica& new_side) {
  ReplicaRecord& record = held_->record;
  const std::uint64_t epoch = new_side.record.epoch;
  if (record.epoch < epoch || record.role == StoredRole::active) {
    PASIG_TRY(fence_, fence_durably(*held_, request_.replica, behind_fence(), finishing.patience));
    // A forced change leaves the epoch to the status call, which compares what was written.
    record.role = StoredRole::secondary;
    if (!new_side.record.change.forced) record.epoch = epoch;
    record.bases.insert(new_side.record.bases.begin(), new_side.record.bases.end());
    PASIG_CHECK(held_->save());
  } else {
    const bool is_gone = !exists(held_->place().live());
    fence_ = {.enforced = is_gone || record.fence.stage == StoredFence::Stage::enforced,
              .kind = word(record.fence.kind),
              .words = is_gone ? "the tree that it was active with is gone" : record.fence.words};
  }
  PASIG_CHECK(set_door(finishing, *held_));
  PASIG_TRY(const auto latest, latest_generation(held_->place()));
  if (call_.share.replication != Replication::readable || !latest)
    return clear_export(*held_, finishing.clock);
  return point_export(*held_, "frozen/" + std::to_string(latest->generation), finishing.clock);
}

bool OldSide::is_being_committed() const {
  if (replica_ == nullptr) return false;
  const auto side = look_at(call_.to_the_end(), *replica_);
  if (!side) return false;
  const auto record = peek(*side);
  return record && *record && (*record)->fence.committing &&
         (*record)->fence.target == request_.replica;
}

// An earlier delivery may have left its fence on a side that this one did not come to.
bool OldSide::hold_fenced(CallFailure& failure) {
  const Call undoing = call_.to_the_end().until(call_.clock.monotonic() + k_soon);
  const auto side = look_at(undoing, *replica_);
  const auto record = side ? peek(*side) : Answer<std::optional<ReplicaRecord>>();
  if (!side || !record || !*record || (*record)->role != StoredRole::active ||
      (*record)->fence.stage == StoredFence::Stage::none ||
      (*record)->fence.target != request_.replica)
    return false;
  auto held = hold(undoing, *replica_);
  if (held) {
    held_.emplace(std::move(*held));
    return true;
  }
  failure.words += "; the old active replica stays fenced: " + held.error().words;
  failure.hint = "its next status call lifts that fence";
  return false;
}

CallFailure OldSide::undo(CallFailure failure) {
  // What a newer operation does there is its own.
  if (failure.unknown || failure.problem == Problem::stale_token || replica_ == nullptr)
    return failure;
  if (!held_ && !hold_fenced(failure)) return failure;
  if (held_->record.fence.stage == StoredFence::Stage::none ||
      held_->record.role != StoredRole::active)
    return failure;
  if (const auto lifted = unfence_durably(*held_, call_.clock); !lifted) {
    const bool is_exported = exists(held_->place().exported());
    failure.problem = Problem::failed;
    failure.controller = replica_->controller;
    failure.words +=
        std::string("; and the old active replica could not be opened again ") +
        (is_exported ? "as a whole, some of it refuses its clients: " : "and has no export: ") +
        lifted.error().words;
    failure.hint = "its status calls try again; until then the share is not whole";
  }
  return failure;
}

}  // namespace pasig::drivers::directory
