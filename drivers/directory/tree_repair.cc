#include "drivers/directory/tree_repair.h"

#include <algorithm>
#include <unordered_set>

#include "drivers/directory/files.h"
#include "drivers/directory/generations.h"
#include "drivers/directory/inode_flags.h"
#include "drivers/directory/renames.h"
#include "drivers/directory/tree_copy.h"

namespace pasig::drivers::directory {
namespace {

tl::unexpected<CallFailure> cannot(std::string words) {
  return tl::unexpected(CallFailure{.problem = Problem::not_verified,
                                    .unknown = false,
                                    .controller = {},
                                    .words = std::move(words),
                                    .hint = {}});
}

bool ends_the_call(const CallFailure& failure) {
  return failure.problem == Problem::cancelled || failure.problem == Problem::expired ||
         failure.problem == Problem::stale_token;
}

class Repair {
 public:
  Repair(const Call& call, HeldReplica& held, const BrokenTree& broken)
      : call_(call), held_(held), tree_(broken.tree), findings_(broken.findings) {}

  Answer<std::string> run() {
    std::string why = "the share has no other replica";
    for (const ReplicaRef* other : sources()) {
      if (!is_directory(tree_.path)) return std::string();  // pruned, or deleted on purpose
      const auto source = look_at(call_, *other);
      auto repaired = source ? from(*source) : tl::unexpected(source.error());
      if (repaired) return std::string();
      if (ends_the_call(repaired.error())) return tl::unexpected(std::move(repaired).error());
      why = "replica " + to_string(other->id) + ": " + repaired.error().words;
    }
    return why;
  }

 private:
  // The active one first: the others follow it.
  [[nodiscard]] std::vector<const ReplicaRef*> sources() const {
    std::vector<const ReplicaRef*> others;
    for (const ReplicaRef& other : call_.share.replicas)
      if (other.id != held_.place().replica) others.push_back(&other);
    std::stable_partition(others.begin(), others.end(),
                          [](const ReplicaRef* one) { return one->role == Role::active; });
    return others;
  }

  Answer<void> from(const Side& source) {
    PASIG_TRY(const auto theirs, sealed_trees(source.place));
    const auto same = std::find_if(theirs.begin(), theirs.end(), [this](const SealedTree& one) {
      return one.manifest && one.is_same_as(tree_);
    });
    if (same == theirs.end()) return cannot("it does not hold the same tree");
    PASIG_TRY(const auto use, TreeUse::begin(source.place, *same, call_.patience));
    if (!use) return cannot("its " + same->where + " is being removed");
    wanted_ = tree_.manifest ? *tree_.manifest : *same->manifest;
    if (!tree_.manifest) {
      Examination examination(call_, held_.side, wanted_.tree.bytes());
      PASIG_TRY(findings_, examination.compare(tree_.path, wanted_));
    }
    if (!findings_.empty()) PASIG_CHECK(replace(same->path));
    PASIG_CHECK(note_inodes());
    return sweep_staging(held_);
  }

  Answer<void> replace(const std::string& source) {
    PASIG_CHECK(sweep_staging(held_));
    PASIG_TRY(const std::string staging, make_staging(held_, "repair"));
    const std::string staged = staging + "/tree";
    PASIG_CHECK(make_directory_durably(staged, 0700));
    PASIG_TRY(Tree listed, scan(source, call_.patience.cancelled));
    for (Entry& entry : listed.entries)  // without the seal
      if (const Entry* noted = wanted_.tree.find(entry.path)) entry.mode = noted->mode;
    PASIG_TRY(const Shareable good, good_files());
    TreeCopy copy(source, staged,
                  {.owners = held_.side.owners(), .progress = call_.context.progress});
    PASIG_CHECK(copy.bring_to(listed, good, call_.patience));
    PASIG_CHECK(verify(staged));
    PASIG_CHECK(seal_frozen(held_, staged, wanted_, call_.patience));
    PASIG_CHECK(sync_file_system(staged, call_.patience));
    PASIG_CHECK(still_ours(held_));
    PASIG_TRY(const bool exchanged, exchange_sealed(staged, tree_.path));
    if (exchanged) return {};
    PASIG_CHECK(move_sealed(tree_.path, staging + "/damaged"));
    return move_sealed(staged, tree_.path);
  }

  Answer<Shareable> good_files() {
    Shareable good{.root = tree_.path, .paths = {}};
    std::unordered_set<std::string> bad;
    for (const Finding& finding : findings_) {
      if (finding.is_of_all) return good;
      bad.insert(finding.path);
    }
    PASIG_TRY(const Tree mine, scan(tree_.path, call_.patience.cancelled));
    for (const Entry& entry : mine.entries) {
      if (entry.type != EntryType::file || bad.contains(entry.path)) continue;
      good.paths.insert(entry.path);
      good_inodes_.insert(entry.inode);
    }
    return good;
  }

  Answer<void> verify(const std::string& staged) {
    PASIG_TRY(Tree got, scan(staged, call_.patience.cancelled));
    for (Entry& entry : got.entries) {
      PASIG_CHECK(call_.patience.check("verifying " + staged));
      const Entry* wanted = wanted_.tree.find(entry.path);
      if (wanted != nullptr && good_inodes_.contains(entry.inode)) {
        entry.content = wanted->content;
        entry.xattrs = wanted->xattrs;
      } else {
        PASIG_CHECK(read_digests(staged, entry, call_.patience));
      }
    }
    const auto wrong = differences(
        wanted_.tree, got,
        {.owners = held_.side.owners(), .write_bits = held_.side.root.abilities.immutable});
    return wrong.empty() ? Answer<void>() : cannot("its copy is damaged, too: " + wrong.front());
  }

  Answer<void> note_inodes() {
    PASIG_TRY(const Tree now, scan(tree_.path, std::stop_token()));
    for (Entry& entry : wanted_.tree.entries) {
      const Entry* found = now.find(entry.path);
      entry.inode = found == nullptr ? 0 : found->inode;
      entry.ctime_ns = found == nullptr ? 0 : found->ctime_ns;
    }
    return write_manifest(tree_.manifest_path, wanted_);
  }

  const Call& call_;
  HeldReplica& held_;
  const SealedTree& tree_;
  std::vector<Finding> findings_;
  Manifest wanted_;
  std::unordered_set<std::uint64_t> good_inodes_;
};

}  // namespace

Answer<std::string> repair_tree(const Call& call, HeldReplica& held, const BrokenTree& broken) {
  auto repaired = Repair(call, held, broken).run();
  // What was copied for nothing would keep the room.
  if (!repaired || !repaired->empty()) PASIG_CHECK(sweep_staging(held));
  return repaired;
}

Answer<void> distrust(const SealedTree& tree, const std::vector<Finding>& findings,
                      const std::vector<Finding>& except) {
  std::unordered_set<std::string> paths;
  for (const Finding& finding : findings) paths.insert(finding.path);
  for (const Finding& finding : except) paths.erase(finding.path);
  auto manifest = read_manifest(tree.manifest_path);
  if (!manifest) return {};  // without it nothing is shared
  bool is_new = false;
  for (Entry& entry : manifest->tree.entries) {
    if (!paths.contains(entry.path) || entry.inode == 0) continue;
    entry.inode = 0;
    entry.ctime_ns = 0;
    is_new = true;
  }
  return is_new ? write_manifest(tree.manifest_path, *manifest) : Answer<void>();
}

}  // namespace pasig::drivers::directory
