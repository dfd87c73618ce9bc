#include "drivers/directory/replica_store.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <cstdint>

#include "drivers/directory/files.h"
#include "drivers/directory/json_members.h"

namespace pasig::drivers::directory {
namespace {

namespace json = boost::json;

constexpr std::int64_t k_format = 1;
constexpr std::array k_roles = {"none", "active", "secondary", "deleting"};
constexpr std::array k_stages = {"none", "fencing", "enforced", "blocked"};

json::object to_json(const ProcessMark& mark) {
  return {{"pid", mark.pid}, {"start_time", mark.start_time}, {"boot", mark.boot}};
}

ProcessMark read_process(Members& parent, const char* name) {
  Members in(parent.below(name));
  ProcessMark mark{static_cast<std::int64_t>(in.number("pid")), in.number("start_time"),
                   in.text("boot")};
  parent.also(in);
  return mark;
}

StoredFence read_fence(Members& parent) {
  Members in(parent.below("fence"));
  StoredFence fence;
  fence.stage = in.choice<StoredFence::Stage>("stage", k_stages);
  fence.committing = in.flag("committing");
  const auto kind = parse_fence_kind(in.text("kind"));
  fence.kind = kind.value_or(FenceKind::mode);
  fence.words = in.text("words");
  fence.target = in.id<ReplicaId>("target");
  parent.also(in);
  return fence;
}

StoredChange read_change(Members& parent) {
  Members in(parent.below("change"));
  StoredChange change{.operation = in.id<OperationId>("operation"),
                      .demoted = in.id<ReplicaId>("demoted"),
                      .forced = in.flag("forced"),
                      .base_generation = in.number("base_generation"),
                      .base_epoch = in.number("base_epoch")};
  parent.also(in);
  return change;
}

void read_revert(Members& parent, ReplicaRecord& record) {
  if (!parent.has("revert")) return;  // there was none when it was written
  Members in(parent.below("revert"));
  record.revert = {.operation = in.id<OperationId>("operation"),
                   .snapshot = in.id<SnapshotId>("snapshot"),
                   .generation = in.number("generation"),
                   .live_inode = in.number("live_inode")};
  parent.also(in);
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || stop != text.data() + text.size())
    return std::nullopt;
  return value;
}

void read_maps(Members& in, ReplicaRecord& record, bool& good) {
  const json::value& bases = in.below("bases");
  const json::value& peers = in.below("peers");
  if (!bases.is_object() || !peers.is_object()) {
    good = false;
    return;
  }
  for (const auto& [key, value] : bases.get_object()) {
    const auto epoch = number_of(key);
    boost::system::error_code error;
    const auto generation = value.to_number<std::uint64_t>(error);
    if (!epoch || error) good = false;
    if (epoch) record.bases[*epoch] = generation;
  }
  for (const auto& [key, value] : peers.get_object()) {
    if (!value.is_string()) good = false;
    if (value.is_string()) record.peers[std::string(key)] = std::string(value.get_string());
  }
}

void read_asides(Members& parent, ReplicaRecord& record, bool& good) {
  if (!parent.has("asides")) return;  // none were kept when it was written
  const json::value& asides = parent.below("asides");
  if (!asides.is_object()) {
    good = false;
    return;
  }
  for (const auto& [name, value] : asides.get_object()) {
    Members in(value);
    record.asides[std::string(name)] = {
        .files = in.number("files"), .bytes = in.number("bytes"), .epoch = in.number("epoch")};
    parent.also(in);
  }
}

void read_projects(Members& parent, ReplicaRecord& record, bool& good) {
  if (!parent.has("projects")) return;  // sizes were not limited where it was written
  const json::object* projects = parent.below("projects").if_object();
  if (projects == nullptr) {
    good = false;
    return;
  }
  for (const auto& [key, value] : *projects) {
    const auto id = number_of(key);
    if (!id || *id > UINT32_MAX || !value.is_bool()) good = false;
    else record.projects[static_cast<std::uint32_t>(*id)] = value.get_bool();
  }
}

}  // namespace

std::string ReplicaPlace::frozen(std::uint64_t generation) const {
  return frozen() + "/" + std::to_string(generation);
}
std::string ReplicaPlace::manifest(std::uint64_t generation) const {
  return frozen(generation) + ".manifest";
}
std::string ReplicaPlace::in_use(std::uint64_t generation) const {
  return frozen(generation) + ".in-use";
}
std::string ReplicaPlace::base(std::uint64_t epoch) const {
  return frozen() + "/base-of-epoch-" + std::to_string(epoch) + ".manifest";
}

CallFailure mismatch(const ReplicaPlace& place, std::string words, std::string hint) {
  return {.problem = Problem::mismatch,
          .unknown = false,
          .controller = place.controller,
          .words = std::move(words),
          .hint = std::move(hint)};
}

std::string encode(const ReplicaRecord& record) {
  json::object bases;
  for (const auto& [epoch, generation] : record.bases) bases[std::to_string(epoch)] = generation;
  json::object peers;
  for (const auto& [replica, uuid] : record.peers) peers[replica] = uuid;
  json::object asides;
  for (const auto& [name, aside] : record.asides)
    asides[name] = {{"files", aside.files}, {"bytes", aside.bytes}, {"epoch", aside.epoch}};
  json::object projects;
  for (const auto& [id, is_whole] : record.projects) projects[std::to_string(id)] = is_whole;
  const json::object object = {
      {"format", k_format},
      {"share", to_string(record.share)},
      {"replica", to_string(record.replica)},
      {"controller_uuid", record.controller_uuid},
      {"role", k_roles.at(static_cast<std::size_t>(record.role))},
      {"epoch", record.epoch},
      {"live_epoch", record.live_epoch},
      {"next_generation", record.next_generation},
      {"token_incarnation", record.highest_token.incarnation},
      {"token_share_version", record.highest_token.share_version},
      {"operation", to_string(record.operation)},
      {"attempt", record.attempt},
      {"runner", to_json(record.runner)},
      {"child", to_json(record.child)},
      {"fence",
       {{"stage", k_stages.at(static_cast<std::size_t>(record.fence.stage))},
        {"committing", record.fence.committing},
        {"kind", word(record.fence.kind)},
        {"words", record.fence.words},
        {"target", to_string(record.fence.target)}}},
      {"change",
       {{"operation", to_string(record.change.operation)},
        {"demoted", to_string(record.change.demoted)},
        {"forced", record.change.forced},
        {"base_generation", record.change.base_generation},
        {"base_epoch", record.change.base_epoch}}},
      {"revert",
       {{"operation", to_string(record.revert.operation)},
        {"snapshot", to_string(record.revert.snapshot)},
        {"generation", record.revert.generation},
        {"live_inode", record.revert.live_inode}}},
      {"bases", bases},
      {"peers", peers},
      {"asides", asides},
      {"adopted_from", record.adopted_from},
      {"projects", projects}};
  return json::serialize(object) + "\n";
}

Answer<ReplicaRecord> decode_record(const std::string& text, const std::string& path) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  Members in(value);
  ReplicaRecord record;
  bool good = !error && in.number("format") == static_cast<std::uint64_t>(k_format);
  if (good) {
    record.share = in.id<ShareId>("share");
    record.replica = in.id<ReplicaId>("replica");
    record.controller_uuid = in.text("controller_uuid");
    record.role = in.choice<StoredRole>("role", k_roles);
    record.epoch = in.number("epoch");
    record.live_epoch = in.number("live_epoch");
    record.next_generation = in.number("next_generation");
    record.highest_token = {in.number("token_incarnation"), in.number("token_share_version")};
    record.operation = in.id<OperationId>("operation");
    record.attempt = static_cast<std::uint32_t>(in.number("attempt"));
    record.runner = read_process(in, "runner");
    record.child = read_process(in, "child");
    record.fence = read_fence(in);
    record.change = read_change(in);
    read_revert(in, record);
    read_maps(in, record, good);
    read_asides(in, record, good);
    if (in.has("adopted_from")) record.adopted_from = in.text("adopted_from");
    read_projects(in, record, good);
  }
  if (good && in.is_good()) return record;
  return tl::unexpected(
      CallFailure{.problem = Problem::mismatch,
                  .unknown = false,
                  .controller = {},
                  .words = path + " is no replica record of format 1",
                  .hint = "it was damaged or written by another version; nothing here is touched"});
}

Answer<std::optional<ReplicaRecord>> read_record(const ReplicaPlace& place,
                                                 const std::string& controller_uuid) {
  if (!exists(place.record())) return std::optional<ReplicaRecord>();
  PASIG_TRY(const std::string text, read_file(place.record()));
  PASIG_TRY(ReplicaRecord record, decode_record(text, place.record()));
  if (record.share != place.share || record.replica != place.replica)
    return tl::unexpected(mismatch(place, place.record() + " belongs to replica " +
                                              to_string(record.replica) + " of share " +
                                              to_string(record.share)));
  if (record.controller_uuid != controller_uuid)
    return tl::unexpected(mismatch(place,
                                   place.record() + " was made on the root " +
                                       record.controller_uuid + ", but this root is " +
                                       controller_uuid,
                                   "the root was replaced or copied; mount the right one"));
  return std::optional<ReplicaRecord>(std::move(record));
}

Answer<void> write_record(const ReplicaPlace& place, const ReplicaRecord& record) {
  return write_file_durably(place.record(), encode(record));
}

Answer<std::vector<std::uint64_t>> generation_numbers(const ReplicaPlace& place) {
  PASIG_TRY(const auto names, names_in(place.frozen()));
  std::vector<std::uint64_t> numbers;
  for (const std::string& name : names)
    if (const auto number = number_of(name); number && is_directory(place.frozen(*number)))
      numbers.push_back(*number);
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

Answer<FrozenTrees> frozen_trees(const ReplicaPlace& place) {
  PASIG_TRY(const auto numbers, generation_numbers(place));
  FrozenTrees found;
  for (const std::uint64_t number : numbers) {
    auto manifest = read_manifest(place.manifest(number));
    if (manifest) found.complete.push_back(std::move(*manifest));
    else if (!is_directory(place.frozen(number))) continue;  // removed since it was listed
    else if (manifest.error().problem == Problem::not_verified || !exists(place.manifest(number)))
      found.unreadable.push_back(number);
    else return tl::unexpected(std::move(manifest).error());
  }
  std::sort(found.complete.begin(), found.complete.end(), [](const Manifest& a, const Manifest& b) {
    return std::pair(a.epoch, a.generation) < std::pair(b.epoch, b.generation);
  });
  return found;
}

Answer<std::vector<Manifest>> generations(const ReplicaPlace& place) {
  PASIG_TRY(FrozenTrees trees, frozen_trees(place));
  return std::move(trees.complete);
}

Answer<std::optional<Manifest>> latest_generation(const ReplicaPlace& place) {
  PASIG_TRY(auto all, generations(place));
  if (all.empty()) return std::optional<Manifest>();
  return std::optional<Manifest>(std::move(all.back()));
}

}  // namespace pasig::drivers::directory
