#include "tests/projections/folding.h"

#include <algorithm>
#include <sstream>

namespace pasig {
namespace {

template <class T>
std::vector<T> by_id(std::vector<T> values) {
  std::sort(values.begin(), values.end(), [](const T& a, const T& b) { return a.id < b.id; });
  return values;
}

template <class Map>
std::vector<typename Map::mapped_type> values_of(const Map& map) {
  std::vector<typename Map::mapped_type> values;
  for (const auto& [key, value] : map) values.push_back(value);
  return values;
}

void compare_objects(const View& view, const World& world, std::ostream& out) {
  if (by_id(view.shares()) != values_of(world.shares)) out << "shares() ";
  if (by_id(view.share_types()) != values_of(world.types)) out << "share_types() ";
  if (by_id(view.operations(1'000'000)) != values_of(world.operations)) out << "operations() ";
  for (const auto& [id, share] : world.shares) {
    if (view.share(id) != share) out << "share " << to_string(id) << ' ';
    for (const Replica& one : share.replicas)
      if (view.share_of(one.id) != id || view.share_once_of(one.id) != id)
        out << "share_of " << to_string(one.id) << ' ';
  }
  for (const auto& [name, id] : world.type_names)
    if (view.share_type_named(name) != id) out << "share_type_named " << name << ' ';
  std::vector<Operation> pending = values_of(world.operations);
  std::erase_if(pending, [](const Operation& one) { return one.is_over(); });
  if (by_id(view.pending_operations()) != pending) out << "pending_operations() ";
  const auto ordered = view.pending_operations();
  if (!std::is_sorted(ordered.begin(), ordered.end(),
                      [](const auto& a, const auto& b) { return a.requested_at < b.requested_at; }))
    out << "the order of pending_operations() ";
}

// Every id that the log names: known to the store when it is to the verdict, and as what.
void compare_ids(const View& view, const ComposedLog& log, std::ostream& out) {
  for (const std::string& frame : log.frames) {
    const auto record = decode(frame);
    if (!record) continue;
    const auto seen = log.judged.memory.seen(record->command_id);
    const auto known = view.outcome(record->command_id);
    if (seen && (!known || known->ordinal != *seen)) out << "outcome " << record->command_id << ' ';
    // The store may remember an id for one record longer than anybody asks for it.
    if (!seen && known && known->ordinal + view.head().window + 1 < log.judged.next)
      out << "forgotten " << record->command_id << ' ';
  }
}

}  // namespace

std::string difference(const View& view, const ComposedLog& log) {
  std::ostringstream out;
  if (view.head().next_ordinal != log.judged.next) out << "next_ordinal ";
  if (view.head().verdict_digest != log.judged.memory.digest()) out << "verdict_digest ";
  compare_objects(view, log.folded.world, out);
  for (const auto& [stream, version] : log.folded.versions)
    if (view.stream_version(stream) != version) out << "stream " << stream << ' ';
  for (const auto& [counter, value] : log.folded.counters)
    if (view.counter(counter) != value) out << "counter " << counter << ' ';
  compare_ids(view, log, out);
  for (Ordinal ordinal = 0; ordinal < log.judged.next; ++ordinal)
    if (const auto digest = log.judged.memory.digest_after(ordinal))
      if (view.digest_after(ordinal) != digest) out << "digest_after " << ordinal << ' ';
  return out.str();
}

}  // namespace pasig
