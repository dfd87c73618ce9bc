#include "drivers/directory/receiver.h"

#include <algorithm>

#include "drivers/directory/exports.h"
#include "drivers/directory/fetch.h"
#include "drivers/directory/files.h"
#include "drivers/directory/generations.h"

namespace pasig::drivers::directory {
namespace {

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
    PASIG_CHECK(bring());
    PASIG_CHECK(source_is_still_active());
    Manifest made = wanted;
    for (Entry& entry : made.tree.entries) entry.inode = 0;
    PASIG_CHECK(publish(held_, tree_, made, call_.patience));
    PASIG_CHECK(follow_revert(held_, incoming_.source.place, incoming_.revert));
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
    PASIG_CHECK(follow_revert(held_, incoming_.source.place, incoming_.revert));
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

  [[nodiscard]] static bool are_most_gone(const Tree& before, const Tree& after) {
    return 2 * files_gone(before, after) > before.files();
  }

  // What a revert took away is no deletion: then the files are counted from what it put in place.
  [[nodiscard]] bool is_of_a_revert() const {
    const std::uint64_t reverted = incoming_.revert.generation;
    if (reverted <= last_->generation || reverted > incoming_.manifest.generation) return false;
    const auto put_in_place = read_manifest(incoming_.source.place.reverted());
    return put_in_place && put_in_place->generation == reverted &&
           !are_most_gone(put_in_place->tree, incoming_.manifest.tree);
  }

  Answer<void> refuse_mass_deletion() const {
    if (!last_ || accepts_mass_deletion()) return {};
    if (!are_most_gone(last_->tree, incoming_.manifest.tree) || is_of_a_revert()) return {};
    return tl::unexpected(CallFailure{
        .problem = Problem::mass_deletion,
        .unknown = false,
        .controller = place_.controller,
        .words = std::to_string(files_gone(last_->tree, incoming_.manifest.tree)) + " of " +
                 std::to_string(last_->tree.files()) + " files are gone since generation " +
                 std::to_string(last_->generation) + ", which stays on replica " +
                 to_string(place_.replica),
        .hint = "if that is meant, accept it: `pasig replica resync`"});
  }

  // By hard links with what is here, and by rsync.
  Answer<void> bring() {
    PASIG_TRY(auto bases, bases_here(held_, incoming_.manifest));
    return fetch(call_, held_,
                 {.source = incoming_.source,
                  .tree = incoming_.source.place.frozen(incoming_.manifest.generation),
                  .manifest = incoming_.manifest,
                  .name = "generation " + std::to_string(incoming_.manifest.generation),
                  .target = tree_,
                  .bases = std::move(bases)});
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
  std::string tree_;
};

}  // namespace

Answer<Copy> receive(const Call& call, HeldReplica& held, const Incoming& incoming) {
  auto copy = Reception(call, held, incoming).run();
  if (!copy) return tl::unexpected(at(held.place(), std::move(copy).error()));
  return copy;
}

}  // namespace pasig::drivers::directory
