#include "drivers/directory/scrub.h"

#include <algorithm>

#include "drivers/directory/files.h"
#include "drivers/directory/generations.h"
#include "drivers/directory/good_copies.h"
#include "drivers/directory/sync.h"

namespace pasig::drivers::directory {
namespace {

constexpr std::size_t k_told_max = 1000;

class Scrub {
 public:
  Scrub(const Call& call, const ReplicaRef& replica, const Side& side)
      : call_(call),
        replica_(replica),
        side_(side),
        place_(side.place),
        is_active_(replica.role == Role::active) {}

  Answer<Scrubbed> run() {
    PASIG_CHECK(check_record());
    PASIG_TRY(const auto trees, sealed_trees(place_));
    PASIG_CHECK(examine(trees));
    if (broken_.empty()) return std::move(told_);
    if (is_active_) leave_to_the_next_freeze();
    else PASIG_CHECK(repair());
    tell();
    return std::move(told_);
  }

 private:
  Answer<void> check_record() const {
    PASIG_TRY(const auto record, peek(side_));
    if (!record)
      return tl::unexpected(
          mismatch(place_, "replica " + to_string(place_.replica) + " is not on " + place_.root,
                   "was the root replaced, or the replica removed by hand?"));
    if (!(call_.context.token < record->highest_token)) return {};
    return tl::unexpected(
        CallFailure{.problem = Problem::stale_token,
                    .unknown = false,
                    .controller = place_.controller,
                    .words = "a newer operation was at replica " + to_string(place_.replica),
                    .hint = "nothing to do: the newer one goes on"});
  }

  Answer<void> examine(const std::vector<SealedTree>& trees) {
    const SealedTree* latest = nullptr;
    std::uint64_t total = 0;
    for (const SealedTree& tree : trees) {
      if (!tree.manifest) continue;
      total += tree.manifest->tree.bytes();
      const bool is_later = latest == nullptr || latest->manifest->epoch < tree.manifest->epoch ||
                            latest->manifest->generation < tree.manifest->generation;
      if (tree.generation && is_later) latest = &tree;
    }
    const bool reads_live = is_active_ && latest != nullptr && is_directory(place_.live());
    if (reads_live) total += latest->manifest->tree.bytes();
    Examination examination(call_, side_, total);
    for (const SealedTree& tree : trees) PASIG_CHECK(examine(tree, examination));
    if (reads_live) {
      PASIG_TRY(live_, examination.compare_untouched(place_.live(), *latest->manifest));
      if (!live_.empty())
        broken_.push_back({.tree = {.where = "live",
                                    .path = place_.live(),
                                    .manifest_path = {},
                                    .manifest = {},
                                    .words = {},
                                    .generation = {}},
                           .findings = live_});
    }
    told_.files = examination.files();
    told_.bytes = examination.bytes();
    return {};
  }

  Answer<void> examine(const SealedTree& tree, Examination& examination) {
    PASIG_TRY(const auto use, TreeUse::begin(place_, tree, call_.patience));
    if (!use) return {};
    if (!tree.manifest) {
      broken_.push_back(
          {.tree = tree,
           .findings = {{.path = {}, .wanted = {}, .words = tree.words, .is_of_all = true}}});
      return {};
    }
    PASIG_TRY(auto findings, examination.compare(tree.path, *tree.manifest));
    // One that was removed while it was read is not damaged.
    if (!findings.empty() && is_directory(tree.path))
      broken_.push_back({.tree = tree, .findings = std::move(findings)});
    return {};
  }

  // A new generation shares with the last one what did not change in live: not what is damaged
  // there. What is damaged in live stays as it was noted, so that it does not travel.
  void leave_to_the_next_freeze() {
    const auto held = hold(call_, replica_);
    for (BrokenTree& one : broken_) {
      one.why_not = "the active replica is never overwritten";
      if (one.tree.manifest_path.empty()) continue;
      const auto done = held ? distrust(one.tree, one.findings, live_)
                             : Answer<void>(tl::unexpected(held.error()));
      if (!done) one.why_not += "; it cannot be marked as damaged: " + done.error().words;
    }
  }

  Answer<void> repair() {
    {
      auto held = hold(call_, replica_);
      if (!held) return give_up(std::move(held).error());
      if (held->record.role != StoredRole::secondary)
        return give_up(mismatch(place_, "storage does not have it as a secondary"));
      for (BrokenTree& one : broken_) {
        PASIG_TRY(one.why_not, repair_tree(call_, *held, one));
        one.is_repaired = one.why_not.empty();
        if (!one.is_repaired) PASIG_CHECK(distrust(one.tree, one.findings, {}));
      }
    }
    return replace_by_a_sync();
  }

  // The damage that was found is told, also when nothing can be done now.
  Answer<void> give_up(CallFailure failure) {
    if (failure.problem == Problem::cancelled || failure.problem == Problem::expired ||
        failure.problem == Problem::stale_token)
      return tl::unexpected(at(place_, std::move(failure)));
    for (BrokenTree& one : broken_) one.why_not = failure.words;
    return {};
  }

  [[nodiscard]] static bool needs_a_sync(const BrokenTree& one) {
    return !one.is_repaired && one.tree.generation.has_value();
  }

  // A generation that no other replica holds any more: the newest state takes its place.
  Answer<void> replace_by_a_sync() {
    if (std::none_of(broken_.begin(), broken_.end(), needs_a_sync)) return {};
    const auto copy = sync(call_, replica_);
    PASIG_TRY(HeldReplica held, hold(call_, replica_));
    for (BrokenTree& one : broken_) {
      if (!needs_a_sync(one)) continue;
      if (!copy) {
        one.why_not += "; a new copy failed: " + copy.error().words;
      } else if (copy->generation <= *one.tree.generation) {
        one.why_not += "; the active replica has nothing newer";
      } else if (GenerationUse::is_unused(place_, *one.tree.generation)) {
        PASIG_CHECK(remove_generation(held, *one.tree.generation));
        one.is_repaired = true;
      } else {
        one.why_not += "; it is being read";
      }
    }
    return {};
  }

  void tell() {
    for (const BrokenTree& one : broken_) {
      told_.damaged += one.findings.size();
      if (one.is_repaired) told_.repaired += one.findings.size();
      for (const Finding& finding : one.findings) {
        if (told_.damage.size() == k_told_max) break;
        told_.damage.push_back(
            {.where = one.tree.where,
             .path = finding.is_of_all ? std::string() : printable(finding.path),
             .words = finding.words + (one.is_repaired ? "" : "; not repaired: " + one.why_not),
             .is_repaired = one.is_repaired});
      }
    }
    if (told_.repaired < told_.damaged)
      told_.good_copies = find_good_copies(call_, replica_.id, broken_);
  }

  const Call& call_;
  const ReplicaRef& replica_;
  const Side& side_;
  const ReplicaPlace& place_;
  const bool is_active_;
  std::vector<BrokenTree> broken_;
  std::vector<Finding> live_;
  Scrubbed told_;
};

}  // namespace

Answer<Scrubbed> scrub(const Call& call, const ReplicaRef& replica) {
  PASIG_TRY(const Side side, look_at(call, replica));
  auto scrubbed = Scrub(call, replica, side).run();
  if (!scrubbed) return tl::unexpected(at(side.place, std::move(scrubbed).error()));
  return scrubbed;
}

}  // namespace pasig::drivers::directory
