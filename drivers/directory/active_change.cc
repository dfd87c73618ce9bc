#include "drivers/directory/active_change.h"

#include <chrono>

#include "drivers/directory/demotion.h"
#include "drivers/directory/door.h"
#include "drivers/directory/exports.h"
#include "drivers/directory/files.h"
#include "drivers/directory/freezer.h"
#include "drivers/directory/old_side.h"
#include "drivers/directory/open_files.h"
#include "drivers/directory/other_replicas.h"
#include "drivers/directory/promotion.h"
#include "drivers/directory/receiver.h"
#include "drivers/directory/snapshot_copies.h"

namespace pasig::drivers::directory {
namespace {

using Mode = ActiveChangeRequest::Mode;
constexpr std::chrono::milliseconds k_try_again{200};
// What is left to do past the point of no return does not depend on the size of the share.
constexpr std::chrono::seconds k_finishing_max{60};

CallFailure refusal(const ReplicaPlace& place, Problem problem, std::string words,
                    std::string hint = {}) {
  return {.problem = problem,
          .unknown = false,
          .controller = place.controller,
          .words = std::move(words),
          .hint = std::move(hint)};
}

class Change {
 public:
  Change(const Call& call, const ActiveChangeRequest& request, const ReplicaRef& chosen)
      : call_(call),
        request_(request),
        chosen_(chosen),
        next_epoch_(call.share.epoch + 1),
        old_(call, request, active_besides(call.share, chosen)) {}

  Answer<ActiveChange> run() {
    PASIG_TRY(const bool was_opened, look_first());
    if (!was_opened) {
      auto opened = open();
      if (!opened) return tl::unexpected(undo(std::move(opened).error()));
    }
    return finish();
  }

 private:
  static const ReplicaRef* active_besides(const ShareRef& share, const ReplicaRef& chosen) {
    const ReplicaRef* active = share.active();
    return active == nullptr || active->id == chosen.id ? nullptr : active;
  }

  [[nodiscard]] bool is_open(const ReplicaRecord& record) const {
    return record.role == StoredRole::active && record.epoch == next_epoch_;
  }

  // Has an earlier delivery passed the point of no return? Asked before all else and with no
  // regard to the caller's patience: when it has, there is nothing to be given up any more.
  Answer<bool> look_first() const {
    const auto found = look_at(call_.to_the_end(), chosen_).and_then(peek);
    if (found) return *found && is_open(**found);
    if (call_.context.attempt <= 1 && !old_.is_being_committed()) return false;
    CallFailure failure = found.error();
    failure.unknown = true;
    failure.words += "; an earlier delivery may have opened it";
    failure.hint = "it is looked at again when controller " + chosen_.controller + " answers";
    return tl::unexpected(std::move(failure));
  }

  Answer<void> open() {
    PASIG_CHECK(hold_both());
    PASIG_CHECK(check_new_side());
    PASIG_CHECK(request_.mode == Mode::forced ? go_on_without() : with_old_side());
    return open_new_epoch();
  }

  // In the order of their ids, so that two calls never wait for each other.
  Answer<void> hold_both() {
    const bool is_old_first = old_.replica() != nullptr && old_.replica()->id < chosen_.id;
    if (is_old_first) PASIG_CHECK(old_.reach());
    PASIG_TRY(new_, hold(call_, chosen_));
    return is_old_first ? Answer<void>() : old_.reach();
  }

  // What would stand in the way past the point of no return goes before anything is closed.
  Answer<void> check_new_side() {
    const ReplicaRecord& record = new_->record;
    if (record.role == StoredRole::active && record.epoch >= call_.share.epoch)
      return tl::unexpected(
          refusal(new_->place(), Problem::mismatch,
                  "the replica is active on storage under epoch " + std::to_string(record.epoch)));
    PASIG_CHECK(refuse_other_open(call_, request_));
    return clear_export(*new_, call_.clock);
  }

  Answer<void> with_old_side() {
    if (old_.silence()) return go_on_without();
    if (!old_.is_held())
      return tl::unexpected(refusal(new_->place(), Problem::failed,
                                    "the share has no active replica to hand over",
                                    "use a forced change"));
    while (true) {
      auto handed_over = hand_over();
      if (handed_over) return {};
      CallFailure failure = std::move(handed_over).error();
      if (request_.mode != Mode::automatic || !old_.is_silence(failure))
        return tl::unexpected(std::move(failure));
      if (failure.problem != Problem::unreachable && old_.is_waited_for()) {
        call_.patience.pause(k_try_again);
        PASIG_CHECK(call_.patience.check("waiting for the old active replica"));
        continue;
      }
      // Silent in the midst: a fence that is up stays up.
      if (failure.problem == Problem::unreachable) old_.give_up(std::move(failure));
      return go_on_without();
    }
  }

  Answer<void> hand_over() {
    HeldReplica& old = old_.held();
    if (old.record.role != StoredRole::active || old.record.epoch != call_.share.epoch)
      return tl::unexpected(refusal(old.place(), Problem::mismatch,
                                    "the old side is not active under epoch " +
                                        std::to_string(call_.share.epoch) + " on storage"));
    PASIG_CHECK(check_room_behind_fence(call_, old));
    PASIG_CHECK(settle_new_side());
    PASIG_CHECK(bring_snapshots(call_, *new_));  // as long as it takes, while clients go on
    if (auto raised = old_.raise_fence(); !raised)
      return tl::unexpected(at(old.place(), std::move(raised).error()));
    if (!old_.fence().enforced)
      return tl::unexpected(refusal(old.place(), Problem::busy,
                                    "the old side cannot be fenced: " + old_.fence().words,
                                    "end its writers, give pasigd the right to change its files, "
                                    "or force the change"));
    PASIG_TRY(const Manifest last, freeze(call_, old, true));
    PASIG_CHECK(refuse_unsettled(last));
    PASIG_TRY(const Copy copy, receive(call_, *new_, {old.side, last, old.record.revert}));
    PASIG_TRY(const auto arrived, latest_generation(new_->place()));
    if (!arrived || arrived->generation != copy.generation || arrived->digest() != last.digest())
      return tl::unexpected(refusal(new_->place(), Problem::not_verified,
                                    "after the last sync the two sides are not equal"));
    return prepare();
  }

  // Somebody writes on through what was open before: what comes after the copy would be lost.
  Answer<void> refuse_unsettled(const Manifest& last) {
    const bool is_whole =
        last.consistency == CopyConsistency::settled || last.consistency == CopyConsistency::atomic;
    if (is_whole) return {};
    const ReplicaPlace& place = old_.held().place();
    const std::string writers = writers_below(place.live());
    return tl::unexpected(
        refusal(place, Problem::busy,
                "the old side is written to behind its fence: " +
                    (writers.empty() ? "by a process that is not seen from here" : writers),
                "end that process, or force the change"));
  }

  Answer<void> go_on_without() {
    forced_ = true;
    PASIG_CHECK(settle_new_side());
    PASIG_CHECK(refuse_older(call_, request_, new_->place()));
    PASIG_CHECK(prepare());
    return old_.raise_fence_if_it_can();
  }

  // A tree that an earlier role left on the new side: what is its own goes aside first, and so
  // does what somebody still has open.
  Answer<void> settle_new_side() {
    PASIG_TRY(const Settled settled, settle_without_waiting(call_, *new_));
    aside_.insert(aside_.end(), settled.aside.begin(), settled.aside.end());
    if (!settled.is_done)
      return tl::unexpected(refusal(new_->place(), Problem::busy, settled.words.front(),
                                    "end the process that writes there, then try again"));
    PASIG_TRY(const Settled retired, retire_live(call_, *new_, WhenOpen::keep_aside));
    aside_.insert(aside_.end(), retired.aside.begin(), retired.aside.end());
    return {};
  }

  Answer<void> prepare() {
    PASIG_CHECK(set_door_for_opening(call_, *new_));
    PASIG_TRY(base_, prepare_live(call_, *new_, next_epoch_));
    return {};
  }

  // The point of no return. Whether the write took effect is read back, never assumed.
  Answer<void> open_new_epoch() {
    PASIG_CHECK(call_.patience.check("about to open the new epoch"));
    PASIG_CHECK(old_.note_commitment(forced_));
    PASIG_CHECK(still_ours(*new_));
    ReplicaRecord& record = new_->record;
    const ReplicaRecord before = record;
    record.role = StoredRole::active;
    record.epoch = next_epoch_;
    record.live_epoch = next_epoch_;
    record.fence = {};
    record.bases[next_epoch_] = base_.generation;
    record.change = {.operation = call_.context.operation,
                     .demoted = old_.replica() == nullptr ? ReplicaId{} : old_.replica()->id,
                     .forced = forced_,
                     .base_generation = base_.generation,
                     .base_epoch = base_.epoch};
    auto saved = new_->save();
    if (saved) return {};
    const auto now = peek(new_->side);
    if (now && *now && is_open(**now)) return {};
    record = before;
    CallFailure failure = at(new_->place(), std::move(saved).error());
    if (!now || !*now) {
      failure.unknown = true;  // the old side stays fenced until that is known
      failure.hint = "the status call finds out when the controller answers again";
    }
    return tl::unexpected(std::move(failure));
  }

  // A door that cannot be set back now is put right by the side's status call.
  CallFailure undo(CallFailure failure) {
    const bool stays_secondary = new_ && !failure.unknown && !is_open(new_->record);
    if (stays_secondary) static_cast<void>(set_door(call_.to_the_end(), *new_));
    return old_.undo(std::move(failure));
  }

  // The new side is open: whatever fails from here on, the change has come about, and the next
  // delivery goes on from here. It is neither cancelled nor late any more.
  Answer<ActiveChange> finish() {
    const Call finishing = call_.to_the_end().until(call_.clock.monotonic() + k_finishing_max);
    auto finished = finish_open(finishing);
    if (finished) return finished;
    CallFailure failure = std::move(finished).error();
    if (failure.controller.empty()) failure.controller = chosen_.controller;
    failure.unknown = true;
    failure.words += "; the new side is open under epoch " + std::to_string(next_epoch_);
    return tl::unexpected(std::move(failure));
  }

  Answer<void> hold_to_finish(const Call& finishing) {
    if (new_) return {};
    const bool is_old_first = old_.replica() != nullptr && old_.replica()->id < chosen_.id;
    if (is_old_first) old_.reach_soon(finishing);
    PASIG_TRY(new_, hold(finishing, chosen_));
    old_.reach_soon(finishing);
    if (is_open(new_->record)) return {};
    return tl::unexpected(mismatch(new_->place(), "the replica's role changed meanwhile"));
  }

  Answer<ActiveChange> finish_open(const Call& finishing) {
    PASIG_CHECK(hold_to_finish(finishing));
    // Who may only read goes out before the tree that can be written to comes in.
    PASIG_CHECK(set_door(finishing, *new_));
    PASIG_CHECK(open_live(*new_, finishing.clock));
    old_.demote(finishing, *new_);
    PASIG_TRY(const Manifest base, read_base());
    ActiveChange change;
    change.forced = new_->record.change.forced;
    change.epoch = next_epoch_;
    change.base = base.copy();
    change.base.snapshots = complete_snapshots(call_.share, new_->place());
    change.fence = old_.fence();
    change.exports = exports_of(new_->place(), call_.share.replication, StoredRole::active);
    if (old_.is_held())
      change.demoted_exports =
          exports_of(old_.held().place(), call_.share.replication, StoredRole::secondary);
    change.diverged = find_diverged(finishing, request_, base);
    change.aside = aside_;
    add_found(*new_, change.aside);
    if (old_.is_held()) add_found(old_.held(), change.aside);
    return change;
  }

  static void add_found(const HeldReplica& held, std::vector<Aside>& aside) {
    aside.insert(aside.end(), held.found_aside.begin(), held.found_aside.end());
  }

  // Its copy beside the frozen tree will do, too.
  [[nodiscard]] Answer<Manifest> read_base() const {
    auto base = read_manifest(new_->place().base(next_epoch_));
    if (base) return base;
    auto frozen = read_manifest(new_->place().manifest(new_->record.change.base_generation));
    return frozen && frozen->epoch == new_->record.change.base_epoch ? frozen : base;
  }

  const Call& call_;
  const ActiveChangeRequest& request_;
  const ReplicaRef& chosen_;
  const std::uint64_t next_epoch_;
  OldSide old_;
  std::optional<HeldReplica> new_;
  bool forced_ = false;
  Manifest base_;
  std::vector<Aside> aside_;
};

}  // namespace

Answer<ActiveChange> change_active(const Call& call, const ActiveChangeRequest& request) {
  const ReplicaRef* chosen = call.share.find(request.replica);
  if (chosen == nullptr)
    return tl::unexpected(
        CallFailure{.problem = Problem::mismatch,
                    .unknown = false,
                    .controller = {},
                    .words = "replica " + to_string(request.replica) + " is not one of the share's",
                    .hint = {}});
  return Change(call, request, *chosen).run();
}

}  // namespace pasig::drivers::directory
