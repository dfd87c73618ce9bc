#include "drivers/directory/snapshot_store.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "drivers/directory/files.h"
#include "drivers/directory/generations.h"
#include "drivers/directory/inode_flags.h"
#include "drivers/directory/json_members.h"

namespace pasig::drivers::directory {
namespace {

namespace json = boost::json;

constexpr std::uint64_t k_format = 1;
constexpr std::array k_consistencies = {"unknown", "atomic", "crash", "settled", "fuzzy"};

std::string record_path(const std::string& snapshot) { return snapshot + "/snapshot.json"; }
std::string manifest_path(const std::string& snapshot) { return snapshot + "/manifest"; }

// A failure when storage does not say.
Answer<bool> is_there(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return tl::unexpected(system_failure(errno, "looking at", path));
}

CallFailure not_whole(const ReplicaPlace& place, SnapshotId id, const std::string& why) {
  return {.problem = Problem::not_verified,
          .unknown = false,
          .controller = place.controller,
          .words = "snapshot " + to_string(id) + " at " + place.snapshot(id) + " " + why,
          .hint = "look there; once that directory is away, a sync brings it from another replica"};
}

std::string encode(const StoredSnapshot& snapshot) {
  const json::object object = {
      {"format", k_format},
      {"snapshot", to_string(snapshot.id)},
      {"share", to_string(snapshot.share)},
      {"digest", snapshot.digest},
      {"generation", snapshot.generation},
      {"taken_at_micros", snapshot.taken_at.micros},
      {"consistency", k_consistencies.at(static_cast<std::size_t>(snapshot.consistency))},
      {"files", snapshot.files},
      {"bytes", snapshot.bytes}};
  return json::serialize(object) + "\n";
}

std::optional<StoredSnapshot> decode(const std::string& text) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  Members in(value);
  if (error || in.number("format") != k_format) return std::nullopt;
  StoredSnapshot snapshot{.id = in.id<SnapshotId>("snapshot"),
                          .share = in.id<ShareId>("share"),
                          .digest = in.text("digest"),
                          .generation = in.number("generation"),
                          .taken_at = {static_cast<std::int64_t>(in.number("taken_at_micros"))},
                          .consistency = in.choice<CopyConsistency>("consistency", k_consistencies),
                          .files = in.number("files"),
                          .bytes = in.number("bytes")};
  return in.is_good() ? std::optional(std::move(snapshot)) : std::nullopt;
}

// Seals and links moved the change times; from here on nobody touches these files.
Answer<void> note_inodes(const std::string& tree, Manifest& manifest) {
  PASIG_TRY(const Tree now, scan(tree, std::stop_token()));
  for (Entry& entry : manifest.tree.entries) {
    const Entry* found = now.find(entry.path);
    entry.inode = found == nullptr ? 0 : found->inode;
    entry.ctime_ns = found == nullptr ? 0 : found->ctime_ns;
  }
  return {};
}

}  // namespace

SnapshotTaken StoredSnapshot::taken() const {
  return {.digest = digest,
          .files = files,
          .bytes = bytes,
          .taken_at = taken_at,
          .consistency = consistency};
}

StoredSnapshot described(const ReplicaPlace& place, SnapshotId id, const Manifest& manifest) {
  return {.id = id,
          .share = place.share,
          .digest = manifest.digest().hex(),
          .generation = manifest.generation,
          .taken_at = manifest.data_as_of,
          .consistency = manifest.consistency,
          .files = manifest.tree.files(),
          .bytes = manifest.tree.bytes()};
}

Answer<std::optional<StoredSnapshot>> find_snapshot(const ReplicaPlace& place, SnapshotId id) {
  const std::string snapshot = place.snapshot(id);
  PASIG_TRY(const bool is_here, is_there(snapshot));
  if (!is_here) return std::optional<StoredSnapshot>();
  const auto text = read_file(record_path(snapshot));
  PASIG_TRY(const bool has_record, is_there(record_path(snapshot)));
  if (!text && has_record) return tl::unexpected(text.error());
  PASIG_TRY(const bool is_still_here, is_there(snapshot));
  if (!text && !is_still_here) return std::optional<StoredSnapshot>();  // removed meanwhile
  auto found = text ? decode(*text) : std::nullopt;
  if (!found || found->id != id || found->share != place.share)
    return tl::unexpected(not_whole(place, id, "has no snapshot.json of its own"));
  PASIG_TRY(const bool has_tree, is_there(place.snapshot_tree(id)));
  PASIG_TRY(const bool has_manifest, is_there(manifest_path(snapshot)));
  if (!has_tree || !has_manifest || !is_directory(place.snapshot_tree(id)))
    return tl::unexpected(not_whole(place, id, "lacks its tree or its manifest"));
  return found;
}

Answer<bool> has_snapshot(const ReplicaPlace& place, const SnapshotRef& wanted) {
  const auto found = find_snapshot(place, wanted.id);
  if (!found && found.error().problem != Problem::not_verified)
    return tl::unexpected(found.error());
  return found && *found && (wanted.digest.empty() || (*found)->digest == wanted.digest);
}

std::optional<std::vector<SnapshotId>> complete_snapshots(const ShareRef& share,
                                                          const ReplicaPlace& place) {
  std::vector<SnapshotId> complete;
  for (const SnapshotRef& snapshot : share.snapshots) {
    if (snapshot.is_deleting) continue;
    const auto is_here = has_snapshot(place, snapshot);
    if (!is_here) return std::nullopt;
    if (*is_here) complete.push_back(snapshot.id);
  }
  return complete;
}

Answer<std::vector<StoredSnapshot>> snapshots_on(const ReplicaPlace& place) {
  PASIG_TRY(const auto names, names_in(place.snapshots()));
  std::vector<StoredSnapshot> all;
  for (const std::string& name : names) {
    const auto id = SnapshotId::parse(name);
    if (!id) continue;
    if (auto found = find_snapshot(place, *id); found && *found) all.push_back(std::move(**found));
  }
  std::stable_sort(all.begin(), all.end(), [](const StoredSnapshot& a, const StoredSnapshot& b) {
    return a.taken_at < b.taken_at;
  });
  return all;
}

Answer<Manifest> read_snapshot_manifest(const ReplicaPlace& place, const StoredSnapshot& snapshot) {
  PASIG_TRY(Manifest manifest, read_manifest(manifest_path(place.snapshot(snapshot.id))));
  if (manifest.digest().hex() == snapshot.digest) return manifest;
  return tl::unexpected(
      not_whole(place, snapshot.id, "has another manifest than it was taken with"));
}

Answer<void> publish_snapshot(const HeldReplica& held, StagedSnapshot staged,
                              const Patience& patience) {
  const ReplicaPlace& place = held.place();
  const std::string tree = staged.directory + "/tree";
  const SnapshotId id = staged.what.id;
  PASIG_CHECK(seal_frozen(held, tree, staged.manifest, patience));
  PASIG_CHECK(note_inodes(tree, staged.manifest));
  PASIG_CHECK(write_manifest(manifest_path(staged.directory), staged.manifest));
  PASIG_CHECK(write_file_durably(record_path(staged.directory), encode(staged.what)));
  PASIG_CHECK(sync_file_system(staged.directory, patience));
  PASIG_CHECK(still_ours(held));
  if (exists(place.snapshot(id))) PASIG_CHECK(remove_snapshot(held, id));
  PASIG_CHECK(make_directory_durably(place.snapshots(), 0700));
  return rename_durably(staged.directory, place.snapshot(id));
}

Answer<void> remove_snapshot(const HeldReplica& held, SnapshotId id) {
  const ReplicaPlace& place = held.place();
  for (const std::string& directory : {place.snapshot(id), place.adopting(id)}) {
    if (!exists(directory)) continue;
    PASIG_TRY(KeptNotes notes, KeptNotes::of(held));
    PASIG_CHECK(make_directory_durably(place.staging(), 0700));
    const std::string removed =
        place.staging() + "/removed-" + to_string(id) + "-" + to_string(random_uuid());
    PASIG_CHECK(rename_durably(directory, removed));
    PASIG_CHECK(remove_tree(removed));
    PASIG_CHECK(notes.renew());
  }
  return {};
}

Answer<std::vector<std::string>> remove_deleting(const Call& call, const HeldReplica& held) {
  std::vector<std::string> words;
  for (const SnapshotRef& snapshot : call.share.snapshots) {
    if (!snapshot.is_deleting || !exists(held.place().snapshot(snapshot.id))) continue;
    PASIG_CHECK(call.patience.check("removing snapshot " + to_string(snapshot.id)));
    PASIG_CHECK(remove_snapshot(held, snapshot.id));
    words.push_back("removed snapshot " + to_string(snapshot.id) + ", which was deleted meanwhile");
  }
  return words;
}

Answer<std::vector<std::string>> keep_snapshots_sealed(const Call& call, const HeldReplica& held) {
  std::vector<std::string> words;
  const ReplicaPlace& place = held.place();
  for (const SnapshotRef& one : call.share.snapshots) {
    const SnapshotId id = one.id;
    if (one.is_deleting || !has_snapshot(place, one).value_or(false)) continue;
    PASIG_TRY(const bool was_sealed, is_sealed(held, place.snapshot_tree(id)));
    if (was_sealed) continue;
    PASIG_TRY(const auto found, find_snapshot(place, id));
    if (!found) continue;
    // An access list keeps its write bits where there is no flag: then there is nothing to seal.
    auto manifest = read_snapshot_manifest(place, *found);
    if (!manifest) continue;  // told by a scrub; a status call reads no content
    PASIG_CHECK(seal_frozen(held, place.snapshot_tree(id), *manifest, call.patience));
    PASIG_TRY(const bool is_now, is_sealed(held, place.snapshot_tree(id)));
    if (is_now) words.push_back("sealed snapshot " + to_string(id) + " again");
  }
  return words;
}

Answer<KeptNotes> KeptNotes::of(const HeldReplica& held) {
  KeptNotes notes;
  notes.place_ = held.place();
  if (held.record.role != StoredRole::secondary) return notes;
  PASIG_TRY(notes.noted_, latest_generation(notes.place_));
  if (!notes.noted_) return notes;
  PASIG_TRY(const Tree now, scan(notes.place_.frozen(notes.noted_->generation), std::stop_token()));
  const auto& entries = notes.noted_->tree.entries;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Entry* found = now.find(entries[i].path);
    const bool is_untouched = found != nullptr && entries[i].inode != 0 &&
                              found->inode == entries[i].inode &&
                              found->ctime_ns == entries[i].ctime_ns;
    if (is_untouched) notes.untouched_.push_back(i);
  }
  return notes;
}

Answer<void> KeptNotes::renew() {
  if (untouched_.empty()) return {};
  PASIG_TRY(const Tree now, scan(place_.frozen(noted_->generation), std::stop_token()));
  bool is_new = false;
  for (const std::size_t i : untouched_) {
    Entry& entry = noted_->tree.entries[i];
    const Entry* found = now.find(entry.path);
    if (found == nullptr || found->inode != entry.inode || found->ctime_ns == entry.ctime_ns)
      continue;
    entry.ctime_ns = found->ctime_ns;
    is_new = true;
  }
  return is_new ? write_manifest(place_.manifest(noted_->generation), *noted_) : Answer<void>();
}

}  // namespace pasig::drivers::directory
