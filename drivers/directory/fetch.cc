#include "drivers/directory/fetch.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <unordered_map>
#include <unordered_set>

#include "drivers/directory/files.h"
#include "drivers/directory/inode_flags.h"
#include "drivers/directory/room.h"
#include "drivers/directory/rsync.h"
#include "drivers/directory/snapshot_store.h"
#include "drivers/directory/tree_copy.h"

namespace pasig::drivers::directory {
namespace {

constexpr std::size_t k_temporary_name = 32;  // more than rsync adds to a name

class Fetching {
 public:
  Fetching(const Call& call, HeldReplica& held, Fetch wanted)
      : call_(call), held_(held), wanted_(std::move(wanted)), place_(held.place()) {}

  Answer<void> run() {
    for (const FrozenTree& base : wanted_.bases) PASIG_CHECK(trust(base));
    if (wanted_.leaves_reserve)
      PASIG_CHECK(
          refuse_without_room_for("bringing " + wanted_.name, place_.root, bytes_to_bring()));
    return transfer();
  }

 private:
  // Which files of a tree here may be shared: those whose inode is as it was when its digests
  // were taken, and those that are read once more (a side that was active noted the inodes of
  // its live tree).
  Answer<void> trust(const FrozenTree& base) {
    PASIG_TRY(const Tree now, scan(base.tree, call_.patience.cancelled));
    for (const Entry& found : now.entries) {
      const Entry* noted = base.manifest.tree.find(found.path);
      const Entry* wanted = wanted_.manifest.tree.find(found.path);
      if (noted == nullptr || wanted == nullptr || found.type != EntryType::file ||
          trusted_paths_.contains(found.path) || !same(*noted, *wanted))
        continue;
      Entry read = found;
      read.content = noted->content;
      read.xattrs = noted->xattrs;
      if (noted->inode != found.inode || noted->ctime_ns != found.ctime_ns) {
        PASIG_CHECK(call_.patience.check("reading " + base.tree));
        PASIG_CHECK(read_digests(base.tree, read, call_.patience));
      }
      read.mode = held_.side.root.abilities.immutable ? read.mode : noted->mode;
      read.uid = held_.side.owners() ? read.uid : noted->uid;
      read.gid = held_.side.owners() ? read.gid : noted->gid;
      if (!same(*noted, read)) continue;
      trusted_[found.inode] = noted;
      trusted_paths_.emplace(found.path, &base);
    }
    return {};
  }

  static bool same(const Entry& a, const Entry& b) {
    return differences({.entries = {a}}, {.entries = {b}}, {}).empty();
  }

  [[nodiscard]] std::uint64_t bytes_to_bring() const {
    std::uint64_t bytes = 0;
    for (const Entry& entry : wanted_.manifest.tree.entries)
      if (entry.linked_to.empty() && !trusted_paths_.contains(entry.path)) bytes += entry.size;
    return bytes;
  }

  // Files that both manifests have alike, digest and all, are shared with what is here; rsync
  // brings the rest. (Its own --link-dest goes by size and time, which a change can keep.) When
  // that does not give the right tree, or what is shared stands in rsync's way, a second run
  // copies everything.
  Answer<void> transfer() {
    std::vector<std::string> wrong;
    for (const bool shares : {true, false}) {
      PASIG_CHECK(remove_tree(wanted_.target));
      PASIG_CHECK(make_directory_durably(wanted_.target, 0700));
      const bool may_go_on = shares && !trusted_paths_.empty();
      if (!shares) share_nothing();
      const auto copied = is_too_deep_for_rsync() ? copy_here() : share_and_copy();
      if (may_go_on && problem_is(copied, Problem::failed)) continue;
      PASIG_CHECK(copied);
      PASIG_TRY(const Tree got, read_target());
      wrong = differences(wanted_.manifest.tree, got,
                          {.owners = held_.side.owners(), .write_bits = !sealed_by_mode()});
      if (wrong.empty()) return give_modes();
    }
    std::string words = wanted_.name + " arrived different from its manifest: ";
    for (const std::string& one : wrong) words += (&one == &wrong.front() ? "" : "; ") + one;
    return tl::unexpected(
        CallFailure{.problem = Problem::not_verified,
                    .unknown = false,
                    .controller = place_.controller,
                    .words = std::move(words),
                    .hint = "the copy was not published; check rsync and both file systems"});
  }

  // Either side's frozen trees lack the write bits that the manifest has.
  [[nodiscard]] bool sealed_by_mode() const {
    return !held_.side.root.abilities.immutable || !wanted_.source.root.abilities.immutable;
  }

  static bool problem_is(const Answer<void>& answer, Problem problem) {
    return !answer && answer.error().problem == problem;
  }

  void share_nothing() {
    trusted_.clear();
    trusted_paths_.clear();
    shared_.clear();
  }

  Answer<void> give_modes() const {
    if (!sealed_by_mode()) return {};
    PASIG_TRY(const Descriptor top, open_directory(wanted_.target));
    for (const Entry& entry : wanted_.manifest.tree.entries) {
      const bool is_shared = shared_.contains(entry.path) || shared_.contains(entry.linked_to);
      if (entry.type == EntryType::symlink || is_shared) continue;
      if (entry.xattrs != Digest{}) continue;
      const int error = Spot(top.get(), entry.path).on([&entry](int at, const char* name) {
        return ::fchmodat(at, name, entry.mode, 0);
      });
      if (error != 0)
        return tl::unexpected(
            system_failure(error, "setting the mode of", wanted_.target + "/" + entry.path));
    }
    return {};
  }

  // rsync names a file by its path, and a temporary one beside it: those have to fit.
  [[nodiscard]] bool is_too_deep_for_rsync() const {
    std::size_t longest = 0;
    for (const Entry& entry : wanted_.manifest.tree.entries)
      longest = std::max(longest, entry.path.size());
    return longest + std::max(wanted_.tree.size(), wanted_.target.size()) + k_temporary_name >=
           PATH_MAX;
  }

  // Without rsync, by descriptors: no path is too long for those. One tree is shared with.
  Answer<void> copy_here() {
    PASIG_TRY(Tree source, scan(wanted_.tree, call_.patience.cancelled));
    for (Entry& entry : source.entries)
      if (const Entry* noted = wanted_.manifest.tree.find(entry.path)) entry.mode = noted->mode;
    Shareable shareable;
    if (!wanted_.bases.empty()) {
      shareable.root = wanted_.bases.front().tree;
      for (const auto& [path, base] : trusted_paths_)
        if (base == &wanted_.bases.front()) shareable.paths.insert(path);
    }
    shared_ = shareable.paths;  // those that cannot be are made with their modes
    TreeCopy copy(wanted_.tree, wanted_.target,
                  {.owners = held_.side.owners(), .progress = call_.context.progress});
    return copy.bring_to(source, shareable, call_.patience);
  }

  Answer<void> share_and_copy() {
    if (!trusted_paths_.empty()) PASIG_CHECK(share_unchanged());
    return copy();
  }

  Answer<void> share_unchanged() {
    std::unordered_map<const FrozenTree*, Descriptor> from;
    for (const FrozenTree& base : wanted_.bases) {
      PASIG_TRY(from[&base], open_directory(base.tree));
    }
    PASIG_TRY(const Descriptor to, open_directory(wanted_.target));
    for (const Entry& entry : wanted_.manifest.tree.entries) {
      if (entry.type == EntryType::directory && !entry.path.empty() &&
          ::mkdirat(to.get(), entry.path.c_str(), 0700) != 0)
        return tl::unexpected(system_failure(errno, "making", wanted_.target + "/" + entry.path));
      const bool is_second = !entry.linked_to.empty();
      const auto base = trusted_paths_.find(entry.path);
      if (is_second ? !shared_.contains(entry.linked_to) : base == trusted_paths_.end()) continue;
      const int error =
          is_second ? link_sealed(to.get(), entry.linked_to, to.get(), entry.path)
                    : link_sealed(from.at(base->second).get(), entry.path, to.get(), entry.path);
      if (error == 0) shared_.insert(entry.path);
      else if (error != EMLINK)
        return tl::unexpected(system_failure(error, "sharing", wanted_.target + "/" + entry.path));
    }
    return {};
  }

  Answer<void> copy() {
    return run_rsync({.program = held_.side.options->rsync,
                      .from = wanted_.tree,
                      .to = wanted_.target,
                      .owners = held_.side.owners(),
                      .leaves_existing = !shared_.empty(),
                      .bytes_total = wanted_.manifest.tree.bytes(),
                      .lock = held_.lock.descriptor(),
                      .progress = call_.context.progress,
                      .on_start =
                          [this](const ProcessMark& child) {
                            held_.record.child = child;
                            return held_.save();
                          }},
                     call_.patience);
  }

  Answer<Tree> read_target() {
    PASIG_TRY(Tree got, scan(wanted_.target, call_.patience.cancelled));
    std::uint64_t bytes = 0;
    for (Entry& entry : got.entries) {
      PASIG_CHECK(call_.patience.check("verifying " + wanted_.target));
      const auto known = trusted_.find(entry.inode);
      const bool is_shared = entry.type == EntryType::file && known != trusted_.end() &&
                             known->second->size == entry.size &&
                             known->second->mtime_ns == entry.mtime_ns;
      if (is_shared) {
        entry.content = known->second->content;
        entry.xattrs = known->second->xattrs;
      } else {
        PASIG_CHECK(read_digests(wanted_.target, entry, call_.patience));
      }
      bytes += entry.linked_to.empty() ? entry.size : 0;
      if (call_.context.progress)
        call_.context.progress({"verifying", bytes, wanted_.manifest.tree.bytes()});
    }
    return got;
  }

  const Call& call_;
  HeldReplica& held_;
  const Fetch wanted_;
  const ReplicaPlace& place_;
  std::unordered_map<std::uint64_t, const Entry*> trusted_;  // by inode
  std::unordered_map<std::string, const FrozenTree*> trusted_paths_;
  std::unordered_set<std::string> shared_;  // by path: linked from what is here
};

}  // namespace

Answer<void> fetch(const Call& call, HeldReplica& held, Fetch wanted) {
  return Fetching(call, held, std::move(wanted)).run();
}

Answer<std::vector<FrozenTree>> bases_here(const HeldReplica& held, const Manifest& wanted) {
  const ReplicaPlace& place = held.place();
  std::vector<FrozenTree> bases;
  PASIG_TRY(auto latest, latest_generation(place));
  PASIG_TRY(const auto snapshots, snapshots_on(place));
  const bool has_more =
      !snapshots.empty() && (!latest || snapshots.back().taken_at > latest->data_as_of ||
                             snapshots.back().digest == wanted.digest().hex());
  if (latest) bases.push_back({place.frozen(latest->generation), std::move(*latest)});
  if (!has_more) return bases;
  // Damaged: it is not shared with.
  if (auto manifest = read_snapshot_manifest(place, snapshots.back()))
    bases.push_back({place.snapshot_tree(snapshots.back().id), std::move(*manifest)});
  return bases;
}

}  // namespace pasig::drivers::directory
