#include "drivers/directory/active_change.h"

#include <algorithm>
#include <chrono>

#include "drivers/directory/demotion.h"
#include "drivers/directory/fence.h"
#include "drivers/directory/files.h"
#include "drivers/directory/freezer.h"
#include "drivers/directory/generations.h"
#include "drivers/directory/inode_flags.h"
#include "drivers/directory/promotion.h"
#include "drivers/directory/receiver.h"

namespace pasig::drivers::directory {
namespace {

using Mode = ActiveChangeRequest::Mode;
constexpr std::chrono::milliseconds k_ask_again{200};
constexpr std::chrono::seconds k_one_answer{2};  // a side that is up is heard without any wait

CallFailure refusal(const ReplicaPlace& place, Problem problem, std::string words,
                    std::string hint = {}) {
  return {.problem = problem,
          .unknown = false,
          .controller = place.controller,
          .words = std::move(words),
          .hint = std::move(hint)};
}

// The old side does not answer; `automatic` then goes on without it.
bool is_silence(const CallFailure& failure) {
  return failure.problem == Problem::unreachable || failure.problem == Problem::mismatch ||
         failure.problem == Problem::busy;
}

class Change {
 public:
  Change(const Call& call, const ActiveChangeRequest& request)
      : call_(call), request_(request), next_epoch_(call.share.epoch + 1) {}

  Answer<ActiveChange> run() {
    const ReplicaRef* chosen = call_.share.find(request_.replica);
    if (chosen == nullptr)
      return tl::unexpected(CallFailure{
          .problem = Problem::mismatch,
          .unknown = false,
          .controller = {},
          .words = "replica " + to_string(request_.replica) + " is not one of the share's",
          .hint = {}});
    old_ref_ = call_.share.active();
    if (old_ref_ != nullptr && old_ref_->id == chosen->id) old_ref_ = nullptr;
    PASIG_CHECK(hold_both(*chosen));
    if (is_open()) return finish();
    if (silence_ && request_.mode == Mode::planned) return tl::unexpected(*silence_);
    PASIG_CHECK(check_new_side());
    auto prepared = request_.mode == Mode::forced ? go_on_without() : with_old_side();
    if (!prepared) return tl::unexpected(undo(std::move(prepared).error()));
    PASIG_CHECK(open_new_epoch());
    return finish();
  }

 private:
  // In the order of their ids, so that two calls never wait for each other.
  Answer<void> hold_both(const ReplicaRef& chosen) {
    if (old_ref_ != nullptr && old_ref_->id < chosen.id) PASIG_CHECK(hold_old());
    PASIG_TRY(new_, hold(call_, chosen));
    if (old_ref_ != nullptr && chosen.id < old_ref_->id) PASIG_CHECK(hold_old());
    return {};
  }

  Answer<void> hold_old() {
    const auto wait = std::chrono::seconds(request_.quiesce_wait_seconds);
    const Monotonic ask_until = call_.clock.monotonic() + wait;
    const Call asking = request_.mode == Mode::planned ? call_.until(call_.patience.until)
                                                       : call_.until(ask_until + k_one_answer);
    while (true) {
      auto held = hold(asking, *old_ref_);
      if (held) {
        old_.emplace(std::move(*held));
        return {};
      }
      silence_ = std::move(held).error();
      if (silence_->problem == Problem::expired) silence_->problem = Problem::unreachable;
      if (!is_silence(*silence_)) return tl::unexpected(*silence_);
      const bool may_ask_again = request_.mode == Mode::automatic &&
                                 silence_->problem == Problem::unreachable &&
                                 call_.clock.monotonic() + k_ask_again < ask_until;
      if (!may_ask_again) break;
      asking.patience.pause(k_ask_again);
    }
    return call_.patience.check("waiting for the old active replica");
  }

  [[nodiscard]] bool is_open() const {
    return new_->record.role == StoredRole::active && new_->record.epoch == next_epoch_;
  }

  Answer<void> check_new_side() const {
    const ReplicaRecord& record = new_->record;
    if (record.role == StoredRole::active && record.epoch >= call_.share.epoch)
      return tl::unexpected(
          refusal(new_->place(), Problem::mismatch,
                  "the replica is active on storage under epoch " + std::to_string(record.epoch)));
    for (const ReplicaRef& other : call_.share.replicas) {
      if (other.id == request_.replica) continue;
      const auto side = look_at(call_, other);
      if (!side) continue;
      const auto found = peek(*side);
      if (found && *found && (*found)->role == StoredRole::active && (*found)->epoch >= next_epoch_)
        return tl::unexpected(refusal(side->place, Problem::stale_token,
                                      "replica " + to_string(other.id) +
                                          " is already open under epoch " +
                                          std::to_string((*found)->epoch),
                                      "its change is being finished"));
    }
    return {};
  }

  Answer<void> with_old_side() {
    if (!old_) {
      if (request_.mode == Mode::automatic) return go_on_without();
      return tl::unexpected(silence_.value_or(
          refusal(new_->place(), Problem::failed, "the share has no active replica to hand over",
                  "use a forced change")));
    }
    auto handed_over = hand_over();
    if (handed_over) return {};
    // Silent in the midst: the fence stays where it is up, and is found by the status call.
    const bool old_side_went = handed_over.error().controller == old_->place().controller &&
                               handed_over.error().problem == Problem::unreachable;
    if (request_.mode != Mode::automatic || !old_side_went)
      return tl::unexpected(std::move(handed_over).error());
    silence_ = std::move(handed_over).error();
    old_.reset();
    return go_on_without();
  }

  Answer<void> hand_over() {
    const ReplicaRecord& record = old_->record;
    if (record.role != StoredRole::active || record.epoch != call_.share.epoch)
      return tl::unexpected(refusal(old_->place(), Problem::mismatch,
                                    "the old side is not active under epoch " +
                                        std::to_string(call_.share.epoch) + " on storage"));
    PASIG_CHECK(settle_new_side());
    PASIG_CHECK(fence_old());
    if (!fence_.enforced)
      return tl::unexpected(refusal(old_->place(), Problem::busy,
                                    "the old side cannot be fenced: " + fence_.words,
                                    "end its writers, or force the change"));
    PASIG_TRY(const Manifest last, freeze(call_, *old_, true));
    PASIG_TRY(const Copy copy, receive(call_, *new_, {old_->side, last}));
    PASIG_TRY(const auto arrived, latest_generation(new_->place()));
    if (!arrived || arrived->generation != copy.generation || arrived->digest() != last.digest())
      return tl::unexpected(refusal(new_->place(), Problem::not_verified,
                                    "after the last sync the two sides are not equal"));
    return prepare();
  }

  Answer<void> go_on_without() {
    forced_ = true;
    PASIG_CHECK(settle_new_side());
    PASIG_CHECK(refuse_older());
    PASIG_CHECK(prepare());
    if (!old_) {
      fence_ = {.enforced = false,
                .kind = {},
                .words = silence_ ? silence_->words : "the share has no active replica"};
      return {};
    }
    return fence_old();
  }

  Answer<void> fence_old() {
    PASIG_TRY(fence_, fence_durably(*old_, request_.replica, call_.patience));
    return {};
  }

  // A tree that an earlier role left on the new side: what is its own goes aside first.
  Answer<void> settle_new_side() {
    PASIG_TRY(const Settled settled, settle(call_, *new_));
    aside_ = settled.aside;
    if (!settled.is_done)
      return tl::unexpected(refusal(new_->place(), Problem::busy, settled.words.front(),
                                    "end the process that writes there, then try again"));
    PASIG_TRY(const Settled retired, retire_live(call_, *new_));
    if (!retired.is_done)
      return tl::unexpected(refusal(new_->place(), Problem::busy, retired.words.front(),
                                    "end that process, then try again"));
    return {};
  }

  Answer<void> refuse_older() {
    PASIG_TRY(const auto mine, latest_generation(new_->place()));
    if (!mine)
      return tl::unexpected(refusal(new_->place(), Problem::failed,
                                    "the replica holds no complete copy to open",
                                    "choose a replica that was in_sync"));
    const auto age = std::pair(mine->epoch, mine->generation);
    for (const ReplicaRef& other : call_.share.replicas) {
      if (other.id == request_.replica || other.role == Role::active) continue;
      const auto side = look_at(call_, other);
      if (!side) continue;
      const auto theirs = latest_generation(side->place);
      if (!theirs || !*theirs) continue;
      if (std::pair((*theirs)->epoch, (*theirs)->generation) <= age) continue;
      if (!request_.accept_older)
        return tl::unexpected(refusal(new_->place(), Problem::failed,
                                      "replica " + to_string(other.id) + " on " + other.controller +
                                          " is newer: generation " +
                                          std::to_string((*theirs)->generation) + " of " +
                                          to_string((*theirs)->data_as_of) + " UTC, this one has " +
                                          std::to_string(mine->generation),
                                      "choose that one, or accept the older one"));
    }
    return {};
  }

  // Replicas that had synced later than the base from the old line.
  [[nodiscard]] std::vector<ReplicaId> find_diverged(const Manifest& base) const {
    std::vector<ReplicaId> ahead;
    for (const ReplicaRef& other : call_.share.replicas) {
      if (other.id == request_.replica || (old_ref_ != nullptr && other.id == old_ref_->id))
        continue;
      const auto side = look_at(call_, other);
      if (!side) continue;
      const auto theirs = latest_generation(side->place);
      if (theirs && *theirs && (*theirs)->epoch < next_epoch_ &&
          std::pair((*theirs)->epoch, (*theirs)->generation) >
              std::pair(base.epoch, base.generation))
        ahead.push_back(other.id);
    }
    return ahead;
  }

  Answer<void> prepare() {
    PASIG_TRY(base_, prepare_live(call_, *new_, next_epoch_));
    return {};
  }

  // The point of no return. Whether the write took effect is read back, never assumed.
  Answer<void> open_new_epoch() {
    if (auto checked = call_.patience.check("about to open the new epoch"); !checked)
      return tl::unexpected(undo(std::move(checked).error()));
    if (auto noted = note_commitment(); !noted)
      return tl::unexpected(undo(std::move(noted).error()));
    if (auto ours = still_ours(*new_); !ours) return tl::unexpected(undo(std::move(ours).error()));
    ReplicaRecord& record = new_->record;
    const ReplicaRecord before = record;
    record.role = StoredRole::active;
    record.epoch = next_epoch_;
    record.live_epoch = next_epoch_;
    record.fence = {};
    record.bases[next_epoch_] = base_.generation;
    record.change = {.operation = call_.context.operation,
                     .demoted = old_ref_ == nullptr ? ReplicaId{} : old_ref_->id,
                     .forced = forced_,
                     .base_generation = base_.generation,
                     .base_epoch = base_.epoch};
    auto saved = new_->save();
    if (saved) return {};
    const auto now = peek(new_->side);
    if (now && *now && (*now)->role == StoredRole::active && (*now)->epoch == next_epoch_)
      return {};
    record = before;
    CallFailure failure = at(new_->place(), std::move(saved).error());
    if (now && *now) return tl::unexpected(undo(std::move(failure)));
    failure.unknown = true;  // the old side stays fenced until that is known
    failure.hint = "the status call finds out when the controller answers again";
    return tl::unexpected(std::move(failure));
  }

  // On the old side: from here on the new one may be open, so nobody lifts the fence unasked.
  Answer<void> note_commitment() {
    if (!old_) return {};
    old_->record.fence.committing = true;
    return old_->save();
  }

  Answer<ActiveChange> finish() {
    PASIG_CHECK(open_live(*new_));
    const ReplicaRecord& record = new_->record;
    forced_ = record.change.forced;
    if (old_) {
      // The change is done; a side that cannot be demoted now is fenced by its status call.
      if (auto demoted = demote_old(); !demoted && !fence_.enforced)
        fence_ = {.enforced = false, .kind = {}, .words = demoted.error().words};
    } else if (silence_) {
      fence_ = {.enforced = false, .kind = {}, .words = silence_->words};
    }
    PASIG_TRY(const Manifest base, read_manifest(new_->place().base(next_epoch_)));
    ActiveChange change;
    change.forced = forced_;
    change.epoch = next_epoch_;
    change.base = base.copy();
    change.fence = fence_;
    change.exports = exports_of(new_->place(), call_.share.replication, StoredRole::active);
    if (old_)
      change.demoted_exports =
          exports_of(old_->place(), call_.share.replication, StoredRole::secondary);
    change.diverged = find_diverged(base);
    change.aside = aside_;
    return change;
  }

  Answer<void> demote_old() {
    ReplicaRecord& record = old_->record;
    if (record.epoch < next_epoch_ || record.role == StoredRole::active) {
      PASIG_TRY(fence_, fence_durably(*old_, request_.replica, call_.to_the_end().patience));
      // A forced change leaves the epoch to the status call, which compares what was written.
      record.role = StoredRole::secondary;
      if (!forced_) record.epoch = next_epoch_;
      record.bases.insert(new_->record.bases.begin(), new_->record.bases.end());
      PASIG_CHECK(old_->save());
    } else {
      fence_ = {.enforced = record.fence.stage == StoredFence::Stage::enforced,
                .kind = word(record.fence.kind),
                .words = record.fence.words};
    }
    if (call_.share.replication != Replication::readable) return {};
    PASIG_TRY(const auto latest, latest_generation(old_->place()));
    if (!latest) return {};
    return point_link_durably(old_->place().exported(),
                              "frozen/" + std::to_string(latest->generation));
  }

  // Nothing changed: the old side is opened again before the failure is told.
  CallFailure undo(CallFailure failure) {
    if (!old_ || old_->record.fence.stage == StoredFence::Stage::none ||
        old_->record.role != StoredRole::active)
      return failure;
    if (const auto lifted = unfence_durably(*old_); !lifted) {
      failure.words += "; and the old side could not be opened again: " + lifted.error().words;
      failure.hint = "its next status call tries again";
    }
    return failure;
  }

  const Call& call_;
  const ActiveChangeRequest& request_;
  const std::uint64_t next_epoch_;
  const ReplicaRef* old_ref_ = nullptr;
  std::optional<HeldReplica> new_;
  std::optional<HeldReplica> old_;
  std::optional<CallFailure> silence_;  // why the old side is not held
  bool forced_ = false;
  Manifest base_;
  FenceReport fence_;
  std::vector<Aside> aside_;
};

}  // namespace

Answer<ActiveChange> change_active(const Call& call, const ActiveChangeRequest& request) {
  return Change(call, request).run();
}

}  // namespace pasig::drivers::directory
