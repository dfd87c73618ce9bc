#include "drivers/directory/asides.h"

#include <charconv>

#include "drivers/directory/files.h"
#include "drivers/directory/inode_flags.h"

namespace pasig::drivers::directory {
namespace {

constexpr std::string_view k_epoch_mark = "-epoch";

// 20261123T091402.120497Z-epoch2: sorts by time, and is a plain file name.
std::string name_for(Time time, std::uint64_t epoch) {
  std::string text = to_string(time);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text + "Z" + std::string(k_epoch_mark) + std::to_string(epoch);
}

// 0: the name does not say.
std::uint64_t epoch_in(std::string_view name) {
  const auto mark = name.rfind(k_epoch_mark);
  if (mark == std::string_view::npos) return 0;
  std::uint64_t epoch = 0;
  std::from_chars(name.data() + mark + k_epoch_mark.size(), name.data() + name.size(), epoch);
  return epoch;
}

Answer<StoredAside> counted(const std::string& tree, std::uint64_t epoch) {
  PASIG_TRY(const Tree found, scan(tree, std::stop_token()));
  return StoredAside{.files = found.files(), .bytes = found.bytes(), .epoch = epoch};
}

Aside told(const ReplicaPlace& place, const std::string& name, const StoredAside& known) {
  return {.replica = place.replica,
          .controller = place.controller,
          .path = place.aside() + "/" + name,
          .files = known.files,
          .bytes = known.bytes,
          .epoch = known.epoch};
}

}  // namespace

Answer<Aside> keep_aside(HeldReplica& held, const std::string& tree, std::uint64_t epoch,
                         Time now) {
  const ReplicaPlace& place = held.place();
  const std::string name = name_for(now, epoch);
  PASIG_TRY(const StoredAside known, counted(tree, epoch));
  held.record.asides[name] = known;
  PASIG_CHECK(held.save());
  PASIG_CHECK(make_directory_durably(place.aside(), 0700));
  PASIG_CHECK(unmount_all(tree));
  PASIG_CHECK(move_sealed(tree, place.aside() + "/" + name));
  return told(place, name, known);
}

Answer<Aside> keep_found_aside(HeldReplica& held, const std::string& found, Time now) {
  const ReplicaPlace& place = held.place();
  const std::uint64_t epoch = held.record.epoch;
  PASIG_CHECK(make_directory_durably(place.aside(), 0700));
  std::string name = name_for(now, epoch);
  while (exists(place.aside() + "/" + name)) {
    ++now.micros;
    name = name_for(now, epoch);
  }
  const std::string kept = place.aside() + "/" + name;
  if (is_directory(found)) {
    PASIG_CHECK(move_sealed(found, kept));
  } else {
    PASIG_CHECK(make_directory_durably(kept, 0700));
    PASIG_CHECK(rename_durably(found, kept + found.substr(found.rfind('/'))));
  }
  PASIG_TRY(const StoredAside known, counted(kept, epoch));
  held.record.asides[name] = known;
  PASIG_CHECK(held.save());
  return told(place, name, known);
}

Answer<std::vector<Aside>> list_asides(HeldReplica& held) {
  const ReplicaPlace& place = held.place();
  PASIG_TRY(const auto names, names_in(place.aside()));
  std::vector<Aside> found;
  std::map<std::string, StoredAside> asides;
  for (const std::string& name : names) {
    const std::string tree = place.aside() + "/" + name;
    if (!is_directory(tree)) continue;
    const auto known = held.record.asides.find(name);
    if (known != held.record.asides.end()) {
      asides[name] = known->second;
    } else {  // put there by hand, or its record was restored from an older one
      PASIG_TRY(asides[name], counted(tree, epoch_in(name)));
    }
    found.push_back(told(place, name, asides[name]));
  }
  // What never got there, because a crash came first, and what an operator took away is forgotten.
  if (asides != held.record.asides) {
    held.record.asides = std::move(asides);
    PASIG_CHECK(held.save());
  }
  return found;
}

}  // namespace pasig::drivers::directory
