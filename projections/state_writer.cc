#include "projections/state_writer.h"

#include <set>
#include <type_traits>

#include "projections/reads.h"

namespace pasig::tables {
namespace {

class StateWriter final : public Reads<Writer> {
 public:
  explicit StateWriter(const Environment& environment) : Reads(environment, false) {}

  void apply(const Record& record, std::string_view frame, std::uint64_t offset, bool accepted,
             const Digest& verdict_digest) override {
    const Ordinal ordinal = head_.next_ordinal;
    // A void record leaves no trace but its place in the chain; its command id stays free
    // unless an accepted record took it (the verdict looks only at accepted ones).
    if (!accepted) return advance(frame, offset, verdict_digest, {});
    const std::string command_key = text_key(record.command_id);
    advance(frame, offset, verdict_digest, command_key);
    put_outcome(record, ordinal, command_key);
    note_log_created(record);
    move_streams_and_counters(record);
    fold(record, ordinal);
    note_history(record, ordinal, offset);
    head_.last_time = std::max(head_.last_time, record.time);
  }

  void skip(std::string_view frame, std::uint64_t offset, const Digest& verdict_digest) override {
    advance(frame, offset, verdict_digest, {});
  }

  Result<void> commit() override {
    head_.state_digest = txn_.digest_sum().digest();
    head_.fold_version = k_fold_version;
    try {
      txn_.put(Table::meta, k_head_key, codec::to_bytes(head_));
      txn_.commit();
    } catch (const StoreFailure& problem) {
      return tl::unexpected(problem.error());
    }
    return {};
  }

 private:
  // Stream versions before the record being folded.
  std::map<std::string, std::uint64_t> versions_before_;

  void advance(std::string_view frame, std::uint64_t offset, const Digest& verdict_digest,
               const std::string& command_key) {
    const Ordinal ordinal = head_.next_ordinal;
    head_.last_frame_hash = sha256(frame);
    head_.verdict_digest = verdict_digest;
    head_.last_offset = offset;
    head_.next_offset = offset + 1;
    head_.next_ordinal = ordinal + 1;
    txn_.put(Table::offsets, number_key(ordinal), number_key(offset));
    txn_.put(Table::digests, number_key(ordinal),
             codec::to_bytes(ChainEntry{verdict_digest, command_key}));
    if (head_.window != 0 && ordinal > head_.window) forget(ordinal - head_.window - 1);
  }

  // Ids and digests are remembered for W ordinals.
  void forget(Ordinal ordinal) {
    const auto entry = find<ChainEntry>(Table::digests, number_key(ordinal));
    if (!entry) return;
    if (!entry->command_key.empty()) {
      const auto known = find<StoredOutcome>(Table::outcomes, entry->command_key);
      if (known && known->ordinal == ordinal) txn_.remove(Table::outcomes, entry->command_key);
    }
    txn_.remove(Table::digests, number_key(ordinal));
  }

  void put_outcome(const Record& record, Ordinal ordinal, const std::string& command_key) {
    txn_.put(Table::outcomes, command_key,
             codec::to_bytes(StoredOutcome{ordinal, record.kind == RecordKind::abandoned,
                                           record.content_hash}));
  }

  void note_log_created(const Record& record) {
    for (const Event& event : record.events)
      if (const auto* created = std::get_if<LogCreated>(&event)) {
        head_.log = created->log;
        head_.incarnation = created->incarnation;
        head_.window = created->window;
      }
  }

  void move_streams_and_counters(const Record& record) {
    versions_before_.clear();
    for (const StreamTouch& touch : record.touched) {
      const std::uint64_t before = stream_version(touch.stream);
      versions_before_[touch.stream] = before;
      txn_.put(Table::streams, text_key(touch.stream), number_key(before + touch.events));
    }
    for (const CounterMove& move : record.moved) {
      const std::int64_t value = counter(move.counter) + move.delta;
      txn_.put(Table::counters, text_key(move.counter),
               number_key(static_cast<std::uint64_t>(value)));
    }
  }

  void fold(const Record& record, Ordinal ordinal) {
    const World before = world_around(*this, record.events);
    World after = before;
    Recorded recorded{ordinal, record.time, record.command_id, 0, record.actor.name};
    for (const Event& event : record.events) {
      recorded.share_version = share_version_before(event);
      evolve(after, event, recorded);
    }
    save_shares(before, after);
    save_operations(before, after, ordinal);
    save_types(before, after);
    for (const auto& [name, orders] : after.controllers) {
      const auto old = before.controllers.find(name);
      if (old == before.controllers.end() || old->second != orders)
        txn_.put(Table::controllers, controller_key(name), codec::to_bytes(orders));
    }
  }

  [[nodiscard]] std::uint64_t share_version_before(const Event& event) const {
    return std::visit(
        [&](const auto& fact) -> std::uint64_t {
          if constexpr (requires { fact.share; }) {
            const auto at = versions_before_.find(stream_of(fact.share));
            return at == versions_before_.end() ? 0 : at->second;
          }
          return 0;
        },
        event);
  }

  void save_shares(const World& before, const World& after) {
    for (const auto& [id, one] : before.shares)
      if (!after.shares.contains(id)) txn_.remove(Table::shares, id_key(id));
    for (const auto& [id, one] : after.shares) {
      const auto old = before.shares.find(id);
      if (old != before.shares.end() && old->second == one) continue;
      txn_.put(Table::shares, id_key(id), codec::to_bytes(one));
      for (const Replica& replica : one.replicas)
        txn_.put(Table::replica_shares, id_key(replica.id), id_key(id));
      for (const Snapshot& snapshot : one.snapshots)
        txn_.put(Table::snapshot_shares, id_key(snapshot.id), id_key(id));
      for (const ShareAccessRule& rule : one.access_rules)
        txn_.put(Table::rule_shares, id_key(rule.id), id_key(id));
    }
  }

  // Sorted by the time it was asked for, so that the oldest comes first.
  static std::string pending_place(const Operation& one) {
    return number_key(static_cast<std::uint64_t>(one.requested_at.micros)) + id_key(one.id);
  }

  void save_operations(const World& before, const World& after, Ordinal ordinal) {
    for (const auto& [id, one] : after.operations) {
      const auto old = before.operations.find(id);
      if (old != before.operations.end() && old->second == one) continue;
      txn_.put(Table::operations, id_key(id), codec::to_bytes(one));
      if (old == before.operations.end())
        txn_.put(Table::operation_order, number_key(ordinal) + id_key(id), {});
      const std::string place = pending_place(one);
      if (old != before.operations.end() && pending_place(old->second) != place)
        txn_.remove(Table::pending, pending_place(old->second));
      if (one.is_over()) txn_.remove(Table::pending, place);
      else txn_.put(Table::pending, place, {});
    }
  }

  void save_types(const World& before, const World& after) {
    for (const auto& [id, one] : before.types)
      if (!after.types.contains(id)) txn_.remove(Table::types, id_key(id));
    for (const auto& [id, one] : after.types)
      txn_.put(Table::types, id_key(id), codec::to_bytes(one));
    for (const auto& [name, id] : before.type_names)
      if (!after.type_names.contains(name)) txn_.remove(Table::type_names, text_key(name));
    for (const auto& [name, id] : after.type_names)
      txn_.put(Table::type_names, text_key(name), id_key(id));
  }

  // Streams that were touched, and the subjects of recorded refusals.
  void note_history(const Record& record, Ordinal ordinal, std::uint64_t offset) {
    std::set<std::string> streams;
    for (const StreamTouch& touch : record.touched) streams.insert(touch.stream);
    for (const Event& event : record.events)
      if (const auto* refused = std::get_if<CommandRejected>(&event))
        if (!refused->subject.empty()) streams.insert(refused->subject);
    for (const std::string& stream : streams)
      txn_.put(Table::history, history_prefix(stream) + number_key(ordinal), number_key(offset));
  }
};

}  // namespace

std::unique_ptr<Writer> make_writer(const Environment& environment) {
  return std::make_unique<StateWriter>(environment);
}

}  // namespace pasig::tables

namespace pasig {
namespace {

void load(World& world, const View& view, const Event& event) {
  std::visit(
      [&](const auto& fact) {
        if constexpr (requires { fact.share; })
          if (auto one = view.share(fact.share)) world.shares.emplace(fact.share, *std::move(one));
        if constexpr (requires { fact.operation; })
          if (auto one = view.operation(fact.operation))
            world.operations.emplace(fact.operation, *std::move(one));
        using Fact = std::remove_cvref_t<decltype(fact)>;
        if constexpr (requires { fact.controller; })
          if (auto one = view.controller(fact.controller))
            world.controllers.emplace(fact.controller, *std::move(one));
        if constexpr (std::is_same_v<Fact, ShareTypeDeleted>) {
          if (auto one = view.share_type(fact.type))
            world.types.emplace(fact.type, *std::move(one));
          if (auto id = view.share_type_named(fact.name)) world.type_names.emplace(fact.name, *id);
        }
      },
      event);
}

}  // namespace

World world_around(const View& view, const Events& events) {
  World world;
  for (const Event& event : events) load(world, view, event);
  return world;
}

}  // namespace pasig
