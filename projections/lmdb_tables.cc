#include "projections/lmdb_tables.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/crc32c.h"

namespace pasig::tables {
namespace {

constexpr std::array<const char*, static_cast<std::size_t>(Table::count_)> k_names = {
    "meta",           "shares",          "replica_shares", "types",      "type_names",
    "operations",     "operation_order", "pending",        "streams",    "counters",
    "outcomes",       "digests",         "offsets",        "history",    "observed_replicas",
    "observed_pools", "snapshot_shares", "rule_shares",    "controllers"};
constexpr unsigned k_readers_max = 1024;
constexpr std::size_t k_text_key_bytes_max = 400;  // room for a suffix within LMDB's 511
constexpr std::size_t k_text_key_kept = 128;
constexpr std::size_t k_hex_digest_bytes = 64;
constexpr std::size_t k_seal_bytes = 4;

Error error_of(int code, const std::string& doing) {
  const std::string message = doing + ": " + mdb_strerror(code);
  if (code == MDB_MAP_FULL || code == ENOSPC || code == EDQUOT)
    return {ErrorCode::exhausted, message, "make room on the disk of the data directory"};
  if (code > 0 || code == MDB_READERS_FULL || code == MDB_DBS_FULL || code == MDB_MAP_RESIZED)
    return {ErrorCode::unavailable, message,
            "look at the disk and the owner of the data directory"};
  return {ErrorCode::corrupt, message, "stop pasigd and run `pasig replay rebuild`"};
}

void must(int code, const char* doing) {
  if (code != MDB_SUCCESS) throw StoreFailure(error_of(code, doing));
}

MDB_val value_of(std::string_view text) { return {text.size(), const_cast<char*>(text.data())}; }
std::string_view view_of(const MDB_val& value) {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}

// As text_key() makes them of other texts: what is kept of one, then '#' and its digest.
bool looks_hashed(std::string_view text) {
  const std::size_t tail = 1 + k_hex_digest_bytes;
  return (text.size() == tail || text.size() == k_text_key_kept + tail) &&
         text[text.size() - tail] == '#';
}

struct CursorCloser {
  void operator()(MDB_cursor* cursor) const { mdb_cursor_close(cursor); }
};
using Cursor = std::unique_ptr<MDB_cursor, CursorCloser>;

Cursor open_cursor(MDB_txn* txn, MDB_dbi dbi) {
  MDB_cursor* cursor = nullptr;
  must(mdb_cursor_open(txn, dbi, &cursor), "opening a cursor on the projections");
  return Cursor(cursor);
}

// Each value is stored with its CRC-32C: what a disk or a stray write made of it is never decoded.
std::string seal_of(std::string_view value) {
  const std::uint32_t checksum = crc32c(value);
  std::string seal(k_seal_bytes, '\0');
  for (std::size_t i = 0; i < k_seal_bytes; ++i) seal[i] = static_cast<char>(checksum >> (8 * i));
  return seal;
}

std::string_view unsealed(Table table, std::string_view key, std::string_view stored) {
  const std::size_t size = stored.size() - std::min(stored.size(), k_seal_bytes);
  if (stored.size() < k_seal_bytes || stored.substr(size) != seal_of(stored.substr(0, size)))
    throw StoreFailure({ErrorCode::corrupt,
                        "reading the projections: an entry of " +
                            std::string(k_names[static_cast<std::size_t>(table)]) +
                            " with a key of " + std::to_string(key.size()) + " bytes is damaged",
                        "stop pasigd and run `pasig replay rebuild`: nothing of it is only there"});
  return stored.substr(0, size);
}

}  // namespace

Result<std::unique_ptr<Environment>> Environment::open(const std::string& directory,
                                                       std::uint64_t map_bytes, bool sync) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return fail(ErrorCode::unavailable, "creating " + directory + ": " + error.message());
  auto environment = std::make_unique<Environment>();
  try {
    MDB_env* env = nullptr;
    must(mdb_env_create(&env), "making an LMDB environment");
    environment->env_.reset(env);
    must(mdb_env_set_maxdbs(env, static_cast<MDB_dbi>(Table::count_)), "sizing the projections");
    must(mdb_env_set_maxreaders(env, k_readers_max), "sizing the projections");
    must(mdb_env_set_mapsize(env, map_bytes), "sizing the projections");
    const unsigned flags = MDB_NOTLS | (sync ? 0U : MDB_NOSYNC | MDB_NOMETASYNC);
    must(mdb_env_open(env, directory.c_str(), flags, 0640), "opening the projections");
    int dead = 0;
    must(mdb_reader_check(env, &dead), "clearing dead readers of the projections");
    MDB_txn* txn = nullptr;
    must(mdb_txn_begin(env, nullptr, 0, &txn), "opening the projections");
    for (std::size_t i = 0; i < k_names.size(); ++i) {
      if (const int code = mdb_dbi_open(txn, k_names[i], MDB_CREATE, &environment->dbis_[i])) {
        mdb_txn_abort(txn);
        must(code, "opening a table of the projections");
      }
    }
    must(mdb_txn_commit(txn), "opening the projections");
  } catch (const StoreFailure& problem) {
    return tl::unexpected(problem.error().within("state in " + directory));
  }
  return environment;
}

Result<void> Environment::sync() {
  if (const int code = mdb_env_sync(env_.get(), 1); code != MDB_SUCCESS)
    return tl::unexpected(error_of(code, "flushing the projections"));
  return {};
}

DigestSum::DigestSum(const Digest& stored) {
  for (std::size_t lane = 0; lane < 4; ++lane)
    for (std::size_t i = 0; i < 8; ++i)
      lanes_[lane] |= static_cast<std::uint64_t>(stored.bytes[8 * lane + i]) << (8 * i);
}

Digest DigestSum::digest() const {
  Digest digest;
  for (std::size_t lane = 0; lane < 4; ++lane)
    for (std::size_t i = 0; i < 8; ++i)
      digest.bytes[8 * lane + i] = static_cast<std::uint8_t>(lanes_[lane] >> (8 * i));
  return digest;
}

void DigestSum::move(Table table, std::string_view key, std::string_view value,
                     std::uint64_t sign) {
  Sha256 hash;
  hash.add_number(static_cast<std::uint64_t>(table));
  hash.add_text(key);
  hash.add_text(value);
  const DigestSum one(hash.finish());
  for (std::size_t lane = 0; lane < 4; ++lane) lanes_[lane] += sign * one.lanes_[lane];
}

Transaction::Transaction(const Environment& environment, bool read_only)
    : environment_(environment) {
  must(mdb_txn_begin(environment.raw(), nullptr, read_only ? MDB_RDONLY : 0U, &txn_),
       "beginning a transaction on the projections");
}

Transaction::~Transaction() {
  if (txn_ != nullptr) mdb_txn_abort(txn_);
}

std::optional<std::string_view> Transaction::get(Table table, std::string_view key) const {
  MDB_val raw_key = value_of(key);
  MDB_val value{};
  const int code = mdb_get(txn_, environment_.dbi(table), &raw_key, &value);
  if (code == MDB_NOTFOUND) return std::nullopt;
  must(code, "reading the projections");
  return unsealed(table, key, view_of(value));
}

void Transaction::scan(Table table, std::string_view from, const Visit& visit) const {
  const Cursor cursor = open_cursor(txn_, environment_.dbi(table));
  MDB_val key = value_of(from);
  MDB_val value{};
  int code = mdb_cursor_get(cursor.get(), &key, &value, from.empty() ? MDB_FIRST : MDB_SET_RANGE);
  while (code == MDB_SUCCESS && visit(view_of(key), unsealed(table, view_of(key), view_of(value))))
    code = mdb_cursor_get(cursor.get(), &key, &value, MDB_NEXT);
  if (code != MDB_NOTFOUND) must(code, "scanning the projections");
}

void Transaction::scan_backwards(Table table, const Visit& visit) const {
  const Cursor cursor = open_cursor(txn_, environment_.dbi(table));
  MDB_val key{};
  MDB_val value{};
  int code = mdb_cursor_get(cursor.get(), &key, &value, MDB_LAST);
  while (code == MDB_SUCCESS && visit(view_of(key), unsealed(table, view_of(key), view_of(value))))
    code = mdb_cursor_get(cursor.get(), &key, &value, MDB_PREV);
  if (code != MDB_NOTFOUND) must(code, "scanning the projections");
}

void Transaction::put(Table table, std::string_view key, std::string_view value) {
  if (table != Table::meta) {
    const auto old = get(table, key);
    if (old && *old == value) return;
    if (old) sum_.subtract(table, key, *old);
    sum_.add(table, key, value);
  }
  const std::string sealed = std::string(value) + seal_of(value);
  MDB_val raw_key = value_of(key);
  MDB_val raw_value = value_of(sealed);
  must(mdb_put(txn_, environment_.dbi(table), &raw_key, &raw_value, 0), "writing the projections");
}

void Transaction::remove(Table table, std::string_view key) {
  const auto old = get(table, key);
  if (!old) return;
  if (table != Table::meta) sum_.subtract(table, key, *old);
  MDB_val raw_key = value_of(key);
  must(mdb_del(txn_, environment_.dbi(table), &raw_key, nullptr), "writing the projections");
}

void Transaction::commit() {
  const int code = mdb_txn_commit(txn_);
  txn_ = nullptr;  // freed by LMDB whatever it said
  must(code, "committing the projections");
}

std::string number_key(std::uint64_t number) {
  std::string key(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) key[7 - i] = static_cast<char>(number >> (8 * i));
  return key;
}

std::uint64_t number_of(std::string_view key) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8 && i < key.size(); ++i)
    number = (number << 8) | static_cast<std::uint8_t>(key[i]);
  return number;
}

std::string text_key(std::string_view text) {
  if (!text.empty() && text.size() <= k_text_key_bytes_max && !looks_hashed(text))
    return std::string(text);
  return std::string(text.substr(0, k_text_key_kept)) + '#' + sha256(text).hex();
}

}  // namespace pasig::tables
