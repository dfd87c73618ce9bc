#include "drivers/directory/adoption.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "drivers/directory/active_change.h"
#include "drivers/directory/adoption_checks.h"
#include "drivers/directory/door.h"
#include "drivers/directory/exports.h"
#include "drivers/directory/fence.h"
#include "drivers/directory/files.h"
#include "drivers/directory/inode_flags.h"
#include "drivers/directory/provisioning.h"
#include "drivers/directory/removal.h"
#include "drivers/directory/renames.h"
#include "drivers/directory/size.h"

namespace pasig::drivers::directory {
namespace {

CallFailure refusal(const ReplicaPlace& place, std::string words, std::string hint) {
  return {.problem = Problem::failed,
          .unknown = false,
          .controller = place.controller,
          .words = std::move(words),
          .hint = std::move(hint)};
}

// The root answers, and is not known to be another one; it has nothing that could be given back.
CallFailure nothing_there(const ReplicaPlace& place, std::string words, std::string hint) {
  CallFailure failure = refusal(place, std::move(words), std::move(hint));
  failure.problem = Problem::lost;
  return failure;
}

bool is_our_link(const ReplicaPlace& place, const std::string& path) {
  return link_at(path) == place.exported();
}

bool is_that_tree(const std::string& path, const Tree& tree) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) &&
         status.st_ino == tree.entries.front().inode;
}

class Adoption {
 public:
  Adoption(const Call& call, const NamedPath& path, HeldReplica& held)
      : call_(call), path_(path), held_(held), place_(held.place()) {}

  Answer<Managed> run() {
    ReplicaRecord& record = held_.record;
    if (record.role == StoredRole::secondary)
      return tl::unexpected(mismatch(place_, "the replica is a secondary on storage"));
    if (record.role == StoredRole::active && record.adopted_from != path_.given)
      return tl::unexpected(
          mismatch(place_, "the replica has a tree of its own already",
                   "a share takes in one tree, when it is made; make another share"));
    if (record.role == StoredRole::none) {
      if (!is_directory(place_.live())) PASIG_CHECK(take_in());
      else if (record.adopted_from != path_.given)
        return tl::unexpected(
            mismatch(place_, "the replica has taken in " + record.adopted_from + " already"));
      record.role = StoredRole::active;
      record.epoch = std::max<std::uint64_t>(call_.share.epoch, 1);
      record.live_epoch = record.epoch;
      PASIG_CHECK(held_.save());
    }
    return finish();
  }

 private:
  // The name of the live tree is a link to the export until it and the tree trade places: its
  // users find their files by the old path throughout.
  Answer<void> take_in() {
    PASIG_TRY(const Tree tree, check_adoptable(call_, held_.side, path_));
    held_.record.adopted_from = path_.given;
    PASIG_CHECK(held_.save());
    PASIG_CHECK(make_directory_durably(place_.frozen(), 0711));
    PASIG_CHECK(set_door_for_opening(call_, held_));
    PASIG_CHECK(point_export(held_, "live", call_.clock));
    PASIG_CHECK(point_link_durably(place_.live(), place_.exported()));
    PASIG_CHECK(call_.patience.check("taking in " + path_.given));
    PASIG_TRY(const bool exchanged, exchange_durably(place_.live(), path_.real()));
    if (!exchanged) {
      PASIG_CHECK(remove_file_durably(place_.live()));
      PASIG_TRY(const bool moved, rename_to_free_name(path_.real(), place_.live()));
      if (!moved) return tl::unexpected(mismatch(place_, place_.live() + " is there already"));
    }
    if (is_that_tree(place_.live(), tree)) return {};
    // Somebody put another one in its place since it was looked at.
    PASIG_CHECK(put_back());
    return tl::unexpected(refusal(place_, path_.given + " was replaced while it was taken in",
                                  "nothing was changed; try again when it is left alone"));
  }

  Answer<void> put_back() {
    PASIG_TRY(const bool exchanged, exchange_durably(place_.live(), path_.real()));
    if (exchanged) return remove_file_durably(place_.live());
    PASIG_TRY(const bool moved, rename_to_free_name(place_.live(), path_.real()));
    if (moved) return {};
    return tl::unexpected(
        refusal(place_, path_.real() + " is taken, so what was there stays at " + place_.live(),
                "move it away by hand"));
  }

  // The tree is in: whoever cancels from here on has come too late.
  Answer<Managed> finish() {
    const Call finishing = call_.to_the_end();
    if (held_.record.fence.stage == StoredFence::Stage::none) {
      PASIG_CHECK(apply_size(finishing, held_));
      PASIG_CHECK(set_door(finishing, held_));
      PASIG_CHECK(open_live(held_, call_.clock));
    }
    PASIG_CHECK(leave_link());
    PASIG_TRY(const Tree tree, scan(place_.live(), finishing.patience.cancelled));
    return Managed{.exports = exports_of(place_, call_.share.replication, StoredRole::active),
                   .used_bytes = tree.bytes()};
  }

  // What somebody made at the old path since is theirs, and stays.
  Answer<void> leave_link() {
    const std::string path = path_.real();
    if (exists(path)) return {};
    if (::symlink(place_.exported().c_str(), path.c_str()) != 0)
      return errno == EEXIST ? Answer<void>()
                             : tl::unexpected(system_failure(errno, "linking", path));
    return sync_directory(path_.directory);
  }

  const Call& call_;
  const NamedPath& path_;
  HeldReplica& held_;
  const ReplicaPlace& place_;
};

std::string unmanaged_directory(const ReplicaPlace& place) { return place.root + "/unmanaged"; }

std::string note_path(const ReplicaPlace& place) {
  return unmanaged_directory(place) + "/" + to_string(place.share) + ".moved-to";
}

// Before the tree moves: the answer of a call that is delivered again when nothing else is left.
Answer<void> note(const ReplicaPlace& place, const std::string& path) {
  PASIG_CHECK(make_directory_durably(unmanaged_directory(place), 0755));
  return write_file_durably(note_path(place), path + "\n");
}

Answer<std::string> noted(const ReplicaPlace& place) {
  PASIG_TRY(std::string path, read_file(note_path(place)));
  if (!path.empty() && path.back() == '\n') path.pop_back();
  return path;
}

// False: its old path cannot have it.
Answer<bool> move_to_original(const HeldReplica& held) {
  const ReplicaPlace& place = held.place();
  const std::string& original = held.record.adopted_from;
  const bool is_link = is_our_link(place, original);
  if (original.empty() || (exists(original) && !is_link)) return false;
  PASIG_CHECK(note(place, original));
  if (is_link) {
    const auto exchanged = exchange_durably(place.live(), original);
    if (exchanged && *exchanged) {
      PASIG_CHECK(remove_file_durably(place.live()));
      return true;
    }
    PASIG_CHECK(remove_file_durably(original));
  }
  // Its directory may be gone, or on another file system now.
  const auto moved = rename_to_free_name(place.live(), original);
  return moved && *moved;
}

Answer<std::string> give_back(const HeldReplica& held) {
  const ReplicaPlace& place = held.place();
  PASIG_CHECK(unmount_all(place.live()));
  PASIG_TRY(const bool is_home, move_to_original(held));
  if (is_home) return held.record.adopted_from;
  const std::string target = unmanaged_directory(place) + "/" + to_string(place.share);
  if (exists(target))
    return tl::unexpected(refusal(place, "the tree would go to " + target + ", which is there",
                                  "move that away; then try again"));
  PASIG_CHECK(note(place, target));
  PASIG_CHECK(move_sealed(place.live(), target));
  return target;
}

Answer<void> refuse_unmanage(const Call& call, const HeldReplica& held) {
  const ReplicaPlace& place = held.place();
  const std::string share = "share " + to_string(call.share.id);
  if (call.share.replicas.size() > 1)
    return tl::unexpected(refusal(
        place, share + " has " + std::to_string(call.share.replicas.size() - 1) + " more replicas",
        "remove them first: `pasig replica remove`"));
  PASIG_TRY(const auto names, names_in(place.snapshots()));
  // What is beside them there was counted of them, and goes with the rest.
  const bool has_snapshot = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return is_directory(place.snapshots() + "/" + name);
  });
  if (!call.share.snapshots.empty() || has_snapshot)
    return tl::unexpected(refusal(place, share + " has snapshots", "delete them first"));
  PASIG_TRY(const auto asides, names_in(place.aside()));
  if (asides.empty()) return {};
  return tl::unexpected(
      refusal(place, share + " has data kept aside at " + place.aside(),
              "`pasig replica aside` lists it; restore it elsewhere, or delete it"));
}

// By a delivery that died past its last record; what it had still to remove goes now.
Answer<Unmanaged> finished_before(const Call& call, const Side& side) {
  const ReplicaPlace& place = side.place;
  if (exists(note_path(place))) {
    PASIG_TRY(std::string path, noted(place));
    if (is_directory(path)) {
      if (!exists(place.top())) return Unmanaged{std::move(path)};
      PASIG_TRY(const ReplicaLock lock, ReplicaLock::take(place, call.patience));
      PASIG_CHECK(remove_without_live(place));
      return Unmanaged{std::move(path)};
    }
  }
  const std::string words = "replica " + to_string(place.replica) + " is not on " + place.root;
  const std::string hint = "was the root replaced, or the replica removed by hand?";
  // Of one that was never active there was nothing; of another one there is to be.
  const ReplicaRef* known = call.share.find(place.replica);
  if (exists(place.top()) || known == nullptr || known->role != Role::none)
    return tl::unexpected(mismatch(place, words, hint));
  return tl::unexpected(nothing_there(place, words, hint));
}

Answer<Unmanaged> let_go(const Call& call, HeldReplica& held) {
  const ReplicaPlace& place = held.place();
  PASIG_CHECK(refuse_unmanage(call, held));
  StoredFence& fence = held.record.fence;
  if (fence.stage != StoredFence::Stage::none) {
    PASIG_CHECK(lift_fence(held, fence.kind));
    fence = {};
    PASIG_CHECK(held.save());
  }
  const bool is_opening = held.record.role == StoredRole::active && !exists(place.live());
  if (is_opening && is_directory(place.prepared()) && !exists(note_path(place)))
    PASIG_CHECK(rename_durably(place.prepared(), place.live()));
  Unmanaged answer;
  if (is_directory(place.live())) {
    PASIG_CHECK(clear_export(held, call.clock));
    PASIG_CHECK(call.patience.check("letting go of share " + to_string(call.share.id)));
    PASIG_TRY(answer.path, give_back(held));
  } else if (exists(note_path(place))) {
    PASIG_TRY(answer.path, noted(place));
  }
  // It was begun with, and its tree is still where it was, if it is anywhere.
  const bool was_never_taken_in = held.record.role == StoredRole::none && answer.path.empty();
  if (was_never_taken_in) {
    PASIG_CHECK(clear_export(held, call.clock));
    if (!is_our_link(place, held.record.adopted_from)) answer.path = held.record.adopted_from;
  }
  if (!is_directory(answer.path) && was_never_taken_in) {
    PASIG_CHECK(release_projects(held));
    PASIG_CHECK(remove_without_live(place));
    return tl::unexpected(
        nothing_there(place, "nothing was taken in as replica " + to_string(place.replica), {}));
  }
  if (!is_directory(answer.path))
    return tl::unexpected(
        mismatch(place, "the live tree of replica " + to_string(place.replica) + " is not there",
                 "restore it, or make the replica active; nothing was changed"));
  PASIG_CHECK(release_projects(held));
  PASIG_CHECK(remove_without_live(place));
  return answer;
}

}  // namespace

Answer<Managed> manage(const Call& call, const ReplicaRef& replica, const std::string& path) {
  PASIG_TRY(Side side, look_at(call, replica));
  const ReplicaPlace place = side.place;
  const auto told = [&place](CallFailure failure) {
    return tl::unexpected(at(place, std::move(failure)));
  };
  PASIG_CHECK(refuse_writable(place, call.share.replication));
  const auto named = read_named_path(path);
  if (!named) return told(named.error());
  // Refused before anything is made.
  if (!exists(place.record()))
    if (const auto checked = check_adoptable(call, side, *named); !checked)
      return told(checked.error());
  auto held = hold_new(call, std::move(side));
  if (!held) return told(std::move(held).error());
  auto managed = Adoption(call, *named, *held).run();
  if (!managed) return told(std::move(managed).error());
  return managed;
}

Answer<Unmanaged> unmanage(const Call& call, const ReplicaRef& replica) {
  PASIG_TRY(const Side side, look_at(call, replica));
  PASIG_TRY(const auto record, peek(side));
  if (!record) return finished_before(call, side);
  PASIG_TRY(HeldReplica held, hold(call, replica));
  auto unmanaged = let_go(call, held);
  if (!unmanaged) return tl::unexpected(at(side.place, std::move(unmanaged).error()));
  return unmanaged;
}

Answer<void> undo_adoption(HeldReplica& held) {
  const ReplicaPlace& place = held.place();
  const std::string& original = held.record.adopted_from;
  if (original.empty()) return {};
  if (held.record.role == StoredRole::none && is_directory(place.live())) {
    PASIG_TRY(const std::string path, give_back(held));
    return {};
  }
  return is_our_link(place, original) ? remove_file_durably(original) : Answer<void>();
}

}  // namespace pasig::drivers::directory
