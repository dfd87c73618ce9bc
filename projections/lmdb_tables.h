// The LMDB side of state/: an environment, its named tables, and one transaction over them.
// Every put and remove keeps the state digest true: the sum, in four 64-bit lanes, of
// SHA-256(table, key, value) over all entries, so that order does not matter and a change
// costs only what changed. Damage or a full disk ends in a StoreFailure (store.h).
#pragma once

#include <lmdb.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/result.h"
#include "projections/store.h"

namespace pasig::tables {

// Numbers are part of the state digest; the names are the databases'.
enum class Table : std::uint8_t {
  meta,
  shares,
  replica_shares,
  types,
  type_names,
  operations,
  operation_order,
  pending,
  streams,
  counters,
  outcomes,
  digests,
  offsets,
  history,
  observed_replicas,
  observed_pools,  // in the observations' own environment only
  snapshot_shares,
  rule_shares,
  controllers,
  count_
};

struct EnvironmentCloser {
  void operator()(MDB_env* env) const { mdb_env_close(env); }
};

class Environment {
 public:
  // Creates the directory. sync: every commit is flushed.
  static Result<std::unique_ptr<Environment>> open(const std::string& directory,
                                                   std::uint64_t map_bytes, bool sync);
  [[nodiscard]] MDB_env* raw() const { return env_.get(); }
  [[nodiscard]] MDB_dbi dbi(Table table) const { return dbis_[static_cast<std::size_t>(table)]; }
  [[nodiscard]] Result<void> sync();

 private:
  std::unique_ptr<MDB_env, EnvironmentCloser> env_;
  std::array<MDB_dbi, static_cast<std::size_t>(Table::count_)> dbis_{};
};

// The accumulated digest.
class DigestSum {
 public:
  DigestSum() = default;
  explicit DigestSum(const Digest& stored);
  void add(Table table, std::string_view key, std::string_view value) {
    move(table, key, value, 1);
  }
  void subtract(Table table, std::string_view key, std::string_view value) {
    move(table, key, value, ~0ULL);
  }
  [[nodiscard]] Digest digest() const;

 private:
  std::array<std::uint64_t, 4> lanes_{};
  void move(Table table, std::string_view key, std::string_view value, std::uint64_t sign);
};

// One transaction; read-only unless said. Not committed: aborted. One thread.
class Transaction {
 public:
  Transaction(const Environment& environment, bool read_only);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // Valid until the next write or the end of the transaction.
  [[nodiscard]] std::optional<std::string_view> get(Table table, std::string_view key) const;
  // Entries from the first key >= `from` on, until `visit` says false.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;
  void scan(Table table, std::string_view from, const Visit& visit) const;
  void scan_backwards(Table table, const Visit& visit) const;
  void put(Table table, std::string_view key, std::string_view value);
  void remove(Table table, std::string_view key);
  void commit();
  DigestSum& digest_sum() { return sum_; }

 private:
  const Environment& environment_;
  MDB_txn* txn_ = nullptr;
  DigestSum sum_;
};

// Keys: big-endian numbers sort by value. Text that LMDB cannot have as a key (none, or more than
// 511 bytes), or that looks like such a key, is cut and hashed: two texts never share a key.
std::string number_key(std::uint64_t number);
std::uint64_t number_of(std::string_view key);
std::string text_key(std::string_view text);

}  // namespace pasig::tables
