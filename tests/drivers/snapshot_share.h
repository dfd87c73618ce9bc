// A share on three directory roots with snapshots, as the log would have them: the verbs on them,
// and a snapshot's digest worked out from what lies on the disk.
#pragma once

#include <fcntl.h>

#include <algorithm>
#include <string>
#include <vector>

#include "drivers/directory/inode_flags.h"
#include "drivers/directory/snapshot_store.h"
#include "tests/drivers/directory_share.h"

namespace pasig::drivers {

class SnapshotShare : public DirectoryShare {
 public:
  using DirectoryShare::DirectoryShare;

  // Asked for, and not taken yet.
  SnapshotId ask() {
    const SnapshotId id{random_uuid()};
    share.ref().snapshots.push_back({.id = id, .digest = {}, .taken_on = {}});
    return id;
  }
  Answer<SnapshotTaken> take(SnapshotId id, const CallContext& call) {
    auto taken = driver().create_snapshot(share.ref(), id, call);
    if (taken) known(id).digest = taken->digest;
    if (taken) known(id).taken_on = {share.ref().active()->id};
    return taken;
  }
  Answer<SnapshotTaken> take(SnapshotId id) { return take(id, share.next_call()); }
  SnapshotId take() {
    const SnapshotId id = ask();
    const auto taken = take(id);
    EXPECT_TRUE(taken) << words_of(taken);
    return id;
  }
  Answer<SnapshotDeleted> remove(SnapshotId id) {
    known(id).is_deleting = true;
    return driver().delete_snapshot(share.ref(), id, share.next_call());
  }
  Answer<Reverted> revert(SnapshotId id) {
    return driver().revert(share.ref(), id, share.next_call());
  }
  SnapshotRef& known(SnapshotId id) {
    for (SnapshotRef& one : share.ref().snapshots)
      if (one.id == id) return one;
    ADD_FAILURE() << "no such snapshot";
    return share.ref().snapshots.front();
  }
  [[nodiscard]] std::string tree(std::size_t n, SnapshotId id) {
    return place(n).snapshot_tree(id);
  }
  [[nodiscard]] bool holds(std::size_t n, SnapshotId id) { return fs::exists(tree(n, id)); }

  // Without the help of anything that Pasig noted, but for the write bits that a seal took away.
  [[nodiscard]] std::string digest_on_disk(std::size_t n, SnapshotId id) {
    const SystemClock clock;
    const directory::Patience patience{clock, Monotonic::max(), {}};
    auto found = directory::scan(tree(n, id), {});
    if (!found) return words_of(found);
    const directory::Descriptor top(
        ::open(tree(n, id).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const bool keeps_modes = directory::is_immutable(top.get());
    const auto noted = directory::read_manifest(place(n).snapshot(id) + "/manifest");
    directory::Manifest manifest{.tree = std::move(*found)};
    for (directory::Entry& entry : manifest.tree.entries) {
      const auto read = directory::read_digests(tree(n, id), entry, patience);
      if (!read) return words_of(read);
      const directory::Entry* had = noted ? noted->tree.find(entry.path) : nullptr;
      if (!keeps_modes && had != nullptr) entry.mode |= had->mode & 0222;
    }
    return manifest.digest().hex();
  }
  void expect_whole(std::size_t n, SnapshotId id) {
    EXPECT_EQ(digest_on_disk(n, id), known(id).digest) << "on replica " << n;
  }
};

inline bool contains(const std::optional<std::vector<SnapshotId>>& all, SnapshotId id) {
  return all && std::find(all->begin(), all->end(), id) != all->end();
}

}  // namespace pasig::drivers
