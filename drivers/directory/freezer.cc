#include "drivers/directory/freezer.h"

#include <algorithm>

#include "drivers/directory/fence.h"
#include "drivers/directory/files.h"
#include "drivers/directory/generations.h"
#include "drivers/directory/room.h"
#include "drivers/directory/tree_copy.h"

namespace pasig::drivers::directory {
namespace {

constexpr int k_passes_max = 3;
bool same_entries(const Tree& a, const Tree& b) {
  return std::equal(a.entries.begin(), a.entries.end(), b.entries.begin(), b.entries.end(),
                    same_inode_unchanged);
}

class Freeze {
 public:
  Freeze(const Call& call, HeldReplica& held, bool behind_fence)
      : call_(call), held_(held), behind_fence_(behind_fence), place_(held.place()) {}

  Answer<Manifest> run() {
    if (!is_directory(place_.live()))
      return tl::unexpected(mismatch(
          place_, "the live tree of replica " + to_string(place_.replica) + " is not there",
          "it is never read as empty; restore it, or promote another "
          "replica"));
    PASIG_CHECK(sweep_staging(held_));
    PASIG_TRY(last_, latest_generation(place_));
    PASIG_TRY(const std::string staging, make_staging(held_, "freeze"));
    tree_ = staging + "/tree";
    PASIG_CHECK(make_directory_durably(tree_, 0700));
    // Written-back pages are mapped anew for writing, so every later store shows in the times.
    PASIG_CHECK(sync_file_system(place_.live(), call_.patience));
    made_.data_as_of = call_.clock.now();
    PASIG_TRY(made_.listed_at_ns, file_system_now(staging));
    PASIG_TRY(listed_, scan_live(held_, call_.patience));
    if (is_unchanged()) return confirm_last();
    shared_ = shareable();
    PASIG_CHECK(refuse_without_room(place_.root, bytes_to_copy(), leaves_reserve()));
    PASIG_CHECK(copy(staging));
    PASIG_CHECK(describe());
    made_.epoch = held_.record.epoch;
    made_.behind_fence = behind_fence_;
    PASIG_TRY(made_.generation, reserve_generation(call_, held_));
    PASIG_CHECK(publish(held_, tree_, made_, call_.patience));
    PASIG_CHECK(sweep_staging(held_));
    PASIG_CHECK(prune(held_));
    return std::move(made_);
  }

  // What run() would find right now, before anything is changed.
  Answer<void> check_room() {
    if (!is_directory(place_.live())) return {};  // run() tells
    PASIG_TRY(last_, latest_generation(place_));
    PASIG_TRY(listed_, scan_live(held_, call_.patience));
    shared_ = shareable();
    return refuse_without_room(place_.root, bytes_to_copy(), leaves_reserve());
  }

 private:
  // Behind its fence the share has no writers, and its live tree goes when the change is done:
  // who leaves a full file system is not held there for the sake of a reserve.
  [[nodiscard]] bool leaves_reserve() const { return !behind_fence_; }

  // A clone takes no room of its own; where cloning fails, the copy itself looks at the reserve.
  [[nodiscard]] std::uint64_t bytes_to_copy() const {
    if (held_.side.root.abilities.clones) return 0;
    std::uint64_t bytes = 0;
    for (const Entry& entry : listed_.entries)
      if (entry.type == EntryType::file && entry.linked_to.empty() &&
          !shared_.paths.contains(entry.path))
        bytes += entry.allocated;
    return bytes;
  }

  bool is_unchanged() const {
    return last_ && same_entries(last_->tree, listed_) &&
           std::all_of(listed_.entries.begin(), listed_.entries.end(),
                       [this](const Entry& e) { return is_settled(e, last_->listed_at_ns); });
  }

  Answer<Manifest> confirm_last() {
    last_->data_as_of = made_.data_as_of;
    last_->consistency = CopyConsistency::settled;
    last_->behind_fence = behind_fence_;
    PASIG_CHECK(keep_sealed(held_, *last_, call_.patience));
    PASIG_CHECK(write_manifest(place_.manifest(last_->generation), *last_));
    PASIG_CHECK(sweep_staging(held_));
    return std::move(*last_);
  }

  Shareable shareable() const {
    Shareable files;
    if (!last_) return files;
    files.root = place_.frozen(last_->generation);
    for (const Entry& entry : listed_.entries) {
      const Entry* before = last_->tree.find(entry.path);
      if (entry.type == EntryType::file && before != nullptr &&
          same_inode_unchanged(*before, entry) && is_settled(entry, last_->listed_at_ns))
        files.paths.insert(entry.path);
    }
    return files;
  }

  Answer<void> copy(const std::string& staging) {
    TreeCopy copy(place_.live(), tree_,
                  {.clones = held_.side.root.abilities.clones,
                   .owners = held_.side.owners(),
                   .progress = call_.context.progress,
                   .leaves_reserve = leaves_reserve()});
    for (int pass = 1;; ++pass) {
      PASIG_CHECK(copy.bring_to(listed_, shared_, call_.patience));
      PASIG_TRY(const std::int64_t now, file_system_now(staging));
      PASIG_TRY(Tree again, scan_live(held_, call_.patience));
      PASIG_TRY(const bool is_same, same_as_copied(again, copy));
      if (is_same) {
        made_.consistency = CopyConsistency::settled;
        return {};
      }
      if (pass == k_passes_max) {
        made_.consistency = CopyConsistency::fuzzy;
        return {};
      }
      forget_changed(again);
      listed_ = std::move(again);
      made_.listed_at_ns = now;
    }
  }

  // A file whose change time is too fresh to tell is compared by its content.
  Answer<bool> same_as_copied(const Tree& again, TreeCopy& copy) const {
    bool is_same = same_entries(listed_, again);
    if (behind_fence_) return is_same;
    for (const Entry& entry : again.entries) {
      if (entry.type != EntryType::file || is_settled(entry, made_.listed_at_ns)) continue;
      const auto live = content_digest(place_.live(), entry, call_.patience);
      const auto copied = content_digest(tree_, entry, call_.patience);
      if (live && copied && *live == *copied) continue;
      copy.forget(entry.path);
      is_same = false;
    }
    return is_same;
  }

  void forget_changed(const Tree& again) {
    for (const Entry& entry : again.entries) {
      const Entry* before = listed_.find(entry.path);
      if (before == nullptr || !same_inode_unchanged(*before, entry))
        shared_.paths.erase(entry.path);
    }
  }

  // The manifest says what the copy holds; of live it keeps only which inode each file was.
  Answer<void> describe() {
    PASIG_TRY(made_.tree, scan(tree_, call_.patience.cancelled));
    made_.tree.skipped = listed_.skipped;
    for (Entry& entry : made_.tree.entries) {
      PASIG_CHECK(call_.patience.check("verifying " + tree_));
      const Entry* live = listed_.find(entry.path);
      const bool matches = live != nullptr && live->type == entry.type &&
                           live->size == entry.size && live->mtime_ns == entry.mtime_ns;
      entry.inode = matches ? live->inode : 0;
      entry.ctime_ns = matches ? live->ctime_ns : 0;
      if (matches && entry.type != EntryType::symlink) entry.mode = live->mode;  // shared: sealed
      if (matches && !held_.side.owners()) {
        entry.uid = live->uid;  // ownership is emulated: it lives in the manifest
        entry.gid = live->gid;
      }
      const Entry* before =
          shared_.paths.contains(entry.path) ? last_->tree.find(entry.path) : nullptr;
      if (before != nullptr) {
        entry.content = before->content;
        entry.xattrs = before->xattrs;
      } else {
        PASIG_CHECK(read_digests(tree_, entry, call_.patience));
      }
    }
    return {};
  }

  const Call& call_;
  HeldReplica& held_;
  const bool behind_fence_;
  const ReplicaPlace& place_;
  std::optional<Manifest> last_;
  Tree listed_;  // live, as of the last pass
  Shareable shared_;
  std::string tree_;
  Manifest made_;
};

}  // namespace

Answer<Manifest> freeze(const Call& call, HeldReplica& held, bool behind_fence) {
  auto frozen = Freeze(call, held, behind_fence).run();
  if (frozen) return frozen;
  CallFailure failure = at(held.place(), std::move(frozen).error());
  // What was copied so far would keep the room from the clients until the next freeze.
  if (failure.problem == Problem::no_space) {
    if (const auto swept = sweep_staging(held); !swept)
      failure.words += "; what it copied is still there: " + swept.error().words;
  }
  return tl::unexpected(std::move(failure));
}

Answer<void> check_room_behind_fence(const Call& call, HeldReplica& held) {
  auto checked = Freeze(call, held, true).check_room();
  if (!checked) return tl::unexpected(at(held.place(), std::move(checked).error()));
  return checked;
}

}  // namespace pasig::drivers::directory
