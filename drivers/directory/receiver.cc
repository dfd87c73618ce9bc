#include "drivers/directory/receiver.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <unordered_map>
#include <unordered_set>

#include "drivers/directory/exports.h"
#include "drivers/directory/files.h"
#include "drivers/directory/generations.h"
#include "drivers/directory/inode_flags.h"
#include "drivers/directory/rsync.h"
#include "drivers/directory/tree_copy.h"

namespace pasig::drivers::directory {
namespace {

constexpr std::size_t k_temporary_name = 32;  // more than rsync adds to a name

class Reception {
 public:
  Reception(const Call& call, HeldReplica& held, const Incoming& incoming)
      : call_(call), held_(held), incoming_(incoming), place_(held.place()) {}

  Answer<Copy> run() {
    PASIG_TRY(FrozenTrees mine, frozen_trees(place_));
    if (!mine.complete.empty()) last_ = std::move(mine.complete.back());
    const Manifest& wanted = incoming_.manifest;
    if (last_ && last_->generation == wanted.generation && last_->epoch == wanted.epoch &&
        last_->digest() == wanted.digest()) {
      PASIG_TRY(const bool is_good, is_good_where_doubted());
      if (is_good) return confirm_last();
    }
    PASIG_CHECK(refuse_unreadable(mine.unreadable));
    PASIG_CHECK(refuse_mass_deletion());
    PASIG_TRY(const GenerationUse use,
              GenerationUse::begin(incoming_.source.place, wanted.generation));
    PASIG_CHECK(sweep_staging(held_));
    PASIG_TRY(const std::string staging, make_staging(held_, "sync"));
    tree_ = staging + "/tree";
    PASIG_CHECK(trust_last());
    PASIG_CHECK(transfer());
    PASIG_CHECK(source_is_still_active());
    Manifest made = wanted;
    for (Entry& entry : made.tree.entries) entry.inode = 0;
    PASIG_CHECK(publish(held_, tree_, made, call_.patience));
    PASIG_CHECK(expose(made.generation));
    PASIG_CHECK(sweep_staging(held_));
    PASIG_CHECK(prune(held_));
    PASIG_CHECK(note_inodes(std::move(made)));
    return wanted.copy();
  }

 private:
  Answer<Copy> confirm_last() {
    last_->data_as_of = incoming_.manifest.data_as_of;
    last_->consistency = incoming_.manifest.consistency;
    last_->behind_fence = incoming_.manifest.behind_fence;
    PASIG_CHECK(keep_sealed(held_, *last_, call_.patience));
    PASIG_CHECK(write_manifest(place_.manifest(last_->generation), *last_));
    PASIG_CHECK(expose(last_->generation));
    return last_->copy();
  }

  // What a scrub found damaged, or nobody noted yet, is read before it counts again.
  Answer<bool> is_good_where_doubted() {
    auto& entries = last_->tree.entries;
    const auto is_doubted = [](const Entry& entry) { return entry.inode == 0; };
    if (std::none_of(entries.begin(), entries.end(), is_doubted)) return true;
    const std::string frozen = place_.frozen(last_->generation);
    PASIG_TRY(const Tree now, scan(frozen, call_.patience.cancelled));
    for (Entry& noted : entries) {
      if (!is_doubted(noted)) continue;
      const Entry* found = now.find(noted.path);
      if (found == nullptr) return false;
      PASIG_CHECK(call_.patience.check("reading " + frozen));
      Entry read = *found;
      if (!read_digests(frozen, read, call_.patience) ||
          !difference(
               noted, read,
               {.owners = held_.side.owners(), .write_bits = held_.side.root.abilities.immutable})
               .empty())
        return false;
      noted.inode = found->inode;
      noted.ctime_ns = found->ctime_ns;
    }
    return true;
  }

  [[nodiscard]] bool accepts_mass_deletion() const {
    const ReplicaRef* replica = call_.share.find(place_.replica);
    return replica == nullptr || replica->accepts_mass_deletion;
  }

  // Without its manifest nobody can tell what a newer tree held, so it is not given up unasked.
  Answer<void> refuse_unreadable(const std::vector<std::uint64_t>& generations) const {
    if (accepts_mass_deletion()) return {};
    for (const std::uint64_t generation : generations) {
      if (last_ && generation < last_->generation) continue;
      return tl::unexpected(CallFailure{
          .problem = Problem::not_verified,
          .unknown = false,
          .controller = place_.controller,
          .words = "the manifest of generation " + std::to_string(generation) +
                   " cannot be read, so what a new copy would delete cannot be told; the tree "
                   "stays at " +
                   place_.frozen(generation),
          .hint = "look through it; then `pasig replica resync` gives it up"});
    }
    return {};
  }

  Answer<void> refuse_mass_deletion() const {
    if (!last_ || accepts_mass_deletion()) return {};
    const std::uint64_t before = last_->tree.files();
    const std::uint64_t gone = files_gone(last_->tree, incoming_.manifest.tree);
    if (2 * gone <= before) return {};
    return tl::unexpected(CallFailure{
        .problem = Problem::mass_deletion,
        .unknown = false,
        .controller = place_.controller,
        .words = std::to_string(gone) + " of " + std::to_string(before) +
                 " files are gone since generation " + std::to_string(last_->generation) +
                 ", which stays on replica " + to_string(place_.replica),
        .hint = "if that is meant, accept it: `pasig replica resync`"});
  }

  // Which files of the last generation may be shared: those whose inode is as it was when its
  // digests were taken, and those that are read once more (a side that was active noted the
  // inodes of its live tree).
  Answer<void> trust_last() {
    if (!last_) return {};
    const std::string frozen = place_.frozen(last_->generation);
    PASIG_TRY(const Tree now, scan(frozen, call_.patience.cancelled));
    for (const Entry& found : now.entries) {
      const Entry* noted = last_->tree.find(found.path);
      const Entry* wanted = incoming_.manifest.tree.find(found.path);
      if (noted == nullptr || wanted == nullptr || found.type != EntryType::file ||
          !same(*noted, *wanted))
        continue;
      Entry read = found;
      read.content = noted->content;
      read.xattrs = noted->xattrs;
      if (noted->inode != found.inode || noted->ctime_ns != found.ctime_ns) {
        PASIG_CHECK(call_.patience.check("reading " + frozen));
        PASIG_CHECK(read_digests(frozen, read, call_.patience));
      }
      read.mode = held_.side.root.abilities.immutable ? read.mode : noted->mode;
      read.uid = held_.side.owners() ? read.uid : noted->uid;
      read.gid = held_.side.owners() ? read.gid : noted->gid;
      if (!same(*noted, read)) continue;
      trusted_[found.inode] = noted;
      trusted_paths_.insert(found.path);
    }
    return {};
  }

  static bool same(const Entry& a, const Entry& b) {
    return differences({.entries = {a}}, {.entries = {b}}, {}).empty();
  }

  // Files that both manifests have alike, digest and all, are shared with the last generation;
  // rsync brings the rest. (Its own --link-dest goes by size and time, which a change can keep.)
  // When that does not give the right tree, or what is shared stands in rsync's way, a second
  // run copies everything.
  Answer<void> transfer() {
    std::vector<std::string> wrong;
    for (const bool shares : {true, false}) {
      PASIG_CHECK(remove_tree(tree_));
      PASIG_CHECK(make_directory_durably(tree_, 0700));
      const bool may_go_on = shares && !trusted_paths_.empty();
      if (!shares) share_nothing();
      const auto copied = is_too_deep_for_rsync() ? copy_here() : share_and_copy();
      if (may_go_on && problem_is(copied, Problem::failed)) continue;
      PASIG_CHECK(copied);
      PASIG_TRY(const Tree got, read_staged());
      wrong = differences(incoming_.manifest.tree, got,
                          {.owners = held_.side.owners(), .write_bits = !sealed_by_mode()});
      if (wrong.empty()) return give_modes();
    }
    std::string words = "generation " + std::to_string(incoming_.manifest.generation) +
                        " arrived different from its manifest: ";
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
    return !held_.side.root.abilities.immutable || !incoming_.source.root.abilities.immutable;
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
    PASIG_TRY(const Descriptor top, open_directory(tree_));
    for (const Entry& entry : incoming_.manifest.tree.entries) {
      const bool is_shared = shared_.contains(entry.path) || shared_.contains(entry.linked_to);
      if (entry.type == EntryType::symlink || is_shared) continue;
      if (entry.xattrs != Digest{}) continue;
      const int error = Spot(top.get(), entry.path).on([&entry](int at, const char* name) {
        return ::fchmodat(at, name, entry.mode, 0);
      });
      if (error != 0)
        return tl::unexpected(
            system_failure(error, "setting the mode of", tree_ + "/" + entry.path));
    }
    return {};
  }

  // rsync names a file by its path, and a temporary one beside it: those have to fit.
  [[nodiscard]] bool is_too_deep_for_rsync() const {
    std::size_t longest = 0;
    for (const Entry& entry : incoming_.manifest.tree.entries)
      longest = std::max(longest, entry.path.size());
    return longest + std::max(source_tree().size(), tree_.size()) + k_temporary_name >= PATH_MAX;
  }

  [[nodiscard]] std::string source_tree() const {
    return incoming_.source.place.frozen(incoming_.manifest.generation);
  }

  // Without rsync, by descriptors: no path is too long for those.
  Answer<void> copy_here() {
    PASIG_TRY(Tree source, scan(source_tree(), call_.patience.cancelled));
    for (Entry& entry : source.entries)
      if (const Entry* noted = incoming_.manifest.tree.find(entry.path)) entry.mode = noted->mode;
    Shareable shareable;
    if (last_) shareable = {place_.frozen(last_->generation), trusted_paths_};
    shared_ = trusted_paths_;  // those that cannot be are made with their modes
    TreeCopy copy(source_tree(), tree_,
                  {.owners = held_.side.owners(), .progress = call_.context.progress});
    return copy.bring_to(source, shareable, call_.patience);
  }

  Answer<void> share_and_copy() {
    if (!trusted_paths_.empty()) PASIG_CHECK(share_unchanged());
    return copy();
  }

  Answer<void> share_unchanged() {
    PASIG_TRY(const Descriptor from, open_directory(place_.frozen(last_->generation)));
    PASIG_TRY(const Descriptor to, open_directory(tree_));
    for (const Entry& entry : incoming_.manifest.tree.entries) {
      if (entry.type == EntryType::directory && !entry.path.empty() &&
          ::mkdirat(to.get(), entry.path.c_str(), 0700) != 0)
        return tl::unexpected(system_failure(errno, "making", tree_ + "/" + entry.path));
      const bool is_second = !entry.linked_to.empty();
      if (is_second ? !shared_.contains(entry.linked_to) : !trusted_paths_.contains(entry.path))
        continue;
      const int error = is_second ? link_sealed(to.get(), entry.linked_to, to.get(), entry.path)
                                  : link_sealed(from.get(), entry.path, to.get(), entry.path);
      if (error == 0) shared_.insert(entry.path);
      else if (error != EMLINK)
        return tl::unexpected(system_failure(error, "sharing", tree_ + "/" + entry.path));
    }
    return {};
  }

  Answer<void> copy() {
    return run_rsync({.program = held_.side.options->rsync,
                      .from = source_tree(),
                      .to = tree_,
                      .owners = held_.side.owners(),
                      .leaves_existing = !shared_.empty(),
                      .bytes_total = incoming_.manifest.tree.bytes(),
                      .lock = held_.lock.descriptor(),
                      .progress = call_.context.progress,
                      .on_start =
                          [this](const ProcessMark& child) {
                            held_.record.child = child;
                            return held_.save();
                          }},
                     call_.patience);
  }

  Answer<Tree> read_staged() {
    PASIG_TRY(Tree got, scan(tree_, call_.patience.cancelled));
    std::uint64_t bytes = 0;
    for (Entry& entry : got.entries) {
      PASIG_CHECK(call_.patience.check("verifying " + tree_));
      const auto known = trusted_.find(entry.inode);
      const bool is_shared = entry.type == EntryType::file && known != trusted_.end() &&
                             known->second->size == entry.size &&
                             known->second->mtime_ns == entry.mtime_ns;
      if (is_shared) {
        entry.content = known->second->content;
        entry.xattrs = known->second->xattrs;
      } else {
        PASIG_CHECK(read_digests(tree_, entry, call_.patience));
      }
      bytes += entry.linked_to.empty() ? entry.size : 0;
      if (call_.context.progress)
        call_.context.progress({"verifying", bytes, incoming_.manifest.tree.bytes()});
    }
    return got;
  }

  // A change of the active replica that went through meanwhile makes this copy a stale one. A
  // source that is away now says nothing about what it had then.
  Answer<void> source_is_still_active() const {
    const auto record = peek(incoming_.source);
    if (!record || !*record || (*record)->epoch <= call_.share.epoch) return {};
    return tl::unexpected(CallFailure{.problem = Problem::stale_token,
                                      .unknown = false,
                                      .controller = place_.controller,
                                      .words = "the active replica changed while it was copied",
                                      .hint = "the next sync follows the new one"});
  }

  Answer<void> expose(std::uint64_t generation) {
    if (call_.share.replication != Replication::readable ||
        held_.record.role != StoredRole::secondary)
      return {};
    return point_export(held_, "frozen/" + std::to_string(generation), call_.clock);
  }

  // Links and removals moved the change times; from here on nobody touches these files.
  Answer<void> note_inodes(Manifest made) const {
    PASIG_TRY(const Tree now, scan(place_.frozen(made.generation), std::stop_token()));
    for (Entry& entry : made.tree.entries) {
      const Entry* found = now.find(entry.path);
      if (found == nullptr) continue;
      entry.inode = found->inode;
      entry.ctime_ns = found->ctime_ns;
    }
    return write_manifest(place_.manifest(made.generation), made);
  }

  const Call& call_;
  HeldReplica& held_;
  const Incoming& incoming_;
  const ReplicaPlace& place_;
  std::optional<Manifest> last_;
  std::unordered_map<std::uint64_t, const Entry*> trusted_;  // by inode
  std::unordered_set<std::string> trusted_paths_;
  std::unordered_set<std::string> shared_;  // by path: linked from the last generation
  std::string tree_;
};

}  // namespace

Answer<Copy> receive(const Call& call, HeldReplica& held, const Incoming& incoming) {
  auto copy = Reception(call, held, incoming).run();
  if (!copy) return tl::unexpected(at(held.place(), std::move(copy).error()));
  return copy;
}

}  // namespace pasig::drivers::directory
