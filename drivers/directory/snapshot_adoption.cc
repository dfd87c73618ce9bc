#include "drivers/directory/snapshot_adoption.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <unordered_map>

#include "drivers/directory/files.h"
#include "drivers/directory/generations.h"
#include "drivers/directory/inode_flags.h"
#include "drivers/directory/live_from_snapshot.h"
#include "drivers/directory/open_files.h"
#include "drivers/directory/snapshots.h"

namespace pasig::drivers::directory {
namespace {

CallFailure refusal(const ReplicaPlace& place, Problem problem, std::string words,
                    std::string hint) {
  return {.problem = problem,
          .unknown = false,
          .controller = place.controller,
          .words = std::move(words),
          .hint = std::move(hint)};
}

// Moving a tree in or out on one side only would leave the others' copies behind.
Answer<const ReplicaRef*> only_replica(const ShareRef& share) {
  PASIG_TRY(const ReplicaRef* active, active_of(share));
  if (share.replicas.size() == 1) return active;
  return tl::unexpected(CallFailure{
      .problem = Problem::unsupported,
      .unknown = false,
      .controller = active->controller,
      .words = "share " + to_string(share.id) + " has " + std::to_string(share.replicas.size()) +
               " replicas",
      .hint = "remove the others first; snapshots are adopted and given up with one replica only"});
}

// A name in another folder; a write through it would change the tree. Empty: there is none.
Answer<std::string> file_named_outside(const std::string& tree, const Tree& found) {
  PASIG_TRY(const Descriptor top, open_directory(tree));
  std::unordered_map<std::uint64_t, nlink_t> names;
  for (const Entry& entry : found.entries)
    if (entry.type == EntryType::file) ++names[entry.inode];
  for (const Entry& entry : found.entries) {
    if (entry.type != EntryType::file) continue;
    const Descriptor file(open_beneath(top.get(), entry.path, O_RDONLY | O_NONBLOCK));
    struct stat status {};
    if (!file.is_open() || ::fstat(file.get(), &status) != 0)
      return tl::unexpected(system_failure(errno, "looking at", tree + "/" + entry.path));
    if (status.st_nlink > names[entry.inode]) return entry.path;
  }
  return std::string();
}

// Its owner's again: without flags, and with the modes that it had.
Answer<void> unseal(const std::string& tree, const Answer<Manifest>& modes) {
  PASIG_CHECK(unseal_all(tree));
  if (!modes) return {};
  PASIG_TRY(const Descriptor top, open_directory(tree));
  for (const Entry& entry : modes->tree.entries) {
    if (entry.type == EntryType::symlink) continue;
    const int error = Spot(top.get(), entry.path).on([&entry](int at, const char* name) {
      return ::fchmodat(at, name, entry.mode, 0);
    });
    if (error != 0 && error != ENOENT)
      return tl::unexpected(system_failure(error, "setting the mode of", tree + "/" + entry.path));
  }
  return {};
}

// What a look without reading the content shows. Empty: nothing.
Answer<std::string> difference_seen(const Call& call, const std::string& tree,
                                    const Manifest& manifest, const Comparison& how) {
  PASIG_TRY(Tree now, scan(tree, call.patience.cancelled));
  for (Entry& entry : now.entries)
    if (const Entry* noted = manifest.tree.find(entry.path)) {
      entry.content = noted->content;
      entry.xattrs = noted->xattrs;
    }
  const auto wrong = differences(manifest.tree, now, how);
  return wrong.empty() ? std::string() : wrong.front();
}

class Adoption {
 public:
  Adoption(const Call& call, HeldReplica& held, SnapshotId id, std::string path)
      : call_(call), held_(held), place_(held.place()), id_(id), path_(std::move(path)) {}

  Answer<SnapshotTaken> run() {
    PASIG_TRY(const auto earlier, find_snapshot(place_, id_));
    if (earlier) return earlier->taken();
    if (!exists(tree())) {
      PASIG_CHECK(check_path());
      PASIG_CHECK(make_directory_durably(place_.snapshots(), 0700));
      PASIG_CHECK(make_directory_durably(place_.adopting(id_), 0700));
      PASIG_CHECK(move_sealed(path_, tree()));
    }
    auto adopted = adopt();
    if (adopted) return adopted;
    return tl::unexpected(give_back(std::move(adopted).error()));
  }

 private:
  [[nodiscard]] std::string tree() const { return place_.adopting(id_) + "/tree"; }
  [[nodiscard]] std::string found() const { return place_.adopting(id_) + "/found"; }

  [[nodiscard]] tl::unexpected<CallFailure> refuse(std::string why, std::string hint) const {
    return tl::unexpected(
        refusal(place_, Problem::failed, path_ + " " + std::move(why), std::move(hint)));
  }

  Answer<void> check_path() const {
    struct stat status {};
    if (path_.empty() || path_.front() != '/')
      return refuse("is no absolute path", "name the directory from / on");
    if (::lstat(path_.c_str(), &status) != 0)
      return tl::unexpected(system_failure(errno, "looking at", path_));
    const std::unique_ptr<char, void (*)(void*)> real(::realpath(path_.c_str(), nullptr), &::free);
    if (!S_ISDIR(status.st_mode) || !real || path_ != real.get())
      return refuse("is no real directory", "name it without links, dots and a slash at its end");
    struct stat root {};
    if (::stat(place_.root.c_str(), &root) != 0)
      return tl::unexpected(system_failure(errno, "looking at", place_.root));
    if (status.st_dev != root.st_dev || is_mount_point(path_))
      return refuse("is not on the file system of " + place_.root,
                    "copy it to a directory there; it is moved, not copied");
    PASIG_CHECK(refuse_pasigs_own());
    return check_tree();
  }

  Answer<void> refuse_pasigs_own() const {
    for (const auto& [name, root] : call_.roots) {
      const std::unique_ptr<char, void (*)(void*)> real(
          ::realpath(root->options().root.c_str(), nullptr), &::free);
      if (!real) continue;
      const std::string top = real.get();
      const std::string below = path_ + "/";
      if (below.starts_with(top + "/shares/") || (top + "/").starts_with(below))
        return refuse("belongs to controller " + name, "name a directory of your own");
    }
    return {};
  }

  Answer<void> check_tree() const {
    PASIG_TRY(const std::string mounted, mounted_below(path_));
    if (!mounted.empty())
      return refuse("has another file system mounted at " + mounted, "unmount it, then try again");
    PASIG_TRY(const Tree listed, scan(path_, call_.patience.cancelled));
    if (listed.skipped != 0)
      return refuse("holds " + std::to_string(listed.skipped) + " devices or sockets",
                    "a snapshot cannot hold those; remove them");
    PASIG_TRY(const std::string outside, file_named_outside(path_, listed));
    if (!outside.empty())
      return refuse("has a file with a further name outside of it: " + printable(outside),
                    "a write there would change the snapshot; copy that file");
    PASIG_TRY(const OpenFiles open, open_files(path_, call_.patience));
    if (open == OpenFiles::some)
      return tl::unexpected(refusal(place_, Problem::busy,
                                    "a process has a file of " + path_ + " open",
                                    "end it, then try again"));
    return {};
  }

  // What is there before the seal changes its modes is noted first, for a second delivery.
  Answer<Manifest> list() const {
    if (exists(found())) return read_manifest(found());
    Manifest manifest;
    manifest.epoch = held_.record.epoch;
    PASIG_CHECK(sync_file_system(tree(), call_.patience));
    manifest.data_as_of = call_.clock.now();
    PASIG_TRY(manifest.tree, scan(tree(), call_.patience.cancelled));
    for (Entry& entry : manifest.tree.entries) {
      PASIG_CHECK(call_.patience.check("reading " + tree()));
      PASIG_CHECK(read_digests(tree(), entry, call_.patience));
    }
    PASIG_CHECK(write_manifest(found(), manifest));
    return manifest;
  }

  Answer<SnapshotTaken> adopt() const {
    PASIG_TRY(Manifest manifest, list());
    PASIG_CHECK(seal_frozen(held_, tree(), manifest, call_.patience));
    PASIG_CHECK(sync_file_system(tree(), call_.patience));
    PASIG_CHECK(refuse_changed(manifest));
    const StoredSnapshot snapshot = described(place_, id_, manifest);
    PASIG_TRY(const auto names, names_in(place_.adopting(id_)));
    for (const std::string& name : names)  // the notes, and what a crash left of writing them
      if (name != "tree") PASIG_CHECK(remove_file_durably(place_.adopting(id_) + "/" + name));
    PASIG_CHECK(publish_snapshot(held_, {snapshot, place_.adopting(id_), std::move(manifest)},
                                 call_.patience));
    return snapshot.taken();
  }

  // Whoever had a file open may have written until the seal, or after it where that binds nobody.
  Answer<void> refuse_changed(const Manifest& manifest) const {
    PASIG_TRY(const std::string wrong,
              difference_seen(call_, tree(), manifest, {.write_bits = false}));
    if (wrong.empty()) return {};
    return tl::unexpected(refusal(place_, Problem::busy,
                                  path_ + " was written to meanwhile: " + wrong,
                                  "end its writers, then try again"));
  }

  // The directory goes back to where it was; the same call may come again.
  CallFailure give_back(CallFailure failure) const {
    if (failure.problem == Problem::stale_token || !exists(tree())) return failure;
    const auto manifest = read_manifest(found());
    const auto moved = unseal(tree(), manifest).and_then([&]() -> Answer<void> {
      if (exists(path_)) return tl::unexpected(system_failure(EEXIST, "moving it back to", path_));
      return rename_durably(tree(), path_);
    });
    if (moved) {
      static_cast<void>(remove_tree(place_.adopting(id_)));
    } else {
      failure.words += "; the directory lies at " + tree() + " now: " + moved.error().words;
      failure.hint = "the same call goes on from there; unmanaging the snapshot gives it back";
    }
    return failure;
  }

  const Call& call_;
  HeldReplica& held_;
  const ReplicaPlace& place_;
  const SnapshotId id_;
  const std::string path_;
};

// A directory that was moved in, and not taken in to the end, goes back as it was found.
Answer<void> give_up_half_adopted(const ReplicaPlace& place, SnapshotId id,
                                  const std::string& target) {
  const std::string half = place.adopting(id);
  if (!exists(half)) return {};
  if (!exists(target) && is_directory(half + "/tree")) {
    PASIG_CHECK(make_directory_durably(place.root + "/unmanaged", 0755));
    PASIG_CHECK(move_sealed(half + "/tree", target));
  }
  // What is still in there is not what lies at the target: nobody removes that unseen.
  if (exists(half + "/tree"))
    return tl::unexpected(refusal(place, Problem::failed, target + " is there already",
                                  "move it away, then try again"));
  const std::string noted = half + (exists(half + "/found") ? "/found" : "/manifest");
  if (exists(target)) PASIG_CHECK(unseal(target, read_manifest(noted)));
  return remove_tree(half);
}

// The snapshot's own tree, or, where frozen trees share its files, one with inodes of its own.
Answer<void> move_out(const Call& call, HeldReplica& held, const StoredSnapshot& snapshot,
                      const std::string& target) {
  const ReplicaPlace& place = held.place();
  const std::string tree = place.snapshot_tree(snapshot.id);
  PASIG_TRY(const Tree found, scan(tree, call.patience.cancelled));
  PASIG_TRY(const std::string shared, file_named_outside(tree, found));
  if (shared.empty()) return move_sealed(tree, target);
  PASIG_TRY(const std::string copied, copy_of(call, held, {held.side, snapshot}));
  return move_staged(copied, target);
}

// Before the snapshot itself goes.
Answer<void> refuse_other(const Call& call, const HeldReplica& held, const Manifest& manifest,
                          const std::string& target) {
  PASIG_TRY(const std::string wrong,
            difference_seen(call, target, manifest, {.owners = held.side.owners()}));
  if (wrong.empty()) return {};
  return tl::unexpected(mismatch(held.place(),
                                 target + " is there already, and is not this snapshot: " + wrong,
                                 "move it away, then try again"));
}

Answer<Unmanaged> give_up(const Call& call, HeldReplica& held, SnapshotId id) {
  const ReplicaPlace& place = held.place();
  const std::string kept = place.root + "/unmanaged";
  const std::string target = kept + "/" + to_string(id);
  if (exists(place.adopting(id)) && !exists(place.snapshot(id))) {
    PASIG_CHECK(give_up_half_adopted(place, id, target));
    if (exists(target)) return Unmanaged{target};
  }
  if (!exists(target)) {
    PASIG_TRY(const auto found, find_snapshot(place, id));
    if (!found)  // on the root that has its replica: so it is the right one
      return tl::unexpected(refusal(place, Problem::lost,
                                    "snapshot " + to_string(id) + " is not on " + place.root,
                                    "was it removed by hand?"));
    PASIG_CHECK(make_directory_durably(kept, 0755));
    PASIG_CHECK(move_out(call, held, *found, target));
  }
  if (!exists(place.snapshot(id))) return Unmanaged{target};
  const auto manifest = read_manifest(place.snapshot(id) + "/manifest");
  PASIG_CHECK(unseal(target, manifest));
  if (manifest) PASIG_CHECK(refuse_other(call, held, *manifest, target));
  PASIG_CHECK(remove_snapshot(held, id));
  return Unmanaged{target};
}

}  // namespace

Answer<SnapshotTaken> manage_snapshot(const Call& call, SnapshotId id, const std::string& path) {
  PASIG_TRY(const ReplicaRef* active, only_replica(call.share));
  PASIG_TRY(HeldReplica held, hold_active(call, *active));
  auto taken = Adoption(call, held, id, path).run();
  if (!taken) return tl::unexpected(at(held.place(), std::move(taken).error()));
  return taken;
}

Answer<Unmanaged> unmanage_snapshot(const Call& call, SnapshotId id) {
  PASIG_TRY(const ReplicaRef* active, only_replica(call.share));
  PASIG_TRY(HeldReplica held, hold_active(call, *active));
  auto unmanaged = give_up(call, held, id);
  if (!unmanaged) return tl::unexpected(at(held.place(), std::move(unmanaged).error()));
  return unmanaged;
}

}  // namespace pasig::drivers::directory
