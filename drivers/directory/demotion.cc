#include "drivers/directory/demotion.h"

#include <algorithm>

#include "drivers/directory/asides.h"
#include "drivers/directory/fence.h"
#include "drivers/directory/files.h"
#include "drivers/directory/generations.h"
#include "drivers/directory/inode_flags.h"
#include "drivers/directory/open_files.h"

namespace pasig::drivers::directory {
namespace {

// What the other replicas know of how the lines began.
struct Lines {
  std::map<std::uint64_t, std::uint64_t> bases;  // epoch to generation
  std::optional<Manifest> base;                  // of the line after the one that live belongs to
  bool is_heard = true;                          // the active replica, which has to know, answered
};

Lines read_lines(const Call& call, const HeldReplica& held) {
  Lines lines{.bases = held.record.bases, .base = std::nullopt};
  const std::uint64_t next = held.record.live_epoch + 1;
  const ReplicaRef* active = call.share.active();
  for (const ReplicaRef& replica : call.share.replicas) {
    const auto side = look_at(call, replica);
    const auto record = side ? peek(*side) : Answer<std::optional<ReplicaRecord>>();
    const bool has_to_know = active == nullptr || active->id == replica.id;
    if (has_to_know && (!side || !record)) lines.is_heard = false;
    if (!side) continue;
    if (record && *record) lines.bases.insert((*record)->bases.begin(), (*record)->bases.end());
    if (lines.base || next > call.share.epoch) continue;
    if (auto base = read_manifest(side->place.base(next))) lines.base = std::move(*base);
  }
  return lines;
}

// Digests are taken from the last generation for what has not changed since.
Answer<Tree> read_live(const HeldReplica& held, const Patience& patience) {
  PASIG_TRY(Tree tree, scan_live(held, patience));
  PASIG_TRY(const auto last, latest_generation(held.place()));
  for (Entry& entry : tree.entries) {
    PASIG_CHECK(patience.check("comparing " + held.place().live()));
    const Entry* noted = last ? last->tree.find(entry.path) : nullptr;
    if (noted != nullptr && same_inode_unchanged(*noted, entry) &&
        is_settled(entry, last->listed_at_ns)) {
      entry.content = noted->content;
      entry.xattrs = noted->xattrs;
    } else {
      PASIG_CHECK(read_digests(held.place().live(), entry, patience));
    }
  }
  return tree;
}

Answer<void> forget_fence(HeldReplica& held, const std::string& tree) {
  PASIG_CHECK(leave_fence_behind(held, tree));
  held.record.fence = {};
  return held.save();
}

bool is_as_compared(const Entry& before, Entry now, const HeldReplica& held,
                    const Patience& patience) {
  if (!same_inode_unchanged(before, now)) return false;
  if (is_settled(before, held.compared->listed_at_ns)) return true;
  return read_digests(held.place().live(), now, patience) && now.content == before.content &&
         now.xattrs == before.xattrs;
}

// What was written through a descriptor that was open all the time shows here.
Answer<bool> is_as_compared(const HeldReplica& held, const Patience& patience) {
  if (!held.compared) return false;
  PASIG_TRY(const Tree now, scan_live(held, patience));
  const auto& before = held.compared->tree.entries;
  return std::equal(
      before.begin(), before.end(), now.entries.begin(), now.entries.end(),
      [&](const Entry& a, const Entry& b) { return is_as_compared(a, b, held, patience); });
}

class Settling {
 public:
  Settling(const Call& call, HeldReplica& held, bool waits)
      : call_(call), held_(held), waits_(waits), place_(held.place()) {}

  Answer<Settled> run() {
    PASIG_CHECK(fence_first());
    if (!settled_.is_done) return std::move(settled_);
    if (!exists(place_.live()) && is_in_line()) return std::move(settled_);
    lines_ = read_lines(call_, held_);
    held_.record.bases = lines_.bases;
    PASIG_CHECK(compare_live());
    PASIG_CHECK(set_generations_aside());
    if (!is_in_line()) {
      held_.record.role = StoredRole::secondary;
      if (knows_line()) held_.record.epoch = std::max(held_.record.epoch, call_.share.epoch);
      PASIG_CHECK(held_.save());
    }
    return std::move(settled_);
  }

 private:
  [[nodiscard]] bool is_in_line() const {
    return held_.record.epoch >= call_.share.epoch && held_.record.role == StoredRole::secondary;
  }

  // It was opened by a change that the log never heard of: nothing of its line counts.
  [[nodiscard]] bool is_of_other_line() const {
    return held_.record.live_epoch != 0 && held_.record.live_epoch >= call_.share.epoch;
  }

  // The base of an older epoch, which only a replica that is away has, is not waited for: what it
  // would decide is kept aside.
  [[nodiscard]] bool knows_line() const {
    return held_.record.epoch >= call_.share.epoch || lines_.bases.contains(call_.share.epoch) ||
           lines_.is_heard;
  }

  [[nodiscard]] tl::unexpected<CallFailure> cannot_know() const {
    const ReplicaRef* active = call_.share.active();
    return tl::unexpected(
        CallFailure{.problem = Problem::unreachable,
                    .unknown = false,
                    .controller = active == nullptr ? place_.controller : active->controller,
                    .words = "replica " + to_string(place_.replica) + " stays as it is in epoch " +
                             std::to_string(held_.record.epoch) + ": what epoch " +
                             std::to_string(call_.share.epoch) + " began with cannot be read now",
                    .hint = "it is compared when the active replica answers"});
  }

  Answer<void> fence_first() {
    if (!exists(place_.live())) return remove_stale_export();
    const bool was_enforced = held_.record.fence.stage == StoredFence::Stage::enforced;
    if (was_enforced && held_.record.fence.kind != FenceKind::mount) return {};
    // A bind mount does not outlive a reboot: it is looked at every time.
    PASIG_TRY(const FenceReport report,
              fence_durably(held_, {}, BehindFence::nothing, call_.patience));
    if (!report.enforced) {
      settled_.is_done = false;
      settled_.words.push_back("the fence is not closed: " + report.words);
    } else if (!was_enforced) {
      settled_.fenced_now = report;
    }
    return {};
  }

  Answer<void> remove_stale_export() {
    if (held_.record.role != StoredRole::active) return {};
    return remove_export(held_, call_.clock);
  }

  Answer<void> compare_live() {
    if (!exists(place_.live())) return {};
    if (is_of_other_line()) return set_aside("the log does not have it active in that epoch");
    if (!lines_.base && !lines_.is_heard && waits_) return cannot_know();
    PASIG_CHECK(make_directory_durably(place_.staging(), 0700));
    // Written-back pages are mapped anew for writing, so every later store shows in the times.
    PASIG_CHECK(sync_file_system(place_.live(), call_.patience));
    PASIG_TRY(const std::int64_t now, file_system_now(place_.staging()));
    PASIG_TRY(Tree live, read_live(held_, call_.patience));
    std::vector<std::string> differing = {"its base is not known here"};
    if (lines_.base)
      differing = differences(lines_.base->tree, live, {.owners = held_.side.owners()});
    held_.compared = ComparedTree{.tree = std::move(live), .listed_at_ns = now};
    return differing.empty() ? Answer<void>() : set_aside(differing.front());
  }

  Answer<void> set_aside(const std::string& why) {
    PASIG_TRY(Aside aside, set_live_aside(call_, held_));
    settled_.words.push_back("kept aside what was written under epoch " +
                             std::to_string(aside.epoch) + ": " + why);
    settled_.aside.push_back(std::move(aside));
    is_live_aside_ = true;
    return {};
  }

  Answer<std::vector<Manifest>> not_of_the_line() const {
    if (!is_of_other_line() || held_.record.role != StoredRole::active)
      return generations_ahead(held_, lines_.bases, call_.share.epoch);
    PASIG_TRY(auto all, generations(place_));
    std::erase_if(all, [this](const Manifest& one) { return one.epoch < call_.share.epoch; });
    return all;
  }

  // A replica that had synced later than the base from a side that is gone is ahead of the new
  // line. Of a line that it led itself the newest state counts, unless live, which is aside, is
  // the same.
  Answer<void> set_generations_aside() {
    if (is_in_line()) return {};
    if (!knows_line()) {
      if (waits_) return cannot_know();
      return {};
    }
    PASIG_TRY(const auto ahead, not_of_the_line());
    if (!ahead.empty()) PASIG_CHECK(remove_export(held_, call_.clock));
    for (const Manifest& one : ahead) {
      const bool is_own = one.epoch == held_.record.live_epoch;
      if (!is_own || (&one == &ahead.back() && !is_live_aside_as(one.tree))) {
        PASIG_TRY(Aside aside,
                  keep_aside(held_, place_.frozen(one.generation), one.epoch, call_.clock.now()));
        settled_.words.push_back("kept aside generation " + std::to_string(one.generation) +
                                 ", which is ahead of the new active replica's base");
        settled_.aside.push_back(std::move(aside));
      }
      PASIG_CHECK(remove_generation(held_, one.generation));
    }
    return {};
  }

  [[nodiscard]] bool is_live_aside_as(const Tree& tree) const {
    return is_live_aside_ && held_.compared &&
           differences(tree, held_.compared->tree, {.owners = held_.side.owners()}).empty();
  }

  const Call& call_;
  HeldReplica& held_;
  const bool waits_;
  const ReplicaPlace& place_;
  Lines lines_;
  bool is_live_aside_ = false;
  Settled settled_;
};

Answer<Settled> settled(const Call& call, HeldReplica& held, bool waits) {
  auto done = Settling(call, held, waits).run();
  if (!done) return tl::unexpected(at(held.place(), std::move(done).error()));
  return done;
}

}  // namespace

Answer<FenceReport> fence_durably(HeldReplica& held, ReplicaId target, BehindFence shown,
                                  const Patience& patience) {
  StoredFence& fence = held.record.fence;
  const bool goes_on = fence.stage != StoredFence::Stage::none;
  // A fence begun with one kind is finished with it, whatever is configured now.
  if (!goes_on) fence.kind = held.side.root.abilities.fence;
  if (fence.stage != StoredFence::Stage::blocked) fence.stage = StoredFence::Stage::fencing;
  fence.target = target;
  PASIG_CHECK(held.save());
  PASIG_CHECK(close_export(held, shown, patience.clock));
  PASIG_TRY(FenceReport report, raise_fence(held, fence.kind, patience));
  fence.stage = report.enforced ? StoredFence::Stage::enforced : StoredFence::Stage::blocked;
  fence.words = report.words;
  PASIG_CHECK(held.save());
  return report;
}

// The export comes back whatever else fails, and a fence that is not wholly lifted stays noted.
Answer<void> unfence_durably(HeldReplica& held, const Clock& clock) {
  StoredFence& fence = held.record.fence;
  auto lifted = lift_fence(held, fence.kind);
  auto exported = point_export(held, "live", clock);
  if (lifted && exported) {
    fence = {};
    return held.save();
  }
  fence.stage = StoredFence::Stage::fencing;
  fence.committing = false;
  fence.words = lifted ? exported.error().words : lifted.error().words;
  static_cast<void>(held.save());  // as it was noted before, its next status call tries again
  return lifted ? exported : lifted;
}

Answer<Settled> settle(const Call& call, HeldReplica& held) { return settled(call, held, true); }

Answer<Settled> settle_without_waiting(const Call& call, HeldReplica& held) {
  return settled(call, held, false);
}

Answer<Aside> set_live_aside(const Call& call, HeldReplica& held) {
  PASIG_TRY(Aside aside,
            keep_aside(held, held.place().live(), held.record.live_epoch, call.clock.now()));
  PASIG_CHECK(forget_fence(held, aside.path));
  return aside;
}

Answer<Settled> retire_live(const Call& call, HeldReplica& held, WhenOpen when_open) {
  const ReplicaPlace& place = held.place();
  Settled settled;
  if (!exists(place.live())) return settled;
  PASIG_TRY(const OpenFiles open, open_files(place.live(), call.patience));
  if (open == OpenFiles::some && when_open == WhenOpen::leave) {
    settled.is_done = false;
    settled.words.push_back("the fenced tree " + place.live() +
                            " stays: a process still has a file of it open");
    return settled;
  }
  PASIG_TRY(const bool is_same, is_as_compared(held, call.patience));
  if (open != OpenFiles::none || !is_same) {
    PASIG_TRY(Aside aside, set_live_aside(call, held));
    settled.words.push_back(
        !is_same ? "kept aside the old tree: it was written to after it was compared"
                 : "kept aside the old tree: somebody may still have a file of it open");
    settled.aside.push_back(std::move(aside));
    return settled;
  }
  const std::string removed = place.staging() + "/retired-" + to_string(random_uuid());
  PASIG_CHECK(make_directory_durably(place.staging(), 0700));
  PASIG_CHECK(unmount_all(place.live()));
  PASIG_CHECK(move_sealed(place.live(), removed));
  PASIG_CHECK(remove_tree(removed));
  PASIG_CHECK(forget_fence(held, removed));
  return settled;
}

}  // namespace pasig::drivers::directory
