#include "drivers/directory/demotion.h"

#include "drivers/directory/fence.h"
#include "drivers/directory/files.h"
#include "drivers/directory/generations.h"
#include "drivers/directory/inode_flags.h"

namespace pasig::drivers::directory {
namespace {

// The manifest that the line after `epoch` opened with, from whichever replica has it.
std::optional<Manifest> find_base(const Call& call, std::uint64_t epoch) {
  for (std::uint64_t next = epoch + 1; next <= call.share.epoch; ++next) {
    for (const ReplicaRef& replica : call.share.replicas) {
      const auto side = look_at(call, replica);
      if (!side) continue;
      if (auto base = read_manifest(side->place.base(next))) return std::move(*base);
    }
  }
  return std::nullopt;
}

std::map<std::uint64_t, std::uint64_t> known_bases(const Call& call, const HeldReplica& held) {
  auto bases = held.record.bases;
  for (const ReplicaRef& replica : call.share.replicas) {
    const auto side = look_at(call, replica);
    if (!side) continue;
    const auto record = peek(*side);
    if (record && *record) bases.insert((*record)->bases.begin(), (*record)->bases.end());
  }
  return bases;
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
      PASIG_CHECK(read_digests(held.place().live(), entry));
    }
  }
  return tree;
}

Answer<void> forget_fence(HeldReplica& held, const std::string& tree) {
  PASIG_CHECK(leave_fence_behind(held, tree));
  held.record.fence = {};
  return held.save();
}

class Settling {
 public:
  Settling(const Call& call, HeldReplica& held) : call_(call), held_(held), place_(held.place()) {}

  Answer<Settled> run() {
    PASIG_CHECK(fence_first());
    if (!settled_.is_done) return std::move(settled_);
    PASIG_CHECK(compare_live());
    PASIG_CHECK(set_generations_aside());
    if (held_.record.epoch < call_.share.epoch || held_.record.role != StoredRole::secondary) {
      held_.record.role = StoredRole::secondary;
      held_.record.epoch = std::max(held_.record.epoch, call_.share.epoch);
      PASIG_CHECK(held_.save());
    }
    return std::move(settled_);
  }

 private:
  Answer<void> fence_first() {
    if (!exists(place_.live())) return remove_stale_export();
    const bool was_enforced = held_.record.fence.stage == StoredFence::Stage::enforced;
    if (was_enforced && held_.record.fence.kind != FenceKind::mount) return {};
    // A bind mount does not outlive a reboot: it is looked at every time.
    PASIG_TRY(const FenceReport report, fence_durably(held_, {}, call_.patience));
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
    return remove_file_durably(place_.exported());
  }

  Answer<void> compare_live() {
    if (!exists(place_.live()) || held_.record.live_epoch >= call_.share.epoch) return {};
    PASIG_TRY(const Tree live, read_live(held_, call_.patience));
    const auto base = find_base(call_, held_.record.live_epoch);
    std::vector<std::string> differing = {"its base is not known here"};
    if (base) differing = differences(base->tree, live, {.owners = held_.side.owners()});
    if (differing.empty()) return {};
    PASIG_TRY(Aside aside,
              keep_aside(held_, place_.live(), held_.record.live_epoch, call_.clock.now()));
    PASIG_CHECK(forget_fence(held_, aside.path));
    settled_.words.push_back("kept aside what was written under epoch " +
                             std::to_string(aside.epoch) + ": " + differing.front());
    settled_.aside.push_back(std::move(aside));
    return {};
  }

  // A replica that had synced later than the base from a side that is gone is ahead of the new
  // line. Its own older states of a line that it led itself are in the tree kept aside.
  Answer<void> set_generations_aside() {
    if (held_.record.epoch >= call_.share.epoch) return {};
    PASIG_TRY(const auto ahead,
              generations_ahead(held_, known_bases(call_, held_), call_.share.epoch));
    for (const Manifest& one : ahead) {
      PASIG_CHECK(remove_file_durably(place_.exported()));
      if (one.epoch != held_.record.live_epoch) {
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

  const Call& call_;
  HeldReplica& held_;
  const ReplicaPlace& place_;
  Settled settled_;
};

}  // namespace

Answer<FenceReport> fence_durably(HeldReplica& held, ReplicaId target, const Patience& patience) {
  StoredFence& fence = held.record.fence;
  const bool goes_on = fence.stage != StoredFence::Stage::none;
  // A fence begun with one kind is finished with it, whatever is configured now.
  if (!goes_on) fence.kind = held.side.root.abilities.fence;
  if (fence.stage != StoredFence::Stage::blocked) fence.stage = StoredFence::Stage::fencing;
  fence.target = target;
  PASIG_CHECK(held.save());
  PASIG_TRY(FenceReport report, raise_fence(held, fence.kind, patience));
  fence.stage = report.enforced ? StoredFence::Stage::enforced : StoredFence::Stage::blocked;
  fence.words = report.words;
  PASIG_CHECK(held.save());
  return report;
}

Answer<void> unfence_durably(HeldReplica& held) {
  PASIG_CHECK(lift_fence(held, held.record.fence.kind));
  PASIG_CHECK(point_link_durably(held.place().exported(), "live"));
  held.record.fence = {};
  return held.save();
}

Answer<Settled> settle(const Call& call, HeldReplica& held) {
  auto settled = Settling(call, held).run();
  if (!settled) return tl::unexpected(at(held.place(), std::move(settled).error()));
  return settled;
}

Answer<Settled> retire_live(const Call& call, HeldReplica& held) {
  const ReplicaPlace& place = held.place();
  Settled settled;
  if (!exists(place.live())) return settled;
  PASIG_TRY(const bool is_open, is_held_open(place.live(), call.patience));
  if (is_open) {
    settled.is_done = false;
    settled.words.push_back("the fenced tree " + place.live() +
                            " stays: a process still has a file of it open");
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
