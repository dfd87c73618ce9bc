// The reading half of a state/ transaction, for views and for the writer alike (store.cc).
#pragma once

#include "events/aggregate_codec.h"
#include "projections/lmdb_tables.h"
#include "projections/store.h"

// A share without orders has the bytes, and the state the digest, of before there were orders.
template <>
inline constexpr bool pasig::codec::k_is_left_out_by_default<pasig::OrderGiven> = true;

namespace pasig::tables {

inline std::string id_key(const Uuid& id) { return number_key(id.hi) + number_key(id.lo); }
template <class Tag>
std::string id_key(const Id<Tag>& id) {
  return id_key(id.uuid);
}
template <class T>
T id_from(std::string_view key) {
  return T{{number_of(key.substr(0, 8)), number_of(key.substr(8, 8))}};
}
// Streams in the history: the key, a zero byte, the ordinal.
inline std::string history_prefix(std::string_view stream) {
  std::string key = text_key(stream);
  key.push_back('\0');
  return key;
}
// LMDB has no empty keys, and the orders about all controllers have no name.
inline std::string controller_key(std::string_view name) { return "=" + text_key(name); }
constexpr std::string_view k_head_key = "head";

// A record's bookkeeping within the window.
struct ChainEntry {
  Digest digest;
  std::string command_key;
};

template <class Base>
class Reads : public Base {
 public:
  Reads(const Environment& environment, bool read_only) : txn_(environment, read_only) {
    if (const auto stored = txn_.get(Table::meta, k_head_key))
      head_ = codec::from_bytes<StoreHead>(*stored);
    txn_.digest_sum() = DigestSum(head_.state_digest);
  }

  StateReader::Position position() const override {
    return {head_.next_ordinal, head_.verdict_digest};
  }
  const StoreHead& head() const override { return head_; }
  std::optional<Share> share(ShareId id) const override {
    return find<Share>(Table::shares, id_key(id));
  }
  std::optional<Operation> operation(OperationId id) const override {
    return find<Operation>(Table::operations, id_key(id));
  }
  std::optional<ShareType> share_type(ShareTypeId id) const override {
    return find<ShareType>(Table::types, id_key(id));
  }
  std::optional<ShareId> share_once_of(ReplicaId id) const override {
    const auto stored = txn_.get(Table::replica_shares, id_key(id));
    return stored ? std::optional<ShareId>(id_from<ShareId>(*stored)) : std::nullopt;
  }
  std::optional<ShareId> share_of(ReplicaId id) const override {
    const auto once = share_once_of(id);
    if (!once) return std::nullopt;
    const auto now = share(*once);
    return now && now->find(id) != nullptr ? once : std::nullopt;
  }
  std::optional<ShareId> share_of(SnapshotId id) const override {
    return share_with(Table::snapshot_shares, id);
  }
  std::optional<ShareId> share_of(AccessRuleId id) const override {
    return share_with(Table::rule_shares, id);
  }
  std::optional<ControllerOrders> controller(std::string_view name) const override {
    return find<ControllerOrders>(Table::controllers, controller_key(name));
  }
  std::vector<ControllerOrders> controllers() const override {
    return all<ControllerOrders>(Table::controllers);
  }
  std::optional<ShareTypeId> share_type_named(std::string_view name) const override {
    const auto stored = txn_.get(Table::type_names, text_key(name));
    return stored ? std::optional<ShareTypeId>(id_from<ShareTypeId>(*stored)) : std::nullopt;
  }
  std::uint64_t stream_version(std::string_view stream) const override {
    const auto stored = txn_.get(Table::streams, text_key(stream));
    return stored ? number_of(*stored) : 0;
  }
  std::int64_t counter(std::string_view counter_name) const override {
    const auto stored = txn_.get(Table::counters, text_key(counter_name));
    return stored ? static_cast<std::int64_t>(number_of(*stored)) : 0;
  }
  std::vector<Share> shares() const override { return all<Share>(Table::shares); }
  std::vector<ShareType> share_types() const override { return all<ShareType>(Table::types); }
  std::vector<Operation> pending_operations() const override {
    std::vector<Operation> found;
    txn_.scan(Table::pending, {}, [&](std::string_view key, std::string_view) {
      if (auto one = find<Operation>(Table::operations, key.substr(8)))
        found.push_back(*std::move(one));
      return true;
    });
    return found;
  }
  std::vector<Operation> operations(std::size_t limit) const override {
    std::vector<Operation> found;
    txn_.scan_backwards(Table::operation_order, [&](std::string_view key, std::string_view) {
      if (found.size() >= limit) return false;
      if (auto one = find<Operation>(Table::operations, key.substr(8)))
        found.push_back(*std::move(one));
      return true;
    });
    return found;
  }
  std::optional<StoredOutcome> outcome(std::string_view command_id) const override {
    return find<StoredOutcome>(Table::outcomes, text_key(command_id));
  }
  std::optional<Digest> digest_after(Ordinal ordinal) const override {
    const auto entry = find<ChainEntry>(Table::digests, number_key(ordinal));
    return entry ? std::optional<Digest>(entry->digest) : std::nullopt;
  }
  std::vector<HistoryRef> history(std::string_view stream, Ordinal from,
                                  std::size_t limit) const override {
    std::vector<HistoryRef> found;
    const std::string prefix = history_prefix(stream);
    txn_.scan(Table::history, prefix + number_key(from),
              [&](std::string_view key, std::string_view value) {
                if (found.size() >= limit || !key.starts_with(prefix)) return false;
                found.push_back({number_of(key.substr(prefix.size())), number_of(value)});
                return true;
              });
    return found;
  }
  std::uint64_t offset_of(Ordinal ordinal) const override {
    const auto stored = txn_.get(Table::offsets, number_key(ordinal));
    return stored ? number_of(*stored) : 0;
  }
  Digest scanned_digest() const override {
    DigestSum sum;
    for (int i = static_cast<int>(Table::meta) + 1; i < static_cast<int>(Table::count_); ++i) {
      const auto table = static_cast<Table>(i);
      txn_.scan(table, {}, [&](std::string_view key, std::string_view value) {
        sum.add(table, key, value);
        return true;
      });
    }
    return sum.digest();
  }

 protected:
  Transaction txn_;
  StoreHead head_;

  template <class T>
  std::optional<T> find(Table table, std::string_view key) const {
    const auto stored = txn_.get(table, key);
    return stored ? std::optional<T>(codec::from_bytes<T>(*stored)) : std::nullopt;
  }
  // The share that has this part now; removed parts stay in the table, as removed replicas do.
  template <class PartId>
  std::optional<ShareId> share_with(Table table, PartId id) const {
    const auto stored = txn_.get(table, id_key(id));
    if (!stored) return std::nullopt;
    const auto share_id = id_from<ShareId>(*stored);
    const auto now = share(share_id);
    return now && now->find(id) != nullptr ? std::optional(share_id) : std::nullopt;
  }
  template <class T>
  std::vector<T> all(Table table) const {
    std::vector<T> found;
    txn_.scan(table, {}, [&](std::string_view, std::string_view value) {
      found.push_back(codec::from_bytes<T>(value));
      return true;
    });
    return found;
  }
};

}  // namespace pasig::tables
