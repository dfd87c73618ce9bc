#include "drivers/directory/snapshot_usage.h"

#include <map>
#include <set>

#include "drivers/directory/files.h"
#include "drivers/directory/json_members.h"
#include "drivers/directory/snapshot_store.h"

namespace pasig::drivers::directory {
namespace {

namespace json = boost::json;

struct Held {
  std::string besides;  // the next newer tree, by its digest
  std::uint64_t bytes = 0;
  bool operator==(const Held&) const = default;
};
using Usage = std::map<std::string, Held>;  // by the snapshot's id

std::string usage_path(const ReplicaPlace& place) { return place.snapshots() + "/usage.json"; }

// What cannot be read is made anew.
Usage read_usage(const ReplicaPlace& place) {
  const auto text = read_file(usage_path(place));
  if (!text) return {};
  boost::system::error_code error;
  const json::value value = json::parse(*text, error);
  if (error || !value.is_object()) return {};
  Usage usage;
  for (const auto& [id, one] : value.get_object()) {
    Members in(one);
    const Held held{.besides = in.text("besides"), .bytes = in.number("bytes")};
    if (in.is_good()) usage[std::string(id)] = held;
  }
  return usage;
}

Answer<void> write_usage(const ReplicaPlace& place, const Usage& usage) {
  json::object object;
  for (const auto& [id, held] : usage)
    object[id] = {{"besides", held.besides}, {"bytes", held.bytes}};
  return write_file_durably(usage_path(place), json::serialize(object) + "\n");
}

std::uint64_t bytes_alone(const Tree& snapshot, const Tree& newer) {
  std::set<Digest> contents;
  for (const Entry& entry : newer.entries)
    if (entry.type == EntryType::file) contents.insert(entry.content);
  std::uint64_t bytes = 0;
  for (const Entry& entry : snapshot.entries)
    if (entry.type == EntryType::file && entry.linked_to.empty() &&
        !contents.contains(entry.content))
      bytes += entry.size;
  return bytes;
}

}  // namespace

Answer<std::uint64_t> bytes_of_snapshots_alone(const HeldReplica& held, const Manifest& latest) {
  const ReplicaPlace& place = held.place();
  PASIG_TRY(const auto snapshots, snapshots_on(place));
  if (snapshots.empty()) return 0;
  const Usage before = read_usage(place);
  Usage now;
  std::uint64_t sum = 0;
  std::string newer = latest.digest().hex();
  const StoredSnapshot* newer_snapshot = nullptr;  // none: the generation
  for (auto one = snapshots.rbegin(); one != snapshots.rend(); ++one) {
    const auto known = before.find(to_string(one->id));
    Held usage{.besides = newer};
    if (known != before.end() && known->second.besides == newer) {
      usage = known->second;
    } else {
      const auto own = read_snapshot_manifest(place, *one);
      if (!own) continue;  // damaged: a scrub tells
      if (newer_snapshot == nullptr) {
        usage.bytes = bytes_alone(own->tree, latest.tree);
      } else {
        PASIG_TRY(const Manifest other, read_snapshot_manifest(place, *newer_snapshot));
        usage.bytes = bytes_alone(own->tree, other.tree);
      }
    }
    sum += usage.bytes;
    newer = one->digest;
    newer_snapshot = &*one;
    now[to_string(one->id)] = std::move(usage);
  }
  if (now != before) PASIG_CHECK(write_usage(place, now));
  return sum;
}

}  // namespace pasig::drivers::directory
